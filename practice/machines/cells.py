"""A cell: one command with its own session, its own `/opt/ml`, and a leash that ends it with the practice account."""

import os
import secrets
import selectors
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from practice.machines.cell_init.specs import MARK, Spec, written
from practice.machines.isolations import INIT, INIT_ENVIRONMENT, Isolation, isolation, rewrite, scrubbed
from practice.machines.lines import LineCutter

OnLines = Callable[[Sequence[str]], None]
"""Called with one or more complete, non-empty log lines, in order, from the cell's own thread."""

STRAGGLER_SECONDS = 1.0
"""How long output is still read after the cell's first process has gone: someone who slipped away may hold the pipe."""


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
    """A running command. All methods may be called from any thread; made by `start_cell`."""

    def __init__(self, name: str, granted: Isolation, process: subprocess.Popen[bytes], leash: int, done: int) -> None:
        self.name = name
        self.isolated = granted.kind is not None
        """Whether mounts hold and the cell has namespaces of its own."""
        self.notice = None if self.isolated else f"Runs as a plain process: {granted.notice}."
        """One line for the log where `isolated` is false."""
        self.pid = process.pid
        self._process, self._leash, self._done = process, leash, done
        self._holding = threading.Lock()
        self._ended = threading.Event()
        self._code: int | None = None

    def terminate(self, grace_seconds: float = 120.0) -> None:
        """SIGTERM to everything in the cell now, SIGKILL after `grace_seconds`. Returns at once.

        SageMaker signals a container's first process alone; here what that has started is told too, and may finish
        saving its work when the first process, often a shell, is gone.
        """
        self._order(f"{grace_seconds}\n".encode())

    def kill(self) -> None:
        """SIGKILL to everything in the cell. Returns at once."""
        self._order(b"kill\n")

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """The exit code (128 + n for signal n) once `on_exit` has returned; None after `timeout_seconds`."""
        self._ended.wait(timeout_seconds)
        return self._code if self._ended.is_set() else None

    def _order(self, order: bytes) -> None:
        with self._holding, suppress(OSError):  # it may be gone already
            if self._leash >= 0:
                os.write(self._leash, order)

    def _watch(self, on_lines: OnLines, on_exit: Callable[[int], None]) -> None:
        try:
            self._read(on_lines)
        finally:
            self.kill()  # nothing unless `on_lines` raised
            code = self._process.wait()
            self._code = 128 - code if code < 0 else code
            with self._holding:
                os.close(self._leash)
                self._leash = -1
            try:
                on_exit(self._code)
            finally:
                self._ended.set()

    def _read(self, on_lines: OnLines) -> None:
        output = self._process.stdout
        assert output is not None
        cutter = LineCutter()
        with output, os.fdopen(self._done, "rb") as done, selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ)
            selector.register(done, selectors.EVENT_READ)
            timeout: float | None = None
            while ready := selector.select(timeout):
                files = [key.fileobj for key, _ in ready]
                if output in files:
                    piece = os.read(output.fileno(), 65536)
                    if lines := cutter.feed(piece, final=not piece):
                        on_lines(lines)
                    if not piece:
                        break
                else:
                    selector.unregister(done)
                    timeout = STRAGGLER_SECONDS


def start_cell(spec: CellSpec, on_lines: OnLines, on_exit: Callable[[int], None]) -> Cell:
    """Start the command. `on_exit` gets the exit code exactly once, after the last line was delivered.

    Where the system gives no mounts, paths under `spec.mounts` are rewritten in the command, folder and environment.
    Raises: OSError when no process can be started here at all.
    """
    granted = isolation(spec.mounts) if spec.isolate else Isolation(None, "it was asked to")
    leash_end, leash = os.pipe()
    done, done_end = os.pipe()
    try:
        process = subprocess.Popen(
            [*INIT, str(leash_end), str(done_end)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(leash_end, done_end),
            start_new_session=True,
            env=INIT_ENVIRONMENT,
            cwd="/",
        )
    except OSError:
        for end in (leash, done):
            os.close(end)
        raise
    finally:
        os.close(leash_end)
        os.close(done_end)
    cell = Cell(spec.name, granted, process, leash, done)
    threading.Thread(target=cell._watch, args=(on_lines, on_exit), name=f"cell-{spec.name}", daemon=True).start()
    cell._order(written(_as_told(spec, granted)))
    return cell


def _as_told(spec: CellSpec, granted: Isolation) -> Spec:
    def inside(text: str) -> str:
        return text if granted.kind else rewrite(text, spec.mounts)

    environment = scrubbed(os.environ) | {name: inside(value) for name, value in spec.environment.items()}
    return Spec(
        command=[inside(part) for part in spec.command],
        folder=inside(str(spec.folder)),
        environment=environment | {MARK: secrets.token_hex(8)},
        mounts=[(target, str(source.resolve())) for target, source in spec.mounts.items()],
        hostname=spec.hostname,
        isolation=granted.kind,
    )
