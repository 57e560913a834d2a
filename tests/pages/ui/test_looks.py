"""A first look draws the light parts; what the browser's next word brings is the whole page."""

from streamlit.testing.v1 import AppTest

from pages.ui import looks


def script() -> None:
    import streamlit as st

    from pages.ui import looks
    from pages.ui.columns import Column, Kind
    from pages.ui.layout import Figure, figures
    from pages.ui.tables import every

    figures([Figure("Burn rate", "$1.00/h", trend=[1.0, 2.0])])
    every(
        [{"name": "lab"}], [Column("name", "tables.name", Kind.NAME, value=lambda row: row["name"])], what="Notebooks"
    )
    st.caption("first" if looks.is_first() else "whole")
    looks.follow()


def test_a_first_look_has_a_plain_table_and_no_chart() -> None:
    screen = AppTest.from_function(script, default_timeout=60).run()
    assert screen.caption[0].value == "first"
    assert not screen.dataframe
    assert "lab" in screen.get("html")[0].proto.body
    assert not screen.metric[0].proto.chart_data


def test_when_the_browser_shows_it_the_whole_page_follows() -> None:
    screen = AppTest.from_function(script, default_timeout=60)
    screen.session_state[looks.WHOLE] = True
    screen.run()
    assert screen.caption[0].value == "whole"
    assert screen.dataframe[0].value["name"].tolist() == ["lab"]
    assert list(screen.metric[0].proto.chart_data) == [1.0, 2.0]
