"""Figures checked one by one against what AWS listed: every region, every purchase option, by both readers."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import ParquetFile

from practice import figures as witness
from services import catalogue, default_quotas, prices

DATA = Path(__file__).resolve().parent.parent / "data"

SAGEMAKER = [
    # region, type, component, US dollars per hour, as of, confidence
    ("ap-northeast-2", "ml.g5.xlarge", "studio", "1.732", "2026-09-24", "listed"),
    ("ap-northeast-2", "ml.g5.xlarge", "training", "1.732", "2026-09-24", "other_component"),
    ("ap-northeast-2", "ml.t3.medium", "notebook", "0.062", "2026-09-24", "other_component"),
    ("ap-northeast-2", "ml.m5.xlarge", "hosting", "0.283", "2026-09-24", "other_component"),
    ("ap-northeast-2", "ml.p4de.24xlarge", "studio", "34.971822", "2025-06-16", "doubtful"),
    ("ap-northeast-1", "ml.g6.xlarge", "training", "1.634", "2026-09-23", "listed"),
    ("ap-northeast-1", "ml.g6.xlarge", "async_inference", "1.6341", "2026-09-23", "listed"),
    ("ap-northeast-1", "ml.p4de.24xlarge", "training", "34.612516", "2025-06-16", "doubtful"),
    ("ap-northeast-1", "ml.p5.48xlarge", "training_plan", "36.1836", "2025-06-16", "listed"),
    ("ap-southeast-1", "ml.c5.xlarge", "studio", "0.235", "2025-06-16", "listed"),
    ("ap-southeast-1", "ml.t3.large", "notebook", "0.127", "2025-06-16", "other_component"),
    ("us-east-1", "ml.m5.large", "training", "0.115", "2026-08-11", "listed"),
    ("us-east-1", "ml.c6i.8xlarge", "notebook", "1.632", "2026-09-24", "listed"),
    ("us-east-1", "ml.g6e.2xlarge", "hosting", "2.8026", "2026-09-20", "listed"),
    ("us-east-1", "ml.inf2.xlarge", "hosting", "0.99", "2025-01-26", "reported"),
    ("us-east-1", "ml.p5.48xlarge", "hosting", "63.296", "2026-09-24", "other_component"),
    ("us-east-1", "ml.trn1.32xlarge", "hosting", "24.73", "2025-06-16", "other_component"),
    ("us-east-2", "ml.g6.xlarge", "hosting", "1.1267", "2026-09-01", "listed"),
    ("us-east-2", "ml.r5.large", "training", "0.151", "2025-06-16", "other_component"),
    ("us-west-2", "ml.trn1.32xlarge", "studio", "24.73", "2025-06-16", "listed"),
    ("us-west-2", "ml.p5.48xlarge", "training", "63.296", "2026-09-24", "other_component"),
    ("eu-west-1", "ml.m5.xlarge", "batch_transform", "0.257", "2023-12-31", "reported"),
    ("eu-west-1", "ml.g4dn.12xlarge", "hosting", "5.453", "2023-12-31", "reported"),
    ("eu-west-1", "ml.t3.medium", "notebook", "0.055", "2023-12-31", "reported"),
    ("eu-central-1", "ml.g5.xlarge", "training", "1.76", "2026-06-15", "listed"),
    ("eu-central-1", "ml.g5.xlarge", "studio", "1.761", "2025-06-16", "listed"),
    ("eu-central-1", "ml.p4d.24xlarge", "training", "31.547927", "2025-06-16", "other_component"),
]

EC2 = [
    # region, type, option, US dollars per hour, as of
    ("ap-northeast-2", "g5.xlarge", "on_demand", "1.237", "2025-11-30"),
    ("ap-northeast-2", "g5.xlarge", "spot", "0.3584", "2026-01-19"),
    ("ap-northeast-2", "inf1.xlarge", "on_demand", "0.281", "2025-11-30"),
    ("ap-northeast-1", "m5.large", "on_demand", "0.124", "2025-06-13"),
    ("ap-northeast-1", "c6i.8xlarge", "spot", "0.6529", "2026-01-19"),
    ("ap-southeast-1", "c5.2xlarge", "on_demand", "0.392", "2025-06-13"),
    ("ap-southeast-1", "c5.2xlarge", "spot", "0.1721", "2026-01-19"),
    ("us-east-1", "p5.48xlarge", "on_demand", "55.04", "2026-07-20"),
    ("us-east-1", "t3.medium", "on_demand", "0.0416", "2026-07-20"),
    ("us-east-1", "m7i.large", "spot", "0.034", "2026-01-19"),
    ("us-east-2", "g6.12xlarge", "on_demand", "4.6016", "2025-11-30"),
    ("us-east-2", "inf2.24xlarge", "spot", "0.9258", "2026-01-19"),
    ("us-west-2", "trn1.32xlarge", "on_demand", "21.5", "2025-11-30"),
    ("us-west-2", "g6e.48xlarge", "spot", "11.1932", "2026-01-19"),
    ("eu-west-1", "r5.4xlarge", "on_demand", "1.128", "2025-06-13"),
    ("eu-west-1", "p3.2xlarge", "on_demand", "3.305", "2025-11-30"),
    ("eu-central-1", "g4dn.xlarge", "on_demand", "0.658", "2025-11-30"),
    ("eu-central-1", "m6i.xlarge", "spot", "0.0849", "2026-01-19"),
]

RESERVED = [
    # region, type, years, class, US dollars per hour with nothing upfront
    ("ap-northeast-2", "g5.xlarge", 1, "standard", "0.77931"),
    ("ap-northeast-2", "g5.xlarge", 3, "convertible", "0.66798"),
    ("ap-northeast-1", "m5.large", 3, "standard", "0.054"),
    ("ap-southeast-1", "c5.2xlarge", 1, "convertible", "0.304"),
    ("us-east-1", "p5.48xlarge", 3, "standard", "43.15701"),
    ("us-east-2", "g6.12xlarge", 1, "standard", "2.99564"),
    ("us-west-2", "p4de.24xlarge", 3, "standard", "15.6237016"),
    ("eu-west-1", "r5.4xlarge", 3, "convertible", "0.588"),
    ("eu-central-1", "g4dn.xlarge", 1, "standard", "0.449"),
]

STORAGE = [
    ("ap-northeast-2", "gp3", "0.0912"),
    ("ap-northeast-2", "ml", "0.1596"),
    ("ap-northeast-1", "io1", "0.142"),
    ("ap-southeast-1", "sc1", "0.018"),
    ("us-east-1", "gp2", "0.1"),
    ("us-east-1", "ml", "0.14"),
    ("us-east-2", "st1", "0.045"),
    ("us-west-2", "standard", "0.05"),
    ("eu-west-1", "gp2", "0.11"),
    ("eu-central-1", "gp3", "0.0952"),
    ("eu-central-1", "ml", "0.1666"),
]

QUOTAS = [
    # code, name, default
    ("L-611FA074", "ml.m5.large for training job usage", 0),
    ("L-29688C85", "ml.m5.large for spot training job usage", 4),
    ("L-E17566B7", "ml.t3.medium for notebook instance usage", 6),
    ("L-B67CFA0C", "ml.g4dn.xlarge for endpoint usage", 0),
    ("L-00C91CB5", "Number of instances across all training jobs", 4),
    ("L-622CFD70", "Maximum number of instances per training job", 20),
    ("L-7A3DF611", "Number of instances across active endpoints", 4),
    ("L-04CE2E67", "Total number of notebook instances", 8),
    ("L-E4B12EA2", "Total EBS volume size in GB across all notebook instances", None),
]


def rows_of(table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ParquetFile(DATA / f"{table}.parquet").read().to_pylist()
    return rows


@pytest.mark.parametrize(("region", "instance_type", "component", "usd", "as_of", "confidence"), SAGEMAKER)
def test_sagemaker_rates_are_as_listed(
    region: str, instance_type: str, component: str, usd: str, as_of: str, confidence: str
) -> None:
    price = prices.sagemaker_price(region, instance_type, component)
    assert str(price.usd_per_hour) == usd
    assert (price.as_of.isoformat(), price.confidence) == (as_of, confidence)
    assert witness.usd_per_hour(region, component, instance_type) == Decimal(usd)


@pytest.mark.parametrize(("region", "instance_type", "option", "usd", "as_of"), EC2)
def test_ec2_rates_are_as_listed(region: str, instance_type: str, option: str, usd: str, as_of: str) -> None:
    price = prices.ec2_price(region, instance_type, option)
    assert (str(price.usd_per_hour), price.as_of.isoformat(), price.confidence) == (usd, as_of, "listed")


@pytest.mark.parametrize(("region", "instance_type", "years", "offering_class", "usd"), RESERVED)
def test_reserved_rates_are_as_listed(
    region: str, instance_type: str, years: int, offering_class: str, usd: str
) -> None:
    price = prices.reserved_price(region, instance_type, years, offering_class=offering_class)
    assert (str(price.usd_per_hour), str(price.effective_usd_per_hour), str(price.upfront_usd)) == (usd, usd, "0")


@pytest.mark.parametrize(("region", "storage", "usd"), STORAGE)
def test_volume_rates_are_as_listed(region: str, storage: str, usd: str) -> None:
    assert str(prices.storage_price(region, storage).usd_per_gib_month) == usd


@pytest.mark.parametrize(("code", "name", "default"), QUOTAS)
def test_default_quotas_are_as_listed(code: str, name: str, default: int | None) -> None:
    [ours] = [quota for quota in default_quotas.quotas() if quota.code == code]
    [theirs] = [quota for quota in witness.default_quotas() if quota.code == code]
    assert (ours.name, ours.value) == (theirs.name, theirs.default_value) == (name, default)


def test_quota_codes_are_aws_codes() -> None:
    for row in rows_of("quotas"):
        assert len(row["quota_code"]) == 10
        assert row["quota_code"].startswith("L-")
        assert (row["default_value"] is None) == (row["confidence"] == "missing")


def test_the_deck_and_the_practice_account_read_the_same_figures() -> None:
    for row in rows_of("sagemaker_prices"):
        key = (row["region"], row["component"], row["instance_type"])
        ours = prices.sagemaker_price(row["region"], row["instance_type"], row["component"]).usd_per_hour
        assert ours == witness.usd_per_hour(*key), key
    for region in (region.name for region in catalogue.regions()):
        assert prices.storage_price(region, "ml").usd_per_gib_month == witness.ml_storage_usd_per_gib_month(region)
        for component in ("notebook", "training", "hosting", "processing", "batch_transform"):
            ours_there = {spec.instance_type for spec in catalogue.instance_types(region, component)}
            assert ours_there == witness.instance_types(region, component)
    ours_all = [(q.code, q.name, q.scope, q.usage, q.instance_type, q.unit, q.value) for q in default_quotas.quotas()]
    assert ours_all == [
        (q.code, q.name, q.scope, q.usage, q.instance_type, q.unit, q.default_value) for q in witness.default_quotas()
    ]
