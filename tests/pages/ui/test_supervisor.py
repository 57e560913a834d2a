"""The practice account of a deck: one, always there again, and gone with the deck however that ends."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL

import psutil
import pytest

from pages.ui.supervisor import PRACTICE_KEY, Supervisor
from services.access import Role
from services.errors import NotConnected
from tests.support import processes
from tests.support.practice_account import Account
from tests.support.waiting import eventually

DECK = """
import sys
from pathlib import Path
from pages.ui.supervisor import Supervisor
supervisor = Supervisor(Path(sys.argv[1]))
print(supervisor.account().endpoint_url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "practice")
    yield supervisor
    supervisor.close()


def _attached(home: Path) -> Account:
    account = Account(home)
    account.attach()
    return account


def test_an_account_that_is_killed_comes_back_on_the_same_address(supervisor: Supervisor, tmp_path: Path) -> None:
    before = supervisor.account()
    first = _attached(tmp_path / "practice")
    first.kill()
    again = eventually(
        lambda: _attached(tmp_path / "practice"), until=lambda account: account.pid != first.pid, timeout=30
    )
    assert again.control("GET", "health")["healthy"]
    assert supervisor.account() == before


def test_callers_wait_while_it_starts(supervisor: Supervisor) -> None:
    found: list[str | None] = []
    callers = [threading.Thread(target=lambda: found.append(supervisor.account().endpoint_url)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_closing_ends_the_account_and_all_that_it_started(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path / "practice")
    supervisor.account()
    pid = _attached(tmp_path / "practice").pid
    supervisor.close()
    assert not psutil.pid_exists(pid)


def test_a_home_that_another_account_holds_is_said_and_taken_when_it_is_free(tmp_path: Path) -> None:
    home = tmp_path / "practice"
    other = Account(home)
    other.start()
    supervisor = Supervisor(home)
    try:
        with pytest.raises(NotConnected, match="did not start"):
            supervisor.account()
        other.stop()
        assert eventually(lambda: _up(supervisor), timeout=30) != other.url
    finally:
        supervisor.close()


def _up(supervisor: Supervisor) -> str | None:
    try:
        return supervisor.account().endpoint_url
    except NotConnected:
        return None


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "practice").write_text("in the way")
    supervisor = Supervisor(tmp_path / "practice")
    try:
        with pytest.raises(NotConnected, match="did not start"):
            supervisor.account()
    finally:
        supervisor.close()


def test_a_deck_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    home = tmp_path / "practice"
    command = [sys.executable, "-c", DECK, str(home)]
    with subprocess.Popen(
        command, cwd=processes.REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as deck:
        assert deck.stdout is not None
        assert deck.stdout.readline().startswith("http://127.0.0.1:")
        pid = _attached(home).pid
        deck.send_signal(SIGKILL)
    eventually(lambda: not psutil.pid_exists(pid), timeout=20)


def test_the_deck_works_as_a_user_of_iam_and_never_by_the_accounts_own_key(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    owner = supervisor.account().control_key
    accounts = [supervisor.account(role) for role in Role]
    assert len({account.access_key for account in accounts} | {owner}) == len(Role) + 1
    assert {account.control_key for account in accounts} == {owner}
    assert {account.key for account in accounts} == {PRACTICE_KEY}
    assert (tmp_path / "practice" / "identities.json").stat().st_mode & 0o777 == 0o600
