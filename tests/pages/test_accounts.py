"""A real account is chosen, marked, looked at, and changed only where the configuration allows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import session
from pages.ui.text import plain
from tests.support.deck_wishes import ACCOUNT_ID, EXECUTION, SCHEDULER
from tests.support.practice_account import Account, running
from tests.support.real_accounts import aws_files, profile_lines, section
from tests.support.screens import deck_at, opened, words

TOML = f"""
[accounts.looked-at]
alias = "Exchange ML"
profile = "aws"
region = "us-west-2"

[accounts.opened]
alias = "Exchange lab"
profile = "aws"
changes = true
[accounts.opened.launch]
execution_role = "{EXECUTION}"
scheduler_role = "{SCHEDULER}"
bucket = "nobody-has-this"
asked_tags = ["Project"]
instance_types = ["ml.t3.*"]
max_hours = 4

[accounts.bare]
profile = "aws"
changes = true

[accounts.gone]
profile = "keyless"
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """What stands for AWS: an account that is not the deck's own, with a notebook in it."""
    for account in running(tmp_path_factory.mktemp("aws") / "aws"):
        account.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="theirs", InstanceType="ml.t3.medium", RoleArn=EXECUTION
        )
        yield account


@pytest.fixture(scope="module")
def desk(aws: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    folder = tmp_path_factory.mktemp("accounts")
    home = folder / "home"
    home.mkdir()
    (home / "flightdeck.toml").write_text(TOML)
    config = profile_lines("aws", aws) + profile_lines("spare", aws) + section("profile keyless", endpoint_url=aws.url)
    with aws_files(folder, config), deck_at(home) as desk:
        yield desk


def press(screen: AppTest, label: str) -> AppTest:
    next(button for button in screen.button if button.label == label).click().run()
    assert not screen.exception
    return screen


def connected(account: str, page: str = "notebooks", language: str = "en", **query: str) -> AppTest:
    """A page of a session that said it wants this account."""
    screen = opened(page, language, account=account, **query)
    return press(screen, plain("accounts.open", spoken=language))  # type: ignore[arg-type]


def labels(screen: AppTest) -> list[str]:
    return [button.label for button in screen.button]


def test_the_page_lists_what_may_be_chosen_and_starts_in_practice(desk: session.Desk) -> None:
    screen = opened("accounts")
    said = words(screen)
    for name in ("Practice account", "Exchange ML", "Exchange lab", "bare"):
        assert f"**{name}**" in said
    assert said.count("In use") == 1
    assert labels(screen).count("Connect") == 5
    assert screen.selectbox(key="account_profile").options == ["spare"]
    assert not screen.error


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_link_to_a_real_account_asks_first(desk: session.Desk, language: str) -> None:
    screen = opened("notebooks", language, account="looked-at")
    assert not screen.title
    assert not screen.dataframe
    assert "Exchange ML" in words(screen)
    press(screen, plain("accounts.stay", spoken=language, now=plain("accounts.practice", spoken=language)))  # type: ignore[arg-type]
    assert screen.title[0].value == plain("notebooks.title", spoken=language)  # type: ignore[arg-type]
    assert "account" not in screen.query_params


def test_an_account_that_nobody_knows_is_said_to_be_unknown(desk: session.Desk) -> None:
    screen = opened("notebooks", account="profile.nobody")
    assert "neither flightdeck.toml nor" in screen.error[0].value
    assert [label for label in labels(screen) if label.startswith("Stay in")]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_what_is_connected_read_only_shows_and_offers_nothing(desk: session.Desk, language: str) -> None:
    screen = connected("looked-at", language=language, region="ap-northeast-2")
    assert screen.dataframe[0].value["name"].tolist() == ["theirs"]
    assert screen.query_params["account"] == "looked-at"
    assert plain("notebooks.title", spoken=language) == screen.title[0].value  # type: ignore[arg-type]
    offered = {plain(f"launch.open_{kind}", spoken=language) for kind in ("notebook", "training", "endpoint")}  # type: ignore[arg-type]
    assert not offered & set(labels(screen))
    assert "+1 hour" not in labels(screen)
    assert plain("common.read_only", spoken=language) in words(screen)  # type: ignore[arg-type]


def test_a_form_of_a_read_only_account_says_which_key_allows_it(desk: session.Desk) -> None:
    screen = connected("looked-at", "launch")
    assert "accounts.looked-at.changes = true" in screen.info[0].value
    assert not screen.text_input
    detail = connected("looked-at", region="ap-northeast-2", name="theirs")
    assert not {"Stop", "Start", "Open JupyterLab", "Delete"} & set(labels(detail))


def test_an_account_opens_in_its_own_region(desk: session.Desk) -> None:
    assert connected("looked-at").radio(key="region").value == "us-west-2"


def test_without_a_launch_profile_the_form_says_what_is_missing(desk: session.Desk) -> None:
    screen = connected("bare", "launch")
    assert "accounts.bare.launch" in screen.info[0].value
    assert not screen.text_input


def test_the_form_holds_to_the_launch_profile(desk: session.Desk) -> None:
    screen = connected("opened", "launch")
    types = next(box for box in screen.selectbox if box.label == "Instance type")
    assert all(option.startswith("ml.t3.") for option in types.options)
    said = [each.value for each in screen.error]
    assert any("requires the tag “Project”" in each for each in said)
    assert any("at most 4 hours" in each for each in said)
    assert any("bucket nobody-has-this" in each for each in said)
    assert any(f"role {EXECUTION}" in each.replace("\\", "") for each in said)
    screen.text_input(key="tag_Project").set_value("surveillance").run()
    assert not any("requires the tag" in each.value for each in screen.error)


def test_what_cannot_be_connected_says_why_and_leaves_one_where_one_was(desk: session.Desk) -> None:
    screen = press(opened("notebooks", account="gone"), "Open account")
    assert "credentials" in screen.error[0].value
    assert not screen.title


def test_another_session_is_not_connected_by_it(desk: session.Desk) -> None:
    connected("looked-at")
    screen = opened("notebooks")
    assert not screen.dataframe
    assert "Real account" not in words(screen)


def test_one_goes_back_to_practice(desk: session.Desk, aws: Account) -> None:
    screen = press(connected("looked-at"), "Back to the practice account")
    assert "account" not in screen.query_params
    assert "+1 hour" in labels(screen)
    assert ACCOUNT_ID not in words(screen)


def test_a_wrong_file_is_said_and_practice_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "flightdeck.toml").write_text("[accounts.x]\nprofle = 'y'\n")
    with aws_files(tmp_path, ""), deck_at(home):
        screen = opened("accounts")
        assert "line 2, accounts.x.profle" in screen.error[0].value.replace("\\", "")
        assert "In use" in words(screen)
        assert not opened("notebooks").error
