import logging
import sqlite3
from pathlib import Path

import pytest

from services.databases import Database, can_corrupt_wal, warn_of_wal_reset

SCHEMA = "CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY)"


def insert(database: Database, *names: str) -> None:
    with database.writing() as connection:
        for name in names:
            connection.execute("INSERT INTO marks VALUES (?)", (name,))


def test_a_block_that_raises_writes_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "deep" / "marks.sqlite3", SCHEMA)
    insert(database, "kept")
    with pytest.raises(sqlite3.IntegrityError):
        insert(database, "lost", "kept")
    assert [row["name"] for row in database.read("SELECT * FROM marks")] == ["kept"]
    database.close()


def test_what_is_acknowledged_is_synced(tmp_path: Path) -> None:
    database = Database(tmp_path / "marks.sqlite3", SCHEMA)
    assert database.read("PRAGMA journal_mode")[0][0] == "wal"
    assert database.read("PRAGMA synchronous")[0][0] == 2
    database.close()


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 1), False),
    ],
)
def test_which_sqlite_can_corrupt_a_wal(version: tuple[int, ...], affected: bool) -> None:
    assert can_corrupt_wal(version) is affected


def test_start_up_says_once_that_this_sqlite_can_corrupt_a_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_wal_reset.cache_clear()
    with caplog.at_level(logging.WARNING, "services.databases"):
        for name in ("one", "two"):
            Database(tmp_path / name, SCHEMA).close()
    said = [record for record in caplog.records if record.name == "services.databases"]
    assert len(said) == can_corrupt_wal(sqlite3.sqlite_version_info)
