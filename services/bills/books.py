"""Books: the bills of a payer as they lie on disk, a folder for each month, and one file that says which counts.

    <folder>/<billing account>/book.json            which folder is which month, written last and whole
                               2018-10.6f0c…/       lines.parquet and rollup.parquet of one import

A month is replaced whole: its new folder is complete before `book.json` names it, so that a reader, or an import that
was killed, never leaves half of it. What is not named any more goes at the next import.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from services.errors import Conflict, NotFound

FILE: Final = "book.json"
LINES: Final = "lines.parquet"
ROLLUP: Final = "rollup.parquet"
SCHEMA: Final = 1


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a book."""

    period: date
    """Its first day, UTC."""
    folder: str
    lines: int
    billed_cost: Decimal
    effective_cost: Decimal
    until: datetime
    """Until when it has usage, UTC."""
    imported_at: datetime
    source: str
    """Such as `CUR 2.0`."""
    tags: tuple[str, ...]
    """Its tag columns."""


@dataclass(frozen=True, slots=True)
class Book:
    """The bills of one payer."""

    path: Path
    billing_account_id: str
    months: tuple[Month, ...]
    """The oldest first."""
    tag_keys: Mapping[str, str]
    """Tag column → key as the company writes it."""

    @property
    def edition(self) -> str:
        """Another one for every change: what was read of the book holds for the same edition."""
        return hashlib.sha256("".join(month.folder for month in self.months).encode()).hexdigest()[:16]

    @property
    def tags(self) -> tuple[str, ...]:
        """The tag columns of any month."""
        return tuple(sorted({tag for month in self.months for tag in month.tags}))

    def month(self, period: date) -> Month | None:
        return next((month for month in self.months if month.period == period), None)

    def files(self, name: str, months: Sequence[Month] | None = None) -> list[Path]:
        """The lines or rollups of the months, of all when none are given."""
        return [self.path / month.folder / name for month in (self.months if months is None else months)]


def list_books(folder: Path) -> tuple[Book, ...]:
    """Every book that has a month, in the order of their accounts."""
    found = (_read(path.parent) for path in sorted(folder.glob(f"*/{FILE}")))
    return tuple(book for book in found if book is not None and book.months)


def read_book(folder: Path, billing_account_id: str) -> Book:
    """The book of a payer. Raises: NotFound."""
    book = _read(folder / _name(billing_account_id))
    if book is None:
        raise NotFound(f"There is no bill of {billing_account_id}.", resource=billing_account_id)
    return book


@contextmanager
def writing(folder: Path, billing_account_id: str) -> Iterator[Book]:
    """The book to add months to, empty when there is none yet; one import at a time. Raises: Conflict."""
    path = folder / _name(billing_account_id)
    path.mkdir(parents=True, exist_ok=True)
    with (path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict("A bill of this account is being imported.", resource=billing_account_id) from error
        book = _read(path) or Book(path, billing_account_id, (), {})
        _clear(book)
        yield book


def commit(book: Book, months: Sequence[Month], tag_keys: Mapping[str, str]) -> Book:
    """Let these months be the book's, in place of those of the same periods; on disk when it returns."""
    replaced = {month.period for month in months}
    kept = [month for month in book.months if month.period not in replaced]
    together = tuple(sorted((*kept, *months), key=lambda month: month.period))
    written = Book(book.path, book.billing_account_id, together, {**book.tag_keys, **tag_keys})
    _write(written)
    return written


def drop(book: Book, period: date) -> Book:
    """Let the book be without a month; on disk when it returns."""
    kept = tuple(month for month in book.months if month.period != period)
    written = Book(book.path, book.billing_account_id, kept, book.tag_keys)
    _write(written)
    return written


def _write(book: Book) -> None:
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "billing_account_id": book.billing_account_id,
        "tag_keys": dict(book.tag_keys),
        "months": [asdict(month) for month in book.months],
    }
    draft = book.path / f"{FILE}.draft"
    with draft.open("w", encoding="utf-8") as out:
        json.dump(content, out, default=str, indent=1)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(book.path / FILE)
    to_disk(book.path)


def to_disk(path: Path) -> None:
    """Have a file, or the names in a folder, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> Book | None:
    if not (path / FILE).is_file():
        return None
    kept = json.loads((path / FILE).read_text(encoding="utf-8"))
    if kept["schema"] != SCHEMA:
        return None
    months = tuple(_month(each) for each in kept["months"])
    return Book(path, kept["billing_account_id"], months, kept["tag_keys"])


def _month(kept: Mapping[str, Any]) -> Month:
    return Month(
        period=date.fromisoformat(kept["period"]),
        folder=kept["folder"],
        lines=kept["lines"],
        billed_cost=Decimal(kept["billed_cost"]),
        effective_cost=Decimal(kept["effective_cost"]),
        until=datetime.fromisoformat(kept["until"]),
        imported_at=datetime.fromisoformat(kept["imported_at"]),
        source=kept["source"],
        tags=tuple(kept["tags"]),
    )


def _clear(book: Book) -> None:
    """Take away what an import that was killed left, and what was replaced."""
    named = {month.folder for month in book.months}
    for each in book.path.iterdir():
        if each.is_dir() and each.name not in named:
            shutil.rmtree(each)


def _name(billing_account_id: str) -> str:
    """A folder's name that no account id can lead out of."""
    plain = re.sub(r"[^A-Za-z0-9-]", "", billing_account_id)[:40]
    if plain == billing_account_id and plain:
        return plain
    return f"{plain}-{hashlib.sha256(billing_account_id.encode()).hexdigest()[:8]}"
