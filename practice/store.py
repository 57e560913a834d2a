"""What is on disk: one SQLite file, one connection, every acknowledged change synced before its reply leaves.

SQLite 3.40 can corrupt a WAL that is reset by one connection while another writes, and a connection used by two
threads at once loses updates: so there is one connection, and a lock that a whole transaction holds.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resources (
    uid TEXT PRIMARY KEY, kind TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL,
    state TEXT NOT NULL, created_us INTEGER NOT NULL, modified_us INTEGER NOT NULL, document TEXT NOT NULL,
    UNIQUE (kind, region, name));
CREATE INDEX IF NOT EXISTS resources_arn ON resources (arn);
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, uid TEXT NOT NULL, kind TEXT NOT NULL, region TEXT NOT NULL,
    name TEXT NOT NULL, event TEXT NOT NULL, state TEXT NOT NULL, changes TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_uid ON events (uid);
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, uid TEXT NOT NULL, event TEXT NOT NULL, state TEXT);
CREATE INDEX IF NOT EXISTS timers_at ON timers (at_us, id);
CREATE TABLE IF NOT EXISTS log_streams (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, log_group TEXT NOT NULL, stream TEXT NOT NULL,
    created_us INTEGER NOT NULL, first_ms INTEGER, last_ms INTEGER, ingested_ms INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (region, log_group, stream));
CREATE TABLE IF NOT EXISTS log_events (
    id INTEGER PRIMARY KEY, stream_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, ingested_ms INTEGER NOT NULL,
    message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_events_stream ON log_events (stream_id, at_ms, id);
CREATE TABLE IF NOT EXISTS trail (
    id INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, region TEXT NOT NULL, event_id TEXT NOT NULL,
    event_name TEXT NOT NULL, event_source TEXT NOT NULL, username TEXT NOT NULL, access_key TEXT NOT NULL,
    resources TEXT NOT NULL, event TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS trail_at ON trail (region, at_us, id);
CREATE INDEX IF NOT EXISTS trail_name ON trail (region, event_name, at_us, id);
"""

_EPOCH = datetime.fromtimestamp(0, UTC)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch: exact, and sorts."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


class Store:
    """One SQLite file, used by any number of threads, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(SCHEMA)
        self._lock = threading.RLock()
        self._depth = 0
        self._afterwards: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, synced when the outermost block ends; nests within a thread."""
        ready: list[Callable[[], None]] = []
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                    self._afterwards.clear()
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")
                ready, self._afterwards = self._afterwards, []
        for act in ready:
            act()

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do `act` (start a process, wake a thread) once what is being written is on disk; at once when nothing is."""
        with self._lock:
            if self._depth:
                self._afterwards.append(act)
                return
        act()

    def read(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement in a transaction of its own or the open one; returns the last row's id."""
        with self.transaction():
            return self._connection.execute(sql, parameters).lastrowid or 0

    def write_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with self.transaction():
            self._connection.executemany(sql, rows)

    def get_meta(self, key: str) -> str | None:
        rows = self.read("SELECT value FROM meta WHERE key = ?", (key,))
        return rows[0]["value"] if rows else None

    def set_meta(self, key: str, value: str) -> None:
        self.write(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
        )

    def close(self) -> None:
        with self._lock:
            self._connection.close()
