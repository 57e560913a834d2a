"""A usage type in the words of the account's price list: its SKU, its rate's code and what that says."""

from datetime import date
from functools import cache

from practice.bill.usage_types import UsageType, prefix
from practice.pricing.locations import LOCATIONS
from practice.pricing.ml_instances import COMPONENTS, OPERATION, SERVICE
from practice.pricing.products import Product
from practice.pricing.terms import HOURLY, ON_DEMAND

_USES = {component.usage: component.name for component in COMPONENTS.values()}


@cache
def sku(usage_type: UsageType) -> str:
    """Of the product; of storage and managed spot, which the list does not hold, made in the same way."""
    said = {"usagetype": usage_type.code, "operation": OPERATION}
    return Product(SERVICE, usage_type.family, said, (), date.min).sku


def rate_code(usage_type: UsageType) -> str:
    """Of its price on demand."""
    return f"{sku(usage_type)}.{ON_DEMAND}.{HOURLY}"


def location(region: str) -> str:
    """The region's name; its code where the list has none."""
    known = LOCATIONS.get(region)
    return known.name if known is not None else region


def description(usage_type: UsageType) -> str:
    """What one pricing unit costs, in a sentence."""
    where = location(usage_type.region)
    if not usage_type.usd:
        return f"No rate of {usage_type.code} in {where} is known here"
    if usage_type.instance_type is None:
        return f"${usage_type.usd:f} per GB-Mo of ML storage in {where}"
    code = usage_type.code.removeprefix(f"{prefix(usage_type.region)}-").removesuffix(usage_type.instance_type)
    return f"${usage_type.usd:f} per {_USES.get(code, code.strip(':-'))} {usage_type.instance_type} hour in {where}"
