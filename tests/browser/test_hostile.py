"""Text that somebody else wrote is shown as text: nothing of it runs, and nothing of it is fetched."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, expect

from bench.accounts import UNKNOWN_IMAGE, create_training_job
from tests.browser.conftest import running
from tests.support import fault_proxy
from tests.support.deck import Deck
from tests.support.hostile import TEXTS, everywhere
from tests.support.pages import Watch, settled
from tests.support.waiting import eventually

JOB = "hostile"
GROUP = "/aws/sagemaker/TrainingJobs"
STREAM = f"{JOB}/algo-1-1"


@pytest.fixture
def hostile_deck(tmp_path: Path) -> Iterator[Deck]:
    """A deck whose account answers with hostile names, owners, failures, hyperparameters and log lines."""
    with fault_proxy.running() as proxy:
        proxy.rewrite = everywhere
        deck = Deck(tmp_path / "deck", environment={"FLIGHTDECK_PRACTICE_PROXY": proxy.url})
        yield from running(deck)


def test_two_hundred_hostile_texts_run_nothing_and_fetch_nothing(hostile_deck: Deck, page: Page, watch: Watch) -> None:
    dialogs: list[str] = []

    def refuse(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    page.goto(hostile_deck.url)
    account = hostile_deck.account()
    sagemaker, logs = account.client("sagemaker"), account.client("logs")
    create_training_job(sagemaker, JOB, "s3://nowhere/s.tar.gz", image=UNKNOWN_IMAGE)
    eventually(
        lambda: sagemaker.describe_training_job(TrainingJobName=JOB)["TrainingJobStatus"],
        until=lambda status: status == "Failed",
    )
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    event = {"timestamp": int(account.clock().timestamp() * 1000), "message": "first"}
    logs.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=[event])
    for place in ("training", "", f"training?name={JOB}", f"training?name={quote(TEXTS[0] + TEXTS[5])}"):
        page.goto(f"{hostile_deck.url}/{place}")
        settled(page)
        _nothing_ran(page)
    page.goto(f"{hostile_deck.url}/training?name={JOB}")
    settled(page).get_by_role("tab", name="Log").click()
    expect(page.get_by_text("window.pwned=1").first).to_be_visible()
    _nothing_ran(page)
    assert not dialogs


def _nothing_ran(page: Page) -> None:
    assert page.evaluate("window.pwned") is None
    assert not page.locator("img[src*='remote.invalid'], link[href*='remote.invalid'], iframe[srcdoc]").count()
    assert not page.locator("a[href^='javascript:']").count()
