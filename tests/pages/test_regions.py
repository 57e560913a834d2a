"""Regions on screen: what is on the list, where it is, and why it is not here."""

from collections.abc import Iterator

import pytest

from pages.ui import reads
from tests.support.screens import deck_at, opened, words


@pytest.fixture(scope="module", autouse=True)
def _deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with deck_at(tmp_path_factory.mktemp("regions") / "home") as desk:
        desk.supervisor.account()
        reads.forget()
        yield


def test_a_first_visitor_sees_what_teams_ask_about_first() -> None:
    screen = opened("regions")
    said = words(screen)
    assert "Seoul has 9 of 11 on your list; N. Virginia has 11." in said
    assert "ml.trn1.32xlarge: AWS does not offer it in Seoul." in said
    assert "Amazon Kendra: AWS lists no region endpoint or image for Seoul." in said
    rows = screen.dataframe[0].value.set_index("item")
    assert rows.loc["ml.g5.xlarge", "ap-northeast-1"] == "✓ $2.040/h, 0 left"
    assert rows.loc["ml.g5.xlarge", "ap-northeast-2"] == "✓ $1.732/h, 0 left"
    assert rows.loc["ml.g5.xlarge", "ap-southeast-1"] == "✕ no"
    assert str(rows.loc["PyTorch", "ap-northeast-2"]).startswith("✓ 2.")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"types": "ml.g5.xlarge"}, "서울에서 목록의 1개를 모두 이용할 수 있습니다."),
        ({"types": "g5.xlarge", "region": "ap-southeast-1"}, "싱가포르에는 목록 1개 중 0개가 있고"),
        ({"services": "kendra"}, "Amazon Kendra: AWS 목록에 서울용 엔드포인트나 이미지가 없습니다."),
    ],
)
def test_a_link_asks_about_its_own_list(query: dict[str, str], sentence: str) -> None:
    assert sentence in words(opened("regions", "ko", **query))


def test_what_no_region_here_has_is_said_to_be_nowhere() -> None:
    said = words(opened("regions", types="ml.p3.2xlarge"))
    assert "Seoul has 0 of 1 on your list, as many as any region." in said
    assert "None of the regions here has it." in said


def test_an_empty_list_asks_for_one() -> None:
    assert "The list is empty." in words(opened("regions", types=""))
