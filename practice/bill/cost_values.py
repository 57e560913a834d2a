"""What Cost Explorer can be asked for: the values that dimensions and tags had in a period.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetDimensionValues.html
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from practice.bill.cur import ACCOUNT_NAME
from practice.bill.dimensions import condition, dimension
from practice.bill.intervals import past
from practice.bill.lines import Charged, charges, sums
from practice.bill.metrics import COSTS, Tally, cost
from practice.errors import validation_error
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation

PAGE = 1000

Values = Callable[[Charged], Iterable[str]]


@operation("ce", "GetDimensionValues", live=True)
def get_dimension_values(context: Context, request: Request) -> Reply:
    name = request["Dimension"]
    tell = dimension(name)
    # Nothing is reserved here and no plan covers anything: those contexts know no values.
    known = request.get("Context", "COST_AND_USAGE") == "COST_AND_USAGE"
    found = _found(context, request, lambda about: [tell(about)] if known else [])
    shown, members = _page(request, found)
    attributes = {"description": ACCOUNT_NAME} if name == "LINKED_ACCOUNT" else {}
    return {"DimensionValues": [{"Value": value, "Attributes": attributes} for value in shown], **members}


@operation("ce", "GetTags", live=True)
def get_tags(context: Context, request: Request) -> Reply:
    """Keys, or the values of one of them; of what does not have it the value is empty."""
    key = request.get("TagKey")

    def values(about: Charged) -> Iterable[str]:
        tags = dict(about.tags)
        return tags if key is None else [tags.get(key, "")]

    shown, members = _page(request, _found(context, request, values))
    return {"Tags": shown, **members}


def _found(context: Context, request: Request, values: Values) -> list[str]:
    """Values of what was used in the period, in the order that was asked for. Raises ServiceError."""
    now = context.world.clock.now()
    interval = past(request, now)
    wanted = condition(request.get("Filter"))
    part = request.get("SearchString", "").lower()
    meant = ((about, piece) for about, piece in charges(context.world, now) if wanted(about))
    costs: dict[str, Tally] = {}
    for about, [amount] in sums(meant, [interval.start, interval.end], lambda about: about).items():
        for value in values(about):
            if amount and part in value.lower():
                costs.setdefault(value, Tally())[about.usage_type] += amount
    return _sorted(request.get("SortBy", []), {value: cost(amounts) for value, amounts in costs.items()})


def _sorted(by: Sequence[Request], costs: Mapping[str, Decimal]) -> list[str]:
    """By value, or by what it cost."""
    found = sorted(costs)
    for key in by[:1]:
        if key["Key"] not in COSTS:
            raise validation_error(f"Cannot sort by {key['Key']}: sort by one of {', '.join(COSTS)}.")
        found.sort(key=lambda value: costs[value], reverse=key.get("SortOrder", "DESCENDING") == "DESCENDING")
    return found


def _page(request: Request, found: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    asked = reply({"NextToken": request.get("NextPageToken"), "MaxResults": request.get("MaxResults", PAGE)})
    shown, token = page(found, asked, lambda value: value)
    return shown, reply({"ReturnSize": len(shown), "TotalSize": len(found), "NextPageToken": token})
