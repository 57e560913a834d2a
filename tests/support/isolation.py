"""Tests reach this machine alone: no connection leaves loopback, and nobody's AWS credentials are in reach."""

import ipaddress
import os
import socket
import sys
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any

import pytest

DEAD_PROXY = "http://127.0.0.1:9"
LOOPBACK_NAMES = {"localhost", "ip6-localhost", "", socket.gethostname()}
WATCHED = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"}

ENVIRONMENT = {
    # what a child process starts by itself finds a dead door instead of the world
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), DEAD_PROXY),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost,::1"),
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "HF_HUB_OFFLINE": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


class LeftLoopback(RuntimeError):
    """A connection was about to leave this machine."""


def isolate(environment: MutableMapping[str, str]) -> None:
    """Take every AWS setting out of an environment and close its way to the network; built environments stay known."""
    foreign = ("AWS_", "BOTO_", "SAGEMAKER_", "FLIGHTDECK_")
    for name in [name for name in environment if name.startswith(foreign) and name != "FLIGHTDECK_CACHE"]:
        del environment[name]
    environment.update(ENVIRONMENT)


def pytest_configure() -> None:
    """Before the first test is imported."""
    isolate(os.environ)


class Guard:
    """Refuses and remembers every connection of this process that would leave it; an audit hook, so none slips by."""

    def __init__(self) -> None:
        self._attempts: list[str] = []
        self._lock = threading.Lock()
        sys.addaudithook(self._hook)

    def attempts(self) -> list[str]:
        """What was tried since the last look."""
        with self._lock:
            seen, self._attempts = self._attempts, []
        return seen

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in WATCHED:
            return
        host = _host(event, arguments)
        if host is None or is_loopback(host):
            return
        with self._lock:
            self._attempts.append(f"{event} {host}")
        raise LeftLoopback(f"tests stay on this machine; {event} to {host!r} was refused")


def _host(event: str, arguments: tuple[Any, ...]) -> str | None:
    if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
        return host.decode() if isinstance(host, bytes) else host
    sock, address = arguments
    if sock.family not in {socket.AF_INET, socket.AF_INET6} or address is None:
        return None
    return str(address[0])


def is_loopback(host: str) -> bool:
    """True for names and addresses that mean this machine, the wildcard address among them."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


GUARD = Guard()


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """Fails the test during which a connection was tried, also when the code under test swallowed the refusal."""
    yield
    tried = GUARD.attempts()
    assert not tried, f"left loopback: {tried}"
