"""The account's time: the wall's on AWS, a clock that can be moved in a practice account."""

from datetime import UTC, datetime, timedelta

import pytest

from services import clocks
from services.cloud import Account, AccountKind
from services.errors import InvalidRequest, NotConnected
from tests.support.deck_wishes import ACCOUNT_ID, ADMIN, deck_account
from tests.support.ports import free_port
from tests.support.practice_account import Account as Practice

REAL = Account(AccountKind.REAL, ACCOUNT_ID)


def test_a_real_accounts_time_is_the_walls_and_cannot_be_moved() -> None:
    clock = clocks.read_clock(REAL)
    assert abs(clock.now - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.speed == 1
    with pytest.raises(InvalidRequest, match="only a practice account's clock"):
        clocks.advance(REAL, timedelta(hours=1), ADMIN)
    with pytest.raises(InvalidRequest, match="only a practice account's clock"):
        clocks.set_speed(REAL, 2, ADMIN)


def test_a_practice_clock_jumps_and_runs_faster(practice: Practice) -> None:
    account = deck_account(practice)
    before = clocks.read_clock(account).now
    after = clocks.advance(account, timedelta(days=2, seconds=1), ADMIN)
    assert after.now - before >= timedelta(days=2, seconds=1)
    assert clocks.set_speed(account, 60.0, ADMIN).speed == 60
    assert clocks.read_clock(account).speed == 60
    assert clocks.account_time(account) >= after.now


def test_what_the_clock_refuses_is_said_in_its_words(shared_practice: Practice) -> None:
    account = deck_account(shared_practice)
    with pytest.raises(InvalidRequest, match="0 to 31622400"):
        clocks.advance(account, timedelta(seconds=-1), ADMIN)
    with pytest.raises(InvalidRequest, match="speed"):
        clocks.set_speed(account, 0, ADMIN)


def test_an_account_that_is_away_is_not_connected_and_records_take_the_walls_time() -> None:
    away = Account(AccountKind.PRACTICE, ACCOUNT_ID, "", f"http://127.0.0.1:{free_port()}", "key", "secret")
    with pytest.raises(NotConnected, match="does not answer"):
        clocks.read_clock(away)
    assert abs(clocks.account_time(away) - datetime.now(UTC)) < timedelta(seconds=5)
