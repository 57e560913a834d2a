"""The deck in a real Chromium. Every page that a test opens is watched, and so is the server's log."""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page

from tests.support import machine
from tests.support.deck import Deck
from tests.support.pages import CHROMIUM_FLAGS, Watch, words

HERE = Path(__file__).parent
LAST_LINES = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a failed test saw at its end: the page's words, and the last that the deck's server and account said."""
    report = yield
    if isinstance(item, pytest.Function) and report.when == "call" and report.failed:
        page, visitor = item.funcargs.get("page"), item.funcargs.get("visitor")
        deck = item.funcargs.get("deck") or getattr(visitor, "deck", None)
        if isinstance(page, Page):
            report.sections.append(("page", _said(page)))
        if isinstance(deck, Deck):
            report.sections += [("deck", _end(deck.log())), ("practice account", _end(deck.account_log()))]
    return report


def _said(page: Page) -> str:
    try:
        return f"{page.url}\n{words(page)}"
    except Error as error:
        return f"{page.url}\n{error.message}"


def _end(log: str) -> str:
    return "\n".join(log.splitlines()[-LAST_LINES:])


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = machine.chromium()
    assert chromium is not None, "no Chromium here; `python -m tests.support.machine` installs one or says what to do"
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(CHROMIUM_FLAGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 1000},
        "locale": "en-US",
        "timezone_id": "Asia/Seoul",
        "reduced_motion": "reduce",
    }


@pytest.fixture
def watch() -> Iterator[Watch]:
    """What the pages under watch complained about; the test fails for what it did not expect."""
    watch = Watch()
    yield watch
    assert not watch.unexpected()


@pytest.fixture
def page(page: Page, watch: Watch) -> Page:
    watch.over(page)
    return page


@pytest.fixture
def deck(tmp_path: Path) -> Iterator[Deck]:
    """The real deck on a fresh home, with the practice account it starts; ends with all that it started."""
    yield from running(Deck(tmp_path / "deck"))


def running(deck: Deck) -> Iterator[Deck]:
    """The deck, ended afterwards; its log must hold no complaint that the test did not expect."""
    try:
        deck.start()
        yield deck
    finally:
        deck.end()
    assert not deck.complaints()
