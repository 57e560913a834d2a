"""A real account in a browser: looked at, launched in, and signed in to again without losing what was typed.

Another practice account stands for AWS; the deck reaches it as it reaches AWS, by a profile and by a sign-in.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import running
from tests.support import practice_account, sso
from tests.support.deck import Deck
from tests.support.pages import settled, violations
from tests.support.practice_account import Account
from tests.support.real_accounts import aws_files, profile_lines, trusted_role
from tests.support.sso import START_URL, Sso

MOVE_MS = 60_000
TOML = """
[accounts.viewed]
alias = "Exchange ML"
colour = "crimson"
profile = "aws"

[accounts.lab]
alias = "Exchange lab"
colour = "teal"
profile = "aws"
changes = true
[accounts.lab.launch]
execution_role = "{execution}"
scheduler_role = "{scheduler}"
bucket = "{bucket}"
asked_tags = ["Project"]
instance_types = ["ml.t3.*"]
max_hours = 24
tags = {{ CostCenter = "ml-4711" }}

[accounts.portal]
alias = "Exchange portal"
sso = {{ start_url = "{start_url}", region = "ap-northeast-2" }}
endpoint_url = "{url}"
endpoint_urls = {{ "sso" = "{sso}", "sso-oidc" = "{sso}" }}
changes = true
[accounts.portal.launch]
execution_role = "{execution}"
scheduler_role = "{scheduler}"
bucket = "{bucket}"
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    for account in practice_account.running(tmp_path_factory.mktemp("aws") / "aws"):
        role = trusted_role(account, "execution", "sagemaker.amazonaws.com")
        account.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="theirs", InstanceType="ml.t3.medium", RoleArn=role
        )
        yield account


@pytest.fixture(scope="module")
def portal(aws: Account) -> Iterator[Sso]:
    with sso.serving(aws) as server:
        # So short that every call renews them: that the session was ended shows at once.
        server.session_seconds = 60
        yield server


@pytest.fixture(scope="module")
def deck(aws: Account, portal: Sso, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    folder = tmp_path_factory.mktemp("real")
    bucket = "exchange-flightdeck"
    where = {"LocationConstraint": practice_account.REGION}
    aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    text = TOML.format(
        execution=trusted_role(aws, "execution", "sagemaker.amazonaws.com"),
        scheduler=trusted_role(aws, "scheduler", "scheduler.amazonaws.com"),
        bucket=bucket,
        start_url=START_URL,
        url=aws.url,
        sso=portal.url,
    )
    (folder / "flightdeck.toml").write_text(text)
    with aws_files(folder, profile_lines("aws", aws)) as environment:
        environment["FLIGHTDECK_CONFIG"] = str(folder / "flightdeck.toml")
        yield from running(Deck(folder / "deck", environment=environment))


def go(page: Page, deck: Deck, path: str) -> None:
    page.goto(deck.url + path)
    settled(page)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def mark(page: Page) -> Locator:
    return page.locator(".st-key-account_mark button").first


@pytest.mark.parametrize(
    ("language", "real", "lock", "opens", "none"),
    [
        ("en", "Real account: Exchange ML", "Read-only", "Open account", "Launch notebook"),
        ("ko", "실제 계정: Exchange ML", "읽기 전용", "계정 열기", "노트북 시작"),
    ],
)
def test_a_profile_is_looked_at_and_nothing_can_be_launched(
    deck: Deck, page: Page, language: str, real: str, lock: str, opens: str, none: str
) -> None:
    go(page, deck, f"/notebooks?account=viewed&lang={language}")
    expect(page.get_by_text("theirs")).to_have_count(0)
    button(page, opens).click()
    expect(mark(page)).to_contain_text(real, timeout=MOVE_MS)
    expect(mark(page)).to_contain_text("123456789012")
    expect(mark(page)).to_have_css("background-color", "rgb(176, 15, 58)")
    expect(page.locator(".stMarkdownBadge").filter(has_text=lock)).to_be_visible()
    settled(page)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=MOVE_MS)
    expect(button(page, opens)).to_have_count(0)
    expect(button(page, none)).to_have_count(0)
    expect(page).to_have_url(re.compile("account=viewed"))
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390", timeout=MOVE_MS)


def test_a_notebook_is_launched_within_the_launch_profile(deck: Deck, page: Page, aws: Account) -> None:
    go(page, deck, "/accounts")
    row = page.get_by_test_id("stLayoutWrapper").filter(has_text="Exchange lab").last
    row.get_by_role("button", name="Connect", exact=True).click()
    expect(mark(page)).to_contain_text("Exchange lab", timeout=MOVE_MS)
    page.get_by_role("link", name="Launch", exact=True).click()
    expect(page.get_by_text("requires the tag “Project”")).to_be_visible(timeout=MOVE_MS)
    expect(page).to_have_url(re.compile("account=lab"))
    page.get_by_label("Project").fill("surveillance")
    page.get_by_label("Project").press("Enter")
    expect(page.get_by_text("requires the tag “Project”")).to_have_count(0, timeout=MOVE_MS)
    settled(page)
    name = page.get_by_label("Name", exact=True).input_value()
    button(page, "Launch notebook").last.click()
    page.wait_for_url(f"**/notebooks?*name={name}*", timeout=MOVE_MS)
    made = aws.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    assert made["RoleArn"].endswith("role/execution")
    tags = aws.client("sagemaker").list_tags(ResourceArn=made["NotebookInstanceArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags}.items() >= {
        "CostCenter": "ml-4711", "Project": "surveillance"
    }.items()  # fmt: skip
    assert deck.account().client("sagemaker").list_notebook_instances()["NotebookInstances"] == []


def sign_in(page: Page, portal: Sso) -> None:
    expect(dialog(page)).to_contain_text("CODE-", timeout=MOVE_MS)
    link = dialog(page).get_by_role("link", name="Open AWS sign-in")
    expect(link).to_have_attribute("href", re.compile("user_code=CODE-"))
    portal.confirm()
    expect(dialog(page)).to_contain_text("Account and role", timeout=MOVE_MS)
    dialog(page).get_by_role("combobox").fill("MLOperator")
    page.get_by_role("option", name=re.compile("MLOperator")).click()
    button(page, "Connect").last.click()
    expect(dialog(page)).to_have_count(0, timeout=MOVE_MS)


def test_signing_in_again_keeps_what_was_typed(deck: Deck, page: Page, portal: Sso, aws: Account) -> None:
    go(page, deck, "/launch?account=portal")
    button(page, "Sign in").click()
    sign_in(page, portal)
    expect(mark(page)).to_contain_text("Exchange portal", timeout=MOVE_MS)
    settled(page)
    mark(page).click()
    expect(page.get_by_text(re.compile("The sign-in ends in [78] h"))).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Name", exact=True).fill("typed-before")
    page.get_by_label("Name", exact=True).press("Enter")
    settled(page)
    portal.revoke()
    button(page, "Launch notebook").last.click()
    expect(page.get_by_text("The sign-in has ended")).to_be_visible(timeout=MOVE_MS)
    button(page, "Sign in again").first.click()
    sign_in(page, portal)
    settled(page)
    expect(page.get_by_label("Name", exact=True)).to_have_value("typed-before")
    button(page, "Launch notebook").last.click()
    page.wait_for_url("**/notebooks?*name=typed-before*", timeout=MOVE_MS)
    found = aws.client("sagemaker").list_notebook_instances(NameContains="typed-before")["NotebookInstances"]
    assert len(found) == 1
    _no_token_anywhere(deck, page)


def _no_token_anywhere(deck: Deck, page: Page) -> None:
    """Tokens and keys stay in the server's memory."""
    assert "canary" not in page.content() + page.url + deck.log()
    for file in (each for each in Path(deck.home).rglob("*") if each.is_file()):
        assert b"canary" not in file.read_bytes(), file
