"""What this machine has: GPUs, the loopback interface, free ports."""

import shutil
import socket
import subprocess
import sys
from functools import cache


def loopback() -> str:
    """The interface on which the hosts of a job meet."""
    return "lo0" if sys.platform == "darwin" else "lo"


@cache
def gpu_count() -> int:
    """GPUs of this machine."""
    if shutil.which("nvidia-smi") is None:
        return 0
    listed = subprocess.run(["nvidia-smi", "--list-gpus"], capture_output=True, text=True, check=False).stdout
    return sum(line.startswith("GPU ") for line in listed.splitlines())


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
