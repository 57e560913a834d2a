"""Where a training job's lines go: a log stream for each of its hosts, a new one each time that it gets instances."""

from collections.abc import Sequence

from practice import logs
from practice.world import Resource, World

LOG_GROUP = "/aws/sagemaker/TrainingJobs"


class Streams:
    """The log streams of one run of a job."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._region = resource.region
        self._name = resource.name
        self._epoch = int(world.clock.now().timestamp())

    def open(self, host_count: int, notes: Sequence[str]) -> None:
        """Make them; the first begins with what this account has to say about the job."""
        for host in range(1, host_count + 1):
            logs.open_stream(self._world, self._region, LOG_GROUP, self._stream(f"algo-{host}"))
        self.add("algo-1", notes)

    def add(self, host: str, lines: Sequence[str]) -> None:
        """Lines that a host (`algo-1`, ...) has written."""
        logs.append(self._world, self._region, LOG_GROUP, self._stream(host), lines)

    def _stream(self, host: str) -> str:
        return f"{self._name}/{host}-{self._epoch}"
