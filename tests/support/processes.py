"""Processes that a test starts: ended by their own id, and nothing they started may outlive them."""

import os
import signal
import subprocess
from pathlib import Path

import psutil

from tests.support.waiting import eventually

REPOSITORY = Path(__file__).parents[2]
END_SECONDS = 20


def start(command: list[str], log: Path, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a program in a session of its own, what it says appended to `log`; its stdin stays open while we live."""
    with log.open("a") as said:
        return subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, **(environment or {})}, text=True,
            stdin=subprocess.PIPE, stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> None:
    """Signal the process alone and wait until it and all that it started are gone.

    Raises:
        AssertionError: something outlived it; it is killed all the same.
    """
    family = family_of(process.pid)
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(END_SECONDS)
        gone(family)
    except (subprocess.TimeoutExpired, AssertionError) as exc:
        raise AssertionError(f"left behind by {process.args!r}: {alive(family) or 'itself'}") from exc
    finally:
        for left in [*family, *([psutil.Process(process.pid)] if process.poll() is None else [])]:
            _kill(left)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def family_of(pid: int) -> list[psutil.Process]:
    """The process's descendants and the members of its process group, itself left out."""
    try:
        family = set(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        family = set()
    return list(
        family | {process for process in psutil.process_iter() if process.pid != pid and _group(process) == pid}
    )


def gone(family: list[psutil.Process]) -> None:
    """Wait until none of the processes is left."""
    eventually(lambda: alive(family), until=lambda left: not left, timeout=END_SECONDS)


def alive(family: list[psutil.Process]) -> list[str]:
    """Those that still run, in words."""
    return [words for process in family if (words := _words(process))]


def _words(process: psutil.Process) -> str:
    try:
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return ""
        return f"{process.pid} {' '.join(process.cmdline())[:200]}"
    except psutil.NoSuchProcess:
        return ""


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None
