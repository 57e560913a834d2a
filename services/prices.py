"""What an hour or a GiB-month costs: at a company's own rate where it has agreed one, else at AWS's list as shipped.

Each price says its date, source and confidence. US dollars, Linux, shared tenancy. Nothing here is interpolated: a
figure that is not listed is marked by its `confidence`, and what is not known at all raises NotFound.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from services import figures
from services.errors import NotFound
from services.figures import Confidence as Confidence

if TYPE_CHECKING:
    import pyarrow as pa

MISSING_REMEDY = "Choose another instance type or region, or enter your own rate."


@dataclass(frozen=True, slots=True)
class Price:
    """What one instance bills for an hour."""

    usd_per_hour: Decimal
    as_of: date
    source: str
    confidence: Confidence
    note: str = ""
    """Why it is not simply listed: the component or the ratio it comes from, or what contradicts it."""


@dataclass(frozen=True, slots=True)
class ReservedPrice:
    """One way to buy an EC2 reservation: paid once at the start, then each hour of the term, used or not."""

    term_years: int
    payment_option: str
    """no_upfront, partial_upfront or all_upfront."""
    offering_class: str
    """standard or convertible."""
    upfront_usd: Decimal
    usd_per_hour: Decimal
    effective_usd_per_hour: Decimal
    """The hourly rate and the upfront payment spread over the term."""
    as_of: date
    source: str
    confidence: Confidence
    note: str = ""


@dataclass(frozen=True, slots=True)
class StoragePrice:
    """What one GiB kept for a month bills (AWS calls it a GB-month)."""

    usd_per_gib_month: Decimal
    as_of: date
    source: str
    confidence: Confidence
    note: str = ""


Use = tuple[str, str, str]
"""Region, instance type, and SageMaker's component or EC2's purchase option."""


@dataclass(slots=True)
class _Agreed:
    rates: Mapping[Use, Price] = field(default_factory=dict)


_agreed = _Agreed()


def use_own_rates(rates: "pa.Table | None") -> None:
    """From now on, and in the whole process, what a company has agreed for an hour without a term comes before AWS's
    list. `rates` are in the columns of `services.offer_rates`, as `services.own_rates` reads them; None ends it."""
    rows = rates.to_pylist() if rates is not None else []
    _agreed.rates = {
        (row["region"], row["instance_type"], row["component"] or row["purchase_option"]): price_of(row)
        for row in rows
        if row["purchase_option"] == "on_demand" or (row["purchase_option"] == "spot" and row["service"] == "ec2")
    }


def sagemaker_price(region: str, instance_type: str, component: str) -> Price:
    """What an `ml.` instance bills under a SageMaker component.

    Components: notebook, studio, training, warm_pool, processing, hosting, async_inference, batch_transform,
    training_plan. Raises NotFound where the component takes no such type there.
    """
    use = (region, instance_type, component)
    price = _agreed.rates.get(use) or _sagemaker().get(use)
    if price is None:
        raise _missing(f"{component.replace('_', ' ')} rate of {instance_type} in {region}", instance_type)
    return price


def ec2_price(region: str, instance_type: str, option: str = "on_demand") -> Price:
    """What an EC2 instance bills on demand, or as `spot` at the newest date. Raises NotFound."""
    use = (region, instance_type, option)
    price = _agreed.rates.get(use) or _ec2().get(use)
    if price is None:
        raise _missing(f"{option} rate of {instance_type} in {region}", instance_type)
    return price


def reserved_prices(region: str, instance_type: str) -> tuple[ReservedPrice, ...]:
    """Every way to reserve the type there; empty where none is listed."""
    return _reserved().get((region, instance_type), ())


def reserved_price(
    region: str,
    instance_type: str,
    term_years: int,
    payment_option: str = "no_upfront",
    offering_class: str = "standard",
) -> ReservedPrice:
    """One way to reserve the type. Raises NotFound."""
    wanted = (term_years, payment_option, offering_class)
    for price in reserved_prices(region, instance_type):
        if (price.term_years, price.payment_option, price.offering_class) == wanted:
            return price
    raise _missing(f"{term_years}-year {payment_option} {offering_class} rate of {instance_type}", instance_type)


def storage_price(region: str, storage: str) -> StoragePrice:
    """gp3, gp2, io1, io2, st1, sc1, standard, or `ml`: SageMaker's ML storage, taken as gp2 x 1.4. Raises NotFound."""
    price = _storage().get((region, storage))
    if price is None:
        raise _missing(f"{storage} volume rate in {region}", storage)
    return price


def _missing(what: str, resource: str) -> NotFound:
    return NotFound(f"There is no figure for the {what}.", resource=resource, remedy=MISSING_REMEDY)


def price_of(row: Mapping[str, Any]) -> Price:
    """A price from a row of figures."""
    return Price(Decimal(row["usd_per_hour"]), **_evidence(row))


def _evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "as_of": row["as_of"],
        "source": row["source"],
        "confidence": Confidence(row["confidence"]),
        "note": row["note"] or "",
    }


@cache
def _sagemaker() -> dict[Use, Price]:
    return {
        (row["region"], row["instance_type"], row["component"]): price_of(row)
        for row in figures.rows("sagemaker_prices.parquet")
    }


@cache
def _ec2() -> dict[Use, Price]:
    return {
        (row["region"], row["instance_type"], row["purchase_option"]): price_of(row)
        for row in figures.rows("ec2_prices.parquet")
        if row["purchase_option"] != "reserved"
    }


@cache
def _reserved() -> dict[tuple[str, str], tuple[ReservedPrice, ...]]:
    found: dict[tuple[str, str], tuple[ReservedPrice, ...]] = {}
    for row in figures.rows("ec2_prices.parquet"):
        if row["purchase_option"] == "reserved":
            price = ReservedPrice(
                row["term_years"],
                row["payment_option"],
                row["offering_class"],
                Decimal(row["upfront_usd"]),
                Decimal(row["usd_per_hour"]),
                Decimal(row["effective_usd_per_hour"]),
                **_evidence(row),
            )
            key = (row["region"], row["instance_type"])
            found[key] = (*found.get(key, ()), price)
    return found


@cache
def _storage() -> dict[tuple[str, str], StoragePrice]:
    return {
        (row["region"], row["storage"]): StoragePrice(
            Decimal(row["usd_per_gib_month"]),
            **_evidence({**row, "as_of": date.fromisoformat(row["as_of"])}),
        )
        for row in figures.rows("storage_prices.csv")
    }
