"""The one open dialog: its wish is one however often it is drawn, and another after it failed."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.ui import dialogs
    from services.errors import InvalidRequest

    def inside() -> None:
        made = st.session_state.setdefault("made", [])
        dialogs.once(lambda: made.append(1))
        st.session_state["intents"] = [*st.session_state.get("intents", []), dialogs.intent()]
        if st.session_state.get("renew"):
            dialogs.renew()
        if st.session_state.get("fail"):
            raise InvalidRequest("this was refused", resource="lab")
        st.query_params["opens"] = "lab"
        st.write("inside")

    if st.button("Open"):
        dialogs.show("Title", inside, param="opens")
    st.session_state["is_open"] = dialogs.is_open()
    if st.button("Close"):
        dialogs.close()
    dialogs.draw_open()


def opened() -> AppTest:
    screen = AppTest.from_function(page, default_timeout=30).run()
    screen.button[0].click().run()
    assert not screen.exception
    return screen


def test_a_dialog_is_drawn_again_with_every_run_and_remains_one_wish() -> None:
    screen = opened()
    screen.run().run()
    assert len(set(screen.session_state["intents"])) == 1
    assert len(screen.session_state["intents"]) == 3
    assert screen.session_state["made"] == [1]


def test_after_a_failure_the_next_try_is_another_wish() -> None:
    screen = opened()
    screen.session_state["renew"] = True
    screen.run().run()
    assert len(set(screen.session_state["intents"])) == 2


def test_an_error_inside_is_shown_inside() -> None:
    screen = opened()
    screen.session_state["fail"] = True
    screen.run()
    assert not screen.exception
    assert "this was refused" in screen.error[0].value


def test_closing_forgets_it() -> None:
    screen = opened()
    before = len(screen.session_state["intents"])
    assert screen.session_state["is_open"]
    assert screen.query_params["opens"] == "lab"
    screen.button[1].click().run()
    assert len(screen.session_state["intents"]) == before
    assert not screen.session_state["is_open"]
    assert "opens" not in screen.query_params, "a reload does not open it again"
