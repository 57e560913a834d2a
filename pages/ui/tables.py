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

from pages.ui import exports, urls
from pages.ui.columns import Column, Kind, column_config, frame, sort_key
from pages.ui.text import plain, t

__all__ = ["Column", "Kind", "open_one", "pick_one", "unpick"]

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
    shown = _filtered(rows, columns, key, sort)
    if not shown:
        _nothing_matches(key)
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
    shown = _filtered(rows, columns, key, sort)
    if not shown:
        _nothing_matches(key)
        return None
    ids = [row_id(row) for row in shown]
    opened = st.session_state.pop(f"{key}_opened", None)
    widget = _widget_key(key, ids)
    _draw(shown, columns, what, widget, ("single-cell",), partial(_open, key, widget, ids), None)
    _foot(shown, len(rows), columns, key)
    return shown[ids.index(opened)] if opened in ids else None


def unpick(key: str) -> None:
    """Forget the choice, say after its row was deleted. Callable from a widget callback."""
    st.query_params.pop(key, None)
    _renew(key)


def _filtered(rows: Sequence[Row], columns: Sequence[Column], key: str, sort: str) -> list[Row]:
    """The filter line, and what it leaves in the order it asks for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            t("tables.search"),
            key=f"{key}_q",
            bind="query-params",
            type="search",
            live=True,
            icon=":material/search:",
            placeholder=plain("tables.search_hint"),
            label_visibility="collapsed",
            width=280,
        )
        states = _state_filter(rows, columns, key)
        order = _sort_choice(columns, key, sort)
        kept = [row for row in rows if _matches(row, columns, wanted or "", states)]
        if order:
            column = next(column for column in columns if column.key == order.removeprefix("-"))
            kept.sort(key=partial(sort_key, column), reverse=order.startswith("-"))
    return kept


def _state_filter(rows: Sequence[Row], columns: Sequence[Column], key: str) -> list[str]:
    column = next((column for column in columns if column.kind is Kind.STATE), None)
    if column is None:
        return []
    present = sorted({str(column.of(row)) for row in rows})
    return st.multiselect(
        t("tables.state"),
        present,
        key=f"{key}_state",
        bind="query-params",
        placeholder=plain("tables.all_states"),
        label_visibility="collapsed",
        width=260,
    )


def _sort_choice(columns: Sequence[Column], key: str, sort: str) -> str:
    options = [f"{sign}{column.key}" for column in columns for sign in ("", "-")]
    labels = {column.key: plain(column.label) for column in columns}

    def shown(option: str) -> str:
        direction = "descending" if option.startswith("-") else "ascending"
        return plain(f"tables.sort_{direction}", column=labels[option.removeprefix("-")])

    return urls.choice(
        t("tables.sort"), options, key=f"{key}_sort", default=sort or options[0], format_func=shown, width=240
    )


def _matches(row: object, columns: Sequence[Column], wanted: str, states: Sequence[str]) -> bool:
    if states and not any(str(column.of(row)) in states for column in columns if column.kind is Kind.STATE):
        return False
    texts = " ".join(str(column.of(row) or "") for column in columns if column.is_text).casefold()
    return all(word in texts for word in wanted.casefold().split())


def _nothing_matches(key: str) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(t("tables.nothing_matches"), width="content")
        st.button(t("tables.clear_filters"), key=f"{key}_clear", on_click=_clear_filters, args=(key,))


def _clear_filters(key: str) -> None:
    st.session_state[f"{key}_q"] = ""
    if f"{key}_state" in st.session_state:
        st.session_state[f"{key}_state"] = []


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


def _foot(shown: Sequence[Row], count: int, columns: Sequence[Column], key: str) -> None:
    """Below the table: above it, Streamlit's own toolbar would cover the button."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(t("tables.shown", shown=len(shown), count=count), width="content")
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
