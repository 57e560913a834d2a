"""Rows of an uploaded CSV file, checked one by one: what is wrong is said with its row's number."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from services.archives import MIB, refused, safe_path
from services.errors import InvalidRequest

K = TypeVar("K")
Table = tuple[tuple[Decimal, ...], ...]
"""Hours × keys."""

MOST_MIB = 8
MOST_ROWS = 100_000
LONGEST_CELL = 64
HOUR = timedelta(hours=1)
REMEDY = "Mend this row, or choose another file."


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its number, as a spreadsheet counts (the header is row 1), and its cells by column."""

    file: str
    number: int
    cells: Mapping[str, str]

    def refuse(self, reason: str) -> InvalidRequest:
        """The error that says what is wrong with this row."""
        return InvalidRequest(
            f"Row {self.number}: {reason}.", resource=f"{self.file}, row {self.number}", remedy=REMEDY
        )

    def hour(self, column: str) -> datetime:
        """A full hour in UTC, as `2026-11-02T05:00Z`. Raises: InvalidRequest."""
        text = self.cells[column]
        try:
            when = datetime.fromisoformat(text)
        except ValueError as exc:
            raise self.refuse(f"{column} {text!r} is no time such as 2026-11-02T05:00Z") from exc
        if when.utcoffset() != timedelta(0):
            raise self.refuse(f"{column} {text!r} does not say that it is UTC: end it with Z")
        if (when.minute, when.second, when.microsecond) != (0, 0, 0):
            raise self.refuse(f"{column} {text!r} is not a full hour")
        return when.astimezone(UTC)

    def number_in(self, column: str, most: int) -> Decimal:
        """A number from 0 to `most`. Raises: InvalidRequest."""
        text = self.cells[column]
        try:
            value = Decimal(text)
        except InvalidOperation as exc:
            raise self.refuse(f"{column} {text!r} is not a number") from exc
        if not value.is_finite():
            raise self.refuse(f"{column} {text!r} is not a number")
        if value < 0:
            raise self.refuse(f"{column} {text} is negative")
        if value > most:
            raise self.refuse(f"{column} {text} is more than {most:,}")
        return value


def read_rows(name: str, content: bytes, required: Sequence[str], optional: Collection[str] = ()) -> tuple[Row, ...]:
    """All rows of a UTF-8 CSV file with a header; empty lines are left out, a column that is not there is ''.

    Raises: InvalidRequest for what is no such file, has other columns, or is too large.
    """
    if not name or safe_path("The upload", name) != name or "/" in name:
        raise refused(name[:80], "is not a plain file name")
    if len(content) > MOST_MIB * MIB:
        raise refused(name, f"is larger than {MOST_MIB} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise refused(name, "is not UTF-8 text") from exc
    if "\0" in text or not text.strip():
        raise refused(name, "is not text" if text.strip() else "is empty")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [each.strip().lower() for each in next(reader)]
        _check_header(name, header, required, optional)
        rows: list[Row] = []
        for cells in reader:
            if any(cells):
                rows.append(_row(name, reader.line_num, header, cells, optional))
            if len(rows) > MOST_ROWS:
                raise refused(name, f"has more than {MOST_ROWS:,} rows")
    except csv.Error as exc:
        raise refused(name, f"is not CSV: line {reader.line_num}: {exc}") from exc
    if not rows:
        raise refused(name, "has no row below its header")
    return tuple(rows)


def _check_header(name: str, header: Sequence[str], required: Sequence[str], optional: Collection[str]) -> None:
    missing = [column for column in required if column not in header]
    if missing:
        raise refused(name, f"has no column {missing[0]}: its first row must name {', '.join(required)}")
    for column in header:
        if header.count(column) > 1:
            raise refused(name, f"has the column {column[:LONGEST_CELL]!r} twice")
        if column not in {*required, *optional}:
            raise refused(name, f"has a column {column[:LONGEST_CELL]!r} that nothing is known of")


def _row(name: str, number: int, header: Sequence[str], cells: Sequence[str], optional: Collection[str]) -> Row:
    row = Row(name, number, dict.fromkeys(optional, "") | {c: v.strip() for c, v in zip(header, cells, strict=False)})
    if len(cells) != len(header):
        raise row.refuse(f"has {len(cells)} cells for {len(header)} columns")
    if any(len(cell) > LONGEST_CELL for cell in cells):
        raise row.refuse(f"has a cell of more than {LONGEST_CELL} characters")
    return row


@dataclass(frozen=True, slots=True)
class Cell(Generic[K]):
    """What one row says: at which hour, of what, how much."""

    row: Row
    hour: datetime
    key: K
    value: Decimal


def hourly(
    cells: Iterable[Cell[K]], *, most_hours: int
) -> tuple[datetime, tuple[K, ...], tuple[tuple[Decimal, ...], ...]]:
    """The first hour, the keys in their first order, and `values[hour][key]`: hours in order, all keys in each of them.

    Raises: InvalidRequest, with the row, for hours that are out of order or missing, one that is there twice for a
    key, a key that an hour lacks, and more hours than `most_hours`.
    """
    start: datetime | None = None
    keys: tuple[K, ...] = ()
    table: list[tuple[Decimal, ...]] = []
    now: dict[K, Decimal] = {}
    before: Cell[K] | None = None
    for cell in cells:
        if before is not None and cell.hour != before.hour:
            keys = _close(before, keys, now, table)
            _check_follows(cell, before)
            now = {}
        start = start or cell.hour
        if cell.hour - start >= most_hours * HOUR:
            raise cell.row.refuse(f"is more than {most_hours:,} hours after the first one")
        if cell.key in now:
            raise cell.row.refuse(f"{_said(cell.key)} is there twice for {_at(cell.hour)}")
        if keys and cell.key not in keys:
            raise cell.row.refuse(f"{_said(cell.key)} begins only here: write 0 for the hours before, or leave it out")
        now[cell.key] = cell.value
        before = cell
    if start is None or before is None:
        raise ValueError("no cells")
    keys = _close(before, keys, now, table)
    return start, keys, tuple(table)


def _close(
    last: Cell[K], keys: tuple[K, ...], now: Mapping[K, Decimal], table: list[tuple[Decimal, ...]]
) -> tuple[K, ...]:
    """An hour is complete: note its values. The first one says which keys there are."""
    keys = keys or tuple(now)
    missing = [key for key in keys if key not in now]
    if missing:
        raise last.row.refuse(f"{_at(last.hour)} ends here without {_said(missing[0])}")
    table.append(tuple(now[key] for key in keys))
    return keys


def _check_follows(cell: Cell[K], before: Cell[K]) -> None:
    if cell.hour < before.hour:
        raise cell.row.refuse(f"{_at(cell.hour)} comes after {_at(before.hour)}: sort the rows by time")
    if cell.hour - before.hour != HOUR:
        raise cell.row.refuse(f"no row between {_at(before.hour)} and {_at(cell.hour)}: every hour is needed")


def _at(hour: datetime) -> str:
    return f"{hour:%Y-%m-%dT%H:%MZ}"


def _said(key: object) -> str:
    return " ".join(part for part in key if part) if isinstance(key, tuple) else str(key)
