"""What a SageMaker resource bills per hour, part by part. A rate that is not known is left out, never guessed."""

from collections.abc import Sequence
from decimal import Decimal

from services import prices
from services.errors import NotFound
from services.plans import PricePart

ZERO = Decimal(0)
HOURS_PER_MONTH = Decimal(730)
"""AWS bills a GiB-month by the hours of the month; 8,760 / 12 stands for all months in a rate per hour."""


def instance_part(region: str, instance_type: str, component: str, count: int = 1) -> PricePart | None:
    """`count` instances of a type for a component (notebook, training, hosting); None when no price is known."""
    try:
        price = prices.sagemaker_price(region, instance_type, component)
    except NotFound:
        return None
    return PricePart(
        "instance", price.usd_per_hour * count, price.as_of.isoformat(), price.source, str(price.confidence)
    )


def storage_part(region: str, volume_gib: int, count: int = 1) -> PricePart | None:
    """`count` ML storage volumes of `volume_gib` each; None when no price is known."""
    try:
        price = prices.storage_price(region, "ml")
    except NotFound:
        return None
    rate = price.usd_per_gib_month * volume_gib * count / HOURS_PER_MONTH
    return PricePart("storage", rate, price.as_of.isoformat(), price.source, str(price.confidence))


def known(*parts: PricePart | None) -> tuple[PricePart, ...]:
    return tuple(part for part in parts if part is not None)


def total(parts: Sequence[PricePart]) -> Decimal:
    """USD per hour of all parts."""
    return sum((part.usd_per_hour for part in parts), Decimal(0))


def total_of(parts: Sequence[PricePart], *what: str) -> Decimal:
    """USD per hour of the parts named."""
    return total([part for part in parts if part.what in what])
