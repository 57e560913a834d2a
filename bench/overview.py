"""Overview with 300 resources: how soon its title, figures and table can be read, against an empty page."""

import statistics
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Browser, Page, expect

from bench.accounts import WAITING_JOB, create_training_job, make_bucket, raise_training_quotas, upload_source
from bench.browsers import chromium
from bench.decks import fresh_deck
from bench.harness import Figure
from tests.support.pages import settled
from tests.support.practice_account import Account

RESOURCES = 300
LOADS = 7
LOAD_MS = 60_000
BLANK_PAGE = "bench/blank_page.py"


def figures() -> Iterator[Figure]:
    with chromium() as browser, fresh_deck() as deck, fresh_deck(BLANK_PAGE) as blank:
        _visit(browser, deck.url, settled)
        fill(deck.account())
        _visit(browser, deck.url, _readable)
        _visit(browser, blank.url, _title)
        loads = [(_visit(browser, deck.url, _readable), _visit(browser, blank.url, _title)) for _ in range(LOADS)]
    overview, empty = (statistics.median(times) for times in zip(*loads, strict=True))
    name = f"Overview with {RESOURCES} resources readable"
    yield Figure(name, overview, "s", floor=empty, ratio_at_most=1.5)


def fill(account: Account) -> None:
    """Training jobs that go on: some of them train, the others wait for their turn on this machine."""
    make_bucket(account)
    raise_training_quotas(account, RESOURCES)
    source, sagemaker = upload_source(account, WAITING_JOB), account.client("sagemaker")
    for number in range(RESOURCES):
        create_training_job(sagemaker, f"desk-{number:03}", source)


def _visit(browser: Browser, url: str, wait: Callable[[Page], object]) -> float:
    """Seconds from going to the page, in a browser that has never been there, until it can be read."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    try:
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url, wait_until="commit")
        wait(page)
        return time.perf_counter() - started
    finally:
        context.close()


def _title(page: Page) -> None:
    expect(page.get_by_test_id("stHeading").first).to_be_visible(timeout=LOAD_MS)


def _readable(page: Page) -> None:
    _title(page)
    expect(page.get_by_test_id("stMetric").first).to_be_visible(timeout=LOAD_MS)
    expect(page.get_by_role("table").or_(page.get_by_test_id("stDataFrame")).first).to_be_visible(timeout=LOAD_MS)
