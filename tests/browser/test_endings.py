"""However the deck ends, nothing that it started goes on: not the practice account, and nothing that runs there."""

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page

from bench.accounts import WAITING_JOB, create_training_job, make_bucket, upload_source
from tests.support import processes
from tests.support.deck import Deck
from tests.support.pages import settled
from tests.support.practice_account import Account
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy
JOB = "goes-on"


def train(account: Account) -> None:
    """Start a training job that goes on until it is stopped, and wait until its script runs."""
    make_bucket(account)
    sagemaker = account.client("sagemaker")
    create_training_job(sagemaker, JOB, upload_source(account, WAITING_JOB))
    eventually(
        lambda: sagemaker.describe_training_job(TrainingJobName=JOB),
        until=lambda job: job["SecondaryStatus"] == "Training",
        timeout=60,
    )
    eventually(lambda: processes.family_of(account.pid))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_deck(tmp_path: Path, page: Page, how: signal.Signals) -> None:
    deck = Deck(tmp_path / "deck")
    try:
        deck.start()
        page.goto(deck.url)
        train(deck.account())
        settled(page).goto("about:blank")
        family = processes.family_of(deck.pid)
    finally:
        deck.end(how)
    assert len(family) >= 2
    assert not processes.alive(family)
    assert not deck.complaints()


def test_a_killed_practice_account_takes_what_it_ran_along_and_comes_back(deck: Deck, page: Page) -> None:
    page.goto(deck.url)
    account = deck.account()
    train(account)
    killed = account.pid
    account.kill()
    again = eventually(deck.account, until=lambda found: found.pid != killed, timeout=60)
    job = again.client("sagemaker").describe_training_job(TrainingJobName=JOB)
    assert job["TrainingJobStatus"] == "Failed"
    assert "went down" in job["FailureReason"]
