"""The Condition block of a statement.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
An operator or a key that is not known here leaves the statement undecided (Unsure): it allows nothing.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from practice.permissions.patterns import Context, Unsure, fits

Holds = Callable[[str, str, Context], bool]
"""(what the policy says, the request's value, the request's context) → whether they agree."""


def _equal(said: str, value: str, context: Context) -> bool:
    return fits(said, value, context, wild=False)


def _equal_in_any_case(said: str, value: str, context: Context) -> bool:
    return fits(said, value, context, wild=False, ignore_case=True)


def _arn_like(said: str, value: str, context: Context) -> bool:
    """Part by part: a wildcard never reaches over a colon into the next of the six."""
    patterns, parts = said.split(":", 5), value.split(":", 5)
    return len(patterns) == len(parts) and all(fits(*pair, context) for pair in zip(patterns, parts, strict=True))


def _same_truth(said: str, value: str, _: Context) -> bool:
    return said.lower() == value.lower()


def _numbers(compare: Callable[[Decimal, Decimal], bool]) -> Holds:
    def holds(said: str, value: str, _: Context) -> bool:
        try:
            return compare(Decimal(value), Decimal(said))
        except InvalidOperation:
            return False

    return holds


OPERATORS: Mapping[str, tuple[Holds, bool]] = {
    "stringequals": (_equal, True),
    "stringnotequals": (_equal, False),
    "stringequalsignorecase": (_equal_in_any_case, True),
    "stringnotequalsignorecase": (_equal_in_any_case, False),
    "stringlike": (fits, True),
    "stringnotlike": (fits, False),
    "arnequals": (_arn_like, True),
    "arnlike": (_arn_like, True),
    "arnnotequals": (_arn_like, False),
    "arnnotlike": (_arn_like, False),
    "bool": (_same_truth, True),
    "numericequals": (_numbers(lambda value, said: value == said), True),
    "numericnotequals": (_numbers(lambda value, said: value == said), False),
    "numericlessthan": (_numbers(lambda value, said: value < said), True),
    "numericlessthanequals": (_numbers(lambda value, said: value <= said), True),
    "numericgreaterthan": (_numbers(lambda value, said: value > said), True),
    "numericgreaterthanequals": (_numbers(lambda value, said: value >= said), True),
}
"""Operator in lower case → how one value is compared, and whether agreement is what it asks for."""

KNOWN = frozenset(
    ("aws:requestedregion", "aws:tagkeys", "aws:username", "aws:userid", "aws:principalarn", "aws:principalaccount",
     "aws:principaltype", "aws:resourceaccount", "aws:securetransport", "aws:viaawsservice", "aws:calledvia",
     "aws:multifactorauthpresent", "iam:passedtoservice", "sagemaker:taggingaction", "sagemaker:instancetypes",
     "s3:prefix", "s3:resourceaccount", "sts:externalid", "sts:rolesessionname", "aws:sourceaccount", "aws:sourcearn")
)  # fmt: skip
"""Keys whose value, or whose absence, this account knows for every request."""

REQUEST_TAGS, RESOURCE_TAGS = "aws:requesttag/", ("aws:resourcetag/", "sagemaker:resourcetag/")


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context, *, tags_known: bool) -> bool:
    """Whether every condition of a statement holds. `tags_known`: the context holds all tags of the resource.

    Raises: Unsure.
    """
    unsure: Unsure | None = None
    for operator, keys in conditions.items():
        for key, said in keys.items():
            try:
                if not _one(operator.lower(), key.lower(), _texts(said), context, tags_known):
                    return False
            except Unsure as one:
                unsure = one
    if unsure is not None:
        raise unsure
    return True


def _one(operator: str, key: str, said: list[str], context: Context, tags_known: bool) -> bool:
    if not (
        key in context or key in KNOWN or key.startswith(REQUEST_TAGS) or (tags_known and key.startswith(RESOURCE_TAGS))
    ):
        raise Unsure(f"the condition key {key} has no value here")
    values = context.get(key, ())
    if operator == "null":
        return (not values) == (said[0].lower() == "true")
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("ifexists")
    if name not in OPERATORS or quantifier not in ("", "forallvalues", "foranyvalue"):
        raise Unsure(f"the operator {operator} is not known here")
    compare, wanted = OPERATORS[name]
    agree = [any(compare(one, value, context) for one in said) is wanted for value in values]
    match quantifier:
        case "forallvalues":
            return all(agree)
        case "foranyvalue":
            return any(agree) if values else rest != name
        case _ if not values:
            return rest != name or not wanted
        case _:
            return any(agree) if wanted else all(agree)


def _texts(said: Any) -> list[str]:
    """A policy may write one value or several, and true and numbers without quotes."""
    values = said if isinstance(said, list) else [said]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
