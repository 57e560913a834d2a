"""The world: resources, the events that made them so, and the timers of what falls due.

Every change is an event with its clock time. A resource row is the sum of its events, kept so that reading is cheap.
"""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Condition
from typing import Any

from practice import ACCOUNT_ID
from practice.clock import Clock
from practice.lifecycles import GONE, LIFECYCLES, Lifecycle
from practice.rows import Door as Door
from practice.rows import Event as Event
from practice.rows import Resource as Resource
from practice.rows import Timer as Timer
from practice.rows import as_event, as_resource, as_timer
from practice.store import Store, to_us


class World:
    """All that the account holds. Functions of the owned services work on it; nothing else writes to the store."""

    def __init__(self, home: Path, store: Store, clock: Clock, door: Door) -> None:
        self.home = home
        self.store = store
        self.clock = clock
        self.door = door
        self.changed = Condition()
        """Notified when a timer or what a timer waits for may have changed."""
        self.jumping = False
        """True while the clock is being advanced: what falls due then waits for what really runs."""
        self.running: dict[str, Any] = {}
        """uid → the handle of what really runs for it (practice.machines)."""

    # -- reading

    def get(self, kind: str, region: str, name: str) -> Resource | None:
        rows = self.store.read(
            "SELECT * FROM resources WHERE kind = ? AND region = ? AND name = ?", (kind, region, name)
        )
        return as_resource(rows[0]) if rows else None

    def by_uid(self, uid: str) -> Resource | None:
        rows = self.store.read("SELECT * FROM resources WHERE uid = ?", (uid,))
        return as_resource(rows[0]) if rows else None

    def by_arn(self, arn: str) -> Resource | None:
        rows = self.store.read("SELECT * FROM resources WHERE arn = ?", (arn,))
        return as_resource(rows[0]) if rows else None

    def all(self, kind: str, region: str | None = None) -> list[Resource]:
        """Every resource of the kind, oldest first; in every region when none is given."""
        sql = "SELECT * FROM resources WHERE kind = ? AND region = coalesce(?, region) ORDER BY created_us"
        return [as_resource(row) for row in self.store.read(sql, (kind, region))]

    def history(self, uid: str) -> list[Event]:
        """What happened to a resource, oldest first; also of one that is gone."""
        return [as_event(row) for row in self.store.read("SELECT * FROM events WHERE uid = ? ORDER BY id", (uid,))]

    def events(self, kind: str) -> list[Event]:
        """What happened to all resources of a kind, oldest first."""
        return [as_event(row) for row in self.store.read("SELECT * FROM events WHERE kind = ? ORDER BY id", (kind,))]

    # -- changing

    def add(
        self, kind: str, region: str, name: str, arn: str, document: Mapping[str, Any], state: str | None = None
    ) -> Resource:
        """A new resource in its lifecycle's first state. The caller has checked that the name is free."""
        lifecycle = LIFECYCLES[kind]
        state = state or lifecycle.transitions[0].source
        now = self.clock.now()
        resource = Resource(uuid.uuid4().hex, kind, region, name, arn, state, now, now, dict(document))
        with self._moment(now):
            row = (resource.uid, kind, region, name, arn, state, to_us(now), to_us(now), json.dumps(document))
            self.store.write("INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._entered(lifecycle, resource, "create", resource.document)
        return resource

    def move(self, resource: Resource, event: str, changes: Mapping[str, Any] | None = None) -> Resource:
        """Make `event` happen. A resource that left the state the event starts from is returned as it is, unchanged."""
        lifecycle = LIFECYCLES[resource.kind]
        with self._moment(self.clock.now()):
            current = self.by_uid(resource.uid)
            if current is None:
                return resource
            target = lifecycle.target(current.state, event)
            if target is None:
                return current
            moved = self._put(current, target, changes or {})
            self.store.write("DELETE FROM timers WHERE uid = ? AND state IS NOT NULL", (moved.uid,))
            self._entered(lifecycle, moved, event, dict(changes or {}))
        return moved

    def update(self, resource: Resource, event: str, changes: Mapping[str, Any], *, touch: bool = True) -> Resource:
        """Change the document and leave the state; with touch=False `modified` stays too."""
        with self._moment(self.clock.now()):
            current = self.by_uid(resource.uid)
            if current is None:
                return resource
            updated = self._put(current, current.state, changes, touch=touch)
            self._record(updated, event, dict(changes))
        return updated

    def set_timer(self, uid: str, event: str, at: datetime, state: str | None = None) -> None:
        self.store.write(
            "INSERT INTO timers (at_us, uid, event, state) VALUES (?, ?, ?, ?)", (to_us(at), uid, event, state)
        )
        self.store.after_commit(self.notify)

    def cancel_timers(self, uid: str, event: str) -> None:
        self.store.write("DELETE FROM timers WHERE uid = ? AND event = ?", (uid, event))

    def next_timer(self) -> Timer | None:
        rows = self.store.read("SELECT * FROM timers ORDER BY at_us, id LIMIT 1")
        return as_timer(rows[0]) if rows else None

    def drop_timer(self, timer: Timer) -> None:
        # By more than its id: SQLite gives that of a deleted row to the next one, which a handled timer may have set.
        self.store.write(
            "DELETE FROM timers WHERE id = ? AND uid = ? AND event = ? AND at_us = ?",
            (timer.id, timer.uid, timer.event, to_us(timer.at)),
        )

    # -- waiting

    def notify(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def settle(self, condition: Callable[[], bool], wall_seconds: float = 300) -> bool:
        """Whether `condition` holds; while the clock is being advanced, wait for it (call `notify` when it may)."""
        if not self.jumping:
            return condition()
        with self.changed:
            return self.changed.wait_for(condition, wall_seconds)

    # -- within

    @contextmanager
    def _moment(self, now: datetime) -> Iterator[None]:
        """One transaction, at one time: an event and the timers that it sets agree to the microsecond."""
        with self.clock.at(now), self.store.transaction():
            yield

    def _put(self, current: Resource, state: str, changes: Mapping[str, Any], *, touch: bool = True) -> Resource:
        modified = self.clock.now() if touch else current.modified
        document = {**current.document, **changes}
        if state == GONE:
            self.store.write("DELETE FROM resources WHERE uid = ?", (current.uid,))
            self.store.write("DELETE FROM timers WHERE uid = ?", (current.uid,))
        else:
            self.store.write(
                "UPDATE resources SET state = ?, modified_us = ?, document = ? WHERE uid = ?",
                (state, to_us(modified), json.dumps(document), current.uid),
            )
        return replace(current, state=state, modified=modified, document=document)

    def _entered(self, lifecycle: Lifecycle, resource: Resource, event: str, changes: dict[str, Any]) -> None:
        self._record(resource, event, changes)
        now = self.clock.now()
        for transition in lifecycle.timed(resource.state):
            after = timedelta(seconds=transition.after_seconds or 0)
            self.set_timer(resource.uid, transition.event, now + after, resource.state)
        enter = lifecycle.enter.get(resource.state)
        if enter is not None:
            self.store.after_commit(lambda: enter(self, resource))

    def _record(self, resource: Resource, event: str, changes: dict[str, Any]) -> None:
        self.store.write(
            "INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                to_us(self.clock.now()),
                resource.uid,
                resource.kind,
                resource.region,
                resource.name,
                event,
                resource.state,
                json.dumps(changes),
            ),
        )


def arn(service: str, region: str, path: str) -> str:
    """The ARN of a resource of this account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{path}"
