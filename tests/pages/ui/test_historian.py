"""CloudTrail is read behind the screens, and an account that refuses it is left alone."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pages.ui import historian
from pages.ui.historian import Historian
from services import clocks
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud
from services.history import History
from tests.support.deck_wishes import ACCOUNT_ID, cloud_of
from tests.support.ports import free_port
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history.sqlite3")


def test_the_past_of_every_region_that_is_looked_at_is_read(shared_practice: Account, history: History) -> None:
    reader = Historian(history)
    clouds = [cloud_of(shared_practice), cloud_of(shared_practice, "us-east-1")]
    first = reader.progress(clouds[0].account.key, REGION)
    assert first is not None
    assert (first.days_read, first.days) == (0, 90)
    try:
        for cloud in clouds:
            reader.want(cloud)
        for cloud in clouds:
            eventually(partial(reader.progress, cloud.account.key, cloud.region), lambda left: left is None, timeout=60)
    finally:
        reader.close()
        history.close()
    assert not reader.is_running


def test_an_account_that_refuses_shows_no_progress_and_is_left_alone(
    shared_practice: Account, history: History
) -> None:
    cloud, asked = cloud_of(shared_practice, "eu-west-1"), []

    def misdirect(request: Any, **_: Any) -> None:
        asked.append(request.headers["X-Amz-Target"])
        request.headers.replace_header("X-Amz-Target", "CloudTrail_20131101.ListChannels")

    cloud.client("cloudtrail").meta.events.register("before-sign.cloudtrail.LookupEvents", misdirect)
    reader = Historian(history)
    try:
        reader.want(cloud)
        eventually(lambda: reader.progress(cloud.account.key, cloud.region) is None)
        reader.want(cloud)
        assert reader.is_running
    finally:
        reader.close()
        history.close()
    assert len(asked) == 1


def test_an_account_that_is_away_is_asked_again(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(historian, "LOOK_SECONDS", 0.01)
    away = DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", f"http://127.0.0.1:{free_port()}", "key", "secret")
    reader, looks, read = Historian(history), list[str](), clocks.read_clock

    def counted(account: DeckAccount) -> clocks.Clock:
        looks.append(account.key)
        return read(account)

    monkeypatch.setattr(clocks, "read_clock", counted)
    try:
        reader.want(Cloud(away, REGION))
        eventually(lambda: len(looks) > 1)
        assert reader.progress(away.key, REGION) is not None
        assert reader.is_running
    finally:
        reader.close()
        history.close()
