"""Log streams: docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html."""

from sqlite3 import Row
from typing import Any

from practice.errors import ServiceError
from practice.listing import reply
from practice.logs import groups, rows
from practice.logs.paging import page
from practice.operations import Context, Reply, Request, operation
from practice.store import from_us
from practice.world import Resource


def find(context: Context, group: Resource, name: str) -> Row:
    """Raises ServiceError when the group has no such stream."""
    stream = rows.get(context.world, context.region, group.name, name)
    if stream is None:
        raise groups.missing("log stream")
    return stream


@operation("logs", "CreateLogStream")
def create_log_stream(context: Context, request: Request) -> Reply:
    group = groups.find(context, request)
    if rows.get(context.world, context.region, group.name, request["logStreamName"]) is not None:
        raise ServiceError("ResourceAlreadyExistsException", "The specified log stream already exists")
    rows.ensure(context.world, context.region, group.name, request["logStreamName"])
    return {}


@operation("logs", "DeleteLogStream")
def delete_log_stream(context: Context, request: Request) -> Reply:
    rows.delete(context.world, find(context, groups.find(context, request), request["logStreamName"])["id"])
    return {}


@operation("logs", "DescribeLogStreams")
def describe_log_streams(context: Context, request: Request) -> Reply:
    group = groups.find(context, request)
    prefix, by_time = request.get("logStreamNamePrefix"), request.get("orderBy") == "LastEventTime"
    if prefix and by_time:
        raise groups.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    found = [row for row in rows.of_group(context.world, group) if row["stream"].startswith(prefix or "")]
    if by_time:
        found.sort(key=lambda row: (row["last_ms"] or 0, row["stream"]))
    if request.get("descending", False):
        found.reverse()
    shown, token = page(found, request, lambda row: str(row["stream"]))
    return reply({"logStreams": [_described(group, row) for row in shown], "nextToken": token})


def _described(group: Resource, row: Row) -> dict[str, Any]:
    return reply(
        {
            "logStreamName": row["stream"],
            "creationTime": rows.to_ms(from_us(row["created_us"])),
            "firstEventTimestamp": row["first_ms"],
            "lastEventTimestamp": row["last_ms"],
            "lastIngestionTime": row["ingested_ms"],
            "uploadSequenceToken": sequence_token(row["id"]),
            "arn": f"{group.arn}:log-stream:{row['stream']}",
            # AWS no longer counts by stream: always 0 since 2019.
            "storedBytes": 0,
        }
    )


def sequence_token(stream_id: int) -> str:
    """Of AWS's form, and like AWS's without a meaning."""
    return f"{49039859585500000000000000000000000000000000000000000000 + stream_id}"
