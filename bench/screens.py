"""`python -m bench.screens [path ...]`: a picture of every page, in both languages and themes, wide and narrow.

The deck shows a practice account with something in it: a notebook that runs and one that is stopped, a finished and a
failed training job, and an endpoint that answers.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from playwright.sync_api import Browser, BrowserContext, Page

from bench import contact_sheet, rehearsal
from bench.browsers import chromium
from bench.decks import fresh_deck
from tests.support.pages import settled

FOLDER = Path("screens")
WIDTHS = (1440, 390)
LEAST_HEIGHT = {1440: 1000, 390: 844}
MOST_HEIGHT = 8_000
LANGUAGES = ("en", "ko")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: a path of the deck with its query, and how it is looked at."""

    path: str
    language: str
    theme: Literal["light", "dark"]
    width: int

    @property
    def file(self) -> Path:
        parts = urlsplit(self.path)
        words = [parts.path.strip("/") or "overview", *(value for _, value in parse_qsl(parts.query))]
        return FOLDER / f"{'-'.join(words).replace('/', '-')}.{self.language}.{self.theme}.{self.width}.png"

    def url(self, deck: str) -> str:
        parts = urlsplit(self.path)
        return f"{deck}{parts.path}?{urlencode([*parse_qsl(parts.query), ('lang', self.language)])}"


def main(chosen: Sequence[str]) -> int:
    FOLDER.mkdir(exist_ok=True)
    with fresh_deck() as deck, chromium() as browser:
        with browser.new_context(locale="en-US") as context:
            page = context.new_page()
            rehearsal.fill(deck, page)
            listed = _listed(page, deck.url)
        shots = list(_shots(chosen or [*listed, *rehearsal.DETAILS]))
        for number, shot in enumerate(shots, 1):
            _take(browser, shot, deck.url)
            print(f"{number:3} of {len(shots)} {shot.file}", flush=True)
        print(f"all on one page: {contact_sheet.write(FOLDER, browser)}")
        complaints = deck.complaints()
    for line in complaints:
        print(f"the deck said: {line}", file=sys.stderr)
    return 1 if complaints else 0


def _listed(page: Page, deck: str) -> list[str]:
    """The paths of the pages in the deck's own navigation, in its order."""
    settled(_opened(page, deck))
    links = page.locator("[data-testid=stSidebarNavLink], [data-testid=stTopNavLink]")
    addresses = links.evaluate_all("links => links.map(link => new URL(link.href).pathname)")
    return list(dict.fromkeys(str(address) for address in addresses))


def _opened(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def _shots(paths: Sequence[str]) -> Iterator[Shot]:
    for path, width, language, theme in product(paths, WIDTHS, LANGUAGES, THEMES):
        yield Shot(path, language, theme, width)


def _take(browser: Browser, shot: Shot, deck: str) -> None:
    context = _context(browser, shot)
    try:
        page = settled(_opened(context.new_page(), shot.url(deck)))
        height = page.locator("[data-testid=stMain]").evaluate("main => main.scrollHeight")
        # Streamlit scrolls inside the page: a window as high as its content shows all of it.
        page.set_viewport_size({"width": shot.width, "height": min(max(height, LEAST_HEIGHT[shot.width]), MOST_HEIGHT)})
        page.evaluate("() => document.fonts.ready.then(() => true)")
        # Animations stay: ended at once, what a refresh is about to replace would show as faded.
        settled(page).screenshot(path=shot.file)
    finally:
        context.close()


def _context(browser: Browser, shot: Shot) -> BrowserContext:
    return browser.new_context(
        viewport={"width": shot.width, "height": LEAST_HEIGHT[shot.width]},
        color_scheme=shot.theme,
        locale={"en": "en-US", "ko": "ko-KR"}[shot.language],
        timezone_id="Asia/Seoul",
        reduced_motion="reduce",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
