"""What falls due: one thread that handles timers in time order, and the advance of the clock."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from practice.lifecycles import LIFECYCLES, Due
from practice.world import Resource, Timer, World

LONGEST_WAIT_SECONDS = 60.0

log = logging.getLogger(__name__)


class Ticker:
    """Handles every timer once, in time order; `advance` and the thread take turns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turn = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def start(self, resume: Callable[[], None]) -> None:
        """Go back to the first thing that fell due while the account was down, `resume` what ran, and handle all that
        was due in its order and at its time; then tick."""
        world = self._world
        first, now = world.next_timer(), world.clock.now()
        with self._turn, world.clock.back_at(min(first.at, now) if first else now):
            resume()
            self._jump(now)
        self._thread.start()

    def close(self) -> None:
        self._closed = True
        self._world.notify()
        self._thread.join()

    def advance(self, by: timedelta) -> None:
        """Jump `by` ahead; returns when all that fell due on the way is done, in time order."""
        with self._turn:
            self._jump(self._world.clock.now() + by)

    def _jump(self, target: datetime) -> None:
        world = self._world
        world.jumping = True
        try:
            while (timer := world.next_timer()) is not None and timer.at <= target:
                world.clock.jump_to(timer.at)
                self._handle(timer)
            world.clock.jump_to(target)
        finally:
            world.jumping = False
            world.notify()

    def _run(self) -> None:
        while not self._closed:
            timer = self._world.next_timer()
            wait = LONGEST_WAIT_SECONDS if timer is None else self._world.clock.wall_seconds_until(timer.at)
            if timer is None or wait > 0:
                self._sleep(timer, wait)
                continue
            with self._turn:
                if self._world.next_timer() == timer:
                    self._handle(timer)

    def _sleep(self, timer: Timer | None, wait: float) -> None:
        with self._world.changed:
            # Looked at again under the condition: a timer set just before would otherwise be slept through.
            if not self._closed and self._world.next_timer() == timer:
                self._world.changed.wait(min(wait, LONGEST_WAIT_SECONDS))

    def _handle(self, timer: Timer) -> None:
        world = self._world
        resource = world.by_uid(timer.uid)
        if resource is None or (timer.state is not None and resource.state != timer.state):
            world.drop_timer(timer)
            return
        due = LIFECYCLES[resource.kind].due.get(timer.event)
        if due is None:
            with world.clock.at(timer.at), world.store.transaction():
                world.drop_timer(timer)
                world.move(resource, timer.event)
            return
        # Done first and forgotten after: a kill in between does it again, as EventBridge Scheduler may.
        again = self._guarded(timer, due, resource)
        with world.store.transaction():
            world.drop_timer(timer)
            if again is not None and world.by_uid(timer.uid) is not None:
                world.set_timer(timer.uid, timer.event, again, timer.state)

    def _guarded(self, timer: Timer, due: Due, resource: Resource) -> datetime | None:
        try:
            with self._world.clock.at(timer.at):
                return due(self._world, resource)
        except Exception:
            # The outermost guard of this thread: one bad timer must not stop the clock.
            log.exception("%s of %s %s failed", timer.event, resource.kind, resource.name)
            return None
