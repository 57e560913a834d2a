"""Finding and ending every descendant, where no pid namespace does it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import NamedTuple

from practice.machines.cell_init.specs import MARK


class Kin(NamedTuple):
    """Where a process belongs."""

    parent: int
    group: int


def processes() -> dict[int, Kin]:
    """pid → its parent and process group, for every living process that can be seen."""
    if not os.path.exists("/proc/self/stat"):
        listing = subprocess.run(["/bin/ps", "-axo", "pid=,ppid=,pgid="], capture_output=True, text=True, check=False)
        return parse(listing.stdout)
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", errors="replace") as file:
                state, parent, group = file.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if state != "Z":
            found[int(name)] = Kin(int(parent), int(group))
    return found


def parse(listing: str) -> dict[int, Kin]:
    """`ps -axo pid=,ppid=,pgid=`."""
    rows = (line.split() for line in listing.splitlines())
    return {int(pid): Kin(int(parent), int(group)) for pid, parent, group in rows}


def marked(token: str) -> set[int]:
    """Processes whose environment carries this cell's mark: macOS has no subreaper, its orphans are found by this."""
    if not is_macos():
        return set()
    listing = subprocess.run(["/bin/ps", "-axEwwo", "pid=,command="], capture_output=True, text=True, check=False)
    return parse_marked(listing.stdout, token)


def is_macos() -> bool:
    """Asked of a function, so that both answers are type-checked and tested on either system."""
    return sys.platform == "darwin"


def parse_marked(listing: str, token: str) -> set[int]:
    """`ps -axEwwo pid=,command=`: pids of the lines that carry the mark."""
    return {int(line.split()[0]) for line in listing.splitlines() if f"{MARK}={token}" in line}


def descendants(table: dict[int, Kin], root: int) -> set[int]:
    """All that descend from `root`, or share a process group with one that does."""
    found: set[int] = set()
    while True:
        groups = {table[pid].group for pid in found}
        more = {pid for pid, kin in table.items() if kin.parent in found or kin.parent == root or kin.group in groups}
        more.discard(root)
        if more <= found:
            return found
        found |= more


def tell_all(number: int) -> None:
    """Send a signal to every process of the cell but this one."""
    if os.getpid() == 1:  # of the cell's own pid namespace: everything there is
        with suppress(ProcessLookupError):
            os.kill(-1, number)
        return
    for pid in descendants(processes(), os.getpid()):
        with suppress(OSError):
            os.kill(pid, number)


def end_descendants(token: str, within_seconds: float = 5.0) -> None:
    """SIGKILL until none is left. One that is stuck in the kernel cannot be waited for: hence the limit."""
    end = time.monotonic() + within_seconds
    while time.monotonic() < end:
        collect()
        left = (descendants(processes(), os.getpid()) | marked(token)) - {os.getpid()}
        if not left:
            return
        for pid in left:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)  # the kernel needs a moment to turn the killed into zombies


def collect() -> tuple[dict[int, int], bool]:
    """Reap every child that has ended: pid → exit code; and whether any child is left."""
    codes: dict[int, int] = {}
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return codes, False
        if not ended:
            return codes, True
        codes[ended] = exit_code(status)


def exit_code(status: int) -> int:
    """A wait status as a shell says it: 128 + n for signal n."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code
