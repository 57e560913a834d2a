"""Rows of `services.offer_rates`, however AWS said what they hold."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

from services.offer_rates import HOURS_A_YEAR

COMPONENTS: Final = (
    ("Studio", "studio"),
    ("Notebk", "notebook"),
    ("AsyncInf", "async_inference"),
    ("Host", "hosting"),
    ("Processing", "processing"),
    ("TrainWarmPool", "warm_pool"),
    ("Train:", "training"),
    ("Tsform", "batch_transform"),
)
"""What a usage type holds → the component; the first that fits."""

Row = dict[str, Any]


def component_of(usage_type: str) -> str | None:
    """The SageMaker component of a usage type; None of one that the deck does not compare."""
    return next((name for part, name in COMPONENTS if part in usage_type), None)


def row_of(
    region: str, service: str, kind: str, option: str, usd: Decimal, day: date, source: str,
    confidence: str = "listed", note: str = "",
) -> Row:  # fmt: skip
    """A rate without a term."""
    return {
        "region": region,
        "service": service,
        "instance_type": kind,
        "component": "",
        "purchase_option": option,
        "term_years": 0,
        "payment_option": "",
        "offering_class": "",
        "usd_per_hour": text_of(usd),
        "upfront_usd": "0",
        "effective_usd_per_hour": text_of(usd),
        "as_of": day,
        "source": source,
        "confidence": confidence,
        "note": note,
    }


def payment_option(payment: str) -> str:
    """As the rows have it; `payment` as AWS says it: No Upfront, Partial Upfront, All Upfront."""
    return payment.lower().replace(" ", "_")


def term_of(years: int, payment: str, offering_class: str, hourly: Decimal, upfront: Decimal) -> Row:
    """What a term changes in a row; `payment` as AWS says it: No Upfront, Partial Upfront, All Upfront."""
    effective = hourly + upfront / (HOURS_A_YEAR * years)
    return {
        "term_years": years,
        "payment_option": payment_option(payment),
        "offering_class": offering_class,
        "usd_per_hour": text_of(hourly),
        "upfront_usd": text_of(upfront),
        "effective_usd_per_hour": text_of(effective.quantize(Decimal("1e-6")) if upfront else hourly),
    }


@cache
def text_of(usd: Decimal) -> str:
    """Without the zeros that AWS pads with."""
    return format(usd.normalize() + 0, "f")
