"""An endpoint variant as a real local server process: the model at `/opt/ml/model`, `/ping` and `/invocations`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from practice.machines.cells import OnLines


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """One container of one production variant."""

    name: str
    """Names threads and log prefixes, e.g. `endpoint/variant`."""
    region: str
    image: str
    folder: Path
    """A folder for this server alone; becomes its `/opt/ml`. Must not exist or be empty."""
    images_folder: Path
    model: Callable[[Path], None] | None = None
    """Puts the model's files, already unpacked, into the folder it is given (see `unpack_model`)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The model container's Environment."""
    aws: Mapping[str, str] = field(default_factory=dict)
    fetch_source: Callable[[str, Path], None] | None = None
    """Downloads the object that SAGEMAKER_SUBMIT_DIRECTORY names (an s3:// URI) to a local file."""
    startup_seconds: float = 600.0
    """How long `/ping` may take to answer 200 after the server was started (environments are built before that)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One InvokeEndpoint, as the container sees it."""

    body: bytes
    content_type: str = "application/octet-stream"
    accept: str = "*/*"
    custom_attributes: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers, e.g. X-Amzn-SageMaker-Target-Model."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the container answered: any status, 200 or not (others are the caller's ModelError)."""

    status: int
    body: bytes
    content_type: str
    custom_attributes: str | None
    model_latency_seconds: float


class NoAnswer(Exception):
    """The container gave no answer: it took longer than the deadline, died, or broke the connection."""

    def __init__(self, message: str, *, timed_out: bool) -> None:
        super().__init__(message)
        self.timed_out = timed_out


@dataclass(frozen=True, slots=True)
class VariantCallbacks:
    """Called from the variant's own threads."""

    on_lines: OnLines
    on_ready: Callable[[], None]
    """`/ping` answered 200 for the first time."""
    on_exit: Callable[[str | None], None]
    """Exactly once: None after `stop`, else why it is gone or never came up (fit for a FailureReason)."""


class Variant(Protocol):
    """A variant that was started."""

    @property
    def ready(self) -> bool:
        """Whether it answers: `/ping` was healthy and the process still runs."""

    @property
    def port(self) -> int:
        """The loopback port it serves on."""

    def wait_ready(self, timeout_seconds: float) -> bool:
        """Wait until it is ready (True), or has ended or the time is up (False)."""

    def invoke(self, call: Call, deadline_seconds: float = 60.0) -> Answer:
        """POST `/invocations`. Raises: NoAnswer."""

    def stop(self, grace_seconds: float = 10.0) -> None:
        """SIGTERM, then SIGKILL after the grace. Returns at once."""

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Whether it has ended within `timeout_seconds`."""


def start_variant(spec: VariantSpec, callbacks: VariantCallbacks) -> Variant:
    """Start the server in threads and processes of its own and return at once.

    Nothing is raised for what the user got wrong (unknown image, broken inference.py): `on_exit` says it.
    """
    raise NotImplementedError


def unpack_model(archive: Path, folder: Path) -> None:
    """Unpack a `model.tar.gz` into `folder`; members that would leave the folder are refused.

    Raises: ValueError when it is no gzipped tar or has such members.
    """
    raise NotImplementedError
