"""The first process of a cell.

    python -S -m practice.machines.cell_init LEASH_FD DONE_FD     a cell; its spec comes first through LEASH_FD
    python -S -m practice.machines.cell_init --probe root|user    exit 0 when such namespaces work here, or say why not

The leash is a pipe whose other end only the practice process holds. What comes through it are orders: a number of
seconds to terminate within, or `kill`. Its end of file means that the practice process is gone, however it went, and
everything in the cell dies. DONE_FD stays open, and out of the command's hands, for as long as this process lives.
"""

import os
import signal
import sys
from collections.abc import Callable

from practice.machines.cell_init import kin, namespaces
from practice.machines.cell_init.specs import MARK, Spec, read_spec
from practice.machines.cell_init.supervision import KILLED, supervise


def run_isolated(spec: Spec, leash: int) -> int:
    """Run the cell under a pid 1 of its own: when that ends, the kernel ends every process of the cell."""
    namespaces.unshare(spec["isolation"] or "user")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os._exit(run_inside(spec, leash, reading))
    os.close(reading)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return kin.exit_code(os.waitpid(pid, 0)[1])


def run_inside(spec: Spec, leash: int, parent: int) -> int:
    """What pid 1 of the cell does: make its world, then watch over the command."""
    try:
        namespaces.place(spec["mounts"])
        namespaces.renew_proc()
        if spec["hostname"]:
            namespaces.name_host(spec["hostname"])
    except OSError as error:
        complain(error)
        return 126
    return supervise(spec, leash, parent)


def run_plain(spec: Spec, leash: int) -> int:
    """Run the cell without namespaces, and end by hand what it leaves."""
    if sys.platform.startswith("linux"):
        namespaces.adopt_orphans()
    code = supervise(spec, leash)
    kin.end_descendants(spec["environment"].get(MARK, ""))
    return code


def probe(kind: str) -> int:
    """Try what cells need, in a child."""
    code = tried(lambda: namespaces.unshare(kind))
    if code == 0:
        pid = os.fork()
        if pid == 0:
            os._exit(tried(namespaces.try_all))
        code = kin.exit_code(os.waitpid(pid, 0)[1])
    return code


def tried(attempt: Callable[[], None]) -> int:
    """0 if it works."""
    try:
        attempt()
    except OSError as error:
        complain(error)
        return 1
    return 0


def complain(error: OSError) -> None:
    """Say what went wrong where the cell's log takes it up."""
    os.write(2, f"cannot prepare the cell: {error.strerror}\n".encode())


def main(arguments: list[str]) -> int:
    """The exit code."""
    if arguments[0] == "--probe":
        return probe(arguments[1])
    leash, done = int(arguments[0]), int(arguments[1])
    for pipe in (leash, done):
        os.set_inheritable(pipe, False)
    spec = read_spec(leash)
    if spec is None:
        return KILLED
    try:
        return run_isolated(spec, leash) if spec["isolation"] else run_plain(spec, leash)
    except OSError as error:
        complain(error)
        return 126


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
