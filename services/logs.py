"""CloudWatch Logs of notebook instances, training jobs and endpoints.

Groups and streams: docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.cloud import Cloud
from services.errors import NotFound, translated

GROUPS = {
    "notebook": ("/aws/sagemaker/NotebookInstances", "{name}/"),
    "training": ("/aws/sagemaker/TrainingJobs", "{name}/"),
    "endpoint": ("/aws/sagemaker/Endpoints/{name}", ""),
}
"""Kind → its log group, and what the names of its streams begin with."""

TAIL = 500
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One log event; `at` is aware UTC."""

    at: datetime
    text: str


def place(kind: str, name: str) -> tuple[str, str]:
    """The log group of a resource and what its streams' names begin with."""
    group, prefix = GROUPS[kind]
    return group.format(name=name), prefix.format(name=name)


def streams(cloud: Cloud, group: str, prefix: str = "") -> tuple[str, ...]:
    """The streams of a group whose names begin with `prefix`, the one written to last first; none before the first
    line. Raises: DeckError."""
    request = {"logGroupName": group, **({"logStreamNamePrefix": prefix} if prefix else {})}
    try:
        with translated(group):
            pages = cloud.client("logs").get_paginator("describe_log_streams").paginate(**request)
            rows = [row for page in pages for row in page.get("logStreams", ())]
    except NotFound:
        return ()
    rows.sort(key=lambda row: (-row.get("lastEventTimestamp", 0), row["logStreamName"]))
    return tuple(row["logStreamName"] for row in rows)


def tail(cloud: Cloud, group: str, stream: str, lines: int = TAIL) -> tuple[Line, ...]:
    """The last lines of a stream, oldest first; none before the first line. Raises: DeckError."""
    return _events(cloud, group, stream, limit=lines)[0]


def read(cloud: Cloud, group: str, stream: str, token: str = "") -> tuple[tuple[Line, ...], str]:
    """A page from the head of a stream, or after `token`, and the token that goes on from there.

    No lines: there are none yet; ask again with the token. Raises: DeckError.
    """
    start = {"nextToken": token} if token else {}
    return _events(cloud, group, stream, limit=PAGE, startFromHead=True, **start)


def _events(cloud: Cloud, group: str, stream: str, **how: object) -> tuple[tuple[Line, ...], str]:
    try:
        with translated(f"{group} {stream}"):
            reply = cloud.client("logs").get_log_events(logGroupName=group, logStreamName=stream, **how)
    except NotFound:
        return (), ""
    events = reply.get("events", ())
    lines = tuple(Line(datetime.fromtimestamp(e["timestamp"] / 1000, UTC), e.get("message", "")) for e in events)
    return lines, reply.get("nextForwardToken", "")
