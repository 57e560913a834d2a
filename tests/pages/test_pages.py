"""Every page on a practice account: empty, filled, and without what a link names."""

from collections.abc import Iterator

import pytest

from pages.ui import reads, session
from pages.ui.text import plain
from services import launches
from services.capabilities import CAPABILITIES
from services.deeds import Progress
from services.ledger import State
from tests.support.deck_wishes import KIM, cloud_of, notebook_plan, put_echo_model, unserved_plan
from tests.support.practice_account import REGION, Account
from tests.support.screens import deck_at, opened, top_rows, words
from tests.support.waiting import eventually

PAGES = ("overview", "launch", "notebooks", "training", "endpoints", "others", "activity", "preflight")
LISTS = ("notebooks", "training", "endpoints")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    """A deck on which nothing was done yet."""
    with deck_at(tmp_path_factory.mktemp("empty") / "home") as desk:
        yield desk


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("place", PAGES)
def test_an_empty_account_offers_what_would_fill_it(empty: session.Desk, place: str, language: str) -> None:
    screen = opened(place, language)
    assert screen.title[0].value == plain(f"{place}.title", spoken=language)  # type: ignore[arg-type]
    assert not screen.error
    if place != "launch":
        assert plain(f"{place}.none", spoken=language)[:20] in words(screen)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Reading 90 days of history: 34 of 90 days"), ("ko", "지난 90일의 기록을 읽는 중: 90일 중 34일")],
)
def test_overview_says_how_far_the_past_is(
    empty: session.Desk, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    monkeypatch.setattr(session, "past_progress", lambda: Progress(34))
    assert said in words(opened("overview", language))
    monkeypatch.setattr(session, "past_progress", lambda: None)
    assert said not in words(opened("overview", language))


@pytest.mark.parametrize("place", LISTS)
def test_a_link_to_what_is_no_more_says_so(empty: session.Desk, place: str) -> None:
    screen = opened(place, name="long-gone")
    assert f"There is no long-gone in {REGION}" in words(screen)
    assert not screen.error
    assert [button.label for button in screen.button if button.label.startswith("All ")]


def test_without_a_model_the_endpoint_form_leads_to_training(empty: session.Desk) -> None:
    screen = opened("launch", kind="endpoint")
    assert "No finished training job has a model yet" in words(screen)
    assert "Launch training job" in [button.label for button in screen.button]


@pytest.fixture(scope="module")
def filled(empty: session.Desk) -> session.Desk:
    """The same deck with a guarded notebook, a refused second one, and an endpoint to restore."""
    empty.supervisor.account()
    account = Account(empty.home / "practice")
    account.attach()
    cloud = cloud_of(account)
    put_echo_model(account)
    plans = (notebook_plan(cloud, "lab"), notebook_plan(cloud, "lab"), unserved_plan(cloud, "echo"))
    states = [launches.carry_out(cloud, empty.ledger, plan, KIM).state for plan in plans]
    assert states == [State.DONE, State.FAILED, State.DONE]
    client = account.client("sagemaker")
    eventually(
        lambda: client.describe_notebook_instance(NotebookInstanceName="lab")["NotebookInstanceStatus"],
        until=lambda status: status == "InService",
    )
    reads.forget()
    return empty


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("place", PAGES)
def test_a_filled_account_is_shown(filled: session.Desk, place: str, language: str) -> None:
    screen = opened(place, language)
    assert not screen.error
    if place == "overview":
        assert [row[0] for row in top_rows(screen)] == ["lab"]
    if place == "notebooks":
        assert len(screen.dataframe) == 1
        assert "lab" in screen.dataframe[0].value["name"].tolist()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_burn_rate_says_first_whether_it_rose(filled: session.Desk, language: str) -> None:
    """What begins with a sign gets its arrow, and is not cut on a narrow screen."""
    assert opened("overview", language).metric[0].delta.startswith(r"+\$0.0631/h")


def test_what_will_stop_by_itself_is_said_to_be_guarded(filled: session.Desk) -> None:
    assert [row[-1] for row in top_rows(opened("overview"))] == ["auto-stop"]
    assert opened("notebooks").dataframe[0].value["guard"].tolist()[0] == ["Guarded"]


def test_a_notebook_says_what_it_costs_and_offers_what_fits_its_state(filled: session.Desk) -> None:
    screen = opened("notebooks", name="lab")
    assert [metric.label for metric in screen.metric] == ["Billing now", "Cost to date", "When stopped", "Auto-stop"]
    assert screen.metric[0].value == r"\$0.0631/h"
    labels = [button.label for button in screen.button]
    assert {"Open JupyterLab", "Stop"} <= set(labels)
    assert not {"Start", "Resize", "Delete"} & set(labels)
    assert not screen.error


def test_an_endpoint_that_was_stopped_can_be_restored_or_forgotten(filled: session.Desk) -> None:
    labels = [button.label for button in opened("endpoints").button]
    assert {"Restore", "Delete configuration"} <= set(labels)


def test_activity_tells_what_was_done_and_why_it_failed(filled: session.Desk) -> None:
    rows = opened("activity").dataframe[0].value
    assert rows["state"].tolist() == [["Done"], ["Failed"], ["Done"]]
    assert "duplicate" in rows["error"].tolist()[1]
    assert rows["actor"].unique().tolist() == ["kim"]


def test_a_preflight_is_run_and_remembered(filled: session.Desk) -> None:
    screen = opened("preflight")
    screen.button(key="run_preflight").click().run()
    assert not screen.exception
    assert not screen.error
    assert "Ready: the deck can show this account truthfully." in [each.value for each in screen.success]
    labels = [each.label for each in screen.expander]
    assert len(labels) == len(CAPABILITIES)
    assert any("Notebook instances" in label and "Allowed" in label for label in labels)
    assert any("Price List" in label and "Allowed" in label for label in labels)
    assert any("Not offered" in label for label in labels)
    again = opened("preflight", "ko")
    assert next(each.label for each in again.expander).count("허용") == 1
    assert any(button.label.startswith("다시 실행") for button in again.button)
    elsewhere = opened("preflight", region="us-east-1")
    assert not elsewhere.expander
