"""A cell: one command with its own session, its own `/opt/ml`, and a leash that ends it with the practice account."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

OnLines = Callable[[Sequence[str]], None]
"""Called with one or more complete, non-empty log lines, in order, from the cell's own thread."""


@dataclass(frozen=True, slots=True)
class CellSpec:
    """A command to run, and the world it sees."""

    name: str
    command: tuple[str, ...]
    folder: Path
    """Working directory, as the command sees it (a path under a mount is allowed)."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Added to a scrubbed copy of this process's environment (no AWS_*, no proxies)."""
    mounts: Mapping[str, Path] = field(default_factory=dict)
    """Absolute path inside the cell → folder or file of this machine that stands there."""
    hostname: str | None = None
    isolate: bool = True


class Cell:
    """A running command. All methods may be called from any thread."""

    name: str
    isolated: bool
    """Whether mounts hold and the cell has namespaces of its own."""
    notice: str | None
    """One line for the log where `isolated` is false: what is weaker, and why."""
    pid: int

    def terminate(self, grace_seconds: float = 120.0) -> None:
        """SIGTERM to the command now, SIGKILL to everything in the cell after `grace_seconds`. Returns at once."""
        raise NotImplementedError

    def kill(self) -> None:
        """SIGKILL to everything in the cell. Returns at once."""
        raise NotImplementedError

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """The exit code (128 + n for signal n), or None if it still runs after `timeout_seconds`."""
        raise NotImplementedError


def start_cell(spec: CellSpec, on_lines: OnLines, on_exit: Callable[[int], None]) -> Cell:
    """Start the command. `on_exit` gets the exit code exactly once, after the last line was delivered.

    Raises: OSError when not even a plain process can be started here.
    """
    raise NotImplementedError(os.name)
