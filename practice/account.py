"""One running account: opens its home, starts its clock and its door, and ends all that it started."""

import fcntl
import json
import os
import secrets
import socket
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from practice import logs, service_modules
from practice.borrowed import grants
from practice.borrowed.application import Borrowed
from practice.clock import Clock, Setting
from practice.cloudtrail.borrowed_calls import Watcher
from practice.connections import Connection
from practice.door import Rooms, make_door
from practice.lifecycles import LIFECYCLES
from practice.permissions.decisions import Decisions
from practice.permissions.identities import Identity
from practice.permissions.policies import Wanted
from practice.store import Store
from practice.throttles import Throttles
from practice.ticker import Ticker
from practice.world import Door, World

THREADS = 32
MAX_BODY_BYTES = 5 * 1024**3
"""S3's largest single PUT."""


class HomeInUse(RuntimeError):
    """Another practice account already runs on this home."""


class Account:
    """`python -m practice` as an object. Everything is up when the constructor returns."""

    def __init__(self, home: Path, port: int, *, throttling: bool = True) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._home_lock = _lock(home)
        listener = socket.create_server(("127.0.0.1", port))
        door = _door(home, listener.getsockname()[1])
        self._store = Store(home / "account.sqlite3")
        clock = Clock(_saved_clock(self._store), lambda setting: _save_clock(self._store, setting))
        self.world = World(home, self._store, clock, door)
        service_modules.load()
        throttles = Throttles(on=throttling)
        decisions = Decisions(self._identity_of, self._trusts, self._tags_of)
        self._borrowed = Borrowed(home, clock, decisions.decide, Watcher(self.world, throttles))
        self._ticker = Ticker(self.world)
        rooms = Rooms(self.world, self._ticker, self._borrowed, throttles, self._secret_for, decisions)
        self._server: Any = create_server(
            make_door(rooms),
            sockets=[listener],
            threads=THREADS,
            connection_limit=1000,
            max_request_body_size=MAX_BODY_BYTES,
        )
        self._server.channel_class = Connection
        self._thread = threading.Thread(target=self._server.run, name="door", daemon=True)
        self._thread.start()
        self._ticker.start(self._resume)
        _write_private(home / "practice.json", {**_keys(door), "url": door.url, "pid": os.getpid()})

    def close(self) -> None:
        """End what runs, then the clock, then the door. What is on disk stays."""
        self._ticker.close()
        # The newest first: a job that ends lets the next one in the queue start.
        for handle in reversed(list(self.world.running.values())):
            handle.close()
        logs.close(self.world)
        self._close_door()
        self._borrowed.close()
        self._store.close()
        self._home_lock.close()

    def _close_door(self) -> None:
        self._server.task_dispatcher.shutdown()
        # In the door's own thread: a socket closed under its select would end that thread with an error.
        self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._server._map))
        self._thread.join()

    def _resume(self) -> None:
        for lifecycle in LIFECYCLES.values():
            if lifecycle.resume is not None:
                for resource in self.world.all(lifecycle.kind):
                    lifecycle.resume(self.world, resource)

    def _secret_for(self, access_key: str, token: str | None) -> str | None:
        door = self.world.door
        return door.secret_key if access_key == door.access_key else self._borrowed.secret_for(access_key, token)

    def _identity_of(self, access_key: str, role: str) -> Identity:
        own = access_key == self.world.door.access_key
        if own and not role:
            return grants.OWN
        return self._borrowed.granted.of("", role) if own else self._borrowed.granted.of(access_key)

    def _trusts(self, role: str, principals: tuple[str, ...], wanted: Wanted) -> bool:
        return self._borrowed.granted.trusts(role, principals, wanted)

    def _tags_of(self, arn: str) -> dict[str, str] | None:
        """Tags of what we own; a resource that is not there yet has none."""
        if not arn.startswith("arn:aws:sagemaker:"):
            return None
        found = self.world.by_arn(arn)
        return {tag["Key"]: tag["Value"] for tag in found.document.get("Tags", [])} if found else {}


def _lock(home: Path) -> Any:
    handle = (home / "lock").open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        handle.close()
        raise HomeInUse(f"a practice account already runs on {home}") from exc
    return handle


def _door(home: Path, port: int) -> Door:
    """The keys are made once and survive restarts."""
    path = home / "practice.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    access_key = kept.get("access_key") or "PRACTICE" + secrets.token_hex(6).upper()
    secret_key = kept.get("secret_key") or secrets.token_urlsafe(30)
    door = Door(f"http://127.0.0.1:{port}", access_key, secret_key)
    if not kept:
        _write_private(path, _keys(door))
    return door


def _keys(door: Door) -> dict[str, Any]:
    return {"access_key": door.access_key, "secret_key": door.secret_key}


def _write_private(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all, and readable by its owner alone from the first byte."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(content, handle)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(path)


def _saved_clock(store: Store) -> Setting | None:
    text = store.get_meta("clock")
    if text is None:
        return None
    kept = json.loads(text)
    return Setting(
        datetime.fromisoformat(kept["wall"]),
        datetime.fromisoformat(kept["shown"]),
        kept["speed"],
        timedelta(seconds=kept["jumped_seconds"]),
    )


def _save_clock(store: Store, setting: Setting) -> None:
    kept = {
        "wall": setting.wall.isoformat(),
        "shown": setting.shown.isoformat(),
        "speed": setting.speed,
        "jumped_seconds": setting.jumped.total_seconds(),
    }
    store.set_meta("clock", json.dumps(kept))
