"""The dated figures the product ships, as rows: each table is read once, when first asked for."""

import csv
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "data"


class Confidence(StrEnum):
    """How sure a figure is. All but `LISTED` is to be shown with the figure; `data/README.md` says what each means."""

    LISTED = "listed"
    REPORTED = "reported"
    OTHER_COMPONENT = "other_component"
    ESTIMATED = "estimated"
    ASSUMPTION = "assumption"
    DOUBTFUL = "doubtful"
    MISSING = "missing"


@cache
def rows(table: str) -> tuple[Mapping[str, Any], ...]:
    """All rows of `data/<table>`, a parquet or CSV file: column to value, `as_of` a date, money as decimal text.

    The values of a CSV file are all text.
    """
    path = FOLDER / table
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as lines:
            return tuple(csv.DictReader(lines))
    # A quarter of a second to import: paid by the first one who asks for a figure, not by the start.
    from pyarrow.parquet import ParquetFile

    return tuple(ParquetFile(path).read(use_threads=False).to_pylist())
