"""The pages in a real browser on a filled account: for everybody, in both themes, and in spite of impatient users."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from bench import rehearsal
from pages.ui.formats import Language
from tests.browser.conftest import running
from tests.support.deck import Deck
from tests.support.languages import hangul, latin
from tests.support.pages import Watch, settled, violations, words
from tests.support.practice_account import Account
from tests.support.waiting import eventually

MOVE_MS = 60_000
OWNERS = ("jihoon.park", "minji.kim", "practice")
"""The last is the user of the account's own key."""
NAMED = (
    *OWNERS,
    *(rehearsal.ENDPOINT, rehearsal.JOB, rehearsal.FAILED_JOB, rehearsal.NOTEBOOK, rehearsal.STOPPED_NOTEBOOK),
)
PLACES = (
    "/",
    "/launch",
    "/launch?kind=training",
    "/launch?kind=endpoint",
    "/notebooks",
    f"/notebooks?name={rehearsal.NOTEBOOK}",
    "/training",
    f"/training?name={rehearsal.JOB}",
    "/endpoints",
    f"/endpoints?name={rehearsal.ENDPOINT}",
    "/prices",
    f"/compare?offers={rehearsal.G5}/on_demand/0//,{rehearsal.G5}/sagemaker_savings_plan/1/no_upfront/",
    "/planner",
    "/planner?view=spot",
    "/quotas",
    "/regions",
    "/others",
    "/activity",
    "/accounts",
    "/preflight",
)


@pytest.fixture(scope="module")
def filled(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    """One deck for all tests here, with notebooks, jobs and an endpoint; each test keeps to names of its own."""
    home = tmp_path_factory.mktemp("filled") / "deck"
    for deck in running(Deck(home, environment={"FLIGHTDECK_USER": "jihoon.park"})):
        first = browser.new_page()
        rehearsal.fill(deck, first)
        first.close()
        yield deck


def go(page: Page, deck: Deck, path: str) -> Page:
    page.goto(deck.url + path)
    return settled(page)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def notebooks(account: Account) -> list[str]:
    rows = account.client("sagemaker").list_notebook_instances(MaxResults=100)["NotebookInstances"]
    return sorted(row["NotebookInstanceName"] for row in rows)


def recorded(deck: Deck) -> list[str]:
    """What the ledger says was asked for; a row is there before its first call."""
    with closing(sqlite3.connect(f"file:{deck.home / 'ledger.sqlite3'}?mode=ro", uri=True)) as ledger:
        return [str(name) for (name,) in ledger.execute("SELECT name FROM actions")]


def become(account: Account, name: str, status: str) -> None:
    client = account.client("sagemaker")
    eventually(
        lambda: client.describe_notebook_instance(NotebookInstanceName=name)["NotebookInstanceStatus"],
        until=lambda now: now == status,
        timeout=60,
    )


class Frames:
    """How often the server spoke to a page."""

    def __init__(self, page: Page) -> None:
        self.received = 0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._receive)

    def _receive(self, frame: object) -> None:
        self.received += 1


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is looked at."""

    language: Language
    theme: Literal["light", "dark"]
    width: int


LOOKS = (Look("en", "light", 1440), Look("ko", "dark", 390))
"""Between them they have both languages, themes and widths."""


def looked_at(page: Page, deck: Deck, path: str, look: Look) -> list[str]:
    """What is wrong with a page for people who read this language, see or hear it, on a screen of this width."""
    go(page, deck, f"{path}{'&' if '?' in path else '?'}lang={look.language}")
    said = _without_switch(words(page))
    foreign = latin(said, *NAMED) if look.language == "ko" else hangul(said)
    wrong = [f"language: {word}" for word in foreign]
    if page.evaluate("document.documentElement.lang") != look.language:
        wrong.append("html lang")
    if page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") > look.width:
        wrong.append("wider than the screen")
    return [*wrong, *violations(page)]


def _without_switch(said: str) -> str:
    """The switch names the other language in that language."""
    return re.sub(r"^(한국어|English)$", "", said, flags=re.MULTILINE)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look.language}-{look.theme}-{look.width}")
def test_every_page_is_for_everybody(filled: Deck, page: Page, look: Look) -> None:
    page.emulate_media(color_scheme=look.theme)
    page.set_viewport_size({"width": look.width, "height": 1000})
    found = {path: looked_at(page, filled, path, look) for path in PLACES}
    assert [f"{path}: {wrong}" for path, each in found.items() for wrong in each] == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_money_is_written_as_the_reader_wants_it(filled: Deck, page: Page, language: Language) -> None:
    for currency, wanted, unwanted in (("USD", r"\$\d[\d,]*\.\d{2}", "₩"), ("KRW", r"₩\d{1,3}(,\d{3})*", r"\$")):
        go(page, filled, f"/launch?kind=training&lang={language}&currency={currency}")
        main = page.get_by_test_id("stMain").inner_text()
        assert re.search(wanted, main), main
        assert not re.search(unwanted, main), main


def test_a_row_of_overview_leads_to_what_it_names_here_or_in_a_new_tab(filled: Deck, page: Page, watch: Watch) -> None:
    go(page, filled, "/?lang=ko")
    row = page.get_by_role("table").get_by_role("link", name=rehearsal.NOTEBOOK, exact=True)
    with page.context.expect_page() as opened:
        row.click(modifiers=["ControlOrMeta"])
    watch.over(opened.value)
    expect(opened.value.get_by_role("heading", name=rehearsal.NOTEBOOK)).to_be_visible(timeout=MOVE_MS)
    expect(opened.value).to_have_url(re.compile("lang=ko"))
    opened.value.close()
    row.focus()
    row.press("Enter")
    page.wait_for_url(f"**/notebooks?*name={rehearsal.NOTEBOOK}*", timeout=MOVE_MS)
    expect(page.get_by_role("heading", name=rehearsal.NOTEBOOK)).to_be_visible(timeout=MOVE_MS)


def test_what_is_opened_at_a_first_look_stays_open(filled: Deck, page: Page) -> None:
    """The figures come as text first, and as themselves when the browser is ready for them: in their own part alone."""
    page.goto(filled.url)
    menu = button(page, "Practice account: nothing here costs money")
    menu.click(timeout=MOVE_MS)
    expect(button(page, "+1 hour")).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(4, timeout=MOVE_MS)
    expect(button(page, "+1 hour")).to_be_visible()


def test_a_dialog_and_what_was_chosen_in_it_survive_the_refresh(filled: Deck, page: Page) -> None:
    frames = Frames(page)
    go(page, filled, f"/notebooks?name={rehearsal.STOPPED_NOTEBOOK}")
    button(page, "Start").click()
    expect(dialog(page)).to_contain_text("Stops by itself at")
    dialog(page).get_by_text("Stop by itself", exact=True).click()
    expect(dialog(page)).to_contain_text("Nothing will stop it")
    before = frames.received
    eventually(lambda: (page.evaluate("1"), frames.received)[1] > before + 20, timeout=60)
    expect(dialog(page)).to_contain_text("Nothing will stop it")
    button(page, "Cancel").click()
    expect(dialog(page)).to_have_count(0)


def test_what_aws_refuses_is_said_inside_the_dialog(filled: Deck, page: Page) -> None:
    account = filled.account()
    client = account.client("sagemaker")
    go(page, filled, f"/notebooks?name={rehearsal.STOPPED_NOTEBOOK}")
    button(page, "Start").click()
    expect(dialog(page)).to_contain_text("Stops by itself at")
    client.start_notebook_instance(NotebookInstanceName=rehearsal.STOPPED_NOTEBOOK)
    button(page, "Start notebook").click()
    expect(dialog(page).get_by_text(re.compile("ValidationException|must be|cannot|Status"))).to_be_visible(
        timeout=MOVE_MS
    )
    become(account, rehearsal.STOPPED_NOTEBOOK, "InService")
    client.stop_notebook_instance(NotebookInstanceName=rehearsal.STOPPED_NOTEBOOK)
    become(account, rehearsal.STOPPED_NOTEBOOK, "Stopped")


def test_a_stopped_notebook_is_resized(filled: Deck, page: Page) -> None:
    account = filled.account()
    go(page, filled, f"/notebooks?name={rehearsal.STOPPED_NOTEBOOK}")
    button(page, "Resize").click()
    dialog(page).get_by_role("combobox").first.fill("ml.t3.large")
    page.get_by_role("option", name="ml.t3.large", exact=True).click()
    settled(page)
    dialog(page).get_by_role("spinbutton").fill("60")
    dialog(page).get_by_role("spinbutton").press("Enter")
    expect(dialog(page)).to_contain_text("$0.31 a day")
    button(page, "Resize notebook").click()
    expect(dialog(page)).to_have_count(0, timeout=MOVE_MS)
    client = account.client("sagemaker")
    resized = eventually(
        lambda: client.describe_notebook_instance(NotebookInstanceName=rehearsal.STOPPED_NOTEBOOK),
        until=lambda row: row["NotebookInstanceStatus"] == "Stopped" and row["VolumeSizeInGB"] == 60,
        timeout=60,
    )
    assert resized["InstanceType"] == "ml.t3.large"


def test_a_form_keeps_its_choices_in_another_language(filled: Deck, page: Page) -> None:
    go(page, filled, "/launch?kind=training")
    page.get_by_text("Volatility on several hosts (PyTorch)").click()
    settled(page)
    # For a moment the field of the script before stands beside the new one.
    named = re.compile("^pytorch-hosts-")
    expect(page.get_by_label("Name", exact=True).first).to_have_value(named, timeout=MOVE_MS)
    settled(page)
    button(page, "한국어").click()
    expect(page.get_by_role("heading", name="시작하기")).to_be_visible()
    settled(page)
    expect(page.get_by_label("이름", exact=True).first).to_have_value(named, timeout=MOVE_MS)
    page.get_by_role("link", name="노트북", exact=True).click()
    expect(page.get_by_role("heading", name="노트북", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("lang=ko"))


def test_a_plan_is_a_link(filled: Deck, page: Page) -> None:
    """What is chosen is in the address, and the address says the same to whoever opens it, in their language."""
    go(page, filled, "/planner?pattern=steady")
    peak = page.get_by_role("spinbutton", name="Running at the peak")
    peak.fill("25")
    peak.press("Enter")
    page.wait_for_url("**peak=25*", timeout=MOVE_MS)
    sentence = page.get_by_role("heading", level=2).first
    expect(sentence).to_contain_text("$18.18 an hour")
    other = page.context.new_page()
    other.goto(f"{page.url}&lang=ko")
    expect(settled(other).get_by_role("heading", level=2).first).to_contain_text("시간당 $18.18을 약정")
    expect(other.get_by_role("spinbutton", name="최대 실행 대수")).to_have_value("25")
    other.close()


def test_two_tabs_of_one_wish_launch_once(filled: Deck, page: Page, watch: Watch) -> None:
    go(page, filled, "/launch?kind=notebook")
    name = page.get_by_label("Name", exact=True).input_value()
    twin = page.context.new_page()
    watch.over(twin)
    twin.goto(page.url)
    settled(twin)
    assert twin.get_by_label("Name", exact=True).input_value() == name
    for tab in (page, twin):
        button(tab, "Launch notebook").last.click()
    for tab in (page, twin):
        tab.wait_for_url(f"**/notebooks?*name={name}*", timeout=MOVE_MS)
    twin.close()
    assert notebooks(filled.account()).count(name) == 1
    go(page, filled, f"/activity?activity_q={name}")
    expect(page.get_by_text(re.compile("^1 of "))).to_be_visible()


def test_a_launch_whose_tab_is_closed_goes_on(filled: Deck, page: Page, watch: Watch) -> None:
    watch.expected += [r"WebSocket"]
    go(page, filled, "/launch?kind=notebook&type=ml.t3.large")
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Launch notebook").last.click()
    eventually(lambda: name in recorded(filled), timeout=30)
    page.close()
    eventually(lambda: name in notebooks(filled.account()), timeout=60)


def test_a_quota_that_is_used_up_can_be_raised_from_the_form(filled: Deck, page: Page) -> None:
    go(page, filled, "/launch?kind=training&type=ml.p5.48xlarge")
    expect(page.get_by_text("The quota “ml.p5.48xlarge for training job usage”")).to_be_visible()
    button(page, "Request quota increase").click()
    expect(dialog(page)).to_contain_text("0 of 0 in use")
    dialog(page).get_by_role("button", name="Request quota increase", exact=True).click()
    expect(dialog(page)).to_have_count(0, timeout=MOVE_MS)
    history = filled.account().client("service-quotas").list_requested_service_quota_change_history
    asked = history(ServiceCode="sagemaker")["RequestedQuotas"]
    assert [(row["QuotaName"], row["DesiredValue"]) for row in asked] == [
        ("ml.p5.48xlarge for training job usage", 1.0)
    ]


def test_an_upload_that_cannot_be_used_is_refused_beside_it(filled: Deck, page: Page) -> None:
    go(page, filled, "/launch?kind=training&example=own")
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files({"name": "train.py", "mimeType": "text/x-python", "buffer": b"\x00\xff"})
    expect(page.get_by_text("is not text")).to_be_visible(timeout=MOVE_MS)
    expect(button(page, "Launch training job")).to_have_count(0)


def test_the_clock_is_moved_in_the_head(filled: Deck, page: Page) -> None:
    account = filled.account()
    go(page, filled, "/")
    before = account.clock()
    button(page, "Practice account: nothing here costs money").click()
    button(page, "+1 hour").click()
    eventually(lambda: (account.clock() - before).total_seconds() > 3600, timeout=60)
    button(page, "60×").click()
    eventually(lambda: account.control("GET", "clock")["speed"] == 60.0, timeout=30)
    expect(page.get_by_text("clock runs 60 times as fast")).to_be_visible(timeout=MOVE_MS)
    button(page, "1×").click()
    eventually(lambda: account.control("GET", "clock")["speed"] == 1.0, timeout=30)
