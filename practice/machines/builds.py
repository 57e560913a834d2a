"""What takes long to make, made once: cached folders that many processes may want at the same moment."""

import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from practice.machines.cells import CellSpec, OnLines, start_cell

READY = "ready.json"
"""Written into a cached folder last: one without it was cut short, and is made anew."""

LOOK_SECONDS = 0.5

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class BuildFailed(Exception):
    """A program that makes an environment ended with an error; the text has its last lines."""


class BuildCancelled(Exception):
    """Nobody wants the environment any more."""


def cache_folder() -> Path:
    """`$FLIGHTDECK_CACHE`, else `~/.cache/flightdeck`; outside any practice account's home, shared by all of them."""
    return Path(os.environ.get("FLIGHTDECK_CACHE") or Path.home() / ".cache" / "flightdeck")


def made_once(folder: Path, make: Callable[[], str], on_lines: OnLines, cancelled: threading.Event) -> Path:
    """`folder`, after `make` has filled it, in whichever process came first. What `make` returns goes into ready.json.

    A virtual environment knows its own path and cannot be moved, so it is made in place; the marker makes it whole.
    Raises: BuildFailed, BuildCancelled, OSError.
    """
    if not (folder / READY).exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        notice = f"Another is making {folder.name}; waiting for it."
        with locked(folder.with_name(folder.name + ".lock"), on_lines, cancelled, notice):
            if not (folder / READY).exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                facts = make()
                unfinished = folder / f"{READY}.unfinished"
                unfinished.write_text(facts)
                unfinished.rename(folder / READY)
    return folder


@contextmanager
def locked(path: Path, on_lines: OnLines, cancelled: threading.Event, notice: str) -> Iterator[None]:
    """Hold a lock among all processes and threads of this machine; the system drops it with its holder.

    `notice` is said once if it has to be waited for. Raises: BuildCancelled while waiting.
    """
    with path.open("w") as file:
        said = False
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not said:
                    on_lines([notice])
                    said = True
            if cancelled.wait(LOOK_SECONDS):
                raise BuildCancelled(path.stem)
        yield


def run_build(
    name: str, command: list[str], on_lines: OnLines, cancelled: threading.Event, environment: Mapping[str, str]
) -> None:
    """Run one program of a build, on a leash, with this process's proxies. Raises: BuildFailed, BuildCancelled."""
    heard: list[str] = []

    def hear(lines: Sequence[str]) -> None:
        heard[:] = [*heard, *lines][-5:]
        on_lines(lines)

    proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
    spec = CellSpec(f"build-{name}", tuple(command), Path("/"), {**proxies, **environment})
    cell = start_cell(spec, hear, lambda code: None)
    while (code := cell.wait(LOOK_SECONDS)) is None:
        if cancelled.is_set():
            cell.kill()
    if cancelled.is_set():
        raise BuildCancelled(name)
    if code != 0:
        raise BuildFailed(f"building the environment {name} failed with exit code {code}: {' '.join(heard)}")
