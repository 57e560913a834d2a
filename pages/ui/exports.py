"""A table as CSV, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import streamlit as st

from pages.ui.columns import Column, Kind, number
from pages.ui.text import t

_UNITS = {Kind.USD: "_usd", Kind.USD_PER_HOUR: "_usd_per_hour", Kind.DURATION: "_seconds", Kind.TIME: "_utc"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """Text that a spreadsheet shows instead of running: one that begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_bytes(rows: Sequence[Any], columns: Sequence[Column]) -> bytes:
    """UTF-8 with a byte order mark, so that Excel reads Hangul; headers are keys with units, times ISO 8601."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_heading(column) for column in columns])
    writer.writerows([_cell(column, column.of(row)) for column in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _heading(column: Column) -> str:
    unit = _UNITS.get(column.kind, "")
    return column.key if f"_{column.key}".endswith(unit) else f"{column.key}{unit}"


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if column.kind is Kind.DURATION:
        return f"{number(value):.0f}"
    return neutral(str(value)) if column.is_text else str(value)


def download(rows: Sequence[Any], columns: Sequence[Column], *, key: str) -> None:
    """The button; the file is made when it is asked for, of the rows as they are filtered and ordered."""
    st.download_button(
        t("tables.download"),
        data=lambda: csv_bytes(rows, columns),
        file_name=f"flightdeck-{key}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def parquet(rows: Sequence[Any], *, key: str) -> None:
    """A button for frozen rows as they are, money as exact decimals: for a notebook rather than a spreadsheet."""
    st.download_button(
        t("prices.parquet"),
        data=lambda: parquet_bytes(rows),
        file_name=f"flightdeck-{key}.parquet",
        mime="application/vnd.apache.parquet",
        key=f"{key}_parquet",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def parquet_bytes(rows: Sequence[Any]) -> bytes:
    """Frozen rows as a Parquet file, a column for each of their fields."""
    from pyarrow import BufferOutputStream, Table
    from pyarrow.parquet import write_table

    out = BufferOutputStream()
    write_table(Table.from_pylist([asdict(row) for row in rows]), out)
    return bytes(out.getvalue())
