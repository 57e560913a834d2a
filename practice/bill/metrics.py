"""What Cost Explorer measures. Nothing is bought ahead here and nothing discounted, so that all costs are one.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from practice.bill.usage_types import UsageType
from practice.errors import validation_error

COSTS = ("AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost")
NAMES = (*COSTS, "NormalizedUsageAmount", "UsageQuantity")
_DIGITS = Decimal(1).scaleb(-15)

Amounts = Mapping[UsageType, int]
Tally = Counter[UsageType]


def check_metrics(names: Sequence[str]) -> None:
    """Raises ServiceError ValidationException."""
    for name in names:
        if name not in NAMES:
            raise validation_error(f"Invalid metric {name}. Valid metrics are {', '.join(NAMES)}.")
    if not names:
        raise validation_error(f"Metrics must be given. Valid metrics are {', '.join(NAMES)}.")


def measured(names: Sequence[str], amounts: Amounts) -> dict[str, dict[str, str]]:
    """Each metric of so much of some usage types, as replies have it."""
    return {name: _measured(name, amounts) for name in names}


def cost(amounts: Amounts) -> Decimal:
    """US dollars, not rounded."""
    return sum((usage_type.cost(amount) for usage_type, amount in amounts.items()), Decimal(0))


def text(value: Decimal) -> str:
    """To fifteen decimals, and no more of them than there are."""
    return f"{value.quantize(_DIGITS).normalize():f}"


def _measured(name: str, amounts: Amounts) -> dict[str, str]:
    if name in COSTS:
        return {"Amount": text(cost(amounts)), "Unit": "USD"}
    if name == "NormalizedUsageAmount":
        # Only reserved instances whose size may change have a factor.
        return {"Amount": "0", "Unit": "N/A"}
    quantity = sum((usage_type.quantity(amount) for usage_type, amount in amounts.items()), Decimal(0))
    units = {usage_type.unit for usage_type in amounts}
    return {"Amount": text(quantity), "Unit": units.pop() if len(units) == 1 else "N/A"}
