"""Time as moto sees it: the account's clock, except for credentials, whose expiry lives on wall time.

Moto asks `datetime` and `time` directly, in some eighty places. Its modules get the stand-ins made here instead
(practice.borrowed.loading), so that one source decides. While a request that changes something runs, live or
replayed, both times are pinned to the moment that its journal entry records.
"""

import datetime as real_datetime
import threading
import time as real_time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import ModuleType
from typing import Any

from practice.clock import wall_now

Now = Callable[[], datetime]


class _Pinned(threading.local):
    clock: datetime | None = None
    wall: datetime | None = None


_pinned = _Pinned()
_EPOCH = datetime.fromtimestamp(0, UTC)
_clock: list[Now] = [wall_now]


def follow(now: Now) -> None:
    """From now on moto's time is `now()`, an aware UTC datetime."""
    _clock[0] = now


def on_clock() -> datetime:
    """The account's time as moto sees it in this thread."""
    return _pinned.clock or _clock[0]()


def on_wall() -> datetime:
    """Wall time as moto sees it in this thread: for what a client checks against its own clock."""
    return _pinned.wall or wall_now()


@contextmanager
def pinned(clock: datetime, wall: datetime) -> Iterator[None]:
    """Within this thread, time stands at these moments. Nests."""
    before = _pinned.clock, _pinned.wall
    _pinned.clock, _pinned.wall = clock, wall
    try:
        yield
    finally:
        _pinned.clock, _pinned.wall = before


def naive(now: Now) -> Callable[[], datetime]:
    """Moto's own idea of a time: UTC without saying so."""
    return lambda: now().replace(tzinfo=None)


class _Kind(type):
    """Every datetime is an instance of the stand-in, and nothing it makes is of a type of its own."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, datetime)


def datetime_following(now: Now) -> type[datetime]:
    """The class `datetime`, its present taken from `now`. A naive present is UTC, whatever the machine's zone is."""

    class Following(datetime, metaclass=_Kind):
        def __new__(cls, *args: Any, **kwargs: Any) -> datetime:  # type: ignore[misc]
            return datetime(*args, **kwargs)  # noqa: DTZ001

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now().astimezone(tz) if tz else now().replace(tzinfo=None)

        @classmethod
        def utcnow(cls) -> datetime:  # type: ignore[override]
            return now().replace(tzinfo=None)

        @classmethod
        def today(cls) -> datetime:  # type: ignore[override]
            return now().replace(tzinfo=None)

    return Following


def stand_in(module: ModuleType, **replaced: Any) -> ModuleType:
    """A module like `module`, with some of its names replaced."""
    standing = ModuleType(module.__name__, module.__doc__)
    standing.__dict__.update(vars(module))
    standing.__dict__.update(replaced)
    return standing


def stand_ins(now: Now) -> dict[int, Any]:
    """What replaces what in a moto module, by the identity of the original."""
    following = datetime_following(now)

    def nanoseconds() -> int:
        return (now() - _EPOCH) // timedelta(microseconds=1) * 1000

    def seconds() -> float:
        return nanoseconds() / 1e9

    def gmtime(at: float | None = None) -> real_time.struct_time:
        return real_time.gmtime(seconds() if at is None else at)

    clock = {"time": seconds, "time_ns": nanoseconds, "gmtime": gmtime, "localtime": gmtime}
    return {
        id(datetime): following,
        id(real_datetime): stand_in(real_datetime, datetime=following),
        id(real_time): stand_in(real_time, **clock),
        id(real_time.time): seconds,
    }
