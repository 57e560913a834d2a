"""A practice account for a test: the real process, on a free loopback port, with a home of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psutil
import pytest

from tests.support.waiting import eventually

REPOSITORY = Path(__file__).parents[2]
REGION = "ap-northeast-2"
END_SECONDS = 20


@dataclass(slots=True)
class Account:
    """A running practice account: `url` and keys to call it with, and a hand on its clock and its process."""

    home: Path
    url: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    pid: int = 0
    _process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    def client(self, service: str, region: str = REGION, **options: Any) -> Any:
        """A plain boto3 client of this account. Untyped: services differ."""
        session: Any = self.session(region)
        return session.client(service, endpoint_url=self.url, **options)

    def session(self, region: str = REGION) -> boto3.Session:
        return boto3.Session(
            aws_access_key_id=self.access_key, aws_secret_access_key=self.secret_key, region_name=region
        )

    def clock(self) -> datetime:
        return datetime.fromisoformat(self.control("GET", "clock")["now"])

    def advance(self, seconds: float) -> datetime:
        """Move the clock; returns when all that fell due is done."""
        return datetime.fromisoformat(self.control("POST", "clock", {"advance_seconds": seconds})["now"])

    def set_speed(self, speed: float) -> None:
        self.control("POST", "clock", {"speed": speed})

    def control(self, method: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the practice account's own interface, `/_practice/…`."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        try:
            headers = {"X-Practice-Key": self.access_key, "Content-Type": "application/json"}
            connection.request(method, f"/_practice/{what}", json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status == 200, f"{method} {what}: {response.status} {text}"
        answer: dict[str, Any] = json.loads(text)
        return answer

    def log(self) -> str:
        """What the process said so far."""
        return (self.home / "test-process.log").read_text()

    def start(self, port: int = 0) -> None:
        """Start the process and wait for its ready line."""
        command = [sys.executable, "-m", "practice", "--port", str(port), "--home", str(self.home)]
        with (self.home / "test-process.log").open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--until-stdin-closes"],
                cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready.startswith("ready http://127.0.0.1:"), f"no ready line: {ready!r}\n{self.log()}"
        said = json.loads((self.home / "practice.json").read_text())
        self.url, self.pid = said["url"], said["pid"]
        self.access_key, self.secret_key = said["access_key"], said["secret_key"]

    def kill(self) -> None:
        """SIGKILL, as a machine that loses power would: no goodbye, nothing flushed."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Start again on the same home and port; what was running must have ended."""
        self.start(urlsplit(self.url).port or 0)

    def stop(self) -> None:
        """End it in good order.

        Raises:
            AssertionError: it did not end in time, or left a process behind.
        """
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None:
            return
        family = _family(process.pid)
        if process.poll() is None:
            process.send_signal(how)
        try:
            process.wait(END_SECONDS)
        finally:
            self._close(process)
        left = eventually(lambda: _alive(family), until=lambda alive: not alive, timeout=END_SECONDS)
        assert not left

    def _close(self, process: "subprocess.Popen[str]") -> None:
        self._process = None
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def _family(pid: int) -> list[psutil.Process]:
    """The process's descendants and its process group, itself left out."""
    try:
        family = set(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        family = set()
    return [*family, *(process for process in psutil.process_iter() if process.pid != pid and _group(process) == pid)]


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


def _alive(processes: list[psutil.Process]) -> list[str]:
    return [str(process) for process in processes if process.is_running() and _status(process) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


def running(home: Path) -> Iterator[Account]:
    """An account on `home`, ended afterwards; every process it started must end with it."""
    account = Account(home)
    try:
        account.start()
        yield account
    finally:
        account.stop()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Account]:
    """A practice account of the test's own: fresh, and its clock moves for nobody else."""
    home = tmp_path / "practice"
    home.mkdir(mode=0o700)
    yield from running(home)


@pytest.fixture(scope="session")
def shared_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One practice account for all tests that only add to it, under names of their own, and leave its clock alone."""
    yield from running(tmp_path_factory.mktemp("shared-practice"))
