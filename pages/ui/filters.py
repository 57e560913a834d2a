"""The one line above a table: search, states and order, all of it in the URL."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

import streamlit as st

from pages.ui import urls
from pages.ui.columns import Column, Kind, sort_key
from pages.ui.text import plain, t

Row = TypeVar("Row")


def keep(rows: Sequence[Row], columns: Sequence[Column], key: str, sort: str) -> list[Row]:
    """Draw the line and return the rows it leaves, in the order it asks for; `sort` is the page's own order."""
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
        kept = [row for row in rows if _matches(row, columns, wanted or "", states)] if wanted or states else list(rows)
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


def nothing_matches(key: str) -> None:
    """In place of a table that the filters emptied: a way back."""
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown(t("tables.nothing_matches"), width="content")
        st.button(t("tables.clear_filters"), key=f"{key}_clear", on_click=_clear_filters, args=(key,))


def _clear_filters(key: str) -> None:
    st.session_state[f"{key}_q"] = ""
    if f"{key}_state" in st.session_state:
        st.session_state[f"{key}_state"] = []
