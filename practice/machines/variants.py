"""An endpoint variant as a real local server process: the model at `/opt/ml/model`, `/ping` and `/invocations`.

A bring-your-own `serve` program is told its port in SAGEMAKER_BIND_TO_PORT and must listen there, on loopback or on all
addresses: 8080, SageMaker's usual one, would be the same port for every variant of this machine.
"""

import http.client
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

from practice.machines.archives import unpack as unpack_model
from practice.machines.builds import BuildCancelled, BuildFailed
from practice.machines.cells import Cell, start_cell
from practice.machines.environments import prepare
from practice.machines.hardware import free_port
from practice.machines.images import UnknownImage
from practice.machines.variant_cells import NoProgram, place_model, variant_cell
from practice.machines.variant_specs import Answer, Call, NoAnswer, VariantCallbacks, VariantSpec

__all__ = [
    "Answer", "Call", "NoAnswer", "Variant", "VariantCallbacks", "VariantSpec", "start_variant", "unpack_model",
]  # fmt: skip

ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
PING_EVERY_SECONDS = 0.1
PING_SECONDS = 2.0
"""SageMaker wants a `/ping` answered within 2 seconds (developer guide, custom inference code)."""
LAST_LINES = 5


class Variant:
    """A variant that was started; made by `start_variant`."""

    def __init__(self, spec: VariantSpec, callbacks: VariantCallbacks) -> None:
        self.spec, self._callbacks = spec, callbacks
        self.port = free_port()
        """The loopback port it serves on."""
        self._stopping = threading.Event()
        self._settled = threading.Event()
        self._ended = threading.Event()
        self._exited = threading.Event()
        self._ready = False
        self._holding = threading.Lock()
        self._cell: Cell | None = None
        self._tail: list[str] = []
        self._grace_seconds = 10.0

    @property
    def ready(self) -> bool:
        """Whether it answers: `/ping` was healthy and the process still runs."""
        return self._ready and not self._exited.is_set()

    def wait_ready(self, timeout_seconds: float) -> bool:
        """Wait until it is ready (True), or has ended or the time is up (False)."""
        self._settled.wait(timeout_seconds)
        return self.ready

    def invoke(self, call: Call, deadline_seconds: float = 60.0) -> Answer:
        """POST `/invocations`. Raises: NoAnswer."""
        headers = {"Content-Type": call.content_type, "Accept": call.accept, **call.headers}
        if call.custom_attributes is not None:
            headers[ATTRIBUTES] = call.custom_attributes
        started = time.monotonic()
        try:
            reply, body = self._exchange("POST", "/invocations", deadline_seconds, call.body, headers)
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {deadline_seconds:g} seconds", timed_out=True) from error
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"the connection to the model server broke: {error}", timed_out=False) from error
        kind = reply.getheader("Content-Type") or "application/octet-stream"
        return Answer(reply.status, body, kind, reply.getheader(ATTRIBUTES), time.monotonic() - started)

    def stop(self, grace_seconds: float = 10.0) -> None:
        """SIGTERM, then SIGKILL after the grace. Returns at once."""
        with self._holding:
            self._grace_seconds = grace_seconds
            self._stopping.set()
            if self._cell is not None:
                self._cell.terminate(grace_seconds)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Whether it has ended, and `on_exit` returned, within `timeout_seconds`."""
        return self._ended.wait(timeout_seconds)

    def _exchange(
        self, method: str, path: str, seconds: float, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply, reply.read()
        finally:
            connection.close()

    def _run(self) -> None:
        failure: str | None = "The practice account could not run this container; its own log says why."
        try:
            self._start()
            failure = self._watch()
        except (UnknownImage, BuildFailed, NoProgram, OSError, ValueError) as error:
            failure = str(error)
        except BuildCancelled:
            failure = None
        finally:
            self._end(None if self._stopping.is_set() else failure)

    def _start(self) -> None:
        say = self._callbacks.on_lines
        environment = prepare(self.spec.image, self.spec.images_folder, say, self._stopping)
        place_model(self.spec)
        cell = variant_cell(self.spec, environment, self.port)
        if environment.notes:
            say(environment.notes)
        with self._holding:
            if self._stopping.is_set():
                raise BuildCancelled(self.spec.name)
            self._cell = start_cell(cell, self._heard, lambda code: self._exited.set())
        if self._cell.notice:
            say([self._cell.notice])

    def _watch(self) -> str:
        deadline = time.monotonic() + self.spec.startup_seconds
        assert self._cell is not None
        while not self._exited.wait(PING_EVERY_SECONDS):
            if self._answers_ping():
                self._ready = True
                self._callbacks.on_ready()
                self._settled.set()
                break
            if time.monotonic() > deadline:
                self._cell.kill()
                self._cell.wait()
                return f"The container did not pass the ping health check within {self.spec.startup_seconds:g} seconds."
        code = self._cell.wait()
        return f"The container's server ended with exit code {code}: {' '.join(self._tail)}".rstrip(": ")

    def _answers_ping(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return self._exchange("GET", "/ping", PING_SECONDS)[0].status == 200
        return False

    def _heard(self, lines: Sequence[str]) -> None:
        self._tail = [*self._tail, *lines][-LAST_LINES:]
        self._callbacks.on_lines(lines)

    def _end(self, failure: str | None) -> None:
        if self._cell is not None:
            self._cell.kill()  # nothing unless `on_ready` raised
            self._cell.wait()
        try:
            self._callbacks.on_exit(failure)
        finally:
            self._ended.set()
            self._settled.set()


def start_variant(spec: VariantSpec, callbacks: VariantCallbacks) -> Variant:
    """Start the server in threads and processes of its own and return at once.

    Nothing is raised for what the user got wrong (unknown image, broken inference.py): `on_exit` says it.
    """
    variant = Variant(spec, callbacks)
    threading.Thread(target=variant._run, name=f"variant-{spec.name}", daemon=True).start()
    return variant
