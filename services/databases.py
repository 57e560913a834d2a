"""A SQLite file of the deck: one connection and one lock, so that no two threads write or read across each other.

A connection that threads share without a lock loses updates. What is acknowledged is synced to disk.
"""

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

FIRST_SAFE = (3, 51, 3)
BACKPORTS = ((3, 44, 6), (3, 50, 7))
"""sqlite.org/wal.html#walresetbug: a WAL that one connection resets while another checkpoints can be corrupted."""


class Database:
    """One SQLite file, used by any number of threads, one at a time."""

    def __init__(self, path: Path, schema: str) -> None:
        warn_of_wal_reset()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(schema)
        self._lock = threading.Lock()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is on disk when the block ends, or nothing of it when it raises."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """For reads that must agree with each other: nobody writes in between."""
        with self._lock:
            yield self._connection

    def read(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[sqlite3.Row]:
        with self.reading() as connection:
            return connection.execute(sql, values).fetchall()

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def can_corrupt_wal(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the WAL-reset bug, which needs two connections to one file."""
    backported = any(version[:2] == fixed[:2] and version >= fixed for fixed in BACKPORTS)
    return version < FIRST_SAFE and not backported


@cache
def warn_of_wal_reset() -> None:
    """Say it once, at start-up, where it can happen; one deck alone has one connection to each of its files."""
    if can_corrupt_wal(sqlite3.sqlite_version_info):
        log.warning(
            "SQLite %s can corrupt a file that two programs write at once: run one deck for each home folder,"
            " and do not write to its files with other tools. SQLite %s does not have this fault.",
            sqlite3.sqlite_version,
            ".".join(map(str, FIRST_SAFE)),
        )
