"""No page runs but through the entry point, whatever address was opened.

Streamlit takes a top-level `pages/` folder for pages of its own until a session has called `st.navigation`: a visitor
whose first address is `/notebooks` would run that file alone, without sign-in. So every page begins with
`guard.require_entry()`, and `streamlit_app.py` calls `guard.enter()` once the visitor is signed in, before navigation.
"""

from typing import NoReturn

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

ENTERED = "guard.entered"
_SENT_BACK = "guard.sent_back"


def enter() -> None:
    """The visitor came through the entry point and may see pages; called there on every run."""
    st.session_state[ENTERED] = True
    st.session_state.pop(_SENT_BACK, None)


def leave() -> None:
    """The visitor signed out: pages are closed to this session until `enter`."""
    st.session_state.pop(ENTERED, None)


def require_entry() -> None:
    """Let a visitor who entered pass; send anybody else through the entry point, keeping the address they asked for."""
    if not st.session_state.get(ENTERED):
        _send_back()


def _send_back() -> NoReturn:
    # A page started as a program of its own has no entry point to go back to: once is enough.
    if st.session_state.get(_SENT_BACK):
        st.stop()
    st.session_state[_SENT_BACK] = True
    PagesManager.uses_pages_directory = False
    st.rerun()
