"""The first rows of a table as a table of the page: read at once, by a screen reader too, and on a narrow screen.

The real table (`pages.ui.tables`) is a canvas that sorts and filters a hundred thousand rows, and its scripts take a
fresh browser longer than all the rest of a page. Where the first few rows say it all, these are enough.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from pages.ui import show
from pages.ui.columns import Column, Kind, header, text, tone_of
from pages.ui.palette import CHIP_FILLS
from pages.ui.text import escape, plain

Row = TypeVar("Row")

HTML = '<div class="around"><table><thead><tr></tr></thead><tbody></tbody></table></div>'
_HERE = Path(__file__)
_component = st.components.v2.component(
    "flightdeck.top_rows",
    html=HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def open_one(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    what: str,
    now: datetime,
    row_id: Callable[[Row], str],
    href: Callable[[Row], str],
    aside: frozenset[str] = frozenset(),
) -> Row | None:
    """Draw every row given and return the one whose row is clicked, in the run of that click alone.

    The first column is the link; `href` is where it leads in a new tab. `what` names the table to screen readers,
    `now` is the account's clock; columns whose keys are `aside` are left out on a narrow screen.
    """
    data = {
        "what": what,
        "columns": [_heading(column, rows, aside) for column in columns],
        "rows": [
            {"id": row_id(row), "href": href(row), "cells": [_cell(column, row, rows, now) for column in columns]}
            for row in rows
        ],
    }
    # Without a callback a component's word would start no run.
    opened = _component(key=key, data=data, on_opened_change=lambda: None).opened
    return next((row for row in rows if row_id(row) == opened), None)


def as_text(rows: Sequence[Any], columns: Sequence[Column], now: datetime) -> None:
    """The same rows as Markdown, which the browser shows half a second before a component: to be read, not opened."""
    head = [escape(header(column, rows)) for column in columns]
    sides = ["--:" if column.is_figure else ":--" for column in columns]
    body = [[escape(text(column, row, rows, now)) for column in columns] for row in rows]
    lines: list[Sequence[str]] = [head, sides, *body]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _heading(column: Column, rows: Sequence[Any], aside: frozenset[str]) -> dict[str, Any]:
    return {
        "label": header(column, rows),
        "help": plain(column.help) if column.help else "",
        "figure": column.is_figure,
        "aside": column.key in aside,
    }


def _cell(column: Column, row: Any, rows: Sequence[Any], now: datetime) -> dict[str, str]:
    cell = {"text": text(column, row, rows, now)}
    if column.kind is Kind.STATE:
        cell["fill"] = CHIP_FILLS[show.theme()][tone_of(column, row)]
    if column.kind is Kind.TIME and (at := column.of(row)):
        cell["title"] = show.exact(at)
    return cell
