"""The deck's own screens under AppTest: the real entry point, on a fresh home, with the practice account it starts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test
from streamlit.util import calc_hash

from pages.ui import session
from pages.ui.layout import LOOKED

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
RUN_SECONDS = 60


class _EntryFirst(PagesManager):
    """AppTest forgets before each run that navigation was asked for: say so first."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        PagesManager.uses_pages_directory = False
        super().__init__(*arguments, **named)


@contextmanager
def entry_first() -> Iterator[None]:
    """AppTest runs pages through the entry point, as the deck does."""
    before = PagesManager.uses_pages_directory
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app_test, "PagesManager", _EntryFirst)
        yield
    PagesManager.uses_pages_directory = before


@contextmanager
def deck_at(home: Path, proxy_url: str = "") -> Iterator[session.Desk]:
    """What all screens of this process share, opened on `home` and ended afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLIGHTDECK_HOME", str(home))
        patch.setenv("FLIGHTDECK_PRACTICE_PROXY", proxy_url)
        patch.setenv("FLIGHTDECK_USER", "kim")
        _forget()
        desk = session.desk()
        try:
            yield desk
        finally:
            desk.close()
            _forget()


def _forget() -> None:
    """What screens before this one read: the next desk's account has the same number."""
    st.cache_data.clear()
    st.cache_resource.clear()


def opened(page: str, language: str = "en", **query: str) -> AppTest:
    """A page as a visitor gets it who opens its address."""
    screen = AppTest.from_file(ENTRY, default_timeout=RUN_SECONDS)
    # AppTest.switch_page knows no st.navigation, which tells its pages by their addresses.
    screen._page_hash = calc_hash(page if page != "overview" else "")
    screen.session_state[LOOKED] = True  # a visitor's first look has a test of its own
    screen.query_params["lang"] = language
    for name, value in query.items():
        screen.query_params[name] = value
    screen.run()
    assert not screen.exception, [each.value for each in screen.exception]
    return screen


def words(screen: AppTest) -> str:
    """All that a screen says, to look for something in."""
    said = [*screen.title, *screen.markdown, *screen.error, *screen.warning, *screen.info, *screen.caption]
    labels = [*screen.button, *screen.metric, *screen.subheader]
    return "\n".join([*(str(each.value) for each in said), *(str(getattr(each, "label", each)) for each in labels)])


def top_rows(screen: AppTest) -> list[list[str]]:
    """The cells of the page's own table, a list for each row."""
    (table,) = (each for each in screen.get("bidi_component") if "top_rows" in each.proto.component_name)
    return [[cell["text"] for cell in row["cells"]] for row in json.loads(table.proto.json)["rows"]]
