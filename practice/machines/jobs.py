"""A training job as SageMaker's container runs it: `/opt/ml`, its config files and variables, on one or more hosts.

The caller gives a frozen spec and callbacks, and uploads what the result points at. What is under `spec.folder` is the
caller's to remove once it has done so.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from practice.machines.builds import BuildCancelled, BuildFailed, cache_folder, locked
from practice.machines.cells import Cell, CellSpec, start_cell
from practice.machines.environments import Environment, prepare
from practice.machines.images import UnknownImage
from practice.machines.isolations import isolation
from practice.machines.job_commands import MASTER_PORT, command_of
from practice.machines.job_configs import host_names
from practice.machines.job_failures import REASON_CHARACTERS, algorithm_error
from practice.machines.job_hosts import Host, checkpoints_of, fill_host, make_host
from practice.machines.job_metrics import metric_reader
from practice.machines.job_specs import ChannelError, JobCallbacks, JobResult, JobSpec, Phase
from practice.machines.job_variables import variables
from practice.machines.layers import add_layer

ReadMetrics = Callable[[str], list[tuple[str, float]]]

TURNS = f"Jobs of several hosts meet at port {MASTER_PORT} and take turns on this machine; waiting for another one."

SIBLING_GRACE_SECONDS = 10.0
"""How long the other hosts have once one has failed."""


class Stopped(Exception):
    """The job was stopped before its commands began."""


class Job:
    """A job that was started; made by `start_job`."""

    def __init__(self, spec: JobSpec, callbacks: JobCallbacks) -> None:
        self.spec, self._callbacks = spec, callbacks
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._changing = threading.Condition()
        self._cells: list[Cell] = []
        self._codes: dict[str, int] = {}
        self._first_failure: str | None = None
        self._tail: dict[str, deque[str]] = {}
        self._result: JobResult | None = None
        self._grace_seconds = 120.0

    def stop(self, grace_seconds: float = 120.0) -> None:
        """SIGTERM on every host, SIGKILL after the grace; before Training it simply does not begin. Returns at once."""
        with self._changing:
            self._grace_seconds = grace_seconds
            self._stopping.set()
            for cell in self._cells:
                cell.terminate(grace_seconds)

    def wait(self, timeout_seconds: float | None = None) -> JobResult | None:
        """The result once `on_exit` has returned, or None if it has not within `timeout_seconds`."""
        self._ended.wait(timeout_seconds)
        return self._result if self._ended.is_set() else None

    def _run(self) -> None:
        failure: str | None = "InternalServerError: the practice account could not run this job; its own log says why."
        seconds = 0.0
        hosts: list[Host] = []
        try:
            read_metrics = metric_reader(self.spec.metrics)
            self._callbacks.on_phase(Phase.DOWNLOADING_IMAGE)
            environment = prepare(self.spec.image, self.spec.images_folder, self._say, self._stopping)
            self._callbacks.on_phase(Phase.DOWNLOADING)
            self._fill(hosts, environment)
            with self._turn():
                self._callbacks.on_phase(Phase.TRAINING)
                seconds = self._train(hosts, environment, read_metrics)
            failure = self._reason(hosts)
        except (UnknownImage, BuildFailed) as error:
            failure = f"ClientError: {error}"
        except (ChannelError, OSError, ValueError) as error:
            failure = str(error)
        except (BuildCancelled, Stopped):
            failure = None
        finally:
            self._end(hosts, failure, seconds)

    def _fill(self, hosts: list[Host], environment: Environment) -> None:
        for index in range(self.spec.host_count):
            self._go_on()
            hosts.append(make_host(self.spec, environment, index))
            fill_host(self.spec, hosts[index])
        self._go_on()
        granted = isolation(hosts[0].mounts)
        self._say([*environment.notes, *([f"Runs as a plain process: {granted.notice}."] if granted.notice else [])])

    def _turn(self) -> AbstractContextManager[None]:
        if self.spec.host_count == 1:
            return nullcontext()
        folder = cache_folder() / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        return locked(folder / f"port-{MASTER_PORT}.lock", self._say, self._stopping, TURNS)

    def _train(self, hosts: list[Host], environment: Environment, read_metrics: ReadMetrics) -> float:
        started = time.monotonic()
        try:
            for host in hosts:
                python = add_layer(self.spec.folder / f"{host.name}-python", environment.python)
                command, folder = command_of(self.spec, environment, host.index)
                told = variables(self.spec, host.name, environment, python)
                name = f"{self.spec.name}/{host.name}"
                cell = CellSpec(name, command, folder, told, host.mounts, hostname=host.name)
                self._start(host.name, cell, read_metrics)
        except (OSError, ChannelError):
            for running in self._cells:
                running.kill()
            raise
        finally:
            with self._changing:
                self._changing.wait_for(lambda: len(self._codes) == len(self._cells))
        return time.monotonic() - started

    def _start(self, host: str, spec: CellSpec, read_metrics: ReadMetrics) -> None:
        with self._changing:
            if not self._stopping.is_set() and self._first_failure is None:
                self._tail[host] = deque(maxlen=20)
                heard = partial(self._heard, host, read_metrics)
                self._cells.append(start_cell(spec, heard, partial(self._exited, host)))

    def _heard(self, host: str, read_metrics: ReadMetrics, lines: Sequence[str]) -> None:
        self._tail[host].extend(lines)
        self._callbacks.on_lines(host, lines)
        for line in lines:
            for name, value in read_metrics(line):
                self._callbacks.on_metric(name, value)

    def _exited(self, host: str, code: int) -> None:
        with self._changing:
            self._codes[host] = code
            if code != 0 and self._first_failure is None:
                self._first_failure = host
                for cell in self._cells:
                    cell.terminate(min(SIBLING_GRACE_SECONDS, self._grace_seconds))
            self._changing.notify_all()

    def _reason(self, hosts: list[Host]) -> str | None:
        if self._stopping.is_set() or self._first_failure is None:
            return None
        host = next(host for host in hosts if host.name == self._first_failure)
        return algorithm_error(host.failure, self._tail[host.name], self._codes[host.name])

    def _end(self, hosts: list[Host], failure: str | None, seconds: float) -> None:
        code = self._codes[self._first_failure] if self._first_failure else 0 if self._codes else None
        self._result = JobResult(
            exit_code=code,
            failure=failure and failure[:REASON_CHARACTERS],
            stopped=self._stopping.is_set(),
            training_seconds=seconds,
            model_folders=tuple(host.ml / "model" for host in hosts),
            output_folders=tuple(host.ml / "output" / "data" for host in hosts),
            checkpoint_folders=tuple(checkpoints_of(self.spec, host) for host in hosts),
        )
        try:
            self._callbacks.on_exit(self._result)
        finally:
            self._ended.set()

    def _say(self, lines: Sequence[str]) -> None:
        if lines:
            self._callbacks.on_lines(host_names(self.spec)[0], lines)

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise Stopped


def start_job(spec: JobSpec, callbacks: JobCallbacks) -> Job:
    """Start the job in threads and processes of its own and return at once.

    Nothing is raised for what the user got wrong (unknown image, missing program): the job ends with that `failure`.
    """
    job = Job(spec, callbacks)
    threading.Thread(target=job._run, name=f"job-{spec.name}", daemon=True).start()
    return job
