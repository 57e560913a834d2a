"""The clock: wall time at a speed, jumps that real processes do not live through, and one setting that survives."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice import clock as clocks
from practice.clock import Clock, Setting

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Wall:
    """A wall clock that stands until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = NOON
        monkeypatch.setattr(clocks, "wall_now", lambda: self.now)

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


def test_it_starts_at_wall_time_and_runs_with_it(wall: Wall) -> None:
    clock = Clock()
    wall.pass_by(5)
    assert clock.now() == NOON + timedelta(seconds=5)


def test_a_speed_counts_from_when_it_was_set(wall: Wall) -> None:
    clock = Clock()
    wall.pass_by(10)
    clock.set_speed(60)
    wall.pass_by(10)
    assert clock.now() == NOON + timedelta(seconds=10 + 600)
    assert clock.wall_seconds_until(clock.now() + timedelta(minutes=1)) == 1


@pytest.mark.parametrize("speed", [0, -1, 100_001, float("nan")])
def test_a_speed_out_of_range_is_refused(wall: Wall, speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be"):
        Clock().set_speed(speed)


def test_a_jump_moves_now_and_not_what_was_lived(wall: Wall) -> None:
    clock = Clock()
    before = clock.lived()
    clock.jump_to(NOON + timedelta(days=30))
    wall.pass_by(7)
    assert clock.now() == NOON + timedelta(days=30, seconds=7)
    assert clock.lived() - before == timedelta(seconds=7)


def test_a_jump_into_the_past_changes_nothing(wall: Wall) -> None:
    clock = Clock()
    clock.jump_to(NOON - timedelta(days=1))
    assert clock.now() == NOON


def test_going_back_at_a_start_leaves_nothing_behind(wall: Wall) -> None:
    saved: list[Setting] = []
    clock = Clock(save=saved.append)
    wall.pass_by(3600)
    before = clock.lived()
    with clock.back_at(NOON + timedelta(minutes=5)):
        assert clock.now() == NOON + timedelta(minutes=5)
        clock.jump_to(NOON + timedelta(hours=1))
        wall.pass_by(7)
        assert clock.now() == NOON + timedelta(hours=1, seconds=7)
    assert clock.now() == NOON + timedelta(hours=1, seconds=7)
    assert clock.lived() - before == timedelta(seconds=7)
    assert len(saved) == 1, "what a kill would leave on disk is what was there before"


def test_inside_at_it_shows_that_moment_to_this_thread(wall: Wall) -> None:
    clock = Clock()
    with clock.at(NOON + timedelta(days=1)):
        with clock.at(NOON + timedelta(days=2)):
            assert clock.now() == NOON + timedelta(days=2)
        assert clock.now() == NOON + timedelta(days=1)
    assert clock.now() == NOON


def test_a_wall_clock_that_is_set_back_does_not_turn_it_back(wall: Wall) -> None:
    clock = Clock()
    wall.pass_by(-3600)
    assert clock.now() == NOON


@given(st.lists(st.tuples(st.sampled_from(("pass", "jump", "speed")), st.floats(0.1, 5_000)), max_size=20))
def test_every_setting_is_saved_before_it_holds_and_makes_the_same_clock_again(steps: list[tuple[str, float]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        wall, saved = Wall(patch), list[Setting]()
        clock = Clock(save=saved.append)
        for what, amount in steps:
            before, lived = clock.now(), clock.lived()
            if what == "pass":
                wall.pass_by(amount)
            elif what == "jump":
                clock.jump_to(clock.now() + timedelta(seconds=amount))
            else:
                clock.set_speed(amount)
            assert clock.now() >= before
            assert clock.lived() >= lived
        again = Clock(saved[-1])
        assert (again.now(), again.lived(), again.speed) == (clock.now(), clock.lived(), clock.speed)
