"""CloudWatch metrics of training jobs and endpoints, in time order.

Names and dimensions: docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html; how long which period is kept:
docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services import clocks
from services.cloud import Cloud
from services.endpoints import get_endpoint
from services.errors import translated

TRAINING_NAMESPACE = "/aws/sagemaker/TrainingJobs"
ENDPOINT_NAMESPACE = "AWS/SageMaker"
ENDPOINT_METRICS = (
    ("Invocations", "Sum", "Count"),
    ("ModelLatency", "Average", "Microseconds"),
    ("Invocation4XXErrors", "Sum", "Count"),
    ("Invocation5XXErrors", "Sum", "Count"),
)
"""(name, statistic, unit)"""
LONGEST = timedelta(hours=24)
"""How far back an endpoint's metrics are shown."""
MOST_POINTS = 500

KEPT = ((timedelta(hours=3), 1), (timedelta(days=15), 60), (timedelta(days=63), 300), (timedelta(days=455), 3600))
"""Until this age CloudWatch keeps points of this period in seconds; older ones it keeps at the next."""
PERIODS = (1, 5, 10, 30, 60, 300, 900, 3600, 86400)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric over time: (aware UTC, value in `unit`), oldest first. Without points: nothing was reported."""

    name: str
    unit: str
    points: tuple[tuple[datetime, float], ...]


@dataclass(frozen=True, slots=True)
class _Query:
    name: str
    unit: str
    statistic: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]


def training_metrics(cloud: Cloud, name: str) -> tuple[Metric, ...]:
    """What a training job's metric definitions read from its log. Raises: NotFound, DeckError."""
    with translated(name):
        job = cloud.client("sagemaker").describe_training_job(TrainingJobName=name)
    defined = [each["Name"] for each in job.get("AlgorithmSpecification", {}).get("MetricDefinitions", ())]
    final = [each["MetricName"] for each in job.get("FinalMetricDataList", ()) if "MetricName" in each]
    queries = [
        _Query(metric, "", "Average", TRAINING_NAMESPACE, metric, (("TrainingJobName", name),))
        for metric in dict.fromkeys((*defined, *final))
    ]
    now = clocks.read_clock(cloud.account).now
    start = job.get("TrainingStartTime", job["CreationTime"])
    return _read(cloud, name, queries, start, job.get("TrainingEndTime", now), now)


def endpoint_metrics(cloud: Cloud, name: str) -> tuple[Metric, ...]:
    """An endpoint's invocations, latency and errors of the last day, for each variant. Raises: NotFound, DeckError."""
    endpoint = get_endpoint(cloud, name)
    several = len(endpoint.variants) > 1
    queries = [
        _Query(
            f"{metric} {variant.name}" if several else metric,
            unit,
            statistic,
            ENDPOINT_NAMESPACE,
            metric,
            (("EndpointName", name), ("VariantName", variant.name)),
        )
        for variant in endpoint.variants
        for metric, statistic, unit in ENDPOINT_METRICS
    ]
    now = clocks.read_clock(cloud.account).now
    return _read(cloud, name, queries, max(endpoint.created, now - LONGEST), now, now)


READS: dict[str, Callable[[Cloud, str], tuple[Metric, ...]]] = {
    "training": training_metrics,
    "endpoint": endpoint_metrics,
}
"""Kind → its metrics by name."""


def period_seconds(start: datetime, end: datetime, now: datetime) -> int:
    """The finest period that CloudWatch still keeps for `start` and that gives at most MOST_POINTS points."""
    kept = next((seconds for age, seconds in KEPT if now - start <= age), PERIODS[-1])
    enough = (end - start).total_seconds() / MOST_POINTS
    return next((seconds for seconds in PERIODS if seconds >= max(kept, enough)), PERIODS[-1])


def _read(
    cloud: Cloud, resource: str, queries: list[_Query], start: datetime, end: datetime, now: datetime
) -> tuple[Metric, ...]:
    if not queries:
        return ()
    period = period_seconds(start, end, now)
    # A period's point bears the time at which the period began.
    request = {
        "MetricDataQueries": [_request(f"m{n}", query, period) for n, query in enumerate(queries)],
        "StartTime": start - timedelta(seconds=period),
        "EndTime": end + timedelta(seconds=period),
        "ScanBy": "TimestampAscending",
    }
    points: dict[str, list[tuple[datetime, float]]] = {}
    with translated(resource):
        for page in cloud.client("cloudwatch").get_paginator("get_metric_data").paginate(**request):
            for row in page.get("MetricDataResults", ()):
                found = zip(row.get("Timestamps", ()), row.get("Values", ()), strict=True)
                points.setdefault(row["Id"], []).extend(found)
    return tuple(
        Metric(query.name, query.unit, tuple(sorted(points.get(f"m{n}", ())))) for n, query in enumerate(queries)
    )


def _request(identity: str, query: _Query, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions]
    metric = {"Namespace": query.namespace, "MetricName": query.metric, "Dimensions": dimensions}
    return {"Id": identity, "MetricStat": {"Metric": metric, "Period": period, "Stat": query.statistic}}
