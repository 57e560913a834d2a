"""Rows on disk, once a wish, whoever writes at the same time."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.ledger import Ledger, State
from services.plans import Act, Call, Plan

ACCOUNT = "practice:1:"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def plan(intent: str) -> Plan:
    return Plan(Act.STOP, "notebook", "lab", "us-east-1", (Call("sagemaker", "stop", {"Name": "lab"}),), intent=intent)


def test_an_action_and_its_steps_from_wish_to_result(ledger: Ledger) -> None:
    action, new = ledger.open(plan("a"), "kim", ACCOUNT, NOW)
    assert new
    assert (action.state, action.at, action.actor, action.act, action.kind, action.name, action.region) == (
        *(State.RUNNING, NOW, "kim", "stop", "notebook", "lab", "us-east-1"),
    )
    ledger.start_step(action.id, 0, "sagemaker", "stop")
    assert [step.state for step in ledger.by_intent("a").steps] == [State.RUNNING]
    ledger.end_step(action.id, 0, State.UNKNOWN, error="lost")
    ledger.start_step(action.id, 0, "sagemaker", "stop")
    ledger.end_step(action.id, 0, State.DONE, "request-1")
    ended = ledger.end(action.id, State.DONE, at=NOW + timedelta(hours=1))
    (step,) = ended.steps
    assert (step.state, step.request_id, step.error) == (State.DONE, "request-1", None)
    assert (ended.state, ended.finished_at, ended.error) == (State.DONE, NOW + timedelta(hours=1), None)


def test_a_wish_is_recorded_once_by_however_many(ledger: Ledger) -> None:
    with ThreadPoolExecutor(8) as threads:
        opened = list(threads.map(lambda _: ledger.open(plan("a"), "kim", ACCOUNT), range(32)))
    assert sum(new for _, new in opened) == 1
    assert len({action.id for action, _ in opened}) == 1


def test_no_write_is_lost_among_threads(ledger: Ledger) -> None:
    def act(number: int) -> None:
        action, _ = ledger.open(plan(str(number)), "kim", ACCOUNT)
        ledger.start_step(action.id, 0, "s", "m")
        ledger.end_step(action.id, 0, State.DONE)
        ledger.end(action.id, State.DONE)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(act, range(64)))
    actions = ledger.actions(ACCOUNT)
    assert [action.id for action in actions] == sorted((action.id for action in actions), reverse=True)
    assert len(actions) == 64
    assert {step.state for action in actions for step in action.steps} == {State.DONE}
    assert len(ledger.actions(ACCOUNT, limit=10)) == 10


def test_accounts_see_their_own_rows(ledger: Ledger) -> None:
    ledger.open(plan("a"), "kim", ACCOUNT)
    assert ledger.actions("real:2:") == []
    assert ledger.unfinished("real:2:") == []


def test_what_is_unfinished_comes_oldest_first(ledger: Ledger) -> None:
    ids = [ledger.open(plan(intent), "kim", ACCOUNT)[0].id for intent in "abcd"]
    ledger.end(ids[0], State.DONE)
    ledger.end(ids[1], State.UNKNOWN, "lost")
    ledger.end(ids[2], State.FAILED, "refused")
    assert [action.intent for action in ledger.unfinished(ACCOUNT)] == ["b", "d"]


def test_rows_survive_and_are_synced(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.sqlite3"
    ledger = Ledger(path)
    kept, _ = ledger.open(plan("a"), "kim", ACCOUNT)
    ledger.close()
    again = Ledger(path)
    assert again.by_intent("a") == kept
    again.close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_row_that_cannot_be_written_leaves_the_ledger_usable(ledger: Ledger) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        ledger.start_step(1, 0, None, "m")  # type: ignore[arg-type]
    assert ledger.open(plan("a"), "kim", ACCOUNT)[1]
