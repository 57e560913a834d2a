"""Starting the command, and watching it, the leash and the clock until one of them ends it."""

import math
import os
import select
import signal
import time

from practice.machines.cell_init.kin import collect, tell_all
from practice.machines.cell_init.specs import Spec

KILLED = 128 + signal.SIGKILL
ORDINARY = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ)


def spawn(spec: Spec) -> int:
    """Fork and execute the command in a session of its own. One that cannot start says so and ends with 126 or 127."""
    pid = os.fork()
    if pid == 0:
        os._exit(become(spec))
    return pid


def become(spec: Spec) -> int:
    """Turn this process into the command; the exit code when that cannot be."""
    signal.set_wakeup_fd(-1)
    for number in ORDINARY:
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    try:
        os.chdir(spec["folder"])
        os.execvpe(spec["command"][0], spec["command"], spec["environment"])  # noqa: S606
    except OSError as error:
        os.write(2, f"cannot start {spec['command'][0]}: {error.strerror}\n".encode())
        return 127 if isinstance(error, FileNotFoundError) else 126


def supervise(spec: Spec, leash: int, *also: int) -> int:
    """The command's exit code, or 137 once it is to be killed: by order, by deadline, or with the leash's other end.

    `also`: further pipes whose end of file means the same. When the cell was asked to terminate, all of it was: what
    the command has started may then outlive it until the deadline, to save its work. Whoever calls ends what is left.
    """
    woken = wake_on_signals()
    pid = spawn(spec)
    signal.signal(signal.SIGTERM, lambda number, frame: tell_all(number))
    code: int | None = None
    deadline: float | None = None
    while True:
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        ready = select.select([woken, leash, *also], [], [], timeout)[0]
        if woken in ready:
            os.read(woken, 4096)
        codes, any_left = collect()
        code = codes.get(pid, code)
        if code is not None and (deadline is None or not any_left):
            return code
        if any(pipe in ready for pipe in also) or (deadline is not None and time.monotonic() >= deadline):
            return KILLED if code is None else code
        if leash in ready:
            seconds = orders(leash)
            if seconds is None:
                return KILLED if code is None else code
            tell_all(signal.SIGTERM)
            deadline = min(deadline or math.inf, time.monotonic() + seconds)


def orders(leash: int) -> float | None:
    """Within how many seconds to terminate, or None: kill."""
    words = os.read(leash, 4096).decode().split()
    return None if not words or "kill" in words else min(map(float, words))


def wake_on_signals() -> int:
    """A pipe that can be read whenever a signal, SIGCHLD above all, has come."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return woken
