"""What CloudWatch learns of invocations: gathered for a moment, then put in one call.

docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
"""

import logging
import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from practice import clients
from practice.world import World

GATHER_SECONDS = 1.0
BATCH = 100
"""Metrics a call puts; each of them holds all its values of the moment. CloudWatch takes 1,000, of 150 values."""
MAX_VALUES = 150
_HANDLE = "invocation-metrics"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invocation:
    """One invocation of a variant. `status` is what its caller got."""

    region: str
    endpoint: str
    variant: str
    at: datetime
    status: int
    model_seconds: float
    overhead_seconds: float
    instances: int


class Gathered:
    """The invocations not yet told; the handle of their thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._invocations: list[Invocation] = []
        self._timer: threading.Timer | None = None

    def add(self, invocation: Invocation) -> None:
        with self._lock:
            self._invocations.append(invocation)
            if self._timer is None:
                self._timer = threading.Timer(GATHER_SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Put what was gathered."""
        with self._lock:
            invocations, self._invocations, self._timer = self._invocations, [], None
        for region, data in _data(invocations).items():
            for start in range(0, len(data), BATCH):
                _put(self._world, region, data[start : start + BATCH])

    def close(self) -> None:
        timer = self._timer
        if timer is not None:
            timer.cancel()
        self.flush()


_making = threading.Lock()


def record(world: World, invocation: Invocation) -> None:
    """Tell CloudWatch within a second or so."""
    with _making:
        gathered: Gathered = world.running.get(_HANDLE) or Gathered(world)
        world.running[_HANDLE] = gathered
    gathered.add(invocation)


def _put(world: World, region: str, data: list[dict[str, Any]]) -> None:
    try:
        clients.client(world, "cloudwatch", region).put_metric_data(Namespace="AWS/SageMaker", MetricData=data)
    except (ClientError, BotoCoreError) as exc:
        log.warning("CloudWatch took no invocation metrics: %s", exc)


def _data(invocations: list[Invocation]) -> dict[str, list[dict[str, Any]]]:
    """Region → MetricData: a datum per endpoint, variant and metric, in pieces that CloudWatch takes."""
    values: dict[tuple[str, str, str, str, str], list[tuple[datetime, float]]] = defaultdict(list)
    for told in invocations:
        for metric, unit, value in _metrics(told):
            values[told.region, told.endpoint, told.variant, metric, unit].append((told.at, value))
    data: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (region, endpoint, variant, metric, unit), told_values in values.items():
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
        for start in range(0, len(told_values), MAX_VALUES):
            piece = told_values[start : start + MAX_VALUES]
            data[region].append(
                {
                    "MetricName": metric,
                    "Dimensions": dimensions,
                    "Timestamp": piece[-1][0],
                    "Values": [value for _, value in piece],
                    "Counts": [1.0] * len(piece),
                    "Unit": unit,
                }
            )
    return data


def _metrics(told: Invocation) -> list[tuple[str, str, float]]:
    return [
        ("Invocations", "Count", 1.0),
        ("InvocationsPerInstance", "Count", 1.0 / max(told.instances, 1)),
        ("Invocation4XXErrors", "Count", float(400 <= told.status < 500)),
        ("Invocation5XXErrors", "Count", float(told.status >= 500)),
        ("ModelLatency", "Microseconds", told.model_seconds * 1e6),
        ("OverheadLatency", "Microseconds", told.overhead_seconds * 1e6),
    ]
