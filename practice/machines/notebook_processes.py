"""What JupyterLab and lifecycle scripts have in common: cells of one instance, run by a thread."""

import threading
from collections.abc import Callable, Mapping, Sequence

from practice.machines.builds import BuildCancelled, BuildFailed
from practice.machines.cells import Cell, OnLines, start_cell
from practice.machines.environments import with_pip
from practice.machines.notebook_cells import notebook_cell, prepare_world
from practice.machines.notebook_specs import NotebookSpec

LAST_LINES = 5

Ended = Callable[[str | None], None]
"""Gets None when all went well, else the reason."""


class Machine:
    """Cells of one instance, one after another, in a thread of their own."""

    STOPPED: str | None = None
    """What `on_exit` gets after `stop`."""

    def __init__(self, spec: NotebookSpec, on_lines: OnLines, on_exit: Ended, role: str) -> None:
        self.spec, self._on_lines, self._on_exit = spec, on_lines, on_exit
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._holding = threading.Lock()
        self._cell: Cell | None = None
        self._tail: list[str] = []
        self._thread = threading.Thread(target=self._main, name=f"{role}-{spec.name}", daemon=True)
        self._thread.start()

    def stop(self, grace_seconds: float = 5.0) -> None:
        """SIGTERM, then SIGKILL after the grace. Returns at once."""
        with self._holding:
            self._stopping.set()
            if self._cell is not None:
                self._cell.terminate(grace_seconds)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Whether it has ended, and `on_exit` returned, within `timeout_seconds`."""
        return self._ended.wait(timeout_seconds)

    def _run(self) -> str | None:
        raise NotImplementedError

    def _main(self) -> None:
        failure: str | None = "The practice account could not run this instance; its own log says why."
        try:
            prepare_world(self.spec, with_pip(self._on_lines, self._stopping))
            failure = self._run()
        except (BuildFailed, OSError, ValueError) as error:
            failure = str(error)
        except BuildCancelled:
            failure = self.STOPPED
        finally:
            self._close()
            try:
                self._on_exit(failure)
            finally:
                self._ended.set()

    def _close(self) -> None:
        if self._cell is not None:
            self._cell.kill()
            self._cell.wait()

    def _start(
        self, role: str, command: list[str], folder: str, more: Mapping[str, str] | None = None
    ) -> tuple[Cell, threading.Event]:
        exited = threading.Event()
        self._tail = []
        spec = notebook_cell(self.spec, role, command, folder, more)
        with self._holding:
            if self._stopping.is_set():
                raise BuildCancelled(self.spec.name)
            self._cell = start_cell(spec, self._heard, lambda code: exited.set())
        return self._cell, exited

    def _heard(self, lines: Sequence[str]) -> None:
        self._tail = [*self._tail, *lines][-LAST_LINES:]
        self._on_lines(lines)
