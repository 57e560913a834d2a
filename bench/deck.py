"""The deck in a browser and under many, against two floors on the same machine: an empty page (A), and a page with
figures, a table and a chart (B). What a user reads first must not wait for the chart."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
from botocore.config import Config
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from bench.accounts import WAITING_JOB, create_training_job, make_bucket, raise_training_quotas, upload_source
from bench.browsers import chromium
from bench.decks import fresh_deck
from bench.harness import Figure, seconds
from bench.visitors import seconds_a_click
from tests.support import seeded_account
from tests.support.deck import Deck
from tests.support.pages import settled
from tests.support.practice_account import REGION, Account

RESOURCES = 300
MANY = 10_000
SEASON = timedelta(days=90)
LOADS = 7
CLICKS = 9
VISITORS = 50
LOAD_MS = 60_000
VIEWPORT: ViewportSize = {"width": 1440, "height": 1000}
BLANK = "bench/floors/blank.py"
TWO_PAGES = "bench/floors/two_pages.py"
FULL = "bench/floors/full.py"

TITLE, CHART = "[data-testid=stHeading]", ".js-plotly-plot .main-svg"
FIGURE = "[data-testid=stMetricValue], [data-testid=stMarkdown] strong"
TABLE = "table tbody tr, [data-testid=stDataFrame]"
"""Figures and tables also as text, which is what a first look is made of."""

Wait = Callable[[Page], object]


def figures() -> Iterator[Figure]:
    yield started()
    with fresh_deck() as deck, fresh_deck(BLANK) as blank:
        fill(deck.account())
        with chromium() as browser:
            with fresh_deck(FULL) as full:
                yield from loads(browser, deck, blank, full)
            with fresh_deck(TWO_PAGES) as two_pages:
                yield from clicks(browser, deck, two_pages)
        # The browser's own event loop has ended: the visitors need one.
        yield from crowd(deck, blank)
        yield memory(deck)
    with chromium() as browser:
        yield from many(browser)


def started() -> Figure:
    """From the command to a healthy server."""
    took = []
    for _ in range(3):
        before = time.perf_counter()
        with fresh_deck():
            took.append(time.perf_counter() - before)
    return Figure("deck healthy", statistics.median(took), "s", at_most=3)


def loads(browser: Browser, deck: Deck, blank: Deck, full: Deck) -> Iterator[Figure]:
    """First loads, each in a browser that has never been there; the three in turn, so that the machine's mood is the
    same for all."""
    kinds: tuple[tuple[str, Wait], ...] = (
        (deck.url, readable),
        (blank.url, _title),
        (deck.url, _drawn),
        (full.url, _drawn),
    )
    rounds = [[visit(browser, url, wait) for url, wait in kinds] for _ in range(LOADS + 1)][1:]
    read, empty, drawn, plain = (statistics.median(times) for times in zip(*rounds, strict=True))
    yield Figure(f"Overview with {RESOURCES} resources readable", read, "s", floor=empty, ratio_at_most=1.5)
    yield Figure(f"Overview with {RESOURCES} resources all drawn", drawn, "s", floor=plain, ratio_at_most=1.15)


def clicks(browser: Browser, deck: Deck, two_pages: Deck) -> Iterator[Figure]:
    """Going to another page, and a click on it, in a browser that has been there before."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    switch = _alternating(page, deck.url, "Notebooks", "Activity")
    floor = _alternating(page, two_pages.url, "Second", "First")
    yield Figure("page switch", switch, "s", floor=floor, ratio_at_most=1.5)
    click = seconds_to_redraw(browser, f"{deck.url}/activity")
    page.goto(two_pages.url)
    floor = _clicking(page, page.get_by_role("button", name="Click"))
    yield Figure("widget click", click, "s", floor=floor, ratio_at_most=1.5)
    context.close()


def _alternating(page: Page, url: str, *names: str) -> float:
    page.goto(url)
    settled(page)

    def switch(name: str) -> None:
        page.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
        _title(page)
        settled(page)

    took = [seconds(partial(switch, names[turn % len(names)])) for turn in range(CLICKS)]
    return statistics.median(took[2:])


def seconds_to_redraw(browser: Browser, address: str) -> float:
    """From a click that changes every word of a page until all of it is drawn anew."""
    context = browser.new_context(viewport=VIEWPORT)
    page = context.new_page()
    page.goto(address)
    took = _clicking(page, page.get_by_role("button", name=re.compile("^(한국어|English)$")))
    context.close()
    return took


def _clicking(page: Page, button: Locator) -> float:
    settled(page)

    def click() -> None:
        button.first.click()
        settled(page)

    return statistics.median([seconds(click) for _ in range(CLICKS)][2:])


def crowd(deck: Deck, blank: Deck) -> Iterator[Figure]:
    """Fifty sessions on Overview, each drawn anew every two seconds; and the server's time for one, alone."""
    alone = statistics.median(seconds_a_click(deck.url, 1, CLICKS))
    floor = statistics.median(seconds_a_click(blank.url, 1, CLICKS))
    yield Figure(
        f"server's time of an Overview rerun, {RESOURCES} resources", alone * 1000, "ms", 30, None, floor * 1000
    )
    took = sorted(seconds_a_click(deck.url, VISITORS, CLICKS))
    yield Figure(f"{VISITORS} sessions, p95 of a rerun", took[int(len(took) * 0.95)] * 1000, "ms", at_most=300)


def memory(deck: Deck) -> Figure:
    """Resident memory of the deck and its practice account after all of that, without the jobs that run there."""
    used = sum(psutil.Process(pid).memory_info().rss for pid in (deck.pid, deck.account().pid))
    return Figure("deck and practice account, memory", used / 1024**2, "MiB", at_most=700)


def many(browser: Browser) -> Iterator[Figure]:
    """Training jobs by the thousand: counted to the last, and no slower to draw again."""
    again = {}
    for count in (RESOURCES, MANY):
        with fresh_deck(prepare=partial(seed, count=count)) as deck:
            address = f"{deck.url}/training"
            visit(browser, address, partial(counted, count=count))
            if count == MANY:
                first = visit(browser, address, readable)
                yield Figure(f"{count:,} training jobs, first paint", first, "s", at_most=2)
            again[count] = seconds_to_redraw(browser, address)
    yield Figure(f"{MANY:,} training jobs, a rerun", again[MANY], "s", floor=again[RESOURCES], ratio_at_most=1.5)


def fill(account: Account) -> None:
    """Training jobs that go on: some of them train, the others wait for their turn on this machine."""
    make_bucket(account)
    raise_training_quotas(account, RESOURCES)
    patient = Config(retries={"mode": "standard", "total_max_attempts": 10})  # the account throttles as AWS does
    source, sagemaker = upload_source(account, WAITING_JOB), account.client("sagemaker", config=patient)
    for number in range(RESOURCES):
        create_training_job(sagemaker, f"desk-{number:03}", source)


def seed(home: Path, count: int) -> None:
    """Training jobs that have ended, before the account starts: at the rates of AWS 10,000 would take half an hour."""
    with seeded_account.seeding(home / "practice") as world:
        seeded_account.training_jobs(world, REGION, [f"job-{number:05}" for number in range(count)], over=SEASON)


def visit(browser: Browser, url: str, wait: Wait) -> float:
    """Seconds from going to the page, in a browser that has never been there, until `wait` is content."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url, wait_until="commit")
        wait(page)
        return time.perf_counter() - started
    finally:
        context.close()


def _seen(page: Page, *wanted: str) -> None:
    """Until each of the selectors finds something that is drawn, looked for in every frame the browser draws:
    Playwright's own waiting looks ever more seldom, up to half a second apart."""
    page.wait_for_function(
        """wanted => {
            const components = "[data-testid^=stBidiComponent], [data-testid^=stBidiComponent] *";
            const inside = [...document.querySelectorAll(components)].map(each => each.shadowRoot);
            const places = [document, ...inside.filter(Boolean)];
            return wanted.every(selector => places.some(place =>
                [...place.querySelectorAll(selector)].some(found => found.getClientRects().length)));
        }""",
        arg=list(wanted),
        polling="raf",
        timeout=LOAD_MS,
    )


def _title(page: Page) -> None:
    _seen(page, TITLE)


def readable(page: Page) -> None:
    _seen(page, TITLE, FIGURE, TABLE)


def _drawn(page: Page) -> None:
    _seen(page, TITLE, "[data-testid=stMetricValue]", TABLE, CHART)


def counted(page: Page, count: int) -> None:
    expect(page.get_by_text(f"of {count:,}").first).to_be_visible(timeout=10 * LOAD_MS)
