"""What really runs for a training job: from its turn on this machine to its last upload."""

import logging
import shutil
import threading
from typing import Any

from practice import logs
from practice.machines.job_specs import JobCallbacks, JobResult, Phase
from practice.machines.jobs import Job, start_job
from practice.sagemaker import training_phases as phases
from practice.sagemaker.training_endings import settle, taken_at, wait_again
from practice.sagemaker.training_limits import limits, note_time
from practice.sagemaker.training_logs import Streams
from practice.sagemaker.training_metrics import Metrics
from practice.sagemaker.training_outputs import Checkpoints, UploadFailed, upload_artifacts
from practice.sagemaker.training_queue import QUEUE, Ticket
from practice.sagemaker.training_specs import differences, spec_of
from practice.world import Resource, World

STOP_GRACE_SECONDS = 120.0
"""Wall seconds from SIGTERM to SIGKILL: docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html"""
CLOSE_SECONDS = 20.0
LOOK_SECONDS = 1.0
SYNC_LOOKS = 10
"""Checkpoints are synchronised, and the time is noted by which a kill would cut the job, every so many looks."""
UNFINISHED = "InternalServerError: the practice account could not finish this job; its own log says why."

log = logging.getLogger(__name__)


class Run:
    """One job's run. It moves the job through its states, and leaves `world.running` when it has ended."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource
        self._request: dict[str, Any] = resource.document["Request"]
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._stopped = self._closed = self._interrupted = self._training = False
        self._taken_lived: float | None = None
        """When its spot capacity is taken back, in the time that processes live on."""
        self._trained = threading.Event()
        self._done = threading.Event()
        self._metrics = Metrics(world, resource)
        self._checkpoints = Checkpoints(world, resource.region, self._request.get("CheckpointConfig"))
        self._streams = Streams(world, resource)
        self._spec = spec_of(world, resource, self._checkpoints)
        self._ticket = Ticket(self._start, self._spec.host_count)
        self._watcher = threading.Thread(target=self._watch, name=f"watch-{resource.name}", daemon=True)

    def begin(self) -> None:
        """Start, or wait for a turn."""
        self._watcher.start()
        if not QUEUE.enter(self._ticket):
            with self._lock:  # its turn may come right now, and what it is at must not be overwritten
                if self._job is None and not self._stopped:
                    self._update("wait", phases.phase("Pending"))

    def stop(self) -> None:
        """End it as SageMaker does: SIGTERM, time to save, then its artifacts are uploaded. Returns at once."""
        with self._lock:
            self._stopped, job = True, self._job
        if job is not None:
            job.stop(STOP_GRACE_SECONDS)
        else:
            self._end(None)

    def interrupt(self) -> bool:
        """Take its spot capacity back: SIGTERM, and time to save. Returns at once, whether it had any."""
        with self._lock:
            job = self._job if self._taken_lived is not None and not self._stopped and not self._closed else None
            self._interrupted = self._interrupted or job is not None
        if job is not None:
            job.stop(STOP_GRACE_SECONDS)
        return job is not None

    def close(self) -> None:
        """The account ends: kill it, and leave its state as it is on disk."""
        with self._lock:
            self._closed, job = True, self._job
        if job is None:
            self._leave()
        else:
            note_time(self._world)
            job.stop(0)
            self._done.wait(CLOSE_SECONDS)
        if self._watcher.is_alive():
            self._watcher.join(CLOSE_SECONDS)

    # -- on the way

    def _start(self) -> None:
        with self._lock:
            if not self._stopped and not self._closed:
                callbacks = JobCallbacks(self._streams.add, self._exited, self._phase, self._metrics.add)
                self._job = start_job(self._spec, callbacks)

    def _phase(self, phase: Phase) -> None:
        match phase:
            case Phase.DOWNLOADING_IMAGE:
                self._update("prepare", phases.phase("Starting", "Preparing the instances for training"))
            case Phase.DOWNLOADING:
                started = phases.started(self._world, self._resource)
                self._update("download", {**phases.phase("Downloading"), **started})
                self._taken_lived = taken_at(self._world, self._resource)
            case Phase.TRAINING:
                self._streams.open(self._spec.host_count, differences(self._request))
                self._training = True
                self._update("train", phases.phase("Training"))

    def _watch(self) -> None:
        """Metrics, checkpoints and limits, while it runs."""
        looks = 0
        while not self._trained.wait(self._until_next_look()):
            looks += 1
            self._metrics.flush()
            if looks % SYNC_LOOKS == 0:
                note_time(self._world)
                self._sync()
            if self._taken_lived is not None and phases.lived_seconds(self._world) >= self._taken_lived:
                self.interrupt()
            over = next((reason for left, reason in limits(self._world, self._resource) if left <= 0), None)
            if over and not self._closed:
                self._world.move(self._resource, "overrun", {"StopReason": over, **phases.phase("Stopping")})

    def _until_next_look(self) -> float:
        left = min((left for left, _ in limits(self._world, self._resource) if left > 0), default=LOOK_SECONDS)
        return min(LOOK_SECONDS, left / self._world.clock.speed + 0.01)

    def _sync(self) -> None:
        if not self._training:
            return  # what is being restored is no checkpoint yet
        try:
            self._checkpoints.sync(self._spec)
        except UploadFailed as error:
            log.warning("checkpoints of %s: %s", self._resource.name, error)

    # -- at its end

    def _exited(self, result: JobResult) -> None:
        self._trained.set()
        # What it is sending is sent before the job is over.
        self._watcher.join()
        if self._closed:
            self._leave()
        elif self._interrupted and not self._stopped and result.stopped:
            self._take_back()
        else:
            self._end(result)

    def _end(self, result: JobResult | None) -> None:
        failure: str | None = UNFINISHED
        model = ""
        try:
            self._metrics.flush()
            failure, model = self._upload(result) if result else (None, "")
        finally:
            try:
                logs.flush(self._world)
                settle(self._world, self._resource, failure, model)
            finally:
                self._leave()
                self._world.notify()

    def _upload(self, result: JobResult) -> tuple[str | None, str]:
        """(failure, the model's URI)."""
        if result.exit_code is None:
            return result.failure, ""
        self._update("upload", phases.phase("Uploading"))
        try:
            self._checkpoints.sync(self._spec)
            scratch = self._spec.folder
            model = upload_artifacts(self._world, self._resource, result, scratch, model=result.failure is None)
        except UploadFailed as error:
            return result.failure or str(error)[:1024], ""
        return result.failure, model

    def _take_back(self) -> None:
        """The spot capacity is gone, and with it all that is not in S3."""
        try:
            self._metrics.flush()
            self._sync()
            logs.flush(self._world)
        finally:
            self._clear()
            wait_again(self._world, self._resource)
            self._done.set()
            self._world.notify()

    def _leave(self) -> None:
        self._trained.set()
        self._world.running.pop(self._resource.uid, None)
        self._clear()
        self._done.set()

    def _clear(self) -> None:
        QUEUE.leave(self._ticket)
        shutil.rmtree(self._spec.folder, ignore_errors=True)

    def _update(self, event: str, changes: dict[str, Any]) -> None:
        if not self._closed:
            self._world.update(self._resource, event, changes)
