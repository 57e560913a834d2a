"""What a table's columns hold and how each kind is aligned, formatted, sorted and exported."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
import streamlit as st

from pages.ui import show
from pages.ui.formats import count, percent
from pages.ui.palette import CHIP_FILLS, Tone
from pages.ui.states import state
from pages.ui.text import plain, t


class Kind(StrEnum):
    """What a column holds; its unit is part of it."""

    NAME = "name"
    TEXT = "text"
    STATE = "state"
    USD = "usd"
    USD_PER_HOUR = "usd_per_hour"
    TIME = "time"
    DURATION = "duration"
    NUMBER = "number"
    SHARE = "share"
    YES_NO = "yes_no"


CHIP_PX, LETTER_PX = 36, 8
"""What a chip needs beside its letters, and for each: Streamlit measures neither."""

_TEXTS = frozenset({Kind.NAME, Kind.TEXT, Kind.STATE})
_MONEY = frozenset({Kind.USD, Kind.USD_PER_HOUR})
_DURATIONS = ((86_400, "days", 4 * 86_400), (3_600, "hours", 3 * 3_600), (60, "minutes", 300), (1, "seconds", 0))
"""Unit size in seconds, its word, and from which longest value on it is used."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which attribute of a row, the key of its label, what it holds, and the key of its explanation.

    A DURATION is a timedelta or seconds, a TIME an aware datetime, a SHARE a part of one; None leaves the cell empty.
    """

    key: str
    label: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    value: Callable[[Any], Any] | None = None
    """How to read the value off a row when it is not the attribute `key`."""
    tone: Callable[[Any], Tone] | None = None
    """What a STATE means in a row, when the words are not AWS's own."""
    to_the_cent: bool = False
    """Of USD: as a bill has it, whatever its smallest amount is."""

    @property
    def is_text(self) -> bool:
        return self.kind in _TEXTS

    @property
    def is_figure(self) -> bool:
        """Whether it is read from the right."""
        return not self.is_text and self.kind not in (Kind.TIME, Kind.YES_NO)

    def of(self, row: Any) -> Any:
        """The raw value of this column in `row`."""
        return self.value(row) if self.value else getattr(row, self.key)


def frame(rows: Sequence[Any], columns: Sequence[Column]) -> pa.Table:
    """The cells as Streamlit draws and sorts them, as Arrow, which is what the browser gets: figures stay figures."""
    return pa.table({column.key: _cells(column, rows) for column in columns})


def _cells(column: Column, rows: Sequence[Any]) -> pa.Array:
    values = [column.of(row) for row in rows]
    if column.kind is Kind.STATE:
        return pa.array([[str(value)] for value in values], pa.list_(pa.string()))
    if column.is_text:
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    if column.kind is Kind.TIME:
        return pa.array(values, pa.timestamp("us", tz="UTC"))
    if column.kind is Kind.YES_NO:
        return pa.array(values, pa.bool_())
    factor = _factor(column, rows)
    return pa.array([None if value is None else number(value) * factor for value in values], pa.float64())


def number(value: Any) -> float:
    """A figure of any kind as a float; a duration in seconds."""
    return value.total_seconds() if isinstance(value, timedelta) else float(value)


def _factor(column: Column, rows: Sequence[Any]) -> float:
    if column.kind is Kind.DURATION:
        return 1 / _duration_unit(column, rows)[0]
    stated = show.won_rate() if column.kind in _MONEY else None
    return float(stated.krw_per_usd) if stated else 1.0


def _duration_unit(column: Column, rows: Sequence[Any]) -> tuple[int, str]:
    longest = max((abs(number(value)) for row in rows if (value := column.of(row)) is not None), default=0.0)
    return next((size, word) for size, word, least in _DURATIONS if longest >= least)


def header(column: Column, rows: Sequence[Any]) -> str:
    """The label with its unit."""
    label = plain(column.label)
    if column.kind is Kind.DURATION:
        return plain("tables.with_unit", label=label, unit=plain(f"tables.{_duration_unit(column, rows)[1]}"))
    if column.kind in _MONEY:
        currency = "KRW" if show.won_rate() else "USD"
        unit = plain("tables.per_hour", currency=currency) if column.kind is Kind.USD_PER_HOUR else currency
        return plain("tables.with_unit", label=label, unit=unit)
    return label


def column_config(column: Column, rows: Sequence[Any]) -> Any:
    """Streamlit's configuration of the column."""
    label, explained = header(column, rows), t(column.help) if column.help else None
    match column.kind:
        case Kind.STATE:
            tones = {str(column.of(row)): tone_of(column, row) for row in rows}
            names, colours = list(tones), [CHIP_FILLS[show.theme()][tone] for tone in tones.values()]
            width = CHIP_PX + LETTER_PX * max(len(word) for word in [label, *names])
            return st.column_config.MultiselectColumn(label, help=explained, options=names, color=colours, width=width)
        case Kind.NAME | Kind.TEXT:
            return st.column_config.TextColumn(label, help=explained)
        case Kind.TIME:
            zone = str(show.zone())
            return st.column_config.DatetimeColumn(label, help=explained, format="YYYY-MM-DD HH:mm", timezone=zone)
        case Kind.YES_NO:
            return st.column_config.CheckboxColumn(label, help=explained)
        case _:
            return st.column_config.NumberColumn(label, help=explained, format=_format(column, rows))


def tone_of(column: Column, row: Any) -> Tone:
    """What a STATE means in this row."""
    return column.tone(row) if column.tone else state(str(column.of(row))).tone


def _format(column: Column, rows: Sequence[Any]) -> str:
    if column.kind is Kind.NUMBER:
        return "localized"
    if column.kind is Kind.SHARE:
        return "percent"
    if column.to_the_cent and not show.won_rate():
        return "dollar"
    return f"{_currency(column)}%,.{_places(column, rows)}f"


def text(column: Column, row: Any, rows: Sequence[Any], now: datetime) -> str:
    """A cell in words, figures with the decimals of the whole column; `now` is the account's clock."""
    value = column.of(row)
    if value is None:
        return ""
    match column.kind:
        case Kind.TIME:
            return show.ago(value, now)
        case Kind.YES_NO:
            return "✓" if value else ""
        case Kind.SHARE:
            return percent(value)
        case Kind.NUMBER:
            return count(value)
        case Kind.USD | Kind.USD_PER_HOUR | Kind.DURATION:
            return f"{_currency(column)}{number(value) * _factor(column, rows):,.{_places(column, rows)}f}"
        case _:
            return str(value)


def _currency(column: Column) -> str:
    if column.kind not in _MONEY:
        return ""
    return "₩" if show.won_rate() else "$"


def _places(column: Column, rows: Sequence[Any]) -> int:
    """Decimals for a whole column: enough for three digits of its smallest rate, two of its smallest cost; one of a
    duration in more than seconds."""
    if column.kind is Kind.DURATION:
        return 1 if _duration_unit(column, rows)[0] > 1 else 0
    if column.to_the_cent:
        return 0 if show.won_rate() else 2
    least, digits = (2, 2) if column.kind is Kind.USD else (3, 3)
    if show.won_rate():
        least, digits = 0, 2
    factor = Decimal(str(_factor(column, rows)))
    amounts = [abs(Decimal(str(value)) * factor) for row in rows if (value := column.of(row))]
    smallest = min(amounts, default=Decimal(1))
    return min(max(least, digits - 1 - smallest.adjusted()), 6) if smallest < 1 else least


def sort_key(column: Column, row: Any) -> tuple[bool, Any]:
    """Orders raw values; what is empty comes first when ascending."""
    value = column.of(row)
    if value is None:
        return (False, 0)
    if isinstance(value, datetime):
        return (True, value.timestamp())
    return (True, str(value).casefold() if column.is_text else number(value))
