"""Log events: PutLogEvents, GetLogEvents, FilterLogEvents."""

import json
import re
from collections.abc import Sequence
from itertools import pairwise
from sqlite3 import Row
from typing import Any, NamedTuple

from practice.listing import reply
from practice.logs import groups, rows, streams
from practice.logs.patterns import parse
from practice.operations import Context, Reply, Request, operation

MAX_BYTES = 1_048_576
"""Of one batch in, of one page out."""
MAX_EVENTS = 10_000
DAY_MS = 24 * 3600 * 1000
NEWEST_MS = 2 * 3600 * 1000
OLDEST_MS = 14 * DAY_MS
"""All of docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""
END = 2**62

_TOKEN = re.compile(r"(?P<way>[fb])/(?P<at>\d{20})(?P<id>\d{36})/s")

_FORWARD = """SELECT * FROM log_events WHERE stream_id = ? AND at_ms >= ? AND at_ms < ? AND (at_ms, id) > (?, ?)
    ORDER BY at_ms, id LIMIT ?"""
_BACKWARD = """SELECT * FROM log_events WHERE stream_id = ? AND at_ms >= ? AND at_ms < ? AND (at_ms, id) < (?, ?)
    ORDER BY at_ms DESC, id DESC LIMIT ?"""

_MATCHING = """SELECT e.id, e.at_ms, e.ingested_ms, e.message, s.stream
    FROM log_streams s JOIN log_events e ON e.stream_id = s.id
    WHERE s.region = :region AND s.log_group = :group AND substr(s.stream, 1, length(:prefix)) = :prefix
    AND (:names = '[]' OR s.stream IN (SELECT value FROM json_each(:names)))
    AND e.at_ms BETWEEN :low AND :high
    AND NOT EXISTS (SELECT 1 FROM json_each(:all) WHERE instr(e.message, value) = 0)
    AND NOT EXISTS (SELECT 1 FROM json_each(:none) WHERE instr(e.message, value) > 0)
    AND (:any = '[]' OR EXISTS (SELECT 1 FROM json_each(:any) WHERE instr(e.message, value) > 0))"""
_MATCHING_FORWARD = f"{_MATCHING} AND (e.at_ms, e.id) > (:at, :id) ORDER BY e.at_ms, e.id LIMIT :limit"
_MATCHING_BACKWARD = f"{_MATCHING} AND (e.at_ms, e.id) < (:at, :id) ORDER BY e.at_ms DESC, e.id DESC LIMIT :limit"


class _Position(NamedTuple):
    """A place among a group's events, and which way from there."""

    forward: bool
    at_ms: int
    id: int

    @property
    def token(self) -> str:
        return f"{'f' if self.forward else 'b'}/{self.at_ms:020d}{self.id:036d}/s"


@operation("logs", "PutLogEvents")
def put_log_events(context: Context, request: Request) -> Reply:
    group = groups.find(context, request)
    stream = streams.find(context, group, request["logStreamName"])
    events = [(event["timestamp"], event["message"]) for event in request["logEvents"]]
    _check_batch(events)
    now = rows.to_ms(context.world.clock.now())
    expired, too_old = groups.oldest_ms(context, group), now - OLDEST_MS
    kept = [event for event in events if max(expired, too_old) <= event[0] <= now + NEWEST_MS]
    if kept and kept[-1][0] - kept[0][0] > DAY_MS:
        raise groups.invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    if kept:
        rows.write(context.world, stream["id"], kept)
    times = [at_ms for at_ms, _ in events]
    rejected = {
        "tooNewLogEventStartIndex": next((n for n, at_ms in enumerate(times) if at_ms > now + NEWEST_MS), None),
        "tooOldLogEventEndIndex": sum(at_ms < too_old for at_ms in times) or None,
        "expiredLogEventEndIndex": sum(at_ms < expired for at_ms in times) or None,
    }
    token = streams.sequence_token(stream["id"])
    return reply({"nextSequenceToken": token, "rejectedLogEventsInfo": reply(rejected) or None})


def _check_batch(events: Sequence[tuple[int, str]]) -> None:
    size = sum(rows.event_bytes(message) for _, message in events)
    if size > MAX_BYTES:
        raise groups.invalid(f"Upload too large: {size} bytes exceeds limit of {MAX_BYTES}")
    if any(later[0] < earlier[0] for earlier, later in pairwise(events)):
        raise groups.invalid("Log events in a single PutLogEvents request must be in chronological order.")


@operation("logs", "GetLogEvents")
def get_log_events(context: Context, request: Request) -> Reply:
    group = groups.find(context, request)
    stream = streams.find(context, group, request["logStreamName"])
    start = _start(request, forward=request.get("startFromHead", False))
    low = max(request.get("startTime", 0), groups.oldest_ms(context, group))
    place = (stream["id"], low, request.get("endTime", END), start.at_ms, start.id, request.get("limit", MAX_EVENTS))
    shown = _page(context.world.store.read(_FORWARD if start.forward else _BACKWARD, place))
    if not start.forward:
        shown.reverse()
    # At an end the token stays what it was: that is how a reader sees that there is no more.
    first, last = _ends(shown, start)
    return {
        "events": [_shown(row) for row in shown],
        "nextForwardToken": _Position(True, *last).token,
        "nextBackwardToken": _Position(False, *first).token,
    }


def _ends(page: Sequence[Row], start: _Position) -> tuple[tuple[int, int], tuple[int, int]]:
    """The places before the first and after the last row of a page; of an empty one, around where it started."""
    if page:
        return (page[0]["at_ms"], page[0]["id"]), (page[-1]["at_ms"], page[-1]["id"])
    if start.at_ms == END:
        return (0, 0), (0, 0)
    if start.forward:
        return (start.at_ms, start.id + 1), (start.at_ms, start.id)
    return (start.at_ms, start.id), (start.at_ms, max(start.id - 1, 0))


@operation("logs", "FilterLogEvents")
def filter_log_events(context: Context, request: Request) -> Reply:
    group = groups.find(context, request)
    names, prefix = request.get("logStreamNames", []), request.get("logStreamNamePrefix", "")
    if names and prefix:
        raise groups.invalid("logStreamNames and logStreamNamePrefix cannot be given together.")
    for name in names:
        streams.find(context, group, name)
    start = _start(request, forward=request.get("startFromHead", True))
    limit = request.get("limit", MAX_EVENTS)
    pattern = parse(request.get("filterPattern", ""))
    values = {
        "region": context.region,
        "group": group.name,
        "prefix": prefix,
        "names": json.dumps(names),
        "low": max(request.get("startTime", 0), groups.oldest_ms(context, group)),
        "high": request.get("endTime", END),
        "all": json.dumps(pattern.all),
        "any": json.dumps(pattern.any),
        "none": json.dumps(pattern.none),
        "at": start.at_ms,
        "id": start.id,
        "limit": limit + 1,
    }
    found = context.world.store.read(_MATCHING_FORWARD if start.forward else _MATCHING_BACKWARD, values)
    shown = _page(found[:limit])
    more = len(shown) < len(found)
    token = _Position(start.forward, shown[-1]["at_ms"], shown[-1]["id"]).token if more else None
    events = [
        {**_shown(row), "logStreamName": row["stream"], "eventId": f"{row['at_ms']:020d}{row['id']:036d}"}
        for row in shown
    ]
    return reply({"events": events, "searchedLogStreams": [], "nextToken": token})


def _start(request: Request, *, forward: bool) -> _Position:
    """Where a page starts: at its token, else at the beginning or the end. Raises ServiceError for a foreign token."""
    token = request.get("nextToken")
    if token is None:
        return _Position(True, 0, 0) if forward else _Position(False, END, 0)
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise groups.invalid("The specified nextToken is invalid.")
    return _Position(found["way"] == "f", int(found["at"]), int(found["id"]))


def _page(found: Sequence[Row]) -> list[Row]:
    """As many rows as fit in one page, at least one."""
    kept: list[Row] = []
    size = 0
    for row in found:
        size += rows.event_bytes(row["message"])
        if kept and size > MAX_BYTES:
            break
        kept.append(row)
    return kept


def _shown(row: Row) -> dict[str, Any]:
    return {"timestamp": row["at_ms"], "ingestionTime": row["ingested_ms"], "message": row["message"]}
