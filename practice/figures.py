"""What this account charges and allows, read from the dated figures the product ships, on its own.

Prices are AWS's list. Quotas are AWS's defaults, raised as an account's are after some use: by a small table of grants.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

_DATA = Path(__file__).resolve().parent.parent / "data"

BILLED_AS = {"endpoint": "hosting", "transform": "batch_transform", "spot_training": "training"}
"""A quota's word for a usage → the price list's. Managed spot training bills fewer seconds at the training rate."""

GRANTS: dict[tuple[str, str | None], float] = {
    ("training", None): 40,
    ("training", "ml.m5.large"): 20,
    ("training", "ml.m5.xlarge"): 4,
    ("training", "ml.g4dn.xlarge"): 2,
    ("spot_training", "ml.g4dn.xlarge"): 2,
    ("processing", "ml.m5.large"): 4,
    ("transform", "ml.m5.large"): 4,
    ("endpoint", None): 8,
    ("endpoint", "ml.m5.large"): 4,
    ("endpoint", "ml.m5.xlarge"): 2,
    ("endpoint", "ml.g4dn.xlarge"): 1,
    ("notebook", "ml.g4dn.xlarge"): 1,
}
"""Instances granted in every region: by usage and type, or over all types (None). AWS's own defaults stand for the
rest: six each of ml.t3.medium and ml.t3.large notebooks, no p5. A type's default that nobody publishes counts as 0."""


class UnknownFigure(LookupError):
    """There is no such rate."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A SageMaker quota as Service Quotas lists it."""

    code: str
    name: str
    scope: str
    """What it counts: instance_type, account (all types of the usage), resource (one job or endpoint) or other."""
    usage: str | None
    instance_type: str | None
    unit: str | None
    """instances, gib, seconds; None where the quota is of no usage."""
    default_value: float | None
    """AWS's default; None where it is not published."""
    adjustable: bool


def usd_per_hour(region: str, usage: str, instance_type: str) -> Decimal:
    """What an `ml.` instance bills for an hour of a usage, in AWS's list for the region.

    `usage`: notebook, studio, training, spot_training, warm_pool, processing, hosting or endpoint, async_inference,
    batch_transform or transform. Raises UnknownFigure.
    """
    rate = _rates().get((region, BILLED_AS.get(usage, usage), instance_type))
    if rate is None:
        raise UnknownFigure(f"no {usage} rate of {instance_type} in {region}")
    return rate


UNKNOWN_SPOT_SHARE = Decimal("0.3")
"""An assumption, for types of which the figures know no spot price."""


def spot_share(region: str, instance_type: str) -> Decimal:
    """What managed spot bills of on-demand, 0 to 1: EC2's spot price over its on-demand price, at the newest dates.

    SageMaker publishes no spot rate; its own share differs by hour and zone.
    """
    name = instance_type.removeprefix("ml.")
    prices = _ec2_prices()
    spot, on_demand = prices.get((region, name, "spot")), prices.get((region, name, "on_demand"))
    return min(spot / on_demand, Decimal(1)) if spot and on_demand else UNKNOWN_SPOT_SHARE


@cache
def ml_storage_usd_per_gib_month(region: str) -> Decimal:
    """What a GiB of an instance's volume bills for a month: an assumption, as AWS's list of it is not to be had.

    Raises UnknownFigure.
    """
    with (_DATA / "storage_prices.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["region"] == region and row["storage"] == "ml":
                return Decimal(row["usd_per_gib_month"])
    raise UnknownFigure(f"no ML storage rate in {region}")


@cache
def instance_types(region: str, usage: str) -> frozenset[str]:
    """The `ml.` types that the region offers for a usage."""
    component = BILLED_AS.get(usage, usage)
    taken = {
        f"ml.{row['instance_type']}"
        for row in _rows("instance_types.parquet")
        if component in (row["components"] or "").split(",")
    }
    offered = {row["instance_type"] for row in _rows("offerings.parquet") if row["region"] == region}
    return frozenset(taken & offered)


@cache
def default_quotas() -> tuple[Quota, ...]:
    """AWS's quotas for SageMaker, of the instance families there are figures for, by code."""
    return tuple(
        Quota(
            code=row["quota_code"],
            name=row["quota_name"],
            scope=row["scope"],
            usage=row["usage"],
            instance_type=row["instance_type"],
            unit=row["unit"],
            default_value=None if row["default_value"] is None else float(row["default_value"]),
            adjustable=row["adjustable"],
        )
        for row in _rows("quotas.parquet")
    )


@cache
def applied_quotas() -> Mapping[str, float]:
    """Quota code → what this account has in every region before any increase. Codes of no known value are left out."""
    applied = {quota.code: _applied(quota) for quota in default_quotas()}
    return {code: value for code, value in applied.items() if value is not None}


def _applied(quota: Quota) -> float | None:
    if quota.unit == "instances" and quota.scope in ("instance_type", "account") and quota.usage is not None:
        granted = GRANTS.get((quota.usage, quota.instance_type))
        if granted is not None:
            return granted
    return 0.0 if quota.default_value is None and quota.scope == "instance_type" else quota.default_value


@cache
def _rates() -> Mapping[tuple[str, str, str], Decimal]:
    return {
        (row["region"], row["component"], row["instance_type"]): Decimal(row["usd_per_hour"])
        for row in _rows("sagemaker_prices.parquet")
    }


@cache
def _ec2_prices() -> Mapping[tuple[str, str, str], Decimal]:
    rows = sorted(_rows("ec2_prices.parquet"), key=lambda row: row["as_of"])
    return {
        (row["region"], row["instance_type"], row["purchase_option"]): Decimal(row["usd_per_hour"])
        for row in rows
        if row["purchase_option"] in ("spot", "on_demand")
    }


def _rows(table: str) -> list[dict[str, Any]]:
    # Not at the top of the module: it costs a quarter of a second, and the account is ready without it.
    from pyarrow import parquet

    rows: list[dict[str, Any]] = parquet.ParquetFile(_DATA / table).read(use_threads=False).to_pylist()
    return rows
