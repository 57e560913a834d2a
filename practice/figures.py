"""What this account charges and has, from the dated figures the product ships, read on its own; prices as listed."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"

BILLED_AS = {"endpoint": "hosting", "transform": "batch_transform", "spot_training": "training"}
"""A quota's word for a usage → the price list's. Managed spot training bills fewer seconds at the training rate."""


class UnknownFigure(LookupError):
    """There is no such rate."""


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
    with (DATA / "storage_prices.csv").open(newline="", encoding="utf-8") as lines:
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
        for row in rows("instance_types.parquet")
        if component in (row["components"] or "").split(",")
    }
    offered = {row["instance_type"] for row in rows("offerings.parquet") if row["region"] == region}
    return frozenset(taken & offered)


@cache
def vcpus() -> Mapping[str, int]:
    """EC2 type → its vCPUs."""
    return {row["instance_type"]: row["vcpu"] for row in rows("instance_types.parquet")}


@cache
def _rates() -> Mapping[tuple[str, str, str], Decimal]:
    return {
        (row["region"], row["component"], row["instance_type"]): Decimal(row["usd_per_hour"])
        for row in rows("sagemaker_prices.parquet")
    }


@cache
def _ec2_prices() -> Mapping[tuple[str, str, str], Decimal]:
    dated = sorted(rows("ec2_prices.parquet"), key=lambda row: row["as_of"])
    return {
        (row["region"], row["instance_type"], row["purchase_option"]): Decimal(row["usd_per_hour"])
        for row in dated
        if row["purchase_option"] in ("spot", "on_demand")
    }


def rows(table: str) -> list[dict[str, Any]]:
    # Not at the top of the module: it costs a quarter of a second, and the account is ready without it.
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.ParquetFile(DATA / table).read(use_threads=False).to_pylist()
    return found
