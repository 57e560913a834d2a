"""LookupEvents: what happened in a region within the last 90 days, the newest first.

docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
from datetime import timedelta
from sqlite3 import Row
from typing import Any

from practice.errors import ServiceError
from practice.listing import reply
from practice.operations import Context, Reply, Request, operation
from practice.store import from_us, to_us

KEPT = timedelta(days=90)
PAGE = 50
COLUMNS = {
    "EventId": "event_id = ?",
    "EventName": "event_name = ?",
    "EventSource": "event_source = ?",
    "Username": "username = ?",
    "AccessKeyId": "access_key = ?",
    "ResourceName": "EXISTS (SELECT 1 FROM json_each(resources) WHERE value ->> 'ResourceName' = ?)",
    "ResourceType": "EXISTS (SELECT 1 FROM json_each(resources) WHERE value ->> 'ResourceType' = ?)",
    "ReadOnly": "'false' = ?",
}
"""Attribute → its condition; only calls that change something are kept."""


@operation("cloudtrail", "LookupEvents")
def lookup_events(context: Context, request: Request) -> Reply:
    now = context.world.clock.now()
    since, until = max(request.get("StartTime", now - KEPT), now - KEPT), request.get("EndTime", now)
    if "StartTime" in request and request["StartTime"] > until:
        raise ServiceError("InvalidTimeRangeException", "The start time must be before the end time.")
    size = request.get("MaxResults", PAGE)
    conditions, values = _attribute(request.get("LookupAttributes", []))
    last = _open_token(request.get("NextToken"), _fingerprint(request))
    rows = (
        []
        if "EventCategory" in request
        else context.world.store.read(
            "SELECT * FROM trail WHERE region = ? AND at_us BETWEEN ? AND ?"  # noqa: S608 - conditions are ours
            f" AND (at_us, id) < (?, ?) AND {conditions} ORDER BY at_us DESC, id DESC LIMIT ?",
            (context.region, to_us(since), to_us(until), *last, *values, size + 1),
        )
    )
    shown = rows[:size]
    token = json.dumps([shown[-1]["at_us"], shown[-1]["id"], _fingerprint(request)]) if len(rows) > size else None
    return reply({"Events": [_event(row) for row in shown], "NextToken": token})


def _attribute(given: list[dict[str, str]]) -> tuple[str, list[str]]:
    if len(given) > 1:
        raise ServiceError("InvalidLookupAttributesException", "The list can contain only one attribute.")
    if not given:
        return "1", []
    return COLUMNS[given[0]["AttributeKey"]], [given[0]["AttributeValue"]]


def _fingerprint(request: Request) -> str:
    """A token continues the lookup that it came from, and no other."""
    asked = {key: value for key, value in request.items() if key not in ("NextToken", "MaxResults")}
    return json.dumps(asked, default=str, sort_keys=True)


def _open_token(token: str | None, fingerprint: str) -> tuple[int, int]:
    if token is None:
        return (2**62, 0)
    try:
        at_us, number, asked = json.loads(token)
    except ValueError:
        asked = None
    if asked != fingerprint:
        raise ServiceError("InvalidNextTokenException", "The token is not one of this lookup.")
    return at_us, number


def _event(row: Row) -> dict[str, Any]:
    return {
        "EventId": row["event_id"],
        "EventName": row["event_name"],
        "ReadOnly": "false",
        **({"AccessKeyId": row["access_key"]} if row["access_key"] else {}),
        "EventTime": from_us(row["at_us"]),
        "EventSource": row["event_source"],
        "Username": row["username"],
        "Resources": json.loads(row["resources"]),
        "CloudTrailEvent": row["event"],
    }
