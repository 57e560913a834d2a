"""Whether what runs is used, by which evidence; never a guess. What AWS does not tell is unknown, with its reason.

| what | evidence |
|---|---|
| endpoint | Invocations, hour by hour: docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html |
| Studio app | LastUserActivityTimestamp of DescribeApp, which Studio's own idle shutdown goes by too |
| notebook instance | none: AWS measures nothing of it unless a script of its own reports it |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services import studios
from services.cloud import AccountKind, Cloud
from services.endpoints import Endpoint
from services.errors import NotFound, translated
from services.spenders import Spender
from services.studios import Activity

IDLE_AFTER = timedelta(hours=1)
"""How long nothing must have happened until something is called idle."""
LOOK_BACK = timedelta(days=14)
HOUR = timedelta(hours=1)
BATCH = 500
"""The most metrics of one GetMetricData: each costs the same, alone or together."""
HOLD = {AccountKind.REAL: timedelta(minutes=5), AccountKind.PRACTICE: timedelta(seconds=15)}
"""How long an answer is good for, in the account's time: on AWS every metric asked for costs money."""

_workers = ThreadPoolExecutor(8, thread_name_prefix="idleness")


class Use(StrEnum):
    """What is known of the use of something that runs."""

    IN_USE = "in_use"
    IDLE = "idle"
    UNKNOWN = "unknown"


class Witness(StrEnum):
    """What it is known by, or why it is not known."""

    INVOCATIONS = "invocations"
    """CloudWatch's Invocations of its variants."""
    ACTIVITY = "activity"
    """Studio's last user activity."""
    NEW = "new"
    """It runs for less than an hour and nobody used it yet."""
    CHECKED = "checked"
    """AWS's health check renews the time of the last activity: it need not have been a user."""
    UNMEASURED = "unmeasured"
    """AWS measures nothing of the kind, or did not say."""


@dataclass(frozen=True, slots=True)
class Idle:
    """`since`: idle at least since then, or last used then; None where that is not known."""

    use: Use
    witness: Witness
    since: datetime | None = None


UNMEASURED = Idle(Use.UNKNOWN, Witness.UNMEASURED)


def read_invocations(cloud: Cloud, endpoints: Iterable[Endpoint], now: datetime) -> dict[str, Idle]:
    """ARN → use, of the endpoints that serve; paid calls. Raises: CapReached, DeckError."""
    serving = [endpoint for endpoint in endpoints if endpoint.can_invoke and endpoint.variants]
    last = _last_invocations(cloud, serving, now)
    return {endpoint.arn: judge_endpoint(endpoint, last.get(endpoint.name), now) for endpoint in serving}


def read_activity(cloud: Cloud, spenders: Sequence[Spender], now: datetime) -> dict[str, Idle]:
    """ARN → use, of the Studio apps that serve. Raises: DeckError."""
    asked = [(row, _workers.submit(studios.get_activity, cloud, row)) for row in spenders if _serves(row)]
    found = {}
    for row, answer in asked:
        try:
            found[row.arn] = judge_app(row, answer.result(), now)
        except NotFound:
            continue  # deleted since it was listed
    return found


def judge_endpoint(endpoint: Endpoint, last: datetime | None, now: datetime) -> Idle:
    """`last` is the end of the last hour with an invocation; None: there was none in LOOK_BACK."""
    since = last if last is not None else max(endpoint.changed, now - LOOK_BACK)
    if now - since >= IDLE_AFTER:
        return Idle(Use.IDLE, Witness.INVOCATIONS, since)
    if last is None:
        return Idle(Use.UNKNOWN, Witness.NEW)
    return Idle(Use.IN_USE, Witness.INVOCATIONS, min(last, now))


def judge_app(app: Spender, activity: Activity, now: datetime) -> Idle:
    """A health check renews the last activity too: what is old is certain, what is new only when it is no check's."""
    last = activity.user_at
    if last is None:
        return UNMEASURED
    if now - last >= IDLE_AFTER:
        return Idle(Use.IDLE, Witness.ACTIVITY, last)
    if last == app.created:
        return Idle(Use.UNKNOWN, Witness.NEW)
    if last == activity.checked_at:
        return Idle(Use.UNKNOWN, Witness.CHECKED)
    return Idle(Use.IN_USE, Witness.ACTIVITY, last)


def _serves(row: Spender) -> bool:
    return bool(row.names) and row.status == "InService"


def _last_invocations(cloud: Cloud, endpoints: Sequence[Endpoint], now: datetime) -> Mapping[str, datetime]:
    """Endpoint → the end of the last hour in which one of its variants was invoked."""
    last: dict[str, datetime] = {}
    variants = list(_variants(endpoints))
    for batch in (variants[start : start + BATCH] for start in range(0, len(variants), BATCH)):
        for at, row in _rows(cloud, batch, now):
            points = zip(row.get("Timestamps", ()), row.get("Values", ()), strict=True)
            times = [time for time, value in points if value > 0]
            if times:
                name = batch[at][0]
                last[name] = max(max(times) + HOUR, last.get(name, max(times) + HOUR))
    return last


def _variants(endpoints: Iterable[Endpoint]) -> Iterator[tuple[str, str]]:
    for endpoint in endpoints:
        for variant in endpoint.variants:
            yield endpoint.name, variant.name


def _rows(cloud: Cloud, variants: Sequence[tuple[str, str]], now: datetime) -> Iterator[tuple[int, Mapping[str, Any]]]:
    whole_hour = now.replace(minute=0, second=0, microsecond=0)
    request = {
        "MetricDataQueries": [_query(at, endpoint, variant) for at, (endpoint, variant) in enumerate(variants)],
        "StartTime": whole_hour - LOOK_BACK,
        "EndTime": whole_hour + HOUR,
        "ScanBy": "TimestampDescending",
    }
    with translated("endpoint invocations"):
        for page in cloud.client("cloudwatch").get_paginator("get_metric_data").paginate(**request):
            for row in page.get("MetricDataResults", ()):
                yield int(row["Id"][1:]), row


def _query(at: int, endpoint: str, variant: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions}
    return {"Id": f"m{at}", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
