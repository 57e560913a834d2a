"""The server around the pages: up with its account, and closed to foreign names and frames."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from pages.ui.server import HEADERS
from tests.support import servers
from tests.support.deck import Deck
from tests.support.pages import Watch


def headers_of(deck: Deck, path: str, host: str = "", **more: str) -> tuple[int, dict[str, str]]:
    address = urlsplit(deck.url).netloc
    connection = HTTPConnection(address, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host or address, **more})
        answer = connection.getresponse()
        answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def test_the_server_brings_its_account_along_and_guards_every_answer(deck: Deck) -> None:
    account = deck.account()
    assert account.control("GET", "health")["healthy"], "nobody opened a page"
    for path in ("/", "/notebooks", "/_stcore/health", "/app/static/icon.png"):
        status, said = headers_of(deck, path)
        assert status == 200
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= said.items()
        # There is no sign-in: who comes through a proxy is nobody of this machine.
        refused, said = headers_of(deck, path, Forwarded="for=192.168.0.7")
        assert refused == 403
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= said.items()


@pytest.mark.parametrize("host", ["deck.example", "127.0.0.1.deck.example", "[::1].deck.example"])
def test_a_foreign_name_is_refused(deck: Deck, host: str) -> None:
    for path in ("/", "/notebooks", "/_stcore/stream", "/app/static/icon.png"):
        assert headers_of(deck, path, host)[0] in (400, 403)


class Elsewhere(servers.Handler):
    """A site of somebody else's on this machine, which has one page."""

    page = b""

    def serve(self) -> None:
        self.answer(200, self.page, {"Content-Type": "text/html"})


def test_no_other_site_can_put_the_deck_in_a_frame(deck: Deck, page: Page, watch: Watch) -> None:
    watch.expected += ["frame-ancestors", "X-Frame-Options", "status of 404 .*favicon"]
    framed = f'<title>site</title><iframe src="{deck.url}"></iframe>'.encode()
    with servers.serving(type("Handler", (Elsewhere,), {"page": framed})) as site:
        page.goto(site)
        expect(page.locator("iframe")).to_be_attached()
        frame = page.frames[1]
        assert not frame.url.startswith(deck.url)
        assert frame.query_selector("[data-testid=stApp]") is None
