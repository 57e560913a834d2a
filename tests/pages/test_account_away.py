"""What the screens show while somebody else holds the practice account and the deck cannot start it."""

from collections.abc import Iterator

import pytest

from pages.ui import session
from pages.ui.supervisor import PRACTICE_KEY
from pages.ui.text import plain
from services import inventory, launches
from services.ledger import State
from tests.support.deck_wishes import KIM, cloud_of, notebook_plan
from tests.support.practice_account import running
from tests.support.screens import deck_at, opened, top_rows, words


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    """A deck that knows a notebook from before."""
    home = tmp_path_factory.mktemp("away") / "home"
    home.mkdir()
    for account in running(home / "practice"):
        cloud = cloud_of(account)
        with deck_at(home) as desk:
            action = launches.carry_out(cloud, desk.ledger, notebook_plan(cloud, "lab"), KIM)
            assert action.state is State.DONE
            desk.history.observe(PRACTICE_KEY, inventory.take(cloud))
            yield desk


@pytest.mark.parametrize("place", ["overview", "notebooks"])
def test_what_was_known_is_shown_with_one_calm_error(away: session.Desk, place: str) -> None:
    screen = opened(place)
    assert len(screen.error) == 1
    assert "Not connected" in screen.error[0].value
    assert "what was last known" in words(screen)
    shown = [row[0] for row in top_rows(screen)] if place == "overview" else screen.dataframe[0].value["name"].tolist()
    assert shown == ["lab"]


@pytest.mark.parametrize(
    ("place", "errors"),
    [
        ("launch", 1),
        ("training", 1),
        ("endpoints", 1),
        ("activity", 0),
        ("prices", 0),
        ("compare", 0),
        ("planner", 0),
        ("regions", 0),
        ("quotas", 1),
    ],
)
def test_every_page_stands(away: session.Desk, place: str, errors: int) -> None:
    screen = opened(place)
    assert screen.title[0].value == plain(f"{place}.title")
    assert len(screen.error) == errors


def test_a_detail_says_so_once_and_the_head_keeps_its_switches(away: session.Desk) -> None:
    screen = opened("notebooks", name="lab")
    assert len(screen.error) == 1
    assert [switch.key for switch in screen.radio] == ["region"]


def test_the_error_speaks_the_readers_language(away: session.Desk) -> None:
    error = opened("overview", "ko").error[0].value
    assert "연결되지 않음" in error
    assert "practice account" not in error
