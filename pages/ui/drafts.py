"""What was typed into a form outlives the sign-in: it is kept here, in memory, until the same person is back.

Signing in leads away from the page and opens a new session. Choices are in the address; what is typed is not.
"""

import threading

import streamlit as st

FORMS = (
    "notebook_", "training_", "endpoint_", "hp_", "own_framework", "data_", "tag_", "auto_stop", "payload_",
    "content_type_",
)  # fmt: skip
"""How the keys of fields begin that belong to a form."""
MOST = 256
LONGEST = 100_000
_KEPT = "drafts.kept"
_TYPED = "drafts.typed"

_drafts: dict[tuple[str, ...], dict[str, str | int | float]] = {}
_lock = threading.Lock()


def keep(person: tuple[str, ...]) -> None:
    """What the session's forms hold. Once a session: a page that is no longer drawn loses its fields."""
    if st.session_state.get(_KEPT):
        return
    st.session_state[_KEPT] = True
    typed = {
        str(key): value
        for key, value in st.session_state.items()
        if str(key).startswith(FORMS) and isinstance(value, str | int | float) and len(str(value)) <= LONGEST
    }
    if typed:
        with _lock:
            _drafts.pop(person, None)
            _drafts[person] = typed
            while len(_drafts) > MOST:
                _drafts.pop(next(iter(_drafts)))


def restore(person: tuple[str, ...]) -> None:
    """Into a new session, before its first page draws a field."""
    if _TYPED not in st.session_state:
        with _lock:
            st.session_state[_TYPED] = _drafts.pop(person, {})
    for key, value in st.session_state[_TYPED].items():
        st.session_state[key] = value
    st.session_state[_TYPED] = {}
