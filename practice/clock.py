"""The account's clock: wall time at a speed, and jumps.

`now` is what every timestamp, lifecycle and bill follows. `lived` leaves the jumps out: it is the time that real
processes (a training job) live on, so that a jump never charges them.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

MAX_SPEED = 100_000.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides the clock: at wall time `wall` it showed `shown`; `jumped` is the sum of its jumps."""

    wall: datetime
    shown: datetime
    speed: float = 1.0
    jumped: timedelta = timedelta(0)


def wall_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Thread-safe. `save` is called with each new setting before it takes effect."""

    def __init__(self, setting: Setting | None = None, save: Callable[[Setting], None] = lambda _: None) -> None:
        wall = wall_now()
        self._setting = setting or Setting(wall, wall)
        self._save = save
        self._lock = threading.Lock()
        self._fixed = threading.local()
        if setting is None:
            save(self._setting)

    @property
    def speed(self) -> float:
        return self._setting.speed

    def now(self) -> datetime:
        """Aware UTC. Inside `at`, that moment."""
        fixed: datetime | None = getattr(self._fixed, "moment", None)
        return fixed if fixed is not None else _shown(self._setting, wall_now())

    def lived(self) -> timedelta:
        """Time since the epoch without the jumps: differences of it are wall time × speed."""
        return _shown(self._setting, wall_now()) - self._setting.jumped - datetime.fromtimestamp(0, UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """Within this thread, `now` is `moment`: what falls due is handled at its own time, even when late."""
        before = getattr(self._fixed, "moment", None)
        self._fixed.moment = moment
        try:
            yield
        finally:
            self._fixed.moment = before

    def jump_to(self, moment: datetime) -> None:
        """Show `moment` from now on; a moment already past changes nothing."""
        with self._lock:
            wall = wall_now()
            shown = _shown(self._setting, wall)
            if moment > shown:
                jumped = self._setting.jumped + (moment - shown)
                self._change(replace(self._setting, wall=wall, shown=moment, jumped=jumped))

    @contextmanager
    def back_at(self, moment: datetime) -> Iterator[None]:
        """At start: stand at `moment`, the first thing that fell due while the account was down, and go on from there.

        Nothing of it is saved, and at the end the clock is where it was: a kill on the way leaves nothing behind.
        """
        kept, save = self._setting, self._save
        self._save = lambda _: None
        self._setting = replace(kept, wall=wall_now(), shown=moment)
        try:
            yield
        finally:
            self._setting, self._save = kept, save

    def set_speed(self, speed: float) -> None:
        """Run at `speed` × wall time from now on. Raises ValueError outside (0, 100 000]."""
        if not 0 < speed <= MAX_SPEED:
            raise ValueError(f"speed must be above 0 and at most {MAX_SPEED:g}, not {speed:g}")
        with self._lock:
            wall = wall_now()
            self._change(replace(self._setting, wall=wall, shown=_shown(self._setting, wall), speed=speed))

    def wall_seconds_until(self, moment: datetime) -> float:
        """How long to wait, in wall seconds, until the clock shows `moment`; 0 when it has passed."""
        return max(0.0, (moment - _shown(self._setting, wall_now())).total_seconds() / self.speed)

    def _change(self, setting: Setting) -> None:
        self._save(setting)
        self._setting = setting


def _shown(setting: Setting, wall: datetime) -> datetime:
    return setting.shown + max(wall - setting.wall, timedelta(0)) * setting.speed
