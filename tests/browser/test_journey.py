"""The whole journey on a fresh deck: notebook, training, endpoint, prediction, cost, auto-stop, all of it on record.

The deck works as the operator of its own policies, which the practice account enforces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from pages.ui.formats import Language
from pages.ui.text import plain
from tests.browser.conftest import running
from tests.support import fault_proxy
from tests.support.deck import Deck
from tests.support.faults import mixed
from tests.support.pages import settled, words
from tests.support.practice_account import Account
from tests.support.waiting import eventually

MOVE_MS = 60_000
FORM_MS = 20_000
TRAIN_MS = 120_000
FAULTS = 0.1
TRIES: dict[Language, int] = {"en": 1, "ko": 4}
"""How often a page or a model is asked at most: only in Korean are there faults."""


@dataclass
class Visitor:
    """Somebody at the deck, who reads it in one language. No slots: Playwright's page is theirs."""

    page: Page
    deck: Deck
    language: Language

    def reads(self, key: str, **values: str | int) -> str:
        return plain(key, spoken=self.language, **values)

    def goes(self, path: str) -> None:
        self.page.goto(f"{self.deck.url}{path}{'&' if '?' in path else '?'}lang={self.language}")
        settled(self.page)

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.reads(key), exact=True)

    def named(self) -> str:
        """The name that the form proposes; whoever meets with a fault in its place opens the page anew."""
        field = self.page.get_by_label(self.reads("launch.name"), exact=True)
        for _ in range(TRIES[self.language] - 1):
            try:
                field.wait_for(timeout=FORM_MS)
                break
            except TimeoutError:
                print(f"without its form:\n{words(self.page)}")
                self.page.reload()
                settled(self.page)
        return field.input_value()

    def arrives(self, page: str, name: str, state: str, timeout: float = MOVE_MS) -> None:
        self.page.wait_for_url(f"**/{page}?*name={name}*", timeout=MOVE_MS)
        self.sees(state, timeout)

    def sees(self, state: str, timeout: float = MOVE_MS) -> None:
        """The chip beside the resource's name."""
        chip = self.page.locator(".stMarkdownBadge").filter(has_text=state).first
        expect(chip).to_be_visible(timeout=timeout)

    @property
    def trouble(self) -> Locator:
        """An error where it can be seen: a tab that is not shown may hold one of its own."""
        return self.page.get_by_test_id("stMain").get_by_test_id("stAlert").filter(visible=True)

    def figure(self, key: str) -> float:
        """A figure's value as a number."""
        metric = self.page.get_by_test_id("stMetric").filter(has_text=self.reads(key)).first
        expect(metric).to_be_visible(timeout=MOVE_MS)
        return float(re.sub(r"[^0-9.]", "", metric.get_by_test_id("stMetricValue").inner_text()))

    # -- what they do

    def launches_a_notebook(self) -> str:
        """Through the form, with an impatient double click."""
        self.goes("/")
        self.button("launch.open_notebook").first.click()
        self.page.wait_for_url("**/launch?*kind=notebook*")
        settled(self.page)
        name = self.named()
        self.button("launch.open_notebook").last.dblclick()
        self.arrives("notebooks", name, "InService")
        return name

    def opens_jupyterlab(self, name: str) -> None:
        """Two clicks, and JupyterLab is there without further sign-in."""
        self.button("notebooks.open").click()
        with self.page.context.expect_page() as opened:
            self.page.get_by_role("link", name=self.reads("notebooks.open_now", name=name)).click()
        lab = opened.value
        expect(lab.locator("#jp-main-dock-panel")).to_be_visible(timeout=MOVE_MS)
        lab.close()
        self.page.keyboard.press("Escape")

    def trains(self) -> str:
        self.goes("/launch?kind=training")
        name = self.named()
        self.button("launch.open_training").last.click()
        self.arrives("training", name, "Completed", TRAIN_MS)
        return name

    def deploys(self) -> str:
        """Two clicks from the finished job."""
        self.button("launch.open_endpoint").click()
        self.page.wait_for_url("**/launch?*kind=endpoint*")
        settled(self.page)
        name = self.named()
        self.button("launch.open_endpoint").last.click()
        self.arrives("endpoints", name, "InService")
        return name

    def predicts(self) -> None:
        """The sample request of the example; the first order is made to look unusual. A model is asked once, so that
        whoever meets a fault asks again."""
        code = self.page.get_by_test_id("stCode")
        answer = code.filter(has_text='"unusual": true')
        for _ in range(TRIES[self.language]):
            self.button("endpoints.invoke").click()
            settled(self.page)
            # A reply that was cut is code, and no answer.
            expect(code.filter(visible=True).or_(self.trouble).first).to_be_visible(timeout=MOVE_MS)
            if answer.is_visible():
                break
        expect(answer).to_be_visible(timeout=MOVE_MS)
        expect(self.page.get_by_text(re.compile("AllTraffic.* ms")).first).to_be_visible()

    def advances_a_day(self) -> None:
        self.button("common.practice_account").click()
        self.button("deck.jump_1d").click()
        self.page.keyboard.press("Escape")
        settled(self.page)


def names(account: Account) -> dict[str, list[str]]:
    """What runs in the account, straight from its API."""
    client = account.client("sagemaker")
    return {
        "notebooks": [
            row["NotebookInstanceName"]
            for row in client.list_notebook_instances(StatusEquals="InService")["NotebookInstances"]
        ],
        "endpoints": [row["EndpointName"] for row in client.list_endpoints()["Endpoints"]],
    }


@pytest.fixture(params=["en", "ko"])
def visitor(request: pytest.FixtureRequest, page: Page, tmp_path: Path) -> Iterator[Visitor]:
    """In English on a good day; in Korean while one call in ten to AWS meets with a fault."""
    language: Language = request.param
    with fault_proxy.running(mixed(FAULTS) if language == "ko" else ()) as proxy:
        deck = Deck(tmp_path / "deck", environment={"FLIGHTDECK_PRACTICE_PROXY": proxy.url})
        deck.expected_complaints.append("practice account ended")
        for running_deck in running(deck):
            yield Visitor(page, running_deck, language)
        met = sum(times for (_, _, kind), times in proxy.met.items() if kind)
        assert bool(met) is (language == "ko")


def test_the_whole_journey(visitor: Visitor) -> None:
    deck = visitor.deck
    notebook = visitor.launches_a_notebook()
    account = deck.account()
    assert names(account) == {"notebooks": [notebook], "endpoints": []}, "a double click launches once"
    visitor.opens_jupyterlab(notebook)

    job = visitor.trains()
    before = account.pid
    account.kill()
    eventually(lambda: deck.account().pid != before, timeout=30)
    account = deck.account()
    eventually(lambda: names(account)["notebooks"], timeout=30)

    visitor.goes(f"/training?name={job}")
    endpoint = visitor.deploys()
    visitor.predicts()
    assert names(account) == {"notebooks": [notebook], "endpoints": [endpoint]}

    visitor.goes("/")
    month = visitor.figure("overview.month")
    assert visitor.figure("overview.burn") > 0
    visitor.advances_a_day()
    expect(visitor.page.get_by_text(visitor.reads("overview.sentence_quiet"))).to_be_visible(timeout=MOVE_MS)
    assert names(account) == {"notebooks": [], "endpoints": []}, "auto-stop fires on the account's side"
    assert visitor.figure("overview.month") > month

    visitor.goes("/endpoints")
    visitor.button("endpoints.restore").click()
    visitor.button("plans.act_start_endpoint").click()
    eventually(lambda: names(account)["endpoints"], timeout=30)
    visitor.goes(f"/endpoints?name={endpoint}")
    visitor.sees("InService")
    visitor.button("endpoints.stop").click()
    visitor.button("plans.act_stop_endpoint").click()
    eventually(lambda: not names(account)["endpoints"], timeout=30)
    visitor.goes(f"/notebooks?name={notebook}")
    visitor.sees("Stopped")
    visitor.button("notebooks.delete").click()
    visitor.button("plans.act_delete_notebook").click()
    eventually(lambda: not account.client("sagemaker").list_notebook_instances()["NotebookInstances"], timeout=30)

    visitor.goes("/activity")
    recorded = visitor.reads("activity.sentence", count=6, unsettled=0)
    expect(visitor.page.get_by_text(recorded)).to_be_visible(timeout=MOVE_MS)
