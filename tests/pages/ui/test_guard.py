"""A page alone draws nothing; through the entry point it does."""

from streamlit.testing.v1 import AppTest

from pages.ui import guard


def page_alone() -> None:
    import streamlit as st

    from pages.ui import guard

    guard.require_entry()
    st.title("secret")


def entry() -> None:
    import streamlit as st

    from pages.ui import guard

    def secret() -> None:
        guard.require_entry()
        st.title("secret")

    if st.session_state.get("signed_in"):
        guard.enter()
    else:
        guard.leave()
    st.navigation([st.Page(secret, title="Secret")], position="hidden").run()


def test_a_page_that_runs_alone_shows_nothing_and_does_not_run_for_ever() -> None:
    shown = AppTest.from_function(page_alone).run()
    assert not shown.exception
    assert not shown.title
    assert guard.ENTERED not in shown.session_state


def test_a_page_opens_after_the_entry_point_let_the_visitor_in() -> None:
    shown = AppTest.from_function(entry)
    shown.session_state["signed_in"] = True
    assert [title.value for title in shown.run().title] == ["secret"]


def test_signing_out_closes_the_pages_again() -> None:
    shown = AppTest.from_function(entry)
    shown.session_state["signed_in"] = True
    shown.run()
    shown.session_state["signed_in"] = False
    assert not shown.run().title
