"""The first visit to an address below the entry point still goes through it, in a server that ran nothing before."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running
from tests.support.deck import Deck
from tests.support.pages import Watch, settled

ENTRY = """
import streamlit as st
from pages.ui import guard
st.write("came through the entry point")
guard.enter()
st.navigation([st.Page("pages/home.py", default=True), st.Page("pages/deep.py")]).run()
"""
PAGE = """
from pages.ui import guard
guard.require_entry()
import streamlit as st
st.title("{name}")
"""


@pytest.fixture
def small_deck(tmp_path: Path) -> Iterator[Deck]:
    (tmp_path / "pages").mkdir()
    (tmp_path / "static").symlink_to(Path("static").resolve())
    (tmp_path / "streamlit_app.py").write_text(ENTRY)
    for name in ("home", "deep"):
        (tmp_path / "pages" / f"{name}.py").write_text(PAGE.format(name=name))
    yield from running(Deck(tmp_path / "home", script=str(tmp_path / "streamlit_app.py")))


def test_a_deep_link_cannot_skip_the_entry_point(small_deck: Deck, page: Page, watch: Watch) -> None:
    # Below a page's address Streamlit looks for its server twice before it looks at the root.
    watch.expected += [r"404.*/deep/_stcore/"]
    page.goto(f"{small_deck.url}/deep")
    expect(settled(page).get_by_role("heading", name="deep")).to_be_visible()
    expect(page.get_by_text("came through the entry point")).to_be_visible()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("{here}", "http://{here}", 101),
        ("evil.example", "http://evil.example", 403),
        ("evil.example", "http://{here}", 403),
        ("{here}", "http://evil.example", 403),
    ],
)
def test_a_session_opens_for_the_decks_own_address_alone(small_deck: Deck, host: str, origin: str, status: int) -> None:
    """A name that leads to this machine, or another site's page, gets no session and with it nothing of the deck."""
    here = urlsplit(small_deck.url).netloc
    connection = HTTPConnection(here, timeout=20)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    asked = {"Host": host.format(here=here), "Origin": origin.format(here=here)}
    connection.request("GET", "/_stcore/stream", headers={**upgrade, **key, **asked})
    assert connection.getresponse().status == status
    connection.close()
