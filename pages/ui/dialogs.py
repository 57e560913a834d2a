"""The one dialog that may be open. It belongs to the whole page, so that no part that refreshes by itself closes it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import streamlit as st

from pages.ui import session
from services.plans import new_intent

_OPEN = "dialog"

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class _Dialog:
    title: str
    draw: Callable[..., None]
    arguments: tuple[Any, ...]
    param: str
    intent: str = field(default_factory=new_intent)
    made: dict[str, Any] = field(default_factory=dict)


def show(title: str, draw: Callable[..., None], *arguments: Any, param: str = "") -> None:
    """Open a dialog, from anywhere in a page; its inside is `draw(*arguments)`, and so are the errors of that. `param`
    is the URL parameter by which the inside lets a link open it: it goes when the dialog does."""
    st.session_state[_OPEN] = _Dialog(title, draw, arguments, param)
    st.rerun(scope="app")


def is_open() -> bool:
    """Whether one is open already: a link to it has been followed."""
    return _OPEN in st.session_state


def close() -> None:
    """Close it and draw the page anew."""
    _forget()
    st.rerun(scope="app")


def leave_for(page: str, **params: str) -> None:
    """Close it and open another page."""
    _forget()
    st.switch_page(page, query_params=params)


def intent() -> str:
    """The one wish of the open dialog: however often its plan is made anew and sent, it is carried out once."""
    dialog: _Dialog = st.session_state[_OPEN]
    return dialog.intent


def renew() -> None:
    """What the dialog wished for has failed: the next try is another wish."""
    dialog: _Dialog = st.session_state[_OPEN]
    st.session_state[_OPEN] = replace(dialog, intent=new_intent())


def once(make: Callable[[], Made]) -> Made:
    """What `make` made when the dialog was first drawn: what was shown is what is sent."""
    return remembered("once", make)


def remembered(name: str, make: Callable[[], Made]) -> Made:
    """The same for a dialog that needs several things."""
    dialog: _Dialog = st.session_state[_OPEN]
    if name not in dialog.made:
        dialog.made[name] = make()
    made: Made = dialog.made[name]
    return made


def draw_open() -> None:
    """Called once by the entry point, after the page."""
    dialog: _Dialog | None = st.session_state.get(_OPEN)
    if dialog is not None:
        st.dialog(dialog.title, width="medium", on_dismiss=_forget)(_inside)(dialog)


def _inside(dialog: _Dialog) -> None:
    with session.shown_errors():
        dialog.draw(*dialog.arguments)


def _forget() -> None:
    dialog: _Dialog | None = st.session_state.pop(_OPEN, None)
    if dialog is not None and dialog.param:
        st.query_params.pop(dialog.param, None)
