"""What was typed is there again for the same person, once, and for nobody else."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.ui import drafts

    person = ("https://login.example", st.query_params["who"])
    if "ended" in st.query_params:
        drafts.keep(person)
        return
    drafts.restore(person)
    st.text_input("Name", "proposed", key="notebook_name")
    st.toggle("Stop by itself", value=True, key="auto_stop")
    st.text_input("Filter", key="table_filter")
    st.button("Launch", key="launch_now")


def opened(who: str) -> AppTest:
    screen = AppTest.from_function(page)
    screen.query_params["who"] = who
    return screen.run()


def test_a_form_is_kept_for_whoever_filled_it() -> None:
    screen = opened("kim")
    screen.text_input(key="notebook_name").set_value("typed")
    screen.text_input(key="table_filter").set_value("running")
    screen.toggle(key="auto_stop").set_value(False)
    screen.button(key="launch_now").click().run()
    screen.query_params["ended"] = "yes"
    screen.run().run()
    assert opened("lee").text_input(key="notebook_name").value == "proposed"
    back = opened("kim")
    assert not back.exception
    assert back.text_input(key="notebook_name").value == "typed"
    assert back.toggle(key="auto_stop").value is False
    assert back.text_input(key="table_filter").value == ""
    assert opened("kim").text_input(key="notebook_name").value == "proposed", "taken once"
