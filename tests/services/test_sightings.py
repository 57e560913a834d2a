"""What was, from what was seen: every moment of a resource's life is in exactly one state, and each bound says how it
is known."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sightings import Evidence, Holding, Sighting, Span, Turn, first, follow, foresee, vanish

BORN = datetime(2026, 3, 1, tzinfo=UTC)
SMALL, LARGE = Holding((("ml.t3.medium", 1),), 5), Holding((("ml.t3.large", 1),), 5)


def at(minutes: float) -> datetime:
    return BORN + timedelta(minutes=minutes)


def seen(state: str, changed: float, holding: Holding = SMALL) -> Sighting:
    return Sighting(state, BORN, at(changed), holding)


def still(state: str, since: float) -> Span:
    return Span(state, at(since), None, Evidence.DESCRIBED, None, SMALL)


def told(spans: list[Span]) -> list[tuple[str, float, float | None, str]]:
    """(state, from, to, how the start is known), in minutes."""
    minute = timedelta(minutes=1)
    return [
        (s.state, (s.start - BORN) / minute, None if s.end is None else (s.end - BORN) / minute, str(s.started_by))
        for s in spans
    ]


def test_first_seen_at_birth_it_has_one_state() -> None:
    assert told(first("notebook", seen("Pending", 0))) == [("Pending", 0, None, "described")]


@pytest.mark.parametrize(
    ("kind", "changed", "before"),
    [("notebook", 5, "Unseen"), ("endpoint", 5, "Creating"), ("endpoint", 6000, "InService")],
)
def test_first_seen_later_the_time_before_is_assumed_and_says_so(kind: str, changed: float, before: str) -> None:
    assert told(first(kind, seen("InService", changed))) == [
        (before, 0, changed, "assumed"),
        ("InService", changed, None, "described"),
    ]


def test_a_new_state_began_when_it_was_last_modified() -> None:
    spans = follow("notebook", still("InService", 5), at(60), seen("Stopping", 90), [])
    assert told(spans) == [("InService", 5, 90, "described"), ("Stopping", 90, None, "described")]
    assert spans[0].ended_by is Evidence.DESCRIBED


def test_an_auto_stop_that_nobody_watched_stopped_it_when_it_fired() -> None:
    fired = [Turn(at(480), Evidence.GUARD, deletes=False)]
    spans = follow("notebook", still("InService", 5), at(60), seen("Stopped", 481), fired)
    assert told(spans) == [
        ("InService", 5, 480, "described"),
        ("Stopping", 480, 481, "guard"),
        ("Stopped", 481, None, "described"),
    ]


def test_a_guard_from_before_we_last_looked_explains_nothing() -> None:
    old = [Turn(at(30), Evidence.GUARD, deletes=False)]
    spans = follow("notebook", still("InService", 5), at(60), seen("Stopped", 90), old)
    assert [span.state for span in spans] == ["InService", "Stopped"]


def test_what_was_starting_and_is_stopped_was_in_service() -> None:
    spans = follow("notebook", still("Pending", 0), at(0.1), seen("Stopped", 481), [])
    assert told(spans) == [
        ("Pending", 0, 0.1, "described"),
        ("InService", 0.1, 481, "assumed"),
        ("Stopped", 481, None, "described"),
    ]


def test_what_was_starting_and_is_in_service_was_starting_until_then() -> None:
    spans = follow("notebook", still("Pending", 0), at(0.1), seen("InService", 3), [])
    assert told(spans) == [("Pending", 0, 3, "described"), ("InService", 3, None, "described")]


def test_a_notebook_that_changed_and_is_as_it_was_did_something_unseen() -> None:
    spans = follow("notebook", still("Stopped", 5), at(60), seen("Stopped", 90, LARGE), [])
    assert told(spans) == [
        ("Stopped", 5, 60, "described"),
        ("Unseen", 60, 90, "observed"),
        ("Stopped", 90, None, "described"),
    ]
    assert [span.holding for span in spans] == [SMALL, SMALL, LARGE]


def test_an_endpoint_that_changed_and_is_in_service_served_all_the_while() -> None:
    spans = follow("endpoint", still("InService", 5), at(60), seen("InService", 90, LARGE), [])
    assert [(span.state, span.holding) for span in spans] == [("InService", SMALL), ("InService", LARGE)]


@pytest.mark.parametrize(
    ("turns", "end", "by"),
    [
        ([], 100, Evidence.OBSERVED),
        ([Turn(at(80), Evidence.GUARD, deletes=True)], 80, Evidence.GUARD),
        ([Turn(at(70), Evidence.LEDGER, deletes=True), Turn(at(80), Evidence.GUARD, True)], 70, Evidence.LEDGER),
        ([Turn(at(50), Evidence.LEDGER, deletes=True)], 100, Evidence.OBSERVED),
        ([Turn(at(101), Evidence.GUARD, deletes=True)], 100, Evidence.OBSERVED),
    ],
)
def test_a_vanished_endpoint_ended_when_something_is_known_to_have_deleted_it(
    turns: list[Turn], end: float, by: Evidence
) -> None:
    (span,) = vanish("endpoint", still("InService", 5), at(60), turns, at(100))
    assert (span.end, span.ended_by) == (at(end), by)


def test_a_vanished_notebook_was_stopped_first() -> None:
    turns = [Turn(at(70), Evidence.GUARD, deletes=False), Turn(at(90), Evidence.LEDGER, deletes=True)]
    spans = vanish("notebook", still("InService", 5), at(60), turns, at(100))
    assert told(spans) == [("InService", 5, 70, "described"), ("Stopped", 70, 90, "guard")]
    assert spans[-1].ended_by is Evidence.LEDGER


def test_what_vanished_while_it_was_starting_had_started() -> None:
    spans = vanish("endpoint", still("Creating", 0), at(1), [Turn(at(480), Evidence.GUARD, True)], at(600))
    assert told(spans) == [("Creating", 0, 1, "described"), ("InService", 1, 480, "assumed")]


def test_nobody_looked_but_the_guard_was_due() -> None:
    assert told(foresee("notebook", still("InService", 5), at(60), at(480), at(900))) == [
        ("InService", 5, 480, "described"),
        ("Stopped", 480, None, "guard"),
    ]
    (gone,) = foresee("endpoint", still("InService", 5), at(60), at(480), at(900))
    assert (gone.end, gone.ended_by) == (at(480), Evidence.GUARD)


@pytest.mark.parametrize(
    ("state", "guard", "until"), [("InService", None, 900), ("InService", 480, 400), ("Stopped", 480, 900)]
)
def test_nothing_is_foreseen_without_a_guard_that_is_due(state: str, guard: float | None, until: float) -> None:
    last = still(state, 5)
    assert foresee("notebook", last, at(60), None if guard is None else at(guard), at(until)) == [last]


STATES = {
    "notebook": ["Pending", "InService", "Stopping", "Stopped", "Updating", "Failed", "Deleting"],
    "endpoint": ["Creating", "InService", "Updating", "RollingBack", "Failed", "Deleting"],
}
minutes = st.floats(0, 10_000, allow_nan=False)


@st.composite
def lives(draw: st.DrawFn) -> tuple[str, list[tuple[Sighting, datetime]], list[Turn], datetime]:
    """A kind, what was seen and when, turns, and when it was missed."""
    kind = draw(st.sampled_from(sorted(STATES)))
    looks = sorted(draw(st.lists(minutes, min_size=1, max_size=6)))
    sightings = [
        (seen(draw(st.sampled_from(STATES[kind])), look * draw(st.floats(0, 1)), draw(st.sampled_from([SMALL, LARGE]))),
         at(look))
        for look in looks
    ]  # fmt: skip
    sources = st.sampled_from([Evidence.GUARD, Evidence.LEDGER])
    turns = [
        Turn(at(when), draw(sources), kind == "endpoint" or draw(st.booleans()))
        for when in draw(st.lists(minutes, max_size=3))
    ]
    return kind, sightings, turns, at(looks[-1] + draw(minutes))


@given(lives())
def test_a_life_has_no_gap_no_overlap_and_nothing_before_its_birth(
    life: tuple[str, list[tuple[Sighting, datetime]], list[Turn], datetime],
) -> None:
    kind, sightings, turns, missed = life
    (earliest, looked), *later = sightings
    spans, changed = first(kind, earliest), earliest.changed
    for sighting, now in later:
        if (sighting.state, sighting.changed) != (spans[-1].state, changed) and sighting.changed >= changed:
            spans[-1:] = follow(kind, spans[-1], looked, sighting, turns)
            changed = sighting.changed
        looked = now
    whole = [*spans[:-1], *vanish(kind, spans[-1], looked, turns, missed)]
    assert spans[-1].end is None
    assert whole[0].start == BORN
    assert all(earlier.end == later.start for earlier, later in pairwise(whole))
    assert all(span.end is not None and span.end >= span.start and span.ended_by for span in whole)
    end = whole[-1].end
    assert end is not None
    assert looked <= end <= max(missed, looked)
