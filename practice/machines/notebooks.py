"""A notebook instance's machine: a real JupyterLab on loopback with a home folder that survives stop and start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from practice.machines.cells import OnLines

LIFECYCLE_LIMIT_SECONDS = 300.0
"""SageMaker ends a lifecycle script after 5 minutes; by wall time, the script's own."""


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


class Notebook(Protocol):
    """A JupyterLab that was started."""

    @property
    def ready(self) -> bool:
        """Whether the server answers."""

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>/`, without any token."""

    def presigned_url(self, expires_in_seconds: float = 300.0) -> str:
        """A URL that signs its visitor in to this start of this instance, until it expires (wall time)."""

    def wait_ready(self, timeout_seconds: float) -> bool:
        """Wait until it is ready (True), or has ended or the time is up (False)."""

    def stop(self, grace_seconds: float = 5.0) -> None:
        """End JupyterLab, kernels and terminals; the home folder stays. Returns at once."""

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Whether it has ended within `timeout_seconds`."""


@dataclass(frozen=True, slots=True)
class NotebookCallbacks:
    """Called from the notebook's own threads."""

    on_lines: OnLines
    on_ready: Callable[[], None]
    on_exit: Callable[[str | None], None]
    """Exactly once: None after `stop`, else why it is gone or never came up."""


def start_notebook(spec: NotebookSpec, callbacks: NotebookCallbacks) -> Notebook:
    """Clone missing repositories, write kernels, start JupyterLab. A failed clone ends in `on_exit`."""
    raise NotImplementedError


class LifecycleScript(Protocol):
    """A lifecycle script that was started."""

    def stop(self) -> None:
        """End it now; `on_exit` then gets a failure text."""

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Whether it has ended within `timeout_seconds`."""


def run_lifecycle_script(
    spec: NotebookSpec,
    script: str,
    on_lines: OnLines,
    on_exit: Callable[[str | None], None],
    limit_seconds: float = LIFECYCLE_LIMIT_SECONDS,
) -> LifecycleScript:
    """Run the (decoded) text of an OnCreate or OnStart script in the instance's world; returns at once.

    `on_exit` gets None when it ended with 0, else the failure text (exit code, or that it ran past the limit).
    """
    raise NotImplementedError
