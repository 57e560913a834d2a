"""What the tests of the services share: a practice account as the deck sees it, a ledger and a history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cloud import Cloud
from services.history import History
from services.ledger import Ledger
from tests.support.deck_wishes import cloud_of
from tests.support.practice_account import Account
from tests.support.replies import Replies, serving


@pytest.fixture
def cloud(practice: Account) -> Cloud:
    """The test's own account."""
    return cloud_of(practice)


@pytest.fixture
def shared_cloud(shared_practice: Account) -> Cloud:
    """The account that tests share: add under names of the test's own, leave the clock alone."""
    return cloud_of(shared_practice)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path / "history.sqlite3")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Replies]:
    """One for all: a client of its own costs a second."""
    with serving({}) as replies:
        yield replies
