"""The whole journey on a fresh deck: notebook, training, endpoint, prediction, cost, auto-stop, all of it on record."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.support.deck import Deck
from tests.support.pages import Watch, settled
from tests.support.practice_account import Account
from tests.support.waiting import eventually

MOVE_MS = 60_000
TRAIN_MS = 120_000


def go(page: Page, deck: Deck, path: str) -> None:
    page.goto(deck.url + path)
    settled(page)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def expect_state(page: Page, state: str, timeout: float = MOVE_MS) -> None:
    """The chip beside the resource's name."""
    expect(page.locator(".stMarkdownBadge").filter(has_text=state).first).to_be_visible(timeout=timeout)


def figure(page: Page, label: str) -> float:
    """A figure's value as a number."""
    metric = page.get_by_test_id("stMetric").filter(has_text=label).first
    expect(metric).to_be_visible()
    return float(re.sub(r"[^0-9.]", "", metric.get_by_test_id("stMetricValue").inner_text()))


def launch_notebook(page: Page, deck: Deck) -> str:
    """Through the form, with an impatient double click."""
    go(page, deck, "/")
    button(page, "Launch notebook").first.click()
    page.wait_for_url("**/launch?*kind=notebook*")
    settled(page)
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Launch notebook").last.dblclick()
    page.wait_for_url(f"**/notebooks?*name={name}*", timeout=MOVE_MS)
    expect_state(page, "InService")
    return name


def open_jupyterlab(page: Page, watch: Watch) -> None:
    """Two clicks, and JupyterLab is there without further sign-in."""
    button(page, "Open JupyterLab").click()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name=re.compile("in a new tab")).click()
    lab = opened.value
    expect(lab.locator("#jp-main-dock-panel")).to_be_visible(timeout=MOVE_MS)
    lab.close()
    page.keyboard.press("Escape")


def train(page: Page, deck: Deck) -> str:
    go(page, deck, "/launch?kind=training")
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Launch training job").last.click()
    page.wait_for_url(f"**/training?*name={name}*", timeout=MOVE_MS)
    expect_state(page, "Completed", TRAIN_MS)
    return name


def deploy(page: Page) -> str:
    """Two clicks from the finished job."""
    button(page, "Deploy endpoint").click()
    page.wait_for_url("**/launch?*kind=endpoint*")
    settled(page)
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Deploy endpoint").last.click()
    page.wait_for_url(f"**/endpoints?*name={name}*", timeout=MOVE_MS)
    expect_state(page, "InService")
    return name


def predict(page: Page) -> None:
    """The sample request of the example; the first order is made to look unusual."""
    button(page, "Send request").click()
    expect(page.get_by_text(re.compile("Answered by AllTraffic"))).to_be_visible(timeout=MOVE_MS)
    expect(page.get_by_test_id("stCode").filter(has_text="predictions")).to_contain_text('"unusual": true')


def advance_a_day(page: Page) -> None:
    button(page, "Practice account: nothing here costs money").click()
    button(page, "+1 day").click()
    page.keyboard.press("Escape")
    settled(page)


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


def test_the_whole_journey(page: Page, deck: Deck, watch: Watch) -> None:
    deck.expected_complaints.append("practice account ended")
    notebook = launch_notebook(page, deck)
    account = deck.account()
    assert names(account) == {"notebooks": [notebook], "endpoints": []}, "a double click launches once"
    open_jupyterlab(page, watch)

    job = train(page, deck)
    before = account.pid
    account.kill()
    eventually(lambda: deck.account().pid != before, timeout=30)
    account = deck.account()
    eventually(lambda: names(account)["notebooks"], timeout=30)

    go(page, deck, f"/training?name={job}")
    endpoint = deploy(page)
    predict(page)
    assert names(account) == {"notebooks": [notebook], "endpoints": [endpoint]}

    go(page, deck, "/")
    month = figure(page, "This month")
    assert figure(page, "Burn rate") > 0
    advance_a_day(page)
    expect(page.get_by_text("Nothing runs in this region.")).to_be_visible(timeout=MOVE_MS)
    assert names(account) == {"notebooks": [], "endpoints": []}, "auto-stop fires on the account's side"
    assert figure(page, "This month") > month

    go(page, deck, "/endpoints")
    button(page, "Restore").click()
    button(page, "Restore endpoint").click()
    eventually(lambda: names(account)["endpoints"], timeout=30)
    go(page, deck, f"/endpoints?name={endpoint}")
    expect_state(page, "InService")
    button(page, "Stop").click()
    button(page, "Stop endpoint").click()
    eventually(lambda: not names(account)["endpoints"], timeout=30)
    go(page, deck, f"/notebooks?name={notebook}")
    expect_state(page, "Stopped")
    button(page, "Delete").click()
    button(page, "Delete notebook").click()
    eventually(lambda: not account.client("sagemaker").list_notebook_instances()["NotebookInstances"], timeout=30)

    go(page, deck, "/activity")
    expect(page.get_by_text("6 actions, each recorded")).to_be_visible()
