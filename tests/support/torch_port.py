"""torchrun's port, which is one for the whole machine: tests whose jobs use it take turns."""

import fcntl
from collections.abc import Iterator

import pytest


@pytest.fixture
def torch_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Held by one test of the run at a time, whichever process it is in."""
    folder = tmp_path_factory.getbasetemp()
    own = folder.name.startswith("popen-")  # each of several processes has a folder of its own in the run's
    with ((folder.parent if own else folder) / "torch-port.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
