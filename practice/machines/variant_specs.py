"""An endpoint variant, as data: what its server needs to know, one invocation and its answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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
