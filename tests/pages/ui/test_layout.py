"""The parts of a page, and whose account its head says it is."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import layout


def parts() -> None:
    import streamlit as st

    from pages.ui.layout import Figure, empty_state, figures, page_header, waiting

    with page_header("Notebooks", "Three run."):
        st.button("Launch")
    figures([Figure("Burn", "$1.41 of $2", change="−$0.41/h", more_is="bad"), Figure("Running", "3")])
    with empty_state(":material/laptop_mac:", "None yet."):
        st.button("Start")
    waiting("table").write("came")


def test_a_page_is_put_together_from_its_parts() -> None:
    shown = AppTest.from_function(parts).run()
    assert not shown.exception
    assert [title.value for title in shown.title] == ["Notebooks"]
    assert [button.label for button in shown.button] == ["Launch", "Start"]
    assert "came" in [text.value for text in shown.markdown]


def test_a_figure_is_not_a_formula_and_a_saving_points_down() -> None:
    burn = AppTest.from_function(parts).run().metric[0]
    assert (burn.value, burn.delta) == (r"\$1.41 of \$2", r"-\$0.41/h")


def test_a_first_look_is_text_and_says_the_same() -> None:
    def first() -> None:
        from pages.ui.layout import Figure, figures

        figures([Figure("Burn", "$1.41/h", change="+$0.41/h"), Figure("Running", "3")], first_look=True)

    shown = AppTest.from_function(first).run()
    assert [each.value.split("\n\n") for each in shown.markdown] == [
        ["Burn", r"**\$1.41/h**", r":small[+\$0.41/h]"],
        ["Running", "**3**"],
    ]
    assert not shown.metric


def test_no_more_figures_than_can_be_read() -> None:
    with pytest.raises(ValueError, match="at most 4"):
        layout.figures([layout.Figure(str(at), str(at)) for at in range(5)])


def head() -> None:
    from datetime import UTC, date, datetime
    from decimal import Decimal

    import streamlit as st

    from pages.ui import show
    from pages.ui.formats import ExchangeRate
    from pages.ui.header import AccountMark, deck_header

    now = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    practice = not st.session_state.get("real")
    mark = AccountMark(practice, "123456789012", "ml-prod", now, 60.0 if practice else 1.0)
    rate = ExchangeRate(Decimal(1380), date(2026, 11, 20), "example bank")
    regions = {"ap-northeast-2": "Asia Pacific (Seoul)", "us-east-1": "US East (N. Virginia)"}
    with deck_header(mark, regions, default_region="ap-northeast-2", rate=rate):
        st.write("inside the menu")
    st.write(show.money(Decimal(10)))
    st.write(st.session_state["region"])


def test_a_practice_account_is_marked_with_its_clock() -> None:
    shown = AppTest.from_function(head).run()
    assert not shown.exception
    popover = shown.get("popover")[0].proto.popover
    assert popover.label == "Practice account: nothing here costs money"
    assert popover.type == "tertiary"
    assert shown.caption[0].value == "05:00 UTC · clock runs 60 times as fast"


def test_a_real_account_cannot_be_taken_for_one() -> None:
    shown = AppTest.from_function(head)
    shown.session_state["real"] = True
    shown.run()
    popover = shown.get("popover")[0].proto.popover
    assert popover.label == "Real account: ml-prod · 123456789012 · ap-northeast-2"
    assert popover.type == "primary"
    assert shown.caption[0].value == "05:00 UTC"


def test_language_and_currency_are_switched_and_stay_in_the_url() -> None:
    shown = AppTest.from_function(head).run()
    assert "$10.00" in [text.value for text in shown.markdown]
    shown.button(key="language_switch").click().run()
    assert shown.query_params["lang"] == "ko"
    assert shown.button(key="language_switch").label == "English"
    shown.button(key="currency_switch").click().run()
    assert shown.query_params["currency"] == "KRW"
    assert "₩13,800" in [text.value for text in shown.markdown]
    shown.query_params.clear()
    shown.run()
    assert shown.query_params["lang"] == "ko"


def test_the_region_is_a_link() -> None:
    shown = AppTest.from_function(head)
    shown.query_params["region"] = "us-east-1"
    assert shown.run().markdown[-1].value == "us-east-1"
    assert shown.get("popover")[-1].proto.popover.label == "us-east-1"
    shown.radio(key="region").set_value("ap-northeast-2").run()
    assert shown.markdown[-1].value == "ap-northeast-2"
    assert shown.get("popover")[-1].proto.popover.label == "ap-northeast-2"


def test_what_a_link_chose_outlives_the_link() -> None:
    shown = AppTest.from_function(head)
    shown.query_params["lang"] = "ko"
    shown.run()
    shown.query_params.clear()
    assert shown.run().button(key="language_switch").label == "English"
    assert shown.query_params["lang"] == "ko"
