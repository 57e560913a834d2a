"""What Cost Explorer tells lines apart by, and which of them an expression is about.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html

Every tag counts as an activated cost allocation tag. Managed spot training is bought on demand here, as it is billed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from practice import ACCOUNT_ID
from practice.bill.cur import ACCOUNT_NAME, ENTITY
from practice.bill.lines import Charged
from practice.errors import ServiceError, not_implemented, validation_error
from practice.operations import Request
from practice.pricing.ml_instances import OPERATION, SERVICE

Holds = Callable[[Charged], bool]
Tells = Callable[[Charged], str]
RESOURCE_ID = "RESOURCE_ID"


def _instance_type(about: Charged) -> str:
    return about.usage_type.instance_type or "NoInstanceType"


def _family(about: Charged) -> str:
    name = about.usage_type.instance_type
    return name.split(".")[1] if name else "NoInstanceTypeFamily"


DIMENSIONS: Mapping[str, Tells] = {
    "BILLING_ENTITY": lambda about: "AWS",
    "INSTANCE_TYPE": _instance_type,
    "INSTANCE_TYPE_FAMILY": _family,
    "LEGAL_ENTITY_NAME": lambda about: ENTITY,
    "LINKED_ACCOUNT": lambda about: ACCOUNT_ID,
    "LINKED_ACCOUNT_NAME": lambda about: ACCOUNT_NAME,
    "OPERATION": lambda about: OPERATION,
    "PAYER_ACCOUNT": lambda about: ACCOUNT_ID,
    "PURCHASE_TYPE": lambda about: "On Demand Instances",
    "RECORD_TYPE": lambda about: "Usage",
    "REGION": lambda about: about.usage_type.region,
    RESOURCE_ID: lambda about: about.resource,
    "SERVICE": lambda about: "Amazon SageMaker",
    "SERVICE_CODE": lambda about: SERVICE,
    "USAGE_TYPE": lambda about: about.usage_type.code,
}


def dimension(name: str, *, resources: bool = False) -> Tells:
    """How a dimension's value is told. Raises ServiceError: ValidationException, NotImplemented."""
    if name == RESOURCE_ID and not resources:
        raise validation_error("RESOURCE_ID is only supported by GetCostAndUsageWithResources.")
    if name not in DIMENSIONS:
        raise not_implemented("ce", f"dimension {name}")
    return DIMENSIONS[name]


def tag(key: str) -> Tells:
    """How a tag's value is told; of what has no such tag it is empty."""
    return lambda about: dict(about.tags).get(key, "")


def grouping(definition: Request, *, resources: bool = False) -> Tells:
    """How a group's key is told. Raises ServiceError."""
    kind, key = definition.get("Type"), definition.get("Key", "")
    match kind:
        case "DIMENSION":
            return dimension(key, resources=resources)
        case "TAG" | "COST_CATEGORY":
            # Nobody can make a cost category here: everything is outside of them.
            value = tag(key) if kind == "TAG" else lambda about: ""
            return lambda about: f"{key}${value(about)}"
        case _:
            raise validation_error("A group definition has a Type of DIMENSION, TAG or COST_CATEGORY, and a Key.")


def condition(expression: Request | None, *, resources: bool = False) -> Holds:
    """Whether a line is meant by a filter; without one every line is. Raises ServiceError."""
    if expression is None:
        return lambda about: True
    if len(expression) != 1:
        raise validation_error(
            "Expected exactly one of [And, Or, Not, Dimensions, Tags, CostCategories] in an expression."
        )
    [(root, said)] = expression.items()
    match root:
        case "And" | "Or":
            return _combined(root, said, resources=resources)
        case "Not":
            inner = condition(said, resources=resources)
            return lambda about: not inner(about)
        case "Dimensions":
            return _matching(said, dimension(said.get("Key", ""), resources=resources))
        case "Tags":
            return _matching(said, tag(said.get("Key", "")))
        case "CostCategories":
            return _matching(said, lambda about: "")
        case _:
            raise not_implemented("ce", f"expression of {root}")


def _combined(root: str, said: Sequence[Request], *, resources: bool) -> Holds:
    if len(said) < 2:
        raise validation_error(f"{root} needs at least two expressions.")
    parts = [condition(each, resources=resources) for each in said]
    decide = all if root == "And" else any
    return lambda about: decide(part(about) for part in parts)


_MATCHES: Mapping[str, Callable[[str, str], bool]] = {
    "EQUALS": lambda value, said: value == said,
    "STARTS_WITH": lambda value, said: value.startswith(said),
    "ENDS_WITH": lambda value, said: value.endswith(said),
    "CONTAINS": lambda value, said: said in value,
}
_CASES = ("CASE_SENSITIVE", "CASE_INSENSITIVE")


def _matching(said: Mapping[str, Any], tell: Tells) -> Holds:
    options = said.get("MatchOptions", [])
    if "ABSENT" in options:
        return lambda about: not tell(about)
    values = said.get("Values", [])
    ways = [_MATCHES[option] for option in options if option in _MATCHES] or [_MATCHES["EQUALS"]]
    if not values or any(option not in _MATCHES and option not in _CASES for option in options):
        raise _bad_match(options)
    if "CASE_INSENSITIVE" in options:
        lowered = [value.lower() for value in values]
        return lambda about: any(way(tell(about).lower(), value) for way in ways for value in lowered)
    return lambda about: any(way(tell(about), value) for way in ways for value in values)


def _bad_match(options: Sequence[str]) -> ServiceError:
    if options:
        return validation_error(f"The match options {', '.join(options)} need values and are not supported together.")
    return validation_error("Values must be given, or the match option ABSENT.")
