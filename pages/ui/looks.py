"""A visitor's first look: what is read first comes first, and what needs heavy scripts of the browser a moment later.

A table's and a chart's scripts take a fresh browser longer than all the rest of a page. So the first run of a session
draws light parts alone (`is_first`); once the browser shows them, `follow` has the page drawn anew as a whole.
"""

import streamlit as st

FOLLOWING = "looks.following"
WHOLE = "looks.whole"
AFTER = "1s"


def is_first() -> bool:
    """Whether this visitor's browser has yet to load the scripts of tables and charts."""
    return not st.session_state.get(WHOLE)


def follow() -> None:
    """Have a first look followed by the whole page; drawn last."""
    if is_first():
        st.session_state.pop(FOLLOWING, None)
        _follow()


@st.fragment(run_every=AFTER)
def _follow() -> None:
    # Runs once with the page, and again when the browser, which keeps the time, has drawn that.
    if st.session_state.get(FOLLOWING):
        st.session_state[WHOLE] = True
        st.rerun(scope="app")
    st.session_state[FOLLOWING] = True
