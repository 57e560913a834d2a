"""A training job, as data: what its machines need to know, and how it ended."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class ChannelError(Exception):
    """A channel's or a source's files cannot be had; the text says which and why (fit for a FailureReason)."""


class FillChannel(Protocol):
    """Writes one host's share of a channel into `folder` (exists, empty). Raises: ChannelError, OSError, ValueError."""

    def __call__(self, folder: Path, host_index: int, host_count: int, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Channel:
    """One entry of InputDataConfig, with what puts its files in place."""

    name: str
    fill: FillChannel
    config: Mapping[str, object] = field(default_factory=dict)
    """What `inputdataconfig.json` says of it: TrainingInputMode, S3DistributionType, RecordWrapperType, ContentType."""


@dataclass(frozen=True, slots=True)
class MetricPattern:
    """A metric definition: the first group of `regex`, found in a log line, is a value of metric `name`."""

    name: str
    regex: str


@dataclass(frozen=True, slots=True)
class JobSpec:
    """All that a training job's machines need to know."""

    name: str
    arn: str
    region: str
    image: str
    instance_type: str
    folder: Path
    """A folder for this job alone; each host gets `folder/algo-n`, its `/opt/ml`. Must not exist or be empty."""
    images_folder: Path
    """Where bring-your-own images are registered, `HOME_DIR/images`."""
    host_count: int = 1
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    """The request's Environment."""
    aws: Mapping[str, str] = field(default_factory=dict)
    """AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, ... by which boto3 inside reaches the account."""
    metrics: tuple[MetricPattern, ...] = ()
    checkpoints: Callable[[Path], None] | None = None
    """Restores earlier checkpoints into the folder that the job sees at `checkpoint_path`."""
    checkpoint_path: str = "/opt/ml/checkpoints"
    fetch_source: Callable[[str, Path], None] | None = None
    """Downloads the object that `sagemaker_submit_directory` names (an s3:// URI) to a local file."""


class Phase(StrEnum):
    """What a job is at; named as SageMaker's secondary statuses."""

    DOWNLOADING_IMAGE = "DownloadingTrainingImage"
    DOWNLOADING = "Downloading"
    TRAINING = "Training"


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended, and where its output lies."""

    exit_code: int | None
    """The first failing host's, else 0; None when it ended before any command started."""
    failure: str | None
    """SageMaker's FailureReason, at most 1,024 characters; None when it succeeded or was stopped."""
    stopped: bool
    """Whether `stop` was asked for before it ended."""
    training_seconds: float
    """Wall seconds from the first command's start to the last one's end."""
    model_folders: tuple[Path, ...]
    """`/opt/ml/model` of every host, in host order."""
    output_folders: tuple[Path, ...]
    """`/opt/ml/output/data` of every host."""
    checkpoint_folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class JobCallbacks:
    """Called from the job's own threads, never after `on_exit` has returned."""

    on_lines: Callable[[str, Sequence[str]], None]
    """(host, lines): host is `algo-1`, `algo-2`, ...; lines are complete and never empty."""
    on_exit: Callable[[JobResult], None]
    on_phase: Callable[[Phase], None] = lambda phase: None
    on_metric: Callable[[str, float], None] = lambda name, value: None
