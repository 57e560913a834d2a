"""DescribeSpotPriceHistory: docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from heapq import merge
from itertools import dropwhile, islice
from typing import Any

from practice import figures
from practice.ec2 import spot_walks
from practice.ec2.replies import Wanted, check_dry_run, fits, kept, wanted
from practice.listing import invalid_token, read_token, write_token
from practice.operations import Context, Reply, Request, operation

Row = dict[str, Any]

KEPT = timedelta(days=90)
"""AWS answers for the past 90 days."""
PAGE = 1000
PRODUCTS = ("Linux/UNIX", "Linux/UNIX (Amazon VPC)")
"""One price has both names; Windows and others are not among the figures."""
FILTERS = {
    "availability-zone": "AvailabilityZone",
    "instance-type": "InstanceType",
    "product-description": "ProductDescription",
    "spot-price": "SpotPrice",
}


MEMBERS = {
    "InstanceTypes": "InstanceType",
    "AvailabilityZone": "AvailabilityZone",
    "ProductDescriptions": "ProductDescription",
}


@operation("ec2", "DescribeSpotPriceHistory")
def describe_spot_price_history(context: Context, request: Request) -> Reply:
    check_dry_run(request)
    now = context.world.clock.now()
    until = min(request.get("EndTime", now), now)
    since = max(request.get("StartTime", now - KEPT), now - KEPT)
    asked = wanted(request, FILTERS, MEMBERS)
    size = min(max(request.get("MaxResults", PAGE), 1), PAGE)
    token = request.get("NextToken")
    last = _last(token) if token else None
    rows = _newest_first(context.region, since, min(until, max(last[0], since)) if last else until, asked)
    left = rows if last is None else dropwhile(lambda row: _order(row) <= _order_of(*last), rows)
    shown = list(islice(left, size + 1))
    more = len(shown) > size
    return {"SpotPriceHistory": shown[:size], "NextToken": _token(shown[size - 1]) if more else ""}


def _newest_first(region: str, since: datetime, until: datetime, asked: Wanted) -> Iterator[Row]:
    """Changes of price that fit what is asked, worked out only as far as they are read: 90 days of a region are some
    100,000 of them."""
    product = next((name for name in PRODUCTS if fits(name, asked.get("ProductDescription", ()))), None)
    if product is None or since > until:
        return iter(())
    places = [
        _changes(region, kind, zone, product, since, until)
        for kind, zone in _places(region)
        if fits(kind, asked.get("InstanceType", ())) and fits(zone, asked.get("AvailabilityZone", ()))
    ]
    return (row for row in merge(*places, key=_order) if kept(row, asked))


def _changes(region: str, kind: str, zone: str, product: str, since: datetime, until: datetime) -> Iterator[Row]:
    for at, usd in spot_walks.changes(region, kind, zone, since, until):
        yield {
            "AvailabilityZone": zone,
            "InstanceType": kind,
            "ProductDescription": product,
            "SpotPrice": f"{usd:.6f}",
            "Timestamp": at,
        }


def _order(row: Row) -> tuple[float, str, str]:
    return _order_of(row["Timestamp"], row["InstanceType"], row["AvailabilityZone"])


def _order_of(at: datetime, kind: str, zone: str) -> tuple[float, str, str]:
    return -at.timestamp(), kind, zone


def _token(last: Row) -> str:
    """Names the last row handed out: prices that change between two pages neither repeat nor skip others."""
    return write_token(last["Timestamp"].isoformat(), last["InstanceType"], last["AvailabilityZone"])


def _last(token: str) -> tuple[datetime, str, str]:
    at, kind, zone = map(str, read_token(token, 3))
    try:
        return datetime.fromisoformat(at).astimezone(UTC), kind, zone
    except ValueError as exc:
        raise invalid_token() from exc


@cache
def _places(region: str) -> tuple[tuple[str, str], ...]:
    """Every EC2 type and zone that has it."""
    return tuple(
        (row["instance_type"], zone)
        for row in figures.rows("offerings.parquet")
        if row["region"] == region and row["service"] == "ec2"
        for zone in (row["zones"] or "").split(",")
        if zone
    )
