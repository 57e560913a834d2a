"""The journal: every request that changed something, in order, with all that it takes to make it happen again.

One SQLite file with one connection. SQLite checks each transaction in its write-ahead log, so a record torn by a
crash is not there after a restart, and FULL sync means that a committed one is.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from practice.borrowed.birth import Birth
from practice.borrowed.bodies import Bodies, Stored
from practice.borrowed.calls import Call
from practice.borrowed.names import Name
from practice.store import from_us, to_us

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, clock_us INTEGER NOT NULL, wall_us INTEGER NOT NULL, seed BLOB NOT NULL, outcomes TEXT,
    service TEXT NOT NULL, region TEXT NOT NULL, access_key TEXT NOT NULL, operation TEXT NOT NULL,
    bucket TEXT, object TEXT, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL, headers TEXT NOT NULL,
    body BLOB, body_file TEXT, body_size INTEGER, body_md5 TEXT, late INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS birth (clock_us INTEGER NOT NULL, secret BLOB NOT NULL);
"""

COLUMNS = (
    "clock_us, wall_us, seed, outcomes, service, region, access_key, operation, bucket, object, method, path, query,"
    " headers, body, body_file, body_size, body_md5, late"
)
MAX_TEMPLATE_BYTES = 1024**2


@dataclass(frozen=True, slots=True)
class Moment:
    """Under what a request ran. `outcomes` are those of draws.outcome."""

    clock: datetime
    wall: datetime
    seed: bytes
    outcomes: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that changed something."""

    id: int
    name: Name
    call: Call
    moment: Moment


@dataclass(frozen=True, slots=True)
class ObjectCall:
    """What an entry asked of S3, without its body; `key` is None for a request to a whole bucket."""

    id: int
    operation: str
    bucket: str
    key: str | None
    headers: dict[str, str]


class Journal:
    """Append-only but for compaction. Not thread-safe: the caller lets one thread in at a time."""

    def __init__(self, path: Path, bodies: Bodies) -> None:
        path.touch(mode=0o600)
        self._bodies = bodies
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.executescript(SCHEMA)

    def birth(self, now: datetime) -> Birth:
        """How this account began; now, when nothing says so yet."""
        row = self.connection.execute("SELECT clock_us, secret FROM birth").fetchone()
        if row is None:
            row = (to_us(now), secrets.token_bytes(32))
            self.connection.execute("INSERT INTO birth VALUES (?, ?)", row)
        return Birth(from_us(row[0]), row[1])

    def append(self, name: Name, call: Call, moment: Moment, stored: Stored | None) -> None:
        """On disk when this returns; `stored` is where a large body is. Raises sqlite3.Error when it cannot be."""
        body = (None, stored.name, stored.size, stored.md5) if stored else (call.body, None, None, None)
        row = (
            *(to_us(moment.clock), to_us(moment.wall), moment.seed),
            json.dumps(moment.outcomes) if moment.outcomes else None,
            *(call.service, call.region, call.access_key, name.operation, name.bucket, name.key),
            *(call.method, call.path, call.query, json.dumps(dict(call.headers)), *body, call.stored is not None),
        )
        self.connection.execute(f"INSERT INTO calls ({COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        for row in self.connection.execute(f"SELECT {COLUMNS}, id FROM calls ORDER BY id"):  # noqa: S608
            yield self._entry(*row)

    def _entry(self, *row: Any) -> Entry:
        clock, wall, seed, outcomes, service, region, key, operation, bucket, name, *rest = row
        method, path, query, headers, body, file, size, md5, late, number = rest
        stored = Stored(file, size, md5) if late else None
        if file and not late:
            body = self._bodies.path(file).read_bytes()
        call = Call(service, region, key, method, path, query, json.loads(headers), body or b"", stored)
        moment = Moment(from_us(clock), from_us(wall), seed, tuple(json.loads(outcomes or "[]")))
        return Entry(number, Name(operation, "", bucket, name), call, moment)

    def body_files(self) -> set[str]:
        """The bodies that a replay reads, or may read (a CloudFormation template in S3)."""
        rows = self.connection.execute(
            "SELECT DISTINCT body_file FROM calls WHERE body_file IS NOT NULL AND (NOT late OR body_size <= ?)",
            (MAX_TEMPLATE_BYTES,),
        )
        return {row[0] for row in rows}

    def services(self) -> set[str]:
        """The signing names of all that is in the journal."""
        return {row[0] for row in self.connection.execute("SELECT DISTINCT service FROM calls")}

    def object_calls(self) -> Iterator[ObjectCall]:
        """What S3 was asked, oldest first."""
        rows = self.connection.execute(
            "SELECT id, operation, bucket, object, headers FROM calls WHERE service = 's3' AND bucket IS NOT NULL"
            " ORDER BY id"
        )
        for number, operation, bucket, key, headers in rows:
            yield ObjectCall(number, operation, bucket, key, json.loads(headers))

    def drop_before(self, service: str, column: str, moment_us: int, operation: str | None = None) -> None:
        """Forget a service's entries, or those of one operation, from before a moment by `clock_us` or `wall_us`."""
        self.connection.execute(
            f"DELETE FROM calls WHERE service = ? AND {column} < ? AND operation = coalesce(?, operation)",  # noqa: S608
            (service, moment_us, operation),
        )

    def drop(self, ids: Sequence[int]) -> None:
        """Forget entries, all of them or none."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("DELETE FROM calls WHERE id = ?", [(number,) for number in ids])
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()
