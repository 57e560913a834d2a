"""The one dialog that may be open. It belongs to the whole page, so that no part that refreshes by itself closes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

_OPEN = "dialog"


@dataclass(frozen=True, slots=True)
class _Dialog:
    title: str
    draw: Callable[..., None]
    arguments: tuple[Any, ...]


def show(title: str, draw: Callable[..., None], *arguments: Any) -> None:
    """Open a dialog, from anywhere in a page; its inside is `draw(*arguments)`."""
    st.session_state[_OPEN] = _Dialog(title, draw, arguments)
    st.rerun(scope="app")


def close() -> None:
    """Close it and draw the page anew."""
    _forget()
    st.rerun(scope="app")


def draw_open() -> None:
    """Called once by the entry point, after the page."""
    dialog: _Dialog | None = st.session_state.get(_OPEN)
    if dialog is not None:
        st.dialog(dialog.title, width="medium", on_dismiss=_forget)(dialog.draw)(*dialog.arguments)


def _forget() -> None:
    st.session_state.pop(_OPEN, None)
