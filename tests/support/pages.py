"""A page in a real browser, and what a healthy page never does."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.support.isolation import is_loopback

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTLED = (
    "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"
    ":not(:has([data-testid=stSkeleton])):not(:has([data-stale=true])):not(:has(.st-key-layout-seen))"
)
"""The last is there as long as a page's first look is."""
SETTLE_MS = 60_000
STREAMLIT_OWN_NOISE = (
    # On a deep link the browser first looks for the server below the page's own path.
    r"status of 404 .*/_stcore/(health|host-config)",
)
STREAMLIT_OWN_VIOLATIONS = frozenset(
    {"target-size", "svg-img-alt", "aria-dialog-name", "empty-table-header", "presentation-role-conflict"}
)


@dataclass
class Watch:
    """What a page complained about, or asked of another machine. No slots: Playwright hangs its handlers on it."""

    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Patterns of complaints that a test brings about on purpose."""

    def over(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", self._request)

    def unexpected(self) -> list[str]:
        known = [*STREAMLIT_OWN_NOISE, *self.expected]
        return [said for said in self.complaints if not any(re.search(pattern, said) for pattern in known)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        target = urlsplit(request.url)
        if target.scheme in {"http", "https", "ws", "wss"} and not is_loopback(target.hostname or ""):
            self.complaints.append(f"left this machine: {request.url}")


def settled(page: Page) -> Page:
    """Wait until the page's script has run to its end and nothing of it is still to come. Then look for elements."""
    expect(page.locator(SETTLED)).to_be_attached(timeout=SETTLE_MS)
    return page


READ_ALOUD = """() => {
  const parts = ['stIconMaterial', 'stDataFrame', 'stJson'].map(name => `[data-testid=${name}]`);
  const skipped = document.querySelectorAll(['code', 'pre', 'script', 'style', '[translate=no]', ...parts].join(', '));
  const shown = [...skipped].map(each => each.style.display);
  skipped.forEach(each => { each.style.display = 'none'; });
  const rooms = document.querySelectorAll('[data-testid=stMain], [data-testid=stSidebar]');
  const said = [...rooms].map(room => room.innerText).join('\\n');
  skipped.forEach((each, at) => { each.style.display = shown[at]; });
  return said;
}"""


def words(page: Page) -> str:
    """What a reader sees in sentences: without code, icons (which are words of their font) and tables of data, and
    without Streamlit's own link to the content, which is English."""
    return str(page.evaluate(READ_ALOUD))


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page for people who cannot see or use a mouse; Streamlit's own left out."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]}"
        for violation in found
        if violation["id"] not in STREAMLIT_OWN_VIOLATIONS
        for node in violation["nodes"]
    ]
