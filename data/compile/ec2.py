"""EC2 figures: on-demand, spot and reserved rates, spot history and advice, volume rates."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeAlias

from data.compile.scope import ASSUMPTION, DOUBTFUL, ESTIMATED, LISTED, REGIONS, in_scope
from data.compile.tables import Row, money, read

Rates: TypeAlias = Mapping[tuple[str, str], Decimal]
"""Region and EC2 type to the on-demand rate, in US dollars per hour."""

HOURS_PER_YEAR: Final = 8760
ALL_UPFRONT: Final = {1: Decimal("0.9333"), 3: Decimal("0.8704")}
"""All upfront over no upfront, over the whole term: measured on 14,483 pairs."""
PARTIAL_UPFRONT: Final = {1: Decimal("1.05"), 3: Decimal("1.08")}
"""No upfront over partial upfront: measured on one type in 25 regions."""
ML_STORAGE_OVER_GP2: Final = Decimal("1.4")
STORAGE: Final = {
    "General Purpose gp3": "gp3",
    "General Purpose gp2": "gp2",
    "Provisioned IOPS io1": "io1",
    "Provisioned IOPS io2": "io2",
    "Throughput Optimized HDD st1": "st1",
    "Cold HDD sc1": "sc1",
    "Magnetic standard": "standard",
}
NO_TERM: Final = {"term_years": None, "payment_option": None, "offering_class": None}


def on_demand_rates(folder: Path) -> dict[tuple[str, str], Decimal]:
    """What each type costs on demand in each region, US dollars per hour."""
    return {
        (row["region"], row["instance_type"]): Decimal(money(row["price_usd_per_hour"]))
        for row in read(folder / "ec2_prices.parquet")
        if in_scope(row["region"], row["instance_type"]) and row["pricing_model"] == "on_demand"
    }


def ec2_prices(folder: Path) -> list[Row]:
    """Every purchase option; the partial and all upfront reservations are estimated from the no upfront ones."""
    on_demand = on_demand_rates(folder)
    listed = [row for row in read(folder / "ec2_prices.parquet") if in_scope(row["region"], row["instance_type"])]
    stale = _reserved_before_a_cut(listed, on_demand)
    prices = []
    for row in listed:
        key = (row["region"], row["instance_type"])
        if row["pricing_model"] == "reserved":
            prices += _reserved(row, doubtful=key in stale)
        else:
            rate = Decimal(money(row["price_usd_per_hour"]))
            doubt = _spot_doubt(rate, on_demand[key]) if row["pricing_model"] == "spot" else None
            prices.append(_figure(row, rate, rate, Decimal(0), note=doubt, **NO_TERM))
    return prices


def spot_history(folder: Path) -> list[Row]:
    """Spot rates at the dates gathered; confidence as for the newest one."""
    on_demand = on_demand_rates(folder)
    return [
        {
            **row,
            "usd_per_hour": money(row["price_spot_usd_per_hour"]),
            "note": (
                note := _spot_doubt(
                    Decimal(money(row["price_spot_usd_per_hour"])), on_demand[row["region"], row["instance_type"]]
                )
            ),
            "confidence": DOUBTFUL if note else LISTED,
        }
        for row in read(folder / "ec2_spot_snapshots.parquet")
        if in_scope(row["region"], row["instance_type"])
    ]


def spot_advice(folder: Path) -> list[Row]:
    """How often spot capacity was interrupted in the month before, and what it saved."""
    return [
        {
            **row,
            "savings_pct": row["savings_over_on_demand_pct"],
            "interruption": row["interruption_label"],
            "confidence": LISTED,
        }
        for row in read(folder / "ec2_spot_advisor.parquet")
        if in_scope(row["region"], row["instance_type"])
    ]


def storage_prices(folder: Path) -> list[Row]:
    """Volume rates per GiB-month (what AWS calls a GB-month), and the assumed rate of SageMaker's ML storage."""
    listed = {
        (row["region"], STORAGE[row["volume"]]): row
        for row in read(folder / "ebs_prices.csv")
        if row["region"] in REGIONS and row["volume"] in STORAGE
    }
    prices = []
    for region in REGIONS:
        for storage in STORAGE.values():
            row = listed[region, storage]
            rate = money(row["price_usd_per_gb_month"])
            prices.append(row | {"storage": storage, "usd_per_gib_month": rate, "confidence": LISTED, "note": None})
        gp2 = listed[region, "gp2"]
        rate = money(Decimal(gp2["price_usd_per_gb_month"]) * ML_STORAGE_OVER_GP2)
        note = f"gp2 x {ML_STORAGE_OVER_GP2}"
        ml = {"storage": "ml", "usd_per_gib_month": rate, "confidence": ASSUMPTION, "note": note}
        prices.append(gp2 | ml)
    return prices


def _figure(
    row: Row, effective: Decimal, hourly: Decimal, upfront: Decimal, *, note: str | None, **terms: object
) -> Row:
    return {
        **row,
        "purchase_option": row["pricing_model"],
        "usd_per_hour": money(hourly),
        "upfront_usd": money(upfront),
        "effective_usd_per_hour": money(effective),
        "note": note,
        "confidence": DOUBTFUL if note else LISTED,
        **terms,
    }


def _reserved(row: Row, *, doubtful: bool) -> list[Row]:
    """The three ways to pay for one reservation: what is paid at the start, each hour, and over the term per hour."""
    years = row["term_years"]
    no_upfront = Decimal(money(row["price_usd_per_hour"]))
    all_upfront = _micro(no_upfront * ALL_UPFRONT[years])
    partial = _micro(no_upfront / PARTIAL_UPFRONT[years])
    hourly = _micro(partial / 2)
    hours = HOURS_PER_YEAR * years
    doubt = "older than a cut of the on-demand rate: the list has it at or above on-demand" if doubtful else None
    guess = DOUBTFUL if doubtful else ESTIMATED
    all_note = f"no upfront x {ALL_UPFRONT[years]}, paid at the start"
    partial_note = f"no upfront / {PARTIAL_UPFRONT[years]}, half of it paid at the start"
    return [
        _figure(row, no_upfront, no_upfront, Decimal(0), note=doubt),
        _figure(row, all_upfront, Decimal(0), _cents(all_upfront * hours), note=all_note)
        | {"payment_option": "all_upfront", "confidence": guess},
        _figure(row, partial, hourly, _cents((partial - hourly) * hours), note=partial_note)
        | {"payment_option": "partial_upfront", "confidence": guess},
    ]


def _reserved_before_a_cut(rows: list[Row], on_demand: Rates) -> set[tuple[str, str]]:
    return {
        (row["region"], row["instance_type"])
        for row in rows
        if row["pricing_model"] == "reserved"
        and Decimal(money(row["price_usd_per_hour"])) >= on_demand[row["region"], row["instance_type"]]
    }


def _spot_doubt(spot: Decimal, on_demand: Decimal) -> str | None:
    if spot >= on_demand * Decimal("0.9999"):
        return "at or above the on-demand rate listed since: no saving to be had"
    if abs(spot / on_demand - Decimal("0.1")) < Decimal("0.00005"):
        return "exactly a tenth of the on-demand rate: a floor of the feed, not a market rate"
    return None


def _micro(rate: Decimal) -> Decimal:
    return rate.quantize(Decimal("0.000001"))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
