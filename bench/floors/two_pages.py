"""Floor A where there is something to click: two empty pages and a button."""

import streamlit as st


def first() -> None:
    st.title("Empty")
    st.button("Click")


def second() -> None:
    st.title("Also empty")


st.navigation([st.Page(first, title="First", default=True), st.Page(second, title="Second")]).run()
