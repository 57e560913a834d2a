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

from practice.borrowed.bodies import INLINE_BYTES, Bodies
from practice.borrowed.calls import Call
from practice.borrowed.names import Name
from practice.store import from_us, to_us

SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY, clock_us INTEGER NOT NULL, wall_us INTEGER NOT NULL, seed BLOB NOT NULL, keys TEXT,
    service TEXT NOT NULL, region TEXT NOT NULL, access_key TEXT NOT NULL, operation TEXT NOT NULL,
    bucket TEXT, object TEXT, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL, headers TEXT NOT NULL,
    body BLOB, body_file TEXT);
CREATE TABLE IF NOT EXISTS birth (clock_us INTEGER NOT NULL, secret BLOB NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """Under what a request ran. `keys` are the private keys it made, DER."""

    clock: datetime
    wall: datetime
    seed: bytes
    keys: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that changed something."""

    id: int
    name: Name
    call: Call
    moment: Moment


class Journal:
    """Append-only but for compaction. Not thread-safe: the caller lets one thread in at a time."""

    def __init__(self, path: Path, bodies: Bodies) -> None:
        path.touch(mode=0o600)
        self._bodies = bodies
        self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.executescript(SCHEMA)

    def birth(self, now: datetime) -> tuple[datetime, bytes]:
        """When this account began, and the secret from which all that it starts with is drawn."""
        row = self.connection.execute("SELECT clock_us, secret FROM birth").fetchone()
        if row is None:
            row = (to_us(now), secrets.token_bytes(32))
            self.connection.execute("INSERT INTO birth VALUES (?, ?)", row)
        return from_us(row[0]), row[1]

    def append(self, name: Name, call: Call, moment: Moment, body_file: str | None) -> None:
        """On disk when this returns. Raises sqlite3.Error when it cannot be."""
        keys = json.dumps([key.hex() for key in moment.keys]) if moment.keys else None
        body = call.body if body_file is None else None
        row = (
            *(to_us(moment.clock), to_us(moment.wall), moment.seed, keys),
            *(call.service, call.region, call.access_key, name.operation, name.bucket, name.key),
            *(call.method, call.path, call.query, json.dumps(dict(call.headers)), body, body_file),
        )
        columns = "clock_us, wall_us, seed, keys, service, region, access_key, operation, bucket, object, method, path,"
        columns += " query, headers, body, body_file"
        self.connection.execute(f"INSERT INTO calls ({columns}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608

    def keep_body(self, call: Call) -> str | None:
        """Put a large body on disk; None for a small one, which goes into the row."""
        return self._bodies.keep(call.body) if len(call.body) > INLINE_BYTES else None

    def entries(self) -> Iterator[Entry]:
        """All entries, oldest first."""
        cursor = self.connection.execute(
            "SELECT id, clock_us, wall_us, seed, keys, service, region, access_key, operation, bucket, object, method,"
            " path, query, headers, body, body_file FROM calls ORDER BY id"
        )
        for row in cursor:
            keys = tuple(bytes.fromhex(key) for key in json.loads(row[4])) if row[4] else ()
            body = row[15] if row[16] is None else self._bodies.path(row[16]).read_bytes()
            call = Call(row[5], row[6], row[7], row[11], row[12], row[13], json.loads(row[14]), body)
            yield Entry(
                row[0], Name(row[8], "", row[9], row[10]), call, Moment(from_us(row[1]), from_us(row[2]), row[3], keys)
            )

    def body_files(self) -> set[str]:
        """The bodies that some entry needs."""
        rows = self.connection.execute("SELECT DISTINCT body_file FROM calls WHERE body_file IS NOT NULL")
        return {row[0] for row in rows}

    def drop(self, ids: Sequence[int]) -> None:
        """Forget entries that no longer matter."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("DELETE FROM calls WHERE id = ?", [(i,) for i in ids])
        self.connection.execute("COMMIT")

    def close(self) -> None:
        self.connection.close()
