"""The store: all or nothing, in one place, and what follows a commit happens after it."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.store import Store, from_us, to_us

FIRST, LAST = (datetime(year, 1, 1, tzinfo=UTC).replace(tzinfo=None) for year in (1971, 2200))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "account.sqlite3")


def test_an_exception_undoes_the_whole_transaction(store: Store) -> None:
    def half() -> None:
        with store.transaction():
            store.set_meta("a", "1")
            with store.transaction():
                store.set_meta("b", "2")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert store.get_meta("a") is None
    assert store.get_meta("b") is None


def test_what_follows_a_commit_waits_for_the_outermost_one(store: Store) -> None:
    seen: list[str | None] = []
    with store.transaction():
        with store.transaction():
            store.set_meta("a", "1")
            store.after_commit(lambda: seen.append(store.get_meta("a")))
        assert seen == []
    assert seen == ["1"]
    store.after_commit(lambda: seen.append("at once"))
    assert seen == ["1", "at once"]


def test_what_follows_a_commit_is_forgotten_with_it(store: Store) -> None:
    seen: list[int] = []

    def half() -> None:
        with store.transaction():
            store.after_commit(lambda: seen.append(1))
            raise KeyError

    with pytest.raises(KeyError):
        half()
    store.set_meta("a", "1")
    assert seen == []


def test_threads_lose_no_update(store: Store) -> None:
    store.set_meta("n", "0")

    def count() -> None:
        for _ in range(50):
            with store.transaction():
                store.set_meta("n", str(int(store.get_meta("n") or 0) + 1))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get_meta("n") == "400"


def test_it_is_there_when_it_is_opened_again(tmp_path: Path, store: Store) -> None:
    store.set_meta("a", "1")
    store.close()
    assert Store(tmp_path / "account.sqlite3").get_meta("a") == "1"


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_moments_are_kept_to_the_microsecond(moment: datetime) -> None:
    assert from_us(to_us(moment)) == moment
