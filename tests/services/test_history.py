"""What was seen stays known: through states that nobody watched, deletions, other people's eyes and restarts."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services import snapshots
from services.errors import Unavailable
from services.history import History
from services.known import known
from services.schedules import Guard
from services.sightings import Evidence
from tests.support.deck_rows import ACCOUNT, BORN, REGION, action, at, endpoint, job, notebook, taken

HOUR = timedelta(hours=1)


def told(history: History, since: float = 0, until: float = 1000) -> list[tuple[str, str, float, float | None]]:
    """(name, state, from, to) in hours after the birth."""
    return [
        (i.resource.name, i.state, (i.start - BORN) / HOUR, None if i.end is None else (i.end - BORN) / HOUR)
        for i in history.intervals(ACCOUNT, at(since), at(until))
    ]


def test_states_follow_each_other_by_when_aws_says_they_began(history: History) -> None:
    history.observe(ACCOUNT, taken(0.1, notebooks=(notebook("Pending"),)))
    history.observe(ACCOUNT, taken(0.2, notebooks=(notebook("InService", 0.15),)))
    history.observe(ACCOUNT, taken(5, notebooks=(notebook("InService", 0.15),)))
    history.observe(ACCOUNT, taken(9, notebooks=(notebook("Stopped", 8),)))
    assert told(history) == [
        ("n", "Pending", 0, 0.15),
        ("n", "InService", 0.15, 8),
        ("n", "Stopped", 8, None),
    ]
    assert {i.evidence for i in history.intervals(ACCOUNT, BORN, at(9))} == {Evidence.DESCRIBED}
    assert told(history, since=6, until=7) == [("n", "InService", 0.15, 8)]


def test_a_name_used_again_is_another_resource(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("Stopped"),)))
    history.observe(ACCOUNT, taken(3, notebooks=(notebook("InService", 2, created=at(2)),)))
    assert told(history) == [("n", "Stopped", 0, 3), ("n", "InService", 2, None)]
    assert [i.resource.gone for i in history.intervals(ACCOUNT, BORN, at(9))] == [at(3), None]


@pytest.mark.parametrize(
    ("guard", "actions", "end", "evidence"),
    [
        (None, [], 9, Evidence.OBSERVED),
        (8.0, [], 8, Evidence.GUARD),
        (8.0, [action(5, "stop", "endpoint", "e")], 5, Evidence.LEDGER),
        (None, [action(5, "delete", "endpoint", "other")], 9, Evidence.OBSERVED),
        (None, [action(5, "launch", "endpoint", "e")], 9, Evidence.OBSERVED),
    ],
)
def test_a_vanished_endpoint_ended_when_the_guard_or_the_deck_ended_it(
    history: History, guard: float | None, actions: list[object], end: float, evidence: Evidence
) -> None:
    row = endpoint("InService")
    guards = {row.arn: Guard("flightdeck-x", at(guard), True)} if guard else {}
    history.observe(ACCOUNT, taken(1, endpoints=(row,), guards=guards))
    history.observe(ACCOUNT, taken(9), actions)  # type: ignore[arg-type]
    assert told(history) == [("e", "InService", 0, end)]
    (interval,) = history.intervals(ACCOUNT, BORN, at(9))
    assert (interval.evidence, interval.ended_by) == (evidence, evidence)


def test_a_source_that_failed_says_nothing_about_what_is_gone(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook(),), endpoints=(endpoint(),)))
    failed = taken(5, read_at={"endpoints": at(5), "notebooks": at(1)}, failures={"notebooks": Unavailable("down")})
    history.observe(ACCOUNT, failed)
    assert told(history) == [("n", "InService", 0, None), ("e", "InService", 0, 5)]


def test_what_was_missing_and_is_there_again_was_there_all_along(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook(),)))
    history.observe(ACCOUNT, taken(2))
    history.observe(ACCOUNT, taken(3, notebooks=(notebook(),)))
    assert told(history) == [("n", "InService", 0, None)]
    assert history.intervals(ACCOUNT, BORN, at(9))[0].resource.gone is None


def test_what_was_only_listed_keeps_the_volume_that_is_known(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook(),)))
    history.observe(ACCOUNT, taken(2, notebooks=(notebook("Stopped", 1.5, volume_gib=None),)))
    assert [i.holding.volume_gib for i in history.intervals(ACCOUNT, BORN, at(9))] == [5, 5]
    history.observe(ACCOUNT, taken(3, notebooks=(notebook("Stopped", 1.5, volume_gib=7),)))
    assert [i.holding.volume_gib for i in history.intervals(ACCOUNT, BORN, at(9))] == [5, 7]


def test_a_training_job_tells_its_own_past(history: History) -> None:
    history.observe(ACCOUNT, taken(1.5, trainings=(job(),)))
    assert told(history) == [("j", "Starting", 0, 1), ("j", "Training", 1, None)]
    (run,) = history.runs(ACCOUNT, BORN, at(9))
    assert (run.start, run.end, run.seconds, run.holding.volume_gib) == (at(1), at(1.5), 1800, 20)
    history.observe(ACCOUNT, taken(3, trainings=(job("Completed"),)))
    assert told(history) == [("j", "Starting", 0, 1), ("j", "Training", 1, 2), ("j", "Completed", 2, 2)]
    (run,) = history.runs(ACCOUNT, BORN, at(9))
    assert (run.end, run.seconds, run.resource.owner) == (at(2), 3600, "kim")
    before = history.intervals(ACCOUNT, BORN, at(9))
    history.observe(ACCOUNT, taken(4, trainings=(job("Completed"),)))
    assert history.intervals(ACCOUNT, BORN, at(9)) == before


def test_a_job_without_phases_or_that_vanished_keeps_what_is_known(history: History) -> None:
    history.observe(ACCOUNT, taken(0.5, trainings=(job(phases=(), started=None),)))
    assert told(history) == [("j", "Training", 0, None)]
    assert history.runs(ACCOUNT, BORN, at(9)) == ()
    history.observe(ACCOUNT, taken(2))
    assert told(history) == [("j", "Training", 0, 2)]


def test_a_guard_that_was_due_since_we_looked_is_taken_to_have_fired(history: History) -> None:
    rows = (notebook(), endpoint())
    guards = {row.arn: Guard("flightdeck-x", at(8), True) for row in rows}
    history.observe(ACCOUNT, taken(1, notebooks=rows[:1], endpoints=rows[1:], guards=guards))
    assert told(history, until=7) == [("n", "InService", 0, None), ("e", "InService", 0, None)]
    assert told(history, until=20) == [("n", "InService", 0, 8), ("n", "Stopped", 8, None), ("e", "InService", 0, 8)]


def test_regions_and_accounts_stay_apart(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook(),)))
    history.observe(ACCOUNT, replace(taken(1), region="us-east-1"))
    history.observe("real:210987654321:", taken(1))
    assert len(history.intervals(ACCOUNT, BORN, at(2), region=REGION)) == 1
    assert history.intervals(ACCOUNT, BORN, at(2), region="us-east-1") == ()
    assert history.intervals("real:210987654321:", BORN, at(2)) == ()
    assert history.last(ACCOUNT, "eu-west-1") is None


def test_an_overtaken_inventory_is_dropped_and_one_of_an_account_begun_anew_is_not(history: History) -> None:
    history.observe(ACCOUNT, taken(5, notebooks=(notebook("Stopped", 4),)))
    history.observe(ACCOUNT, replace(taken(5 - 1 / 3600), notebooks=(notebook(),)))
    assert [i.state for i in history.intervals(ACCOUNT, at(4.5), at(9))] == ["Stopped"]
    history.observe(ACCOUNT, taken(1))
    assert told(history)[-1] == ("n", "Stopped", 4, 5)
    last = history.last(ACCOUNT, REGION)
    assert last is not None
    assert last.at == at(1)


def test_all_of_it_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "history.sqlite3"
    inventory = taken(
        2,
        notebooks=(notebook(),),
        trainings=(job("Completed", metrics={"loss": 0.5}),),
        endpoints=(endpoint(),),
        guards={"arn": Guard("flightdeck-x", at(8), True)},
        limits={"L-1": 4},
        owners={"arn": "kim"},
    )
    first = History(path)
    first.observe(ACCOUNT, inventory)
    before = first.intervals(ACCOUNT, BORN, at(9))
    first.close()
    second = History(path)
    assert second.intervals(ACCOUNT, BORN, at(9)) == before
    assert second.last(ACCOUNT, REGION) == known(inventory)
    second.close()


def test_a_snapshot_of_another_version_is_forgotten() -> None:
    assert snapshots.load('{"region": "x"}') is None
    assert snapshots.load("not json") is None


def test_a_failure_midway_leaves_nothing_half_written(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> str:
        raise sqlite3.OperationalError("disk full")

    monkeypatch.setattr(snapshots, "dump", broken)
    with pytest.raises(sqlite3.OperationalError):
        history.observe(ACCOUNT, taken(1, notebooks=(notebook(),)))
    assert told(history) == []
