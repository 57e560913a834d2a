"""How the shipped figures are chosen, on a folder of a few gathered ones."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.compile.__main__ import compile_all, main
from tests.support.gathered_figures import GATHERED, gather


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("compiled")
    compile_all(gather(out / "gathered", GATHERED), out)
    return out


def ml_rates(out: Path, name: str) -> dict[str, tuple[str, str]]:
    rows = pq.ParquetFile(out / "sagemaker_prices.parquet").read().to_pylist()
    return {row["component"]: (row["usd_per_hour"], row["confidence"]) for row in rows if row["instance_type"] == name}


def test_the_same_folder_gives_the_same_bytes(compiled: Path, tmp_path: Path) -> None:
    main([str(compiled / "gathered"), "--out", str(tmp_path)])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 11
    assert [(tmp_path / name).read_bytes() for name in names] == [(compiled / name).read_bytes() for name in names]


def test_a_component_keeps_its_own_rate_listed_before_reported(compiled: Path) -> None:
    rates = ml_rates(compiled, "ml.m5.large")
    assert rates["studio"] == ("0.115", "listed")
    assert rates["training"] == ("0.1151", "listed")
    assert rates["processing"] == ("0.1151", "reported")


def test_a_reported_rate_that_a_newer_listed_one_contradicts_is_dropped(compiled: Path) -> None:
    assert ml_rates(compiled, "ml.m5.large")["hosting"] == ("0.1151", "other_component")


def test_without_any_rate_the_class_ratio_estimates(compiled: Path) -> None:
    assert ml_rates(compiled, "ml.m7i.large")["hosting"] == ("0.121", "estimated")
    assert ml_rates(compiled, "ml.inf1.xlarge")["hosting"] == ("0.2977", "estimated")


def test_a_borrowed_reported_rate_says_that_it_was_only_reported(compiled: Path) -> None:
    rows = pq.ParquetFile(compiled / "sagemaker_prices.parquet").read().to_pylist()
    [row] = [row for row in rows if (row["instance_type"], row["component"]) == ("ml.g5.xlarge", "training")]
    assert (row["usd_per_hour"], row["note"], row["source"]) == (
        "1.4084",
        "the hosting rate, reported",
        "public file 7",
    )


def test_p4de_at_the_rate_of_p4d_is_doubtful(compiled: Path) -> None:
    assert ml_rates(compiled, "ml.p4de.24xlarge")["training"] == ("25.25", "doubtful")
    assert ml_rates(compiled, "ml.p4d.24xlarge")["training"] == ("25.25", "other_component")
    assert ml_rates(compiled, "ml.p4d.24xlarge")["training_plan"] == ("13.57", "listed")


def test_reserved_above_on_demand_and_spot_at_its_ends_are_doubtful(compiled: Path) -> None:
    rows = pq.ParquetFile(compiled / "ec2_prices.parquet").read().to_pylist()
    sure = {(row["instance_type"], row["purchase_option"], row["payment_option"]): row["confidence"] for row in rows}
    assert sure["m5.large", "reserved", "no_upfront"] == "listed"
    assert sure["m5.large", "reserved", "all_upfront"] == "estimated"
    assert sure["p4d.24xlarge", "reserved", "no_upfront"] == "doubtful"
    assert sure["p4d.24xlarge", "reserved", "partial_upfront"] == "doubtful"
    assert sure["m5.large", "spot", None] == "listed"
    assert sure["p4d.24xlarge", "spot", None] == sure["m7i.large", "spot", None] == "doubtful"


def test_only_quotas_still_listed_of_shipped_families_are_kept(compiled: Path) -> None:
    rows = {row["quota_code"]: row for row in pq.ParquetFile(compiled / "quotas.parquet").read().to_pylist()}
    assert set(rows) == {"L-1", "L-7A3DF611"}
    assert (rows["L-1"]["default_value"], rows["L-1"]["confidence"]) == ("4", "listed")
    assert (rows["L-7A3DF611"]["scope"], rows["L-7A3DF611"]["confidence"]) == ("account", "missing")


def test_other_families_and_regions_are_left_out(compiled: Path) -> None:
    for name in ("instance_types", "ec2_prices", "sagemaker_prices"):
        rows = pq.ParquetFile(compiled / f"{name}.parquet").read().to_pylist()
        assert not any("z1d" in row["instance_type"] for row in rows)
    assert "sa-east-1" not in (compiled / "storage_prices.csv").read_text(encoding="utf-8")


def plan_rates(out: Path, plan: str) -> dict[tuple[str, int, str], tuple[str, str]]:
    rows = pq.ParquetFile(out / "savings_plan_rates.parquet").read().to_pylist()
    return {
        (row["instance_type"], row["term_years"], row["payment_option"]): (row["usd_per_hour"], row["confidence"])
        for row in rows
        if row["plan_type"] == plan and row["component"] in (None, "training")
    }


def test_a_sagemaker_plan_is_the_one_published_sample_and_an_assumption(compiled: Path) -> None:
    rates = plan_rates(compiled, "sagemaker")
    assert rates["ml.m5.large", 1, "partial_upfront"] == ("0.079419", "assumption")
    assert rates["ml.m5.large", 1, "no_upfront"] == ("0.08339", "assumption")
    assert not [key for key in rates if key[1] == 3]


def test_a_plan_of_ec2_has_the_effective_reserved_rate(compiled: Path) -> None:
    rates = plan_rates(compiled, "ec2_instance")
    assert rates["m5.large", 1, "no_upfront"] == ("0.06", "assumption")
    assert rates["m5.large", 1, "all_upfront"] == ("0.055998", "assumption")
    assert rates["m5.large", 1, "partial_upfront"] == ("0.057143", "assumption")
