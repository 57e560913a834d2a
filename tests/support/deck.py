"""The deck as its users run it: a Streamlit server of its own, on a free port, with a fresh home."""

import re
import subprocess
import sys
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from signal import SIGTERM, Signals
from urllib.error import URLError
from urllib.request import urlopen

from tests.support import processes
from tests.support.ports import free_port
from tests.support.practice_account import Account
from tests.support.waiting import eventually

APP = "asgi.py"
START_SECONDS = 60
COMPLAINT = re.compile(r"Traceback \(most recent call last\)|\b(WARNING|ERROR|CRITICAL)\b|Warning:|please replace")


@dataclass(slots=True)
class Deck:
    """A running deck. `home` holds all of its state, its practice account's too."""

    home: Path
    script: str = APP
    url: str = ""
    expected_complaints: list[str] = field(default_factory=list)
    """Patterns of log lines that a test brings about on purpose, say by killing the practice account."""
    environment: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start the server and wait until it is healthy."""
        port = free_port()
        options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
        flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = [sys.executable, "-m", "streamlit", "run", self.script, *flags]
        self.home.mkdir(parents=True, exist_ok=True)
        process = processes.start(command, self._log, {"FLIGHTDECK_HOME": str(self.home), **self.environment})
        self._process = process
        self.url = f"http://127.0.0.1:{port}"
        eventually(lambda: self.healthy() or process.poll() is not None, timeout=START_SECONDS)
        assert process.poll() is None, f"the deck ended before it was healthy:\n{self.log()}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the deck does not run"
        return self._process.pid

    def healthy(self) -> bool:
        try:
            with urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, HTTPException, OSError):
            return False

    def account(self) -> Account:
        """The practice account that the deck started, once it is ready."""
        said = eventually(lambda: sorted(self.home.glob("**/practice.json")), timeout=START_SECONDS)
        account = Account(said[0].parent)
        eventually(lambda: _attached(account), timeout=START_SECONDS)
        return account

    def log(self) -> str:
        return self._log.read_text()

    def account_log(self) -> str:
        """What the practice account wrote; empty when it was never started."""
        return "".join(path.read_text() for path in self.home.glob("**/practice.log"))

    def complaints(self) -> list[str]:
        """Lines of the server's log that no healthy deck writes, but for those the test expects."""
        lines = [line for line in self.log().splitlines() if COMPLAINT.search(line)]
        return [line for line in lines if not any(re.search(pattern, line) for pattern in self.expected_complaints)]

    def end(self, how: Signals = SIGTERM) -> None:
        """End the server; it must take its practice account and all that runs there with it."""
        process, self._process = self._process, None
        if process is not None:
            processes.end(process, how)

    @property
    def _log(self) -> Path:
        return self.home / "deck-server.log"


def _attached(account: Account) -> bool:
    try:
        account.attach()
        return bool(account.control("GET", "health")["healthy"])
    except (KeyError, ConnectionError):
        return False
