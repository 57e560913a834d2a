"""Figures checked one by one against what AWS listed: every region, every purchase option, by both readers."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow.parquet import ParquetFile

from practice import figures as witness
from practice import quota_figures as quota_witness
from services import catalogue, default_quotas, prices
from tests.support.listed_prices import EC2, RESERVED, SAGEMAKER

DATA = Path(__file__).resolve().parent.parent / "data"

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
    [theirs] = [quota for quota in quota_witness.default_quotas() if quota.code == code]
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
        (q.code, q.name, q.scope, q.usage, q.instance_type, q.unit, q.default_value)
        for q in quota_witness.default_quotas()
    ]
