"""Signing in at a real OpenID Connect provider: nothing before it, one's role after it, and nothing after its end."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.ui.supervisor import PRACTICE_KEY
from pages.ui.text import catalogue, plain
from services.ledger import Ledger
from tests.browser.conftest import running
from tests.support import oidc
from tests.support.deck import Deck
from tests.support.oidc import Provider
from tests.support.pages import Watch, settled, violations

MOVE_MS = 60_000
TOML = """
[roles]
operator = ["ml-engineers"]
admin = ["Choi@exchange.example"]
viewer = ["lee@exchange.example"]
"""
LEE = {"sub": "lee", "email": "lee@exchange.example", "email_verified": True}
KIM = {"sub": "kim", "email": "kim@exchange.example", "groups": ["staff", "ml-engineers"]}
ACTS = [plain(f"plans.{key}", spoken="ko") for key in catalogue("plans") if key.startswith("act_")] + [
    plain(f"launch.open_{kind}", spoken="ko") for kind in ("notebook", "training", "endpoint")
]
STRANGER = {"sub": "x", "email": "choi@exchange.example", "email_verified": False}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc.serving() as provider:
        yield provider


@pytest.fixture(scope="module")
def deck(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deck]:
    home = tmp_path_factory.mktemp("sign-in") / "deck"
    home.mkdir()
    (home / "flightdeck.toml").write_text(TOML)
    (home / "secrets.toml").write_text(provider.secrets_toml())
    deck = Deck(home, environment={"STREAMLIT_SECRETS_FILES": str(home / "secrets.toml")})
    # After the provider's logout Streamlit meets its own callback without a code; Authlib wants another httpx.
    deck.expected_complaints += ["Missing provider for OAuth callback", "AuthlibDeprecationWarning"]
    for started in running(deck):
        started.account().client("sagemaker").create_notebook_instance(
            NotebookInstanceName="canary-lab", InstanceType="ml.t3.medium", RoleArn="arn:aws:iam::123456789012:role/r"
        )
        yield started
    assert oidc.CLIENT_SECRET not in deck.log()


@pytest.fixture
def other(browser: Browser, browser_context_args: dict[str, Any], watch: Watch) -> Iterator[Page]:
    """Another person's browser."""
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()


def sign_in(page: Page, provider: Provider, user: dict[str, Any], seconds: float = 3600) -> Page:
    provider.user, provider.lifetime_seconds = user, seconds
    settled(page).get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/auth/" not in url and "/authorize" not in url)
    return settled(page)


def door(page: Page) -> None:
    """The door is there, and no data."""
    expect(page.get_by_role("heading", name="Flightdeck")).to_be_visible(timeout=MOVE_MS)
    expect(page.get_by_text("canary-lab")).to_have_count(0)
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)


def menu(page: Page) -> Page:
    page.get_by_role("button", name=re.compile("Practice account")).click()
    return page


def test_a_viewer_comes_back_to_their_link_and_only_looks(
    deck: Deck, provider: Provider, page: Page, other: Page, watch: Watch
) -> None:
    watch.expected += [r"404.*/_stcore/"]
    link = f"{deck.url}/notebooks?name=canary-lab"
    page.goto(link)
    door(settled(page))
    assert not violations(page)
    sign_in(page, provider, LEE)
    assert page.url.startswith(link)
    expect(page.get_by_role("heading", name="canary-lab")).to_be_visible(timeout=MOVE_MS)
    for act in ("Stop notebook", "Start notebook", "Delete notebook", "Open JupyterLab"):
        expect(page.get_by_role("button", name=act)).to_have_count(0)
    menu(page)
    expect(page.get_by_text("lee@exchange.example · viewer")).to_be_visible()
    expect(page.get_by_role("button", name="+1 hour")).to_have_count(0)

    other.goto(f"{deck.url}/launch")
    door(settled(other))
    sign_in(other, provider, KIM)
    menu(other)
    expect(other.get_by_text("kim@exchange.example · operator")).to_be_visible()

    second = page.context.new_page()
    second.goto(f"{deck.url}/launch")
    expect(settled(second).get_by_text("lee@exchange.example is a viewer here")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    door(page)
    door(second)
    assert "/logout" in provider.asked
    expect(other.get_by_text("kim@exchange.example · operator")).to_be_visible()


def test_a_viewer_sees_every_page_in_korean_and_changes_nothing(
    deck: Deck, provider: Provider, page: Page, watch: Watch
) -> None:
    """With nothing to press that would change anything, and nothing changed at its end."""
    watch.expected += [r"404.*/_stcore/"]
    page.goto(f"{deck.url}/?lang=ko")
    provider.user, provider.lifetime_seconds = LEE, 3600
    settled(page).get_by_role("button", name="로그인").click()
    page.wait_for_url(re.compile(r"lang=ko"))
    expect(settled(page).get_by_test_id("stSidebarNavLink").first).to_be_visible(timeout=MOVE_MS)
    links = page.get_by_test_id("stSidebarNavLink").evaluate_all("links => links.map(link => link.href)")
    assert len(links) > 10
    for address in [*links, f"{deck.url}/notebooks?name=canary-lab", f"{deck.url}/launch?kind=training"]:
        page.goto(f"{address}{'&' if '?' in address else '?'}lang=ko")
        main = settled(page).get_by_test_id("stMain")
        expect(main.get_by_role("heading").first).to_be_visible(timeout=MOVE_MS)
        assert main.get_by_text(plain("errors.AccessDenied", spoken="ko")).count() == 0, address
        for words in ACTS:
            assert page.get_by_role("button", name=words, exact=True).count() == 0, (address, words)
    account, sagemaker = deck.account(), deck.account().client("sagemaker")
    changes = account.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "flightdeck-viewer"}]
    )["Events"]
    assert changes == [], "the event history holds all that changes anything"
    there = sagemaker.list_notebook_instances()["NotebookInstances"]
    assert [(row["NotebookInstanceName"], row["NotebookInstanceStatus"]) for row in there] == [
        ("canary-lab", "InService")
    ]
    assert sagemaker.list_training_jobs()["TrainingJobSummaries"] == sagemaker.list_endpoints()["Endpoints"] == []
    with closing(Ledger(deck.home / "ledger.sqlite3")) as ledger:
        assert [row for row in ledger.actions(PRACTICE_KEY) if row.actor == LEE["email"]] == []


def test_whom_no_list_names_stays_outside(deck: Deck, provider: Provider, page: Page, watch: Watch) -> None:
    watch.expected += [r"404.*/_stcore/"]
    page.goto(f"{deck.url}/activity?lang=ko")
    expect(settled(page).get_by_role("button", name="로그인")).to_be_visible()
    provider.user = STRANGER
    page.get_by_role("button", name="로그인").click()
    expect(page.get_by_text("choi@exchange.example")).to_be_visible(timeout=MOVE_MS)
    door(settled(page))


def test_a_form_outlives_the_sign_in_and_an_operator_launches(
    deck: Deck, provider: Provider, page: Page, watch: Watch
) -> None:
    watch.expected += [r"404.*/_stcore/"]
    page.goto(f"{deck.url}/launch")
    sign_in(page, provider, KIM, seconds=40)
    field = settled(page).get_by_label("Name", exact=True)
    field.fill("typed-before")
    field.press("Enter")
    expect(settled(page).get_by_text("typed-before").first).to_be_attached()
    door(settled(page))
    expect(page.get_by_text("Your sign-in has ended")).to_be_visible()
    sign_in(page, provider, KIM)
    assert page.url.startswith(f"{deck.url}/launch")
    expect(page.get_by_label("Name", exact=True)).to_have_value("typed-before", timeout=MOVE_MS)
    settled(page).get_by_role("button", name="Launch notebook").click()
    page.wait_for_url(re.compile("name=typed-before"), timeout=MOVE_MS)
    row = deck.account().client("sagemaker").describe_notebook_instance(NotebookInstanceName="typed-before")
    tags = deck.account().client("sagemaker").list_tags(ResourceArn=row["NotebookInstanceArn"])["Tags"]
    assert {"Key": "flightdeck:owner", "Value": "kim@exchange.example"} in tags


def test_secrets_that_are_not_whole_let_nobody_in(tmp_path: Path, page: Page) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('[auth]\ncookie_secret = "short"\nclient_id = "deck"\n')
    deck = Deck(tmp_path / "deck", environment={"STREAMLIT_SECRETS_FILES": str(secrets)})
    deck.expected_complaints += ["nobody can sign in: .auth. lacks"]
    for started in running(deck):
        page.goto(started.url)
        expect(settled(page).get_by_text("redirect_uri, client_secret")).to_be_visible()
        expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
