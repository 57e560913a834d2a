"""A notebook instance, as data: what its machine needs to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from practice.machines.cells import OnLines


@dataclass(frozen=True, slots=True)
class NotebookSpec:
    """One notebook instance."""

    name: str
    arn: str
    region: str
    instance_type: str
    folder: Path
    """The instance's volume. Holds `SageMaker` (the home folder, `/home/ec2-user/SageMaker` where mounts work)."""
    aws: Mapping[str, str] = field(default_factory=dict)
    """AWS_ENDPOINT_URL, keys, ...: boto3 in its kernels, terminals and scripts reaches the account by these."""
    repositories: tuple[str, ...] = ()
    """Cloned (https or local path) beside the home's other files when not there yet; the first is opened by default."""
    root_access: bool = True


@dataclass(frozen=True, slots=True)
class NotebookCallbacks:
    """Called from the notebook's own threads."""

    on_lines: OnLines
    on_ready: Callable[[], None]
    on_exit: Callable[[str | None], None]
    """Exactly once: None after `stop`, else why it is gone or never came up."""
