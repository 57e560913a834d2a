"""The shipped figures themselves: complete, dated, and in the right order of size."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import ParquetFile

from services import catalogue, prices

DATA = Path(__file__).resolve().parent.parent / "data"
DATED = sorted(path.name for path in DATA.iterdir() if path.suffix in {".parquet", ".csv"})
PRICED = ("ec2_prices.parquet", "sagemaker_prices.parquet", "spot_history.parquet")
FAMILIES = {
    *("t3", "m5", "m6i", "m7i", "c5", "c6i", "r5", "g4dn", "g5", "g6", "g6e"),
    *("p3", "p4d", "p4de", "p5", "inf1", "inf2", "trn1"),
}
REGIONS = {
    *("ap-northeast-2", "ap-northeast-1", "ap-southeast-1", "us-east-1"),
    *("us-east-2", "us-west-2", "eu-west-1", "eu-central-1"),
}
NOT_RELIED_ON = {"doubtful"}


@cache
def table(name: str) -> list[dict[str, Any]]:
    path = DATA / name
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            return list(csv.DictReader(lines))
    rows: list[dict[str, Any]] = ParquetFile(path).read().to_pylist()
    return rows


def options(purchase_option: str) -> Iterator[dict[str, Any]]:
    return (row for row in table("ec2_prices.parquet") if row["purchase_option"] == purchase_option)


@cache
def on_demand() -> dict[tuple[str, str], Decimal]:
    return {(row["region"], row["instance_type"]): Decimal(row["usd_per_hour"]) for row in options("on_demand")}


@pytest.mark.parametrize("name", DATED)
def test_every_figure_says_when_where_from_and_how_sure(name: str) -> None:
    rows = table(name)
    assert rows
    for row in rows:
        assert date(2023, 1, 1) < date.fromisoformat(str(row["as_of"])) < date(2027, 1, 1), row
        assert row["source"], row
        assert row["confidence"] in set(prices.Confidence), row


@pytest.mark.parametrize("name", [name for name in DATED if name.endswith("prices.parquet")])
def test_what_is_not_simply_listed_says_why(name: str) -> None:
    assert all(row["note"] for row in table(name) if row["confidence"] != "listed")


@pytest.mark.parametrize("name", DATED)
def test_no_figure_is_twice_in_its_table(name: str) -> None:
    value = {"usd_per_hour", "usd_per_gib_month", "upfront_usd", "effective_usd_per_hour", "ratio", "default_value"}
    about = {"as_of"} if name.startswith("spot") else set()
    keys = [key for key in table(name)[0] if key not in value | ({"as_of", "source", "confidence", "note"} - about)]
    found = [tuple(row[key] for key in keys) for row in table(name)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("name", PRICED)
def test_prices_are_positive_exact_text_of_a_type_and_region_that_exist(name: str) -> None:
    types = {row["instance_type"] for row in table("instance_types.parquet")}
    for row in table(name):
        paid = Decimal(row["usd_per_hour"]) + Decimal(row.get("upfront_usd", "0"))
        assert paid > 0, row
        digits = Decimal(row["usd_per_hour"]).as_tuple().exponent
        assert isinstance(digits, int), row
        assert digits >= -8, row
        assert row["region"] in REGIONS
        assert row["instance_type"].removeprefix("ml.") in types


def test_all_families_and_regions_are_there() -> None:
    assert {row["family"] for row in table("instance_types.parquet")} == FAMILIES
    assert {row["region"] for row in table("regions.csv")} == REGIONS
    for name in ("ec2_prices.parquet", "sagemaker_prices.parquet"):
        rows = table(name)
        assert {row["region"] for row in rows} == REGIONS
        assert {row["instance_type"].removeprefix("ml.").split(".")[0] for row in rows} == FAMILIES


def test_what_ec2_offers_has_a_rate() -> None:
    offered = {(row["region"], row["instance_type"]) for row in table("offerings.parquet") if row["service"] == "ec2"}
    assert offered <= set(on_demand())


def test_what_sagemaker_offers_has_a_rate_for_every_component_that_takes_it() -> None:
    rated = {(row["region"], row["instance_type"], row["component"]) for row in table("sagemaker_prices.parquet")}
    for row in table("offerings.parquet"):
        if row["service"] == "sagemaker":
            for component in catalogue.instance_type(row["instance_type"]).components:
                assert (row["region"], row["instance_type"], component) in rated


@pytest.mark.parametrize("rows", ["ec2_prices.parquet", "spot_history.parquet"])
def test_spot_is_below_on_demand_unless_it_is_marked_doubtful(rows: str) -> None:
    for row in options("spot") if rows == "ec2_prices.parquet" else table(rows):
        below = Decimal(row["usd_per_hour"]) < on_demand()[row["region"], row["instance_type"]]
        assert below or row["confidence"] in NOT_RELIED_ON, row


def test_the_spot_rate_is_the_newest_of_its_history() -> None:
    newest = {
        (row["region"], row["instance_type"]): row["usd_per_hour"]
        for row in sorted(table("spot_history.parquet"), key=lambda row: row["as_of"])
    }
    assert {(row["region"], row["instance_type"]): row["usd_per_hour"] for row in options("spot")} == newest


def test_doubtful_rates_are_few() -> None:
    counts = {kind: sum(row["confidence"] == "doubtful" for row in options(kind)) for kind in ("on_demand", "spot")}
    assert counts == {"on_demand": 0, "spot": 16}
    doubted = {row["instance_type"].split(".")[0] for row in options("reserved") if row["confidence"] == "doubtful"}
    assert doubted == {"p4d", "p4de", "p5"}
    ml = {row["instance_type"] for row in table("sagemaker_prices.parquet") if row["confidence"] == "doubtful"}
    assert ml == {"ml.p4de.24xlarge"}


def reservation(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["region"], row["instance_type"], row["offering_class"], row["payment_option"]


def test_three_years_cost_less_an_hour_than_one_and_both_less_than_on_demand() -> None:
    compared = 0
    for key, group in groupby(sorted(options("reserved"), key=reservation), key=reservation):
        by_years = {row["term_years"]: row for row in group}
        rates = {years: Decimal(row["effective_usd_per_hour"]) for years, row in by_years.items()}
        if len(rates) == 2:
            compared += 1
            assert rates[3] < rates[1], key
        for row in by_years.values():
            if row["confidence"] not in NOT_RELIED_ON:
                assert Decimal(row["effective_usd_per_hour"]) < on_demand()[row["region"], row["instance_type"]], key
    assert compared > 4000


def test_more_upfront_costs_less_over_the_term_and_adds_up() -> None:
    for row in options("reserved"):
        hours = 8760 * row["term_years"]
        total = Decimal(row["upfront_usd"]) + Decimal(row["usd_per_hour"]) * hours
        assert abs(total - Decimal(row["effective_usd_per_hour"]) * hours) < Decimal("0.01"), row
    for key in {(*reservation(row)[:3], row["term_years"]) for row in options("reserved")}:
        region, instance_type, offering_class, years = key
        ways = [
            prices.reserved_price(region, instance_type, years, way, offering_class)
            for way in ("all_upfront", "partial_upfront", "no_upfront")
        ]
        rates = [way.effective_usd_per_hour for way in ways]
        assert rates == sorted(rates), key
        assert ways[0].usd_per_hour == ways[2].upfront_usd == 0


def test_components_of_one_type_and_region_agree() -> None:
    """Within 0.34 %: what makes another component's rate fit to stand in for a missing one."""
    rates: dict[tuple[str, str], list[Decimal]] = {}
    for row in table("sagemaker_prices.parquet"):
        if row["component"] != "training_plan":
            rates.setdefault((row["region"], row["instance_type"]), []).append(Decimal(row["usd_per_hour"]))
    assert all(max(found) / min(found) <= Decimal("1.0034") for found in rates.values())


def test_an_estimated_rate_is_the_ratio_times_ec2() -> None:
    ratios = {row["instance_type"]: Decimal(row["ratio"]) for row in table("ratios.csv")}
    estimated = [row for row in table("sagemaker_prices.parquet") if row["confidence"] == "estimated"]
    assert estimated
    for row in estimated:
        ec2 = on_demand()[row["region"], row["instance_type"].removeprefix("ml.")]
        exact = ec2 * ratios[row["instance_type"]]
        assert abs(Decimal(row["usd_per_hour"]) - exact) <= Decimal("0.00005"), row


def test_ml_storage_is_the_assumed_multiple_of_gp2() -> None:
    for region in REGIONS:
        ml = prices.storage_price(region, "ml")
        assert ml.usd_per_gib_month == prices.storage_price(region, "gp2").usd_per_gib_month * Decimal("1.4")
        assert ml.confidence == "assumption"
