"""Tables of frozen rows: one line of filters that lives in the URL, right-aligned figures, and a row to pick.

    NOTEBOOK_COLUMNS = (Column("name", "tables.name", Kind.NAME), Column("status", "tables.state", Kind.STATE), ...)
    chosen = pick_one(rows, NOTEBOOK_COLUMNS, key="notebook", what=plain("notebooks.title"))

`pick_one` keeps the choice in the URL (`?notebook=<name>`) and returns it on every run; `open_one` returns the row a
click chose once, for a page switch or a dialog. A choice follows its row when the order changes below it.
"""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TypeVar

import streamlit as st

from pages.ui import exports, filters
from pages.ui.columns import Column, Kind, column_config, frame
from pages.ui.text import t

__all__ = ["Column", "Kind", "every", "open_one", "pick_one", "unpick"]

Row = TypeVar("Row")
Identify = Callable[[Row], str]

MOST_ROWS_IN_FULL = 15
TALLEST_PX = 580


def pick_one(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    what: str,
    sort: str = "",
    row_id: Identify[Row] = attrgetter("name"),
) -> Row | None:
    """Draw filters and table and return the row that is chosen, None while there is none.

    `key` is the URL parameter of the choice and begins those of the filters; `what` names the table to screen readers;
    `sort` is the first order, a column's key with `-` in front for descending. Rows may be empty only after filtering:
    draw an empty state instead of a table without rows.
    """
    shown = filters.keep(rows, columns, key, sort)
    if not shown:
        filters.nothing_matches(key)
        return None
    ids = [row_id(row) for row in shown]
    chosen = st.query_params.get(key)
    widget = _widget_key(key, ids)
    default = {"selection": {"rows": [ids.index(chosen)] if chosen in ids else []}}
    _draw(shown, columns, what, widget, ("single-row", "single-cell"), partial(_choose, key, widget, ids), default)
    _foot(shown, len(rows), columns, key)
    return shown[ids.index(chosen)] if chosen in ids else None


def open_one(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    what: str,
    sort: str = "",
    row_id: Identify[Row] = attrgetter("name"),
) -> Row | None:
    """As `pick_one`, but any cell opens its row, and the row is returned in the run of that click alone."""
    shown = filters.keep(rows, columns, key, sort)
    if not shown:
        filters.nothing_matches(key)
        return None
    ids = [row_id(row) for row in shown]
    opened = st.session_state.pop(f"{key}_opened", None)
    widget = _widget_key(key, ids)
    _draw(shown, columns, what, widget, ("single-cell",), partial(_open, key, widget, ids), None)
    _foot(shown, len(rows), columns, key, words="tables.opens")
    return shown[ids.index(opened)] if opened in ids else None


def every(rows: Sequence[Row], columns: Sequence[Column], *, what: str) -> None:
    """Draw a table that is only read: no filters, nothing to pick."""
    st.dataframe(
        frame(rows, columns),
        hide_index=True,
        column_config={column.key: column_config(column, rows) for column in columns},
        height="content" if len(rows) <= MOST_ROWS_IN_FULL else TALLEST_PX,
        placeholder="",
        alt=what,
    )


def unpick(key: str) -> None:
    """Forget the choice, say after its row was deleted. Callable from a widget callback."""
    st.query_params.pop(key, None)
    _renew(key)


def _draw(
    rows: Sequence[Row],
    columns: Sequence[Column],
    what: str,
    widget: str,
    mode: Sequence[str],
    on_select: Callable[[], None],
    default: dict[str, dict[str, list[int]]] | None,
) -> None:
    st.dataframe(
        frame(rows, columns),
        key=widget,
        hide_index=True,
        column_config={column.key: column_config(column, rows) for column in columns},
        height="content" if len(rows) <= MOST_ROWS_IN_FULL else TALLEST_PX,
        on_select=on_select,
        selection_mode=mode,  # type: ignore[arg-type]
        selection_default=default,  # type: ignore[arg-type]
        placeholder="",
        alt=what,
    )


def _foot(
    shown: Sequence[Row], count: int, columns: Sequence[Column], key: str, *, words: str = "tables.shown"
) -> None:
    """Below the table: above it, Streamlit's own toolbar would cover the button."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(t(words, shown=len(shown), count=count), width="content")
        exports.download(shown, columns, key=key)


def _widget_key(key: str, ids: Sequence[str]) -> str:
    """Another order is another widget: Streamlit keeps a selection by position, and rows move under it."""
    order = hashlib.blake2b("\n".join(ids).encode(), digest_size=6).hexdigest()
    return f"{key}_table_{st.session_state.get(f'{key}_renewed', 0)}_{order}"


def _renew(key: str) -> None:
    st.session_state[f"{key}_renewed"] = st.session_state.get(f"{key}_renewed", 0) + 1


def _choose(key: str, widget: str, ids: Sequence[str]) -> None:
    selection = st.session_state[widget]["selection"]
    if selection["cells"]:
        # A click on any cell means its row: a new widget ticks that one and lets the cell go.
        st.query_params[key] = ids[selection["cells"][0][0]]
        _renew(key)
    elif selection["rows"]:
        st.query_params[key] = ids[selection["rows"][0]]
    else:
        st.query_params.pop(key, None)


def _open(key: str, widget: str, ids: Sequence[str]) -> None:
    cells = st.session_state[widget]["selection"]["cells"]
    if cells:
        st.session_state[f"{key}_opened"] = ids[cells[0][0]]
        _renew(key)
