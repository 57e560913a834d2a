"""A deck with something on it: launched through its own forms, and beside them by the calls that anyone would make."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Page

from bench.accounts import ROLE, UNKNOWN_IMAGE, await_training, create_training_job, make_bucket, upload_source
from tests.support.deck import Deck
from tests.support.pages import settled
from tests.support.practice_account import Account
from tests.support.waiting import eventually

NOTEBOOK = "market-research"
STOPPED_NOTEBOOK = "old-experiments"
JOB = "surveillance-weekly"
FAILED_JOB = "surveillance-trial"
ENDPOINT = "surveillance"
G5 = "ap-northeast-2/sagemaker/ml.g5.xlarge/training"
DETAILS = (
    "/launch?kind=training",
    f"/launch?kind=endpoint&job={JOB}",
    f"/notebooks?name={NOTEBOOK}",
    f"/notebooks?name={STOPPED_NOTEBOOK}",
    f"/training?name={JOB}",
    f"/training?name={FAILED_JOB}",
    f"/endpoints?name={ENDPOINT}",
    f"/compare?offers={G5}/on_demand/0//,{G5}/sagemaker_savings_plan/1/no_upfront/",
    "/quotas?usage=ec2&show=all",
    "/planner?view=spot",
    "/spend?by=component&only=service_name~Amazon+SageMaker&lines=true",
)
"""What the deck shows of these, beside the pages in its navigation."""
MOVE_SECONDS = 180
MOVE_MS = 60_000
AN_HOUR = 3600


def fill(deck: Deck, page: Page) -> None:
    """A notebook in service and a stopped one, a completed and a failed training job, an endpoint; some hours old, what
    colleagues left a day. And its bill so far, and a preflight of the account.
    """
    settled(_at(page, deck.url))
    account = deck.account()
    _beside_the_deck(account)
    account.advance(24 * AN_HOUR)
    _launch(page, deck, "notebook", NOTEBOOK)
    account.advance(AN_HOUR)
    _launch(page, deck, "training", JOB)
    sagemaker = account.client("sagemaker")
    ended = await_training(sagemaker, [JOB, FAILED_JOB])
    assert ended == {JOB: "Completed", FAILED_JOB: "Failed"}, ended
    account.advance(AN_HOUR)
    _at(page, f"{deck.url}/training?name={JOB}").get_by_role("button", name="Deploy endpoint").click(timeout=MOVE_MS)
    page.wait_for_url("**/launch?*")
    _send(page, ENDPOINT)
    _becomes("InService", "EndpointStatus", partial(sagemaker.describe_endpoint, EndpointName=ENDPOINT))
    account.advance(AN_HOUR)
    _at(page, f"{deck.url}/endpoints?name={ENDPOINT}").get_by_text("InService").first.wait_for(timeout=MOVE_MS)
    _at(page, f"{deck.url}/bills").get_by_role("button", name=re.compile("^Read")).click(timeout=MOVE_MS)
    page.get_by_text("of flightdeck w").wait_for(timeout=MOVE_MS)
    _at(page, f"{deck.url}/preflight").get_by_role("button", name="Run preflight").click(timeout=MOVE_MS)
    page.get_by_role("button", name="Download to share").wait_for(timeout=MOVE_MS)


def _launch(page: Page, deck: Deck, kind: str, name: str) -> None:
    _at(page, f"{deck.url}/launch?kind={kind}")
    _send(page, name)


def _send(page: Page, name: str) -> None:
    """Name what the form launches and send it; returns on the page of what was launched."""
    field = page.get_by_label("Name", exact=True)
    field.fill(name, timeout=MOVE_MS)
    field.press("Enter")
    settled(page).get_by_test_id("stBaseButton-primary").last.click()
    page.wait_for_url(f"**name={name}*", timeout=MOVE_MS)
    settled(page)


def _at(page: Page, address: str) -> Page:
    page.goto(address)
    return page


def _beside_the_deck(account: Account) -> None:
    """What colleagues left there without it."""
    make_bucket(account)
    sagemaker = account.client("sagemaker")
    create_training_job(sagemaker, FAILED_JOB, upload_source(account), image=UNKNOWN_IMAGE)
    sagemaker.create_notebook_instance(
        NotebookInstanceName=STOPPED_NOTEBOOK,
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        VolumeSizeInGB=50,
        Tags=[{"Key": "Owner", "Value": "minji.kim"}],
    )
    describe = partial(sagemaker.describe_notebook_instance, NotebookInstanceName=STOPPED_NOTEBOOK)
    _becomes("InService", "NotebookInstanceStatus", describe)
    sagemaker.stop_notebook_instance(NotebookInstanceName=STOPPED_NOTEBOOK)
    _becomes("Stopped", "NotebookInstanceStatus", describe)


def _becomes(status: str, member: str, describe: Callable[[], dict[str, Any]]) -> None:
    eventually(describe, until=lambda described: described[member] == status, timeout=MOVE_SECONDS)
