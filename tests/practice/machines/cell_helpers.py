"""Running cells in tests, and looking for processes."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from practice.machines.cells import Cell, CellSpec, start_cell


@dataclass
class Record:
    """What a cell's callbacks were told."""

    lines: list[str] = field(default_factory=list)
    exits: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def on_lines(self, lines: Sequence[str]) -> None:
        """Takes lines."""
        self.lines += lines

    def on_exit(self, code: int) -> None:
        """Takes the exit code."""
        self.exits.append(code)
        self.ended.set()

    def said(self, text: str) -> Callable[[], bool]:
        """A condition: some line holds this text."""
        return lambda: any(text in line for line in self.lines)


def shell(script: str, folder: Path, **more: object) -> tuple[Cell, Record]:
    """Start a bash script in a cell."""
    record = Record()
    spec = CellSpec("test", ("/bin/bash", "-c", script), folder, **more)  # type: ignore[arg-type]
    return start_cell(spec, record.on_lines, record.on_exit), record


def alive(mark: str) -> list[int]:
    """Processes of this machine with this text in their command line."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if mark in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found
