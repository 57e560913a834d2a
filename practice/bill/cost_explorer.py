"""Cost Explorer: what was billed, by period and group.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html

Reckoned from events at each call, up to the moment; AWS is up to a day late. A request costs nothing here.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from practice import ACCOUNT_ID
from practice.bill.cur import ACCOUNT_NAME
from practice.bill.dimensions import condition, grouping
from practice.bill.intervals import is_estimated, past, shown
from practice.bill.lines import charges, sums
from practice.bill.metrics import check_metrics, measured
from practice.bill.periods import bounds
from practice.bill.usage_types import UsageType
from practice.errors import ServiceError, validation_error
from practice.listing import read_token, reply, write_token
from practice.operations import Context, Reply, Request, operation

MOST_GROUPS = 2
PAGE = 1000
"""Groups on a page, of whole periods. AWS publishes no figure."""

ACCOUNT = {"Value": ACCOUNT_ID, "Attributes": {"description": ACCOUNT_NAME}}

Keys = tuple[str, ...]
Period = dict[Keys, dict[UsageType, int]]
"""Group → so much of each usage type."""


@operation("ce", "GetCostAndUsage", live=True)
def get_cost_and_usage(context: Context, request: Request) -> Reply:
    return _answer(context, request, resources=False)


@operation("ce", "GetCostAndUsageWithResources", live=True)
def get_cost_and_usage_with_resources(context: Context, request: Request) -> Reply:
    """Of the last 14 days, and by RESOURCE_ID too."""
    return _answer(context, request, resources=True)


def _answer(context: Context, request: Request, *, resources: bool) -> Reply:
    now, granularity = context.world.clock.now(), request["Granularity"]
    names, groups = request.get("Metrics", []), request.get("GroupBy", [])
    check_metrics(names)
    if len(groups) > MOST_GROUPS:
        raise validation_error(f"The maximum number of group definitions is {MOST_GROUPS}.")
    interval = past(request, now, granularity, resources=resources)
    tells = [grouping(definition, resources=resources) for definition in groups]
    wanted = condition(request.get("Filter"), resources=resources)
    between = bounds(interval.start, interval.end, granularity)
    found = (charge for charge in charges(context.world, now) if wanted(charge[0]))
    amounts = sums(found, between, lambda about: (tuple(tell(about) for tell in tells), about.usage_type))
    periods: list[Period] = [{} for _ in between[1:]]
    for (keys, usage_type), series in amounts.items():
        for period, amount in zip(periods, series, strict=True):
            if amount:
                period.setdefault(keys, {})[usage_type] = amount
    first, last, token = _page(request, periods)
    results = [
        _result(period, names, start, end, granularity, now, grouped=bool(groups))
        for period, (start, end) in list(zip(periods, pairwise(between), strict=True))[first:last]
    ]
    return reply(
        {
            "ResultsByTime": results,
            "GroupDefinitions": groups or None,
            "DimensionValueAttributes": [ACCOUNT] if {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"} in groups else [],
            "NextPageToken": token,
        }
    )


def _result(
    period: Period,
    names: Sequence[str],
    start: datetime,
    end: datetime,
    granularity: str,
    now: datetime,
    *,
    grouped: bool,
) -> dict[str, Any]:
    """A period's row. Grouped, its total is only there to say that there is nothing, as on AWS."""
    groups = [{"Keys": list(keys), "Metrics": measured(names, period[keys])} for keys in sorted(period)]
    return {
        "TimePeriod": shown(start, end, granularity),
        "Total": {} if grouped and groups else measured(names, period.get((), {})),
        "Groups": groups if grouped else [],
        "Estimated": is_estimated(end, now),
    }


def _page(request: Request, periods: Sequence[Period]) -> tuple[int, int, str | None]:
    """The first period of the page, the one after its last, and the token of the next page. Raises ServiceError:
    InvalidNextTokenException, RequestChangedException."""
    asked = {name: value for name, value in request.items() if name != "NextPageToken"}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
    first = _first(request.get("NextPageToken"), digest, len(periods))
    last, groups = first, 0
    while last < len(periods) and (last == first or groups + len(periods[last]) <= PAGE):
        groups += max(len(periods[last]), 1)
        last += 1
    return first, last, write_token(digest, last) if last < len(periods) else None


def _first(token: str | None, digest: str, count: int) -> int:
    if token is None:
        return 0
    try:
        made_for, first = read_token(token, 2)
    except ServiceError as error:
        raise ServiceError("InvalidNextTokenException", "The pagination token is invalid.") from error
    if made_for != digest:
        raise ServiceError("RequestChangedException", "The request changed between pages.")
    if not isinstance(first, int) or not 0 <= first < count:
        raise ServiceError("InvalidNextTokenException", "The pagination token is invalid.")
    return first
