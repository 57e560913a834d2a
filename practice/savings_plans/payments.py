"""What a commitment costs over its term, and when it is paid."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from practice.errors import ServiceError, validation_error
from practice.savings_plans.offerings import Offering

LEAST, MOST = Decimal("0.001"), Decimal(1_000_000)
DECIMALS = 5
UPFRONT = (Decimal("0.5"), Decimal("0.99"))
"""Of the whole, what a partial upfront payment may be.

docs.aws.amazon.com/savingsplans/latest/APIReference/API_CreateSavingsPlan.html
"""
_STEP = Decimal(1).scaleb(-DECIMALS)


@dataclass(frozen=True, slots=True)
class Payment:
    """US dollars: committed an hour, paid at the start, paid each hour."""

    commitment: Decimal
    upfront: Decimal
    recurring: Decimal


def payment(offering: Offering, commitment: str, upfront: str | None) -> Payment:
    """How a commitment to an offering is paid; half of the whole at the start where part of it is and nothing is said.

    Raises ServiceError for an amount outside AWS's bounds, and for an upfront amount that the offering has no use for.
    """
    hourly = _amount("commitment", commitment)
    if not LEAST <= hourly <= MOST or -int(hourly.normalize().as_tuple().exponent) > DECIMALS:
        raise validation_error(
            f"The commitment must be between {LEAST} and {MOST}, with at most {DECIMALS} digits after the point."
        )
    hours = offering.seconds // 3600
    whole = hourly * hours
    if offering.payment != "Partial Upfront":
        if upfront is not None:
            raise validation_error(
                "An upfront payment amount is only supported for the Partial Upfront payment option."
            )
        at_start = whole if offering.payment == "All Upfront" else Decimal(0)
        return Payment(hourly, at_start, Decimal(0) if at_start else hourly)
    low, high = (share * whole for share in UPFRONT)
    paid = low.to_integral_value(ROUND_CEILING) if upfront is None else _amount("upfrontPaymentAmount", upfront)
    if upfront is not None and (paid != paid.to_integral_value() or not low <= paid <= high):
        raise validation_error(
            f"The upfront payment amount must be a whole number between {low:f} and {high:f}, 50 and 99 percent of the "
            f"total value."
        )
    return Payment(hourly, paid, ((whole - paid) / hours).quantize(_STEP))


def _amount(name: str, said: str) -> Decimal:
    try:
        amount = Decimal(said)
    except InvalidOperation as exc:
        raise validation_error(f"{name} is not an amount: {said}") from exc
    if not amount.is_finite():
        raise ServiceError("ValidationException", f"{name} is not an amount: {said}")
    return amount
