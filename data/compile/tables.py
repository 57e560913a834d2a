"""Reads the gathered tables and writes the shipped ones, exactly and in the same bytes each time."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

Row: TypeAlias = dict[str, Any]

TYPES: Final = {
    "as_of": pa.date32(),
    "name_as_of": pa.date32(),
    "term_years": pa.int8(),
    "vcpu": pa.int32(),
    "gpu_count": pa.int32(),
    "memory_gib": pa.float64(),
    "gpu_memory_gib": pa.float64(),
    "local_storage_gb": pa.float64(),
    "savings_pct": pa.int16(),
    "current_generation": pa.bool_(),
    "spot_supported": pa.bool_(),
    "adjustable": pa.bool_(),
}
"""Columns that are not text. Money is text: every digit as published, no binary fraction."""


def read(path: Path) -> list[Row]:
    """All rows of a gathered parquet or CSV table; CSV values stay text, empty ones become None."""
    if path.suffix == ".parquet":
        rows: list[Row] = pq.ParquetFile(path).read().to_pylist()
        return rows
    with path.open(newline="", encoding="utf-8") as lines:
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(lines)]


def money(figure: float | str | Decimal) -> str:
    """A price as plain decimal text without trailing zeros.

    A float's shortest repr is the text it was parsed from, so nothing is lost or gained.
    """
    text = format(Decimal(repr(figure) if isinstance(figure, float) else figure), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain_source(source: str) -> str:
    """A source in words that need no knowledge of where it was looked up."""
    return source.replace("GitHub file index id", "public file")


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows sorted by their columns, zstd-compressed, text dictionary-encoded."""
    ordered = sorted(rows, key=lambda row: [str(row[column] or "") for column in columns])
    fields = [(column, TYPES.get(column, pa.string())) for column in columns]
    data = {column: [_typed(column, row[column]) for row in ordered] for column in columns}
    table = pa.table(data, schema=pa.schema(fields))
    pq.write_table(table, path, compression="zstd", compression_level=19, write_statistics=False)


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows in the order given, for tables short enough to be read by eye."""
    with path.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _typed(column: str, value: object) -> object:
    return date.fromisoformat(str(value)) if column.endswith("as_of") and value is not None else value
