"""The cheapest way to run 24 GB of GPU for 200 hours this month: from Prices past a quota to a training job."""

import re
from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from pages.ui.text import plain
from tests.support.deck import Deck
from tests.support.pages import settled
from tests.support.practice_account import Account
from tests.support.waiting import eventually

MOVE_MS = 60_000
TRAIN_MS = 120_000
ASKED = "need=gpu24&use=training&hours=200&regions=ap-northeast-2&options=on_demand"


def button(page: Page, key: str) -> None:
    page.get_by_role("button", name=plain(key), exact=True).last.click()


def advances_a_day(page: Page, deck: Deck) -> None:
    """By its button; the account says when it has come there, and it may take a while."""
    account = deck.account()
    tomorrow = now(account) + timedelta(days=1)
    button(page, "common.practice_account")
    button(page, "deck.jump_1d")
    eventually(lambda: now(account) >= tomorrow, timeout=MOVE_MS / 1000)
    page.keyboard.press("Escape")
    settled(page)


def now(account: Account) -> datetime:
    return datetime.fromisoformat(account.control("GET", "clock")["now"])


def test_from_the_cheapest_price_past_a_quota_to_a_training_job(page: Page, deck: Deck) -> None:
    page.goto(f"{deck.url}/prices?{ASKED}")
    settled(page)
    cheapest = page.get_by_text(re.compile("200 hours a month cost least with ml.g6.xlarge in Seoul: On-demand"))
    # The quotas of eight regions come first, on a deck that knows none yet.
    expect(cheapest).to_be_visible(timeout=MOVE_MS)

    # With what quota there is, nothing of this can be had.
    page.get_by_text(plain("prices.with_quota"), exact=True).click()
    expect(page.get_by_text("Your quotas leave no room")).to_be_visible(timeout=MOVE_MS)
    assert "with_quota=true" in page.url
    page.get_by_text(plain("prices.with_quota"), exact=True).click()
    expect(cheapest).to_be_visible(timeout=MOVE_MS)
    settled(page)

    button(page, "prices.launch_cheapest")
    page.wait_for_url("**/launch?*type=ml.g6.xlarge*", timeout=MOVE_MS)
    settled(page)
    button(page, "launch.open_training")
    expect(page.get_by_text(plain("launch.refused"))).to_be_visible(timeout=MOVE_MS)
    assert not deck.account().client("sagemaker").list_training_jobs()["TrainingJobSummaries"]

    button(page, "plans.act_request_quota")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=plain("plans.act_request_quota"), exact=True).click()
    expect(dialog).to_be_hidden(timeout=MOVE_MS)
    advances_a_day(page, deck)
    advances_a_day(page, deck)
    asked = deck.account().client("service-quotas").list_requested_service_quota_change_history(ServiceCode="sagemaker")
    assert [change["Status"] for change in asked["RequestedQuotas"]] == ["APPROVED"]

    page.goto(f"{deck.url}/prices?{ASKED}&with_quota=true")
    settled(page)
    expect(cheapest).to_be_visible(timeout=MOVE_MS)
    button(page, "prices.launch_cheapest")
    page.wait_for_url("**/launch?*type=ml.g6.xlarge*", timeout=MOVE_MS)
    settled(page)
    name = page.get_by_label(plain("launch.name"), exact=True).input_value()
    button(page, "launch.open_training")
    page.wait_for_url(f"**/training?*name={name}*", timeout=MOVE_MS)
    chip = page.locator(".stMarkdownBadge").filter(has_text="Completed").first
    expect(chip).to_be_visible(timeout=TRAIN_MS)
    job = deck.account().client("sagemaker").describe_training_job(TrainingJobName=name)
    assert job["ResourceConfig"]["InstanceType"] == "ml.g6.xlarge"


def test_a_quota_is_found_raised_and_seen_raised(page: Page, deck: Deck) -> None:
    """From the form's refusal to the quota's own row, a batch of two, and what AWS granted."""
    page.goto(f"{deck.url}/launch?kind=training&type=ml.g6.xlarge")
    settled(page)
    button(page, "quotas.raise")
    page.wait_for_url("**/quotas*", timeout=MOVE_MS)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("0 of 0 in use in Seoul", timeout=MOVE_MS)
    expect(dialog).to_contain_text(plain("quotas.history_none"))
    dialog.get_by_label(plain("quotas.increase_to")).fill("3")
    dialog.get_by_label(plain("quotas.increase_to")).press("Enter")
    dialog.get_by_role("combobox", name=plain("quotas.also")).fill("ml.g6.2xlarge for training")
    page.get_by_role("option", name="ml.g6.2xlarge for training job usage").click()
    page.keyboard.press("Escape")
    other = dialog.get_by_role("spinbutton", name="ml.g6.2xlarge for training job usage")
    other.fill("2")
    other.press("Enter")
    expect(other).to_have_value("2")
    dialog.get_by_role("button", name=plain("plans.act_request_quota"), exact=True).click()
    expect(dialog).to_be_hidden(timeout=MOVE_MS)
    client = deck.account().client("service-quotas")
    asked = client.list_requested_service_quota_change_history(ServiceCode="sagemaker")["RequestedQuotas"]
    assert sorted((row["QuotaName"], row["DesiredValue"]) for row in asked) == [
        ("ml.g6.2xlarge for training job usage", 2.0),
        ("ml.g6.xlarge for training job usage", 3.0),
    ]
    advances_a_day(page, deck)
    advances_a_day(page, deck)
    code = next(row["QuotaCode"] for row in asked if "g6.xlarge" in row["QuotaName"])
    page.goto(f"{deck.url}/quotas?quota={code}")
    expect(dialog).to_contain_text("0 of 3 in use in Seoul", timeout=MOVE_MS)


def test_a_place_of_the_picture_leads_to_the_quota_that_is_used_up_and_to_more(page: Page, deck: Deck) -> None:
    """64 of 64 standard vCPUs run in Seoul: the place is clicked, more asked for, granted, and seen granted."""
    ec2 = deck.account().client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, InstanceType="m5.16xlarge", MinCount=1, MaxCount=1)
    page.goto(f"{deck.url}/quotas?usage=ec2")
    settled(page)
    place = page.locator("text.bartext", has_text="64/64").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("64 of 64 in use in Seoul", timeout=MOVE_MS)
    expect(page).to_have_url(re.compile(r"quota=ap-northeast-2(/|%2F)L-1216C47A"))
    dialog.get_by_label(plain("quotas.increase_to")).fill("128")
    dialog.get_by_label(plain("quotas.increase_to")).press("Enter")
    dialog.get_by_role("button", name=plain("plans.act_request_quota"), exact=True).click()
    expect(dialog).to_be_hidden(timeout=MOVE_MS)
    expect(page).not_to_have_url(re.compile("quota="))
    advances_a_day(page, deck)
    advances_a_day(page, deck)
    page.goto(f"{deck.url}/quotas?quota=ap-northeast-2/L-1216C47A")
    expect(dialog).to_contain_text("64 of 128 in use in Seoul", timeout=MOVE_MS)
    (asked,) = (
        deck.account()
        .client("service-quotas")
        .list_requested_service_quota_change_history(ServiceCode="ec2")["RequestedQuotas"]
    )
    assert (asked["Status"], asked["DesiredValue"]) == ("APPROVED", 128)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("text.bartext", has_text="64/128")).to_be_visible()  # of EC2: the link chose its use
