"""A table as plain HTML: what a first look reads while the browser has yet to load the script of the real one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import Any

import streamlit as st

from pages.ui import show
from pages.ui.columns import Column, Kind, decimals, header, number, scale, tone_of
from pages.ui.palette import CHIP_FILLS, GRID, INK, MUTED, SURFACES

ROW_PX = 35
"""As tall as a row of the real table, which takes this one's place."""


def draw(rows: Sequence[Any], columns: Sequence[Column], what: str, most_rows: int) -> None:
    """The first rows in the order given; `what` names the table to screen readers."""
    theme = show.theme()
    line = f"border:1px solid {GRID[theme]};height:{ROW_PX}px;padding:0 8px;white-space:nowrap;overflow:hidden"
    head = "".join(
        f'<th scope="col" style="{line};background:{SURFACES[theme][1]};color:{MUTED[theme]};font-weight:400;'
        f'text-align:{_side(column)}">{escape(header(column, rows))}</th>'
        for column in columns
    )
    body = "".join(
        f"<tr>{''.join(_cell(column, row, rows, line) for column in columns)}</tr>" for row in rows[:most_rows]
    )
    st.html(
        f'<div style="overflow:hidden"><table aria-label="{escape(what)}" style="width:100%;border-collapse:collapse;'
        f'font-size:0.875rem;color:{INK[theme]}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def text(column: Column, row: Any, rows: Sequence[Any]) -> str:
    """A cell as the real table writes it."""
    value = column.of(row)
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(show.zone()):%Y-%m-%d %H:%M}"
    if column.is_text:
        return str(value)
    match column.kind:
        case Kind.YES_NO:
            return "✓" if value else ""
        case Kind.SHARE:
            return f"{number(value):.0%}"
        case Kind.NUMBER:
            return f"{value:,}"
        case Kind.DURATION:
            return f"{number(value) * scale(column, rows):,.{decimals(column, rows)}f}"
        case _:
            amount = Decimal(str(value)) * Decimal(str(scale(column, rows)))
            return f"{'₩' if show.won_rate() else '$'}{amount:,.{decimals(column, rows)}f}"


def _cell(column: Column, row: Any, rows: Sequence[Any], line: str) -> str:
    said = escape(text(column, row, rows))
    if column.kind is Kind.STATE:
        fill = CHIP_FILLS[show.theme()][tone_of(column, row)]
        said = f'<span style="background:{fill};border-radius:6px;padding:2px 8px">{said}</span>'
    return f'<td style="{line};text-align:{_side(column)}">{said}</td>'


def _side(column: Column) -> str:
    return "left" if column.is_text or column.kind in (Kind.TIME, Kind.YES_NO) else "right"
