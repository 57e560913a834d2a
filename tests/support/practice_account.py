"""A practice account for a test: the real process, on a free loopback port, with a home of its own."""

import json
import re
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

from tests.support import processes
from tests.support.waiting import eventually

REGION = "ap-northeast-2"
START_SECONDS = 30
READY = re.compile(r"^ready http://127\.0\.0\.1:\d+$", re.MULTILINE)


@dataclass(slots=True)
class Account:
    """A running practice account: `url` and keys to call it with, and a hand on its clock and its process."""

    home: Path
    throttling: bool = False
    """Off unless a test is about it: tests poll twenty times a second, with clients that do not try again."""
    url: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    pid: int = 0
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

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
        return self._log.read_text()

    def start(self, port: int = 0) -> None:
        """Start the process and wait for its ready line."""
        said_before = len(self.log()) if self._log.exists() else 0
        command = [sys.executable, "-m", "practice", "--port", str(port), "--home", str(self.home)]
        command += [] if self.throttling else ["--no-throttling"]
        process = processes.start([*command, "--until-stdin-closes"], self._log)
        self._process = process
        eventually(lambda: READY.search(self.log()[said_before:]) or process.poll() is not None, timeout=START_SECONDS)
        assert process.poll() is None, f"ended before it was ready:\n{self.log()[said_before:]}"
        self.attach()

    def attach(self) -> None:
        """Take url, keys and process id from the home of an account that somebody runs."""
        said = json.loads((self.home / "practice.json").read_text())
        self.url, self.pid = said["url"], said["pid"]
        self.access_key, self.secret_key = said["access_key"], said["secret_key"]

    def kill(self) -> None:
        """SIGKILL, as a machine that loses power would: no goodbye, nothing flushed. What it ran ends with it."""
        if self._process is not None:
            self._end(signal.SIGKILL)
            return
        family = processes.family_of(self.pid)
        psutil.Process(self.pid).kill()
        processes.gone(family)

    def restart(self) -> None:
        """Start again on the same home and port; what was running must have ended."""
        self.start(urlsplit(self.url).port or 0)

    def stop(self) -> None:
        """End it in good order.

        Raises:
            AssertionError: it did not end in time, left a process behind, or died on its way out.
        """
        status = self._end(signal.SIGTERM)
        assert not status, f"ended with {status}:\n{self.log()}"

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        processes.end(process, how)
        return process.returncode

    @property
    def _log(self) -> Path:
        return self.home.with_name(self.home.name + ".log")


def running(home: Path, *, throttling: bool = False) -> Iterator[Account]:
    """An account on `home`, ended afterwards; every process it started must end with it."""
    account = Account(home, throttling)
    try:
        account.start()
        yield account
    finally:
        account.stop()


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Account]:
    """A practice account of the test's own: fresh, and its clock moves for nobody else."""
    yield from running(tmp_path / "practice")


@pytest.fixture(scope="session")
def shared_practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """One practice account for all tests that only add to it, under names of their own, and leave its clock alone."""
    yield from running(tmp_path_factory.mktemp("shared") / "practice")
