"""Files of an export: what they are, which columns they have, and why they are refused."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.bills import cur, focus
from services.bills.sources import HELD, Columns, Format, literal
from services.errors import InvalidRequest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = (cur.FORMAT, focus.FORMAT)
SUFFIXES = (".parquet", ".csv", ".csv.gz")

NO_LINES = "NoLines"
REMEDIES = {
    "NotABill": "Choose the files of a Cost and Usage Report (legacy or 2.0) or of a FOCUS export.",
    "MissingColumn": "Export again with all of the standard columns.",
    "UnreadableFile": "Download the file again: it is damaged or was cut short.",
    "MixedFiles": "Import the files of one export at a time.",
    "NotANumber": "Ask whoever made the file: AWS writes a number there.",
    "MixedCurrencies": "Import bills of one currency at a time.",
    "OtherCurrency": "Export the bill in US dollars: all that is shown here is.",
    "DuplicatedMonth": "Choose the files of the month's last execution only.",
    "ShrunkMonth": "If AWS took charges back, import it once more and say that it may be smaller.",
    "DiskFull": "Free some space where the deck keeps its files, and import again.",
    NO_LINES: "Choose files that have line items.",
}
"""Why a bill is refused → what to do about it."""


def refused(code: str, message: str, resource: str = "") -> InvalidRequest:
    """The error of a bill that is not taken."""
    return InvalidRequest(message, resource=resource, remedy=REMEDIES[code], code=code)


@dataclass(frozen=True, slots=True)
class Export:
    """Files of one export, which can be read together."""

    files: tuple[Path, ...]
    columns: Columns
    format: Format

    @property
    def version(self) -> str:
        """Such as `CUR 2.0`."""
        return str(self.format.version(self.columns))

    @property
    def table(self) -> str:
        """SQL of the files as one table, its columns named `held_…`."""
        return f"(SELECT COLUMNS('.*') AS '{HELD}\\0' FROM {_reader(self.files)})"


def open_export(database: "DuckDBPyConnection", files: Sequence[Path]) -> Export:
    """What the files are. Raises InvalidRequest with the reason as its code."""
    if not files:
        raise refused("NotABill", "There is no file to import.")
    kinds = {_suffix(file) for file in files}
    if len(kinds) > 1:
        raise refused("MixedFiles", f"Files of different kinds cannot be one export: {', '.join(sorted(kinds))}.")
    _refuse_copies(files)
    described = {file: _describe(database, file) for file in files}
    formats = {file: _format(file, columns) for file, columns in described.items()}
    versions = {chosen.version(described[file]) for file, chosen in formats.items()}
    if len(versions) > 1:
        raise refused("MixedFiles", f"These files are of different exports: {', '.join(sorted(versions))}.")
    together: dict[str, str] = {}
    for columns in described.values():
        together |= columns.types
    return Export(tuple(files), Columns(together), formats[files[0]])


@contextmanager
def reading(name: str) -> Iterator[None]:
    """What DuckDB says of a file's content leaves as the reason why it is refused."""
    import duckdb

    try:
        yield
    except duckdb.ConversionException as error:
        raise refused("NotANumber", _first_line(error), name) from error
    except duckdb.OutOfMemoryException as error:
        raise refused("DiskFull", _first_line(error), name) from error
    except duckdb.IOException as error:
        full = re.search(r"(?i)no space left|could not write|disk", str(error)) is not None
        raise refused("DiskFull" if full else "UnreadableFile", _first_line(error), name) from error
    except duckdb.Error as error:
        # What DuckDB has no word for is its base class.
        damaged = (duckdb.InvalidInputException, duckdb.SerializationException, duckdb.InternalException)
        if type(error) is not duckdb.Error and not isinstance(error, damaged):
            raise
        raise refused("UnreadableFile", _first_line(error), name) from error


def _refuse_copies(files: Sequence[Path]) -> None:
    """One file under two names; not every export names its lines, so that they could be found twice."""
    by_size: dict[int, list[Path]] = {}
    for file in files:
        by_size.setdefault(file.stat().st_size, []).append(file)
    seen: dict[bytes, Path] = {}
    for file in (each for alike in by_size.values() if len(alike) > 1 for each in alike):
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").digest()
        if digest in seen:
            raise refused("DuplicatedMonth", f"{seen[digest].name} and {file.name} are one file.", file.name)
        seen[digest] = file


def _suffix(file: Path) -> str:
    name = file.name.lower()
    found = next((each for each in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(each)), None)
    if found is None:
        raise refused("NotABill", f"{file.name} is neither {', '.join(SUFFIXES[:-1])} nor {SUFFIXES[-1]}.", file.name)
    return found


def _describe(database: "DuckDBPyConnection", file: Path) -> Columns:
    if not file.stat().st_size:
        raise refused("UnreadableFile", f"{file.name} is empty.", file.name)
    with reading(file.name):
        rows = database.execute(f"DESCRIBE SELECT * FROM {_reader([file])}").fetchall()
    return Columns({str(name): str(kind) for name, kind, *_ in rows})


def _format(file: Path, columns: Columns) -> Format:
    best = min(FORMATS, key=lambda each: len(columns.missing(each.required)))
    missing = columns.missing(best.required)
    if len(missing) * 2 > len(best.required):
        raise refused("NotABill", f"{file.name} does not have the columns of a bill.", file.name)
    if missing:
        raise refused("MissingColumn", f"{file.name} has no column {', '.join(missing)}.", file.name)
    return best


def _reader(files: Sequence[Path]) -> str:
    names = ", ".join(literal(str(file)) for file in files)
    if _suffix(files[0]) == ".parquet":
        return f"read_parquet([{names}], union_by_name = true, hive_partitioning = false)"
    return f"read_csv([{names}], header = true, all_varchar = true, union_by_name = true, hive_partitioning = false)"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
