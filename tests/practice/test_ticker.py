"""What falls due: in time order, at its own time, also through a jump and after the account was down."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from practice.clock import Clock
from practice.lifecycles import GONE, LIFECYCLES, Lifecycle, Transition, register
from practice.store import Store
from practice.ticker import Ticker
from practice.world import Door, Event, Resource, World
from tests.support.waiting import eventually

KIND = "lamp"
DOOR = Door("http://127.0.0.1:1", "key", "secret")
fired: list[tuple[str, datetime]] = []


def _blink(world: World, resource: Resource) -> datetime | None:
    """Every hour, three times."""
    fired.append((resource.name, world.clock.now()))
    return world.clock.now() + timedelta(hours=1) if len(fired) < 3 else None


def _break(world: World, resource: Resource) -> datetime | None:
    raise RuntimeError(f"{resource.name} broke")


@pytest.fixture(autouse=True)
def lamp() -> Iterator[None]:
    fired.clear()
    register(
        Lifecycle(
            KIND,
            (
                Transition("Dark", "light", "Lit", after_seconds=10),
                Transition("Lit", "dim", "Dimmed", after_seconds=20),
                Transition("Dimmed", "remove", GONE, after_seconds=30),
            ),
            due={"blink": _blink, "break": _break},
        )
    )
    yield
    del LIFECYCLES[KIND]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, Store(tmp_path / "account.sqlite3"), Clock(), DOOR)


def add(world: World, name: str) -> Resource:
    return world.add(KIND, "eu-west-1", name, f"arn:lamp/{name}", {})


def times(events: list[Event]) -> list[tuple[str, timedelta]]:
    return [(event.state, event.at - events[0].at) for event in events]


def test_a_jump_passes_through_every_state_at_its_own_time(world: World) -> None:
    lamp = add(world, "a")
    Ticker(world).advance(timedelta(days=1))
    seconds = [(state, passed.total_seconds()) for state, passed in times(world.history(lamp.uid))]
    assert seconds == [("Dark", 0), ("Lit", 10), ("Dimmed", 30), (GONE, 60)]
    assert world.get(KIND, "eu-west-1", "a") is None


def test_a_jump_stops_where_it_was_asked_to(world: World) -> None:
    lamp, before = add(world, "a"), world.clock.now()
    Ticker(world).advance(timedelta(seconds=15))
    assert world.get(KIND, "eu-west-1", "a").state == "Lit"  # type: ignore[union-attr]
    assert timedelta(seconds=15) <= world.clock.now() - before < timedelta(seconds=20)
    assert world.next_timer().at - lamp.created == timedelta(seconds=30)  # type: ignore[union-attr]


def test_resources_take_turns_in_time_order(world: World) -> None:
    add(world, "a")
    Ticker(world).advance(timedelta(seconds=5))
    add(world, "b")
    Ticker(world).advance(timedelta(minutes=2))
    moments = [event.at for event in world.events(KIND) if event.event != "create"]
    assert moments == sorted(moments)
    assert len(moments) == 6


def test_a_handler_may_ask_for_another_time(world: World) -> None:
    lamp = add(world, "a")
    start = world.clock.now()
    world.set_timer(lamp.uid, "blink", start + timedelta(seconds=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LIFECYCLES, KIND, Lifecycle(KIND, (Transition("Dark", "x", "Lit"),), due={"blink": _blink}))
        Ticker(world).advance(timedelta(hours=9))
    assert [at - start for _, at in fired] == [timedelta(hours=n, seconds=1) for n in range(3)]


def test_one_broken_timer_does_not_stop_the_clock(world: World, caplog: pytest.LogCaptureFixture) -> None:
    lamp = add(world, "a")
    world.set_timer(lamp.uid, "break", world.clock.now() + timedelta(seconds=5))
    Ticker(world).advance(timedelta(seconds=15))
    assert world.get(KIND, "eu-west-1", "a").state == "Lit"  # type: ignore[union-attr]
    assert "a broke" in caplog.text


def test_the_thread_follows_the_clock_and_its_speed(world: World) -> None:
    ticker = Ticker(world)
    ticker.start(lambda: None)
    lamp = add(world, "a")
    world.clock.set_speed(600)
    world.notify()
    eventually(lambda: world.by_uid(lamp.uid) is None)
    ticker.close()


def test_what_fell_due_while_the_account_was_down_happens_at_its_own_time(world: World) -> None:
    lamp = add(world, "a")
    world.clock.jump_to(world.clock.now() + timedelta(days=3))
    now, resumed = world.clock.now(), list[datetime]()
    ticker = Ticker(world)
    ticker.start(lambda: resumed.append(world.clock.now()))
    ticker.close()
    assert [passed.total_seconds() for _, passed in times(world.history(lamp.uid))] == [0, 10, 30, 60]
    assert resumed[0] < now <= world.clock.now()


def test_a_timer_of_a_state_that_was_left_is_dropped(world: World) -> None:
    lamp = add(world, "a")
    moved = world.move(lamp, "light")
    assert [world.next_timer().event] == ["dim"]  # type: ignore[union-attr]
    assert world.move(moved, "light") == world.by_uid(lamp.uid)


def test_update_and_cancel(world: World) -> None:
    lamp = add(world, "a")
    changed = world.update(lamp, "paint", {"colour": "red"}, touch=False)
    assert (changed.modified, changed.document) == (lamp.modified, {"colour": "red"})
    world.set_timer(lamp.uid, "blink", lamp.created)
    world.cancel_timers(lamp.uid, "blink")
    assert world.next_timer().event == "light"  # type: ignore[union-attr]
    Ticker(world).advance(timedelta(days=1))
    assert world.update(lamp, "paint", {}) == lamp
    assert world.move(lamp, "light") == lamp
    assert world.by_arn(lamp.arn) is None


def test_settle_waits_only_while_the_clock_is_advanced(world: World) -> None:
    assert world.settle(lambda: False) is False
    world.jumping = True
    assert world.settle(lambda: False, wall_seconds=0.01) is False
    assert world.settle(lambda: True) is True


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        register(LIFECYCLES[KIND])
