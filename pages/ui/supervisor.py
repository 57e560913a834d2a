"""The one practice account of this deck: started once, started again when it dies, ended with the deck.

Its stdin is a pipe that only this process holds: however the deck ends, the pipe closes and the account ends itself.
"""

import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path

from services import identities
from services.access import Role
from services.cloud import PRACTICE_ACCOUNT_ID, Account, AccountKind
from services.errors import DeckError, NotConnected
from services.practice_homes import account_at

PRACTICE_KEY = Account(AccountKind.PRACTICE, PRACTICE_ACCOUNT_ID).key
READY_SECONDS = 30.0
CLOSE_SECONDS = 15.0
SHORTEST_LIFE_SECONDS = 2.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Running:
    process: subprocess.Popen[str]
    accounts: dict[Role, Account]


class Supervisor:
    """Thread-safe; one for a deck."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._running: _Running | None = None
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._failure = ""
        self._port = 0
        self._thread = threading.Thread(target=self._keep, name="practice-supervisor", daemon=True)
        self._thread.start()

    def account(self, role: Role = Role.OPERATOR) -> Account:
        """The account as a role may call it now; waits while it starts. Raises NotConnected when it does not come
        up."""
        with self._changed:
            self._changed.wait_for(lambda: self._running or self._failure or self._closed.is_set(), READY_SECONDS)
            if self._running is None:
                raise NotConnected(
                    f"the practice account did not start: {self._failure or 'it takes too long'}",
                    remedy=f"Look into {self._home / 'practice.log'} and reload the page.",
                )
            return self._running.accounts[role]

    def close(self) -> None:
        """End the account and wait until it has ended."""
        with self._changed:
            self._closed.set()
            self._changed.notify_all()
            running = self._running
        if running is not None and running.process.stdin is not None:
            running.process.stdin.close()
        self._thread.join(CLOSE_SECONDS)

    def _keep(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            try:
                process = self._start()
            except OSError as error:
                self._fail(str(error))
                pause = SHORTEST_LIFE_SECONDS
                continue
            with process:
                pause = 0.0 if self._announce(process) else SHORTEST_LIFE_SECONDS
                code = process.wait()
            with self._changed:
                self._running = None
                self._changed.notify_all()
            if not self._closed.is_set():
                log.info("the practice account ended with %s; starting it again", code)

    def _start(self) -> subprocess.Popen[str]:
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = [sys.executable, "-m", "practice", "--home", str(self._home), "--port", str(self._port)]
        root = Path(__file__).parents[2]
        with (self._home / "practice.log").open("a") as errors:
            return subprocess.Popen(
                [*command, "--until-stdin-closes"],
                cwd=root,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # A Ctrl-C in the terminal is the deck's to handle: the account ends by its pipe, in order.
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            )

    def _announce(self, process: subprocess.Popen[str]) -> bool:
        """Wait for the ready line; False when the account ended without one."""
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("ready "):
            # The port may have been taken meanwhile: any free one will do next time.
            self._port = 0
            self._fail("it ended at once")
            return False
        owner = self.owner()
        try:
            accounts = identities.ensure(owner, self._home / "identities.json")
        except DeckError as error:
            self._fail(error.message)
            if process.stdin:
                process.stdin.close()
            return False
        with self._changed:
            self._running, self._failure = _Running(process, accounts), ""
            self._port = int(str(owner.endpoint_url).rpartition(":")[2])
            self._changed.notify_all()
        return True

    def _fail(self, why: str) -> None:
        with self._changed:
            self._failure = why
            self._changed.notify_all()

    def owner(self) -> Account:
        """The account by its own key, which may do everything: it makes the others, and moves the clock."""
        return replace(account_at(self._home), proxy_url=os.environ.get("FLIGHTDECK_PRACTICE_PROXY") or None)
