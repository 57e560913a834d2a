"""Choices that live in the URL in words of no language, so that a link reads the same to everybody."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from pages.ui.text import language


def choice(
    label: str,
    options: Sequence[str],
    *,
    key: str,
    default: str,
    format_func: Callable[[str], str],
    width: int | Literal["stretch"] = "stretch",
    widget: str = "",
    labelled: bool = False,
    help: str | None = None,
    disabled: bool = False,
) -> str:
    """A drop-down whose URL parameter `key` holds the option itself, where Streamlit's own binding writes its label.

    `widget` tells drop-downs of one parameter apart that are never on the screen together.
    """
    asked = st.query_params.get(key, default)
    # In another language it is another widget: the browser holds on to labels it no longer finds.
    name = f"{widget or key}_{language()}"

    return st.selectbox(
        label,
        options,
        index=options.index(asked) if asked in options else options.index(default),
        format_func=format_func,
        key=name,
        on_change=_write,
        args=(key, name, default),
        label_visibility="visible" if labelled else "collapsed",
        help=help,
        disabled=disabled,
        width=width,
    )


def _write(key: str, widget: str, default: str) -> None:
    chosen = st.session_state[widget]
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = chosen


def keep(*keys: str) -> None:
    """Hold what a link or a switch chose for the whole session and in the URL: going to another page empties it."""
    for key in keys:
        chosen = st.session_state.get(key) or st.query_params.get(key)
        if chosen:
            st.session_state[key] = chosen
            if st.query_params.get(key) != chosen:
                st.query_params[key] = chosen
