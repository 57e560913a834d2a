"""Taking a bill in: understood first, then kept month by month, all of it or nothing."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from services import access
from services.access import Actor
from services.bills import books, normal
from services.bills.books import LINES, ROLLUP, Book, Month
from services.bills.files import reading, refused
from services.bills.shape import tag_name
from services.bills.sources import literal
from services.bills.understanding import Period, Understood, understand
from services.plans import Act

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMORY = "2GB"
"""What a sort may take before it goes to disk."""
SHRUNK_LINES, SHRUNK_COST = 0.9, 0.5
"""A month that AWS writes anew grows, or loses a little: one with less than this share of the lines or the cost that
are known is rather a file of half a month."""
ROW_GROUP = 122_880

Progress = Callable[[int, int], None]
"""(steps done, of how many)"""


def _silent(done: int, of: int) -> None:
    pass


def look(files: Sequence[Path]) -> Understood:
    """What the files would bring; nothing is kept. Raises InvalidRequest, the reason as its code."""
    with _database(None) as database:
        return understand(database, files)


def take(
    folder: Path,
    files: Sequence[Path],
    now: datetime,
    actor: Actor,
    *,
    may_shrink: bool = False,
    progress: Progress = _silent,
) -> Book:
    """Read the files into the book of their payer, whose months of the same periods they replace.

    Raises AccessDenied, InvalidRequest with the reason as its code, Conflict while another import of that payer goes
    on; the book is then as it was.
    """
    access.require(actor, Act.KEEP_BILL)
    folder.mkdir(parents=True, exist_ok=True)
    with _database(folder) as database:
        understood = understand(database, files)
        steps = len(understood.periods) + 1
        progress(1, steps)
        with books.writing(folder, understood.billing_account_id) as book:
            if not may_shrink:
                _check_shrunk(book, understood)
            months = []
            for step, period in enumerate(understood.periods, 2):
                months.append(_keep(database, book, period, understood, now))
                progress(step, steps)
            keys = {column: tag_name(key) for key, column in understood.tags.items()}
            return books.commit(book, months, keys)


def forget(folder: Path, billing_account_id: str, period: date, actor: Actor) -> Book:
    """Take a month out of a book. Raises AccessDenied, NotFound, Conflict."""
    access.require(actor, Act.KEEP_BILL)
    known = books.read_book(folder, billing_account_id)
    with books.writing(folder, known.billing_account_id) as book:
        return books.drop(book, period)


def _keep(database: "DuckDBPyConnection", book: Book, period: Period, understood: Understood, now: datetime) -> Month:
    name = f"{period.period:%Y-%m}.{uuid.uuid4().hex[:12]}"
    place = book.path / name
    place.mkdir()
    lines, rollup = place / LINES, place / ROLLUP
    tags = sorted(set(understood.tags.values()))
    month = f"(SELECT * FROM export WHERE billing_period = {literal(str(period.period))})"
    with reading(name):
        _copy(database, normal.ordered(month), lines)
        _copy(database, normal.rollup(tags, f"read_parquet({literal(str(lines))})"), rollup)
    for path in (lines, rollup, place):
        books.to_disk(path)
    return Month(
        period=period.period,
        folder=name,
        lines=period.lines,
        billed_cost=period.billed_cost,
        effective_cost=period.effective_cost,
        until=period.until,
        imported_at=now,
        source=understood.export.version,
        tags=tuple(tags),
    )


def _copy(database: "DuckDBPyConnection", sql: str, to: Path) -> None:
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
    database.execute(f"COPY ({sql}) TO {literal(str(to))} ({options})")


def _check_shrunk(book: Book, understood: Understood) -> None:
    for period in understood.periods:
        known = book.month(period.period)
        if known is None:
            continue
        fewer = period.lines < known.lines * SHRUNK_LINES
        cheaper = known.billed_cost > 0 and float(period.billed_cost) < float(known.billed_cost) * SHRUNK_COST
        if fewer or cheaper:
            raise refused(
                "ShrunkMonth",
                f"{period.period:%Y-%m} has {period.lines:,} lines, {period.billed_cost:,.2f} dollars;"
                f" known are {known.lines:,} lines, {known.billed_cost:,.2f}.",
                f"{period.period:%Y-%m}",
            )


@contextmanager
def _database(folder: Path | None) -> Iterator["DuckDBPyConnection"]:
    import duckdb

    with duckdb.connect() as database:
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.execute("SET preserve_insertion_order = false")
        if folder is not None:
            database.execute(f"SET temp_directory = {literal(str(folder / 'spill'))}")
        yield database
