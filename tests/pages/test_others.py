"""Other resources on screen: a Studio app with its use, its stop, and what it adds to Overview and Activity."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import reads, session
from services.cloud import Cloud
from services.spenders import SpenderKind
from tests.support.practice_account import REGION, Account
from tests.support.screens import deck_at, opened, top_rows, words
from tests.support.studios import make_studio


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A deck on an account with kim's JupyterLab, three hours old, in a space."""
    with deck_at(tmp_path_factory.mktemp("studio") / "home") as desk:
        desk.supervisor.account()
        account = Account(desk.home / "practice")
        account.attach()
        make_studio(account)
        account.advance(3 * 3600)
        reads.forget()
        yield Cloud(desk.supervisor.account(), REGION)


@pytest.mark.parametrize(("language", "idle"), [("en", "Idle for 3 h: nobody worked in it"), ("ko", "유휴 3시간: ")])
def test_an_app_is_shown_with_its_owner_its_rate_and_its_use(studio: Cloud, language: str, idle: str) -> None:
    screen = opened("others", language)
    assert not screen.error
    rows = screen.dataframe[0].value.set_index("name")
    assert (rows.loc["lab/default", "owner"], rows.loc["lab/default", "usd_per_hour"]) == ("kim", 0.062)
    assert str(rows.loc["lab/default", "use"]).startswith(idle)
    assert rows.loc["lab", "use"] == ""
    assert screen.metric[1].value == "1"


def test_overview_counts_it_and_says_since_when_it_is_idle(studio: Cloud) -> None:
    screen = opened("overview")
    assert not screen.error
    assert "1 is idle, for 3 h." in words(screen)
    assert [row[1] for row in top_rows(screen)] == ["Studio app"]
    said = [bar.proto.text for bar in screen.get("progress")]
    assert any(text.startswith("Studio JupyterLab Apps running on ml.t3.medium instances: 1 of") for text in said)


def test_activity_says_what_asking_has_cost(studio: Cloud) -> None:
    captions = [caption.value for caption in opened("activity").caption]
    assert any(r"Asking AWS has cost this deck \$0.00 of \$0.50 today" in caption for caption in captions)


def detail(arn: str) -> None:
    from pages.ui import session
    from pages.ui.other_detail import draw_other

    draw_other(session.cloud(), arn)


def test_its_detail_says_what_it_is_and_offers_its_stop_alone(studio: Cloud) -> None:
    rows = {row.kind: row for row in reads.current(studio).others}
    app = AppTest.from_function(detail, args=(rows[SpenderKind.APP].arn,), default_timeout=60).run()
    assert not app.exception
    assert [button.label for button in app.button] == ["Stop app"]
    assert any(each.value.startswith(r"\$0.062") for each in app.markdown)
    space = AppTest.from_function(detail, args=(rows[SpenderKind.SPACE].arn,), default_timeout=60).run()
    assert not space.button
    assert "The deck only looks at this kind" in space.caption[0].value
    gone = AppTest.from_function(detail, args=("arn:x/long-gone",), default_timeout=60).run()
    assert "There is no long-gone" in words(gone)
    assert session.desk().paid_calls.today(studio.account.key).usd == 0
