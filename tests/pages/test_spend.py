"""Spend and Bills on screen: the figures are the bill's, in either language, down to its lines."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pages.ui.bill_imports import safe_name
from pages.ui.text import unescape
from services.bills import imports
from tests.support import bills
from tests.support.deck_wishes import KIM
from tests.support.screens import deck_at, opened, words

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _deck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("spend")
    lines = [*bills.month(SEPTEMBER), *bills.month(OCTOBER, hours=100)]
    with deck_at(folder / "home") as desk:
        imports.take(desk.home / "bills", [bills.write_cur2(folder / "bill.parquet", lines)], NOW, KIM)
        yield


@pytest.mark.parametrize(
    ("language", "total", "more", "mover"),
    [
        ("en", "Oct 2026 comes to $195.08.", "That is $4.71 more", "Amazon SageMaker added $4.71."),
        ("ko", "2026년 10월 비용은 $195.08입니다.", "$4.71 늘었으며", "Amazon SageMaker의 $4.71 증가"),
    ],
)
def test_the_month_and_what_moved_it_are_said_first(language: str, total: str, more: str, mover: str) -> None:
    said = unescape(words(opened("spend", language)))
    assert total in said
    assert more in said
    assert mover in said


def test_figures() -> None:
    """Usage of 2026-10: 100 hours of a notebook make it 195.08 amortised, of which 20 and 0.4 committed in vain."""
    screen = opened("spend")
    (cost, _, saved, unused) = screen.metric
    assert unescape(cost.value) == "$195.08"
    assert unescape(unused.value) == "$20.40"
    assert unescape(unused.delta) == "25.2% of commitments"
    assert saved.value.endswith("%")


def test_a_first_month_is_compared_with_nothing() -> None:
    screen = opened("spend", month="2026-09")
    assert "than the same days" not in words(screen)
    assert screen.dataframe[0].value.change.isna().all()


def test_a_service_is_looked_into(tmp_path: Path) -> None:
    screen = opened("spend", only="service_name~Amazon SageMaker", by="component")
    rows = screen.dataframe[0].value
    assert dict(zip(rows.name, rows.cost, strict=True))["Notebook instances"] == pytest.approx(6.7)
    assert "Training" in set(rows.name)
    assert any("Amazon SageMaker" in button.label for button in screen.button)


def test_one_value_of_a_tag_and_those_without_it() -> None:
    rows = opened("spend", by="tag_team").dataframe[0].value
    assert {"risk", "fraud", "Not tagged"} == set(rows.name)


def test_as_billed_is_the_invoice() -> None:
    screen = opened("spend", cost="billed_cost")
    assert unescape(screen.metric[0].value) == "$525.08"


def test_line_items_are_the_dearest_of_what_is_shown() -> None:
    screen = opened("spend", lines="true", only="service_name~Amazon SageMaker")
    rows = screen.dataframe[1].value
    assert rows.usage_type.iloc[0] == "APN2-Train:ml.g5.xlarge"
    assert rows.billed_cost.is_monotonic_decreasing


@pytest.mark.parametrize(("language", "said"), [("en", "was bought as"), ("ko", "구매 방식별 비중")])
def test_how_it_was_bought(language: str, said: str) -> None:
    screen = opened("spend", language, view="purchases")
    assert said in words(screen)
    assert [unescape(metric.value) for metric in screen.metric[1:]] == ["74.8%", "80.0%", "$20.40"]
    assert screen.dataframe[0].value.period.tolist() == ["2026-10"] * 4 + ["2026-09"] * 4


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_bill_of_another_account_has_nothing_beside_the_meter(language: str) -> None:
    said = words(opened("spend", language, view="trace"))
    assert "123456789012" in said


def test_what_each_resource_cost() -> None:
    screen = opened("spend", resources="true", only="service_name~Amazon SageMaker")
    rows = screen.dataframe[1].value
    assert rows.name.tolist() == ["desk"]
    assert rows.effective_cost.tolist() == pytest.approx([6.2])
    assert rows.component.tolist() == ["Notebook instances"]
    assert rows.instance_hours.tolist() == [100]


def test_without_resources_it_says_what_they_need() -> None:
    said = words(opened("spend", resources="true", only="service_name~AWS Support"))
    assert "needs one with resource IDs" in said


def test_what_is_narrowed_to_nothing_says_so() -> None:
    said = words(opened("spend", only="component~canvas"))
    assert "nothing of what it is narrowed to" in said


@pytest.mark.parametrize("language", ["en", "ko"])
def test_bills_are_listed_with_their_months(language: str) -> None:
    screen = opened("bills", language)
    rows = screen.dataframe[0].value
    assert rows.lines.tolist() == [119, 43]
    assert set(rows.source) == {"CUR 2.0"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../evil.csv", "evil.csv"),
        ("a b$(rm).csv.gz", "a_b__rm_.csv.gz"),
        (".parquet", "parquet"),
        ("C:\\bills\\x.parquet", "x.parquet"),
        ("", "file"),
    ],
)
def test_a_files_name_leads_nowhere(sent: str, kept: str) -> None:
    assert safe_name(sent) == kept
