"""Values that a training script prints, on their way to CloudWatch and into FinalMetricDataList.

docs.aws.amazon.com/sagemaker/latest/dg/training-metrics.html
"""

import logging
import threading
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from practice.clients import client
from practice.world import Resource, World

NAMESPACE = "/aws/sagemaker/TrainingJobs"
BATCH = 1000
"""Data points a call: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html"""

log = logging.getLogger(__name__)


class _Value(NamedTuple):
    name: str
    value: float
    at: datetime


class Metrics:
    """The metrics of one job. Thread-safe."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource
        self._lock = threading.Lock()
        self._unsent: list[_Value] = []

    def add(self, name: str, value: float) -> None:
        """A value that was printed just now."""
        with self._lock:
            self._unsent.append(_Value(name, value, self._world.clock.now()))

    def flush(self) -> None:
        """Send what has come since the last time, and keep each metric's last value with the job."""
        with self._lock:
            values, self._unsent = self._unsent, []
        if not values:
            return
        current = self._world.by_uid(self._resource.uid) or self._resource
        last = {value.name: [value.value, value.at.isoformat()] for value in values}
        self._world.update(
            current, "metrics", {"Metrics": {**current.document.get("Metrics", {}), **last}}, touch=False
        )
        try:
            self._send(values)
        except (ClientError, BotoCoreError) as error:
            log.warning("metrics of %s did not reach CloudWatch: %s", self._resource.name, error)

    def _send(self, values: list[_Value]) -> None:
        cloudwatch = client(self._world, "cloudwatch", self._resource.region)
        rest = iter(values)
        while batch := list(islice(rest, BATCH)):
            cloudwatch.put_metric_data(
                Namespace=NAMESPACE,
                MetricData=[
                    {
                        "MetricName": value.name,
                        "Dimensions": [{"Name": "TrainingJobName", "Value": self._resource.name}],
                        "Timestamp": value.at,
                        "Value": value.value,
                        "StorageResolution": 1,
                    }
                    for value in batch
                ],
            )
