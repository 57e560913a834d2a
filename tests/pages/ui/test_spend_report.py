"""The report says what the screen says, to whoever opens the file; what a bill holds is text in it and nothing else."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from pages.ui import spend_costs, spend_report
from pages.ui.spend_scope import Shown
from services.bills import imports
from services.bills.books import Book
from tests.support import bills
from tests.support.deck_wishes import KIM

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
HOSTILE = '<script>alert("x")</script><img src=https://evil.example/x.png>'


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    folder = tmp_path_factory.mktemp("report")
    lines: list[dict[str, Any]] = [*bills.month(SEPTEMBER), *bills.month(OCTOBER, hours=100)]
    lines[0]["tags"] = {"user_team": HOSTILE}
    lines[-1]["tags"] = {"user_team": HOSTILE}
    file = bills.write_cur2(folder / "bill.parquet", lines)
    return imports.take(folder / "bills", [file], datetime(2026, 11, 2, tzinfo=UTC), KIM)


def read(book: Book, split: str, period: date = OCTOBER) -> tuple[Reader, spend_costs.Costs]:
    costs = spend_costs.gather(Shown(book, period, "effective_cost", split, (), "costs"))
    reader = Reader()
    reader.feed(spend_report.page(costs))
    return reader, costs


def test_the_numbers_are_the_screens(book: Book) -> None:
    reader, costs = read(book, "service_name")
    said = " ".join(reader.said)
    assert costs.total == Decimal("195.076")
    for figure in spend_costs.figures_of(costs):
        assert figure.value in said
    assert "Oct 2026 comes to $195.08." in said
    assert "Amazon SageMaker" in said
    assert "CUR 2.0" in said


def test_what_is_gone_since_the_month_before_is_said(tmp_path: Path) -> None:
    later = [line for line in bills.month(OCTOBER) if "Train:" not in line["line_item_usage_type"]]
    file = bills.write_cur2(tmp_path / "bill.parquet", [*bills.month(SEPTEMBER), *later])
    book = imports.take(tmp_path / "bills", [file], datetime(2026, 11, 2, tzinfo=UTC), KIM)
    costs = spend_costs.gather(Shown(book, OCTOBER, "effective_cost", "component", (), "costs"))
    (gone,) = [row for row in costs.rows if row.value == "training"]
    assert (gone.cost, gone.change, gone.lines) == (Decimal(0), Decimal(-14), 0)
    assert costs.change == Decimal(-14)
    assert "Training took $14.00 off." in spend_costs.sentence(costs).replace("\\", "")


def test_a_name_is_text_and_nothing_is_fetched(book: Book) -> None:
    reader, _ = read(book, "tag_team")
    assert HOSTILE in "".join(reader.said)
    assert reader.links == []
    assert reader.tags & {"script", "img", "iframe", "link", "object"} == set()


def test_purchase_options_have_their_names(book: Book) -> None:
    reader, _ = read(book, "purchase_option")
    said = " ".join(reader.said)
    assert "Savings plan" in said
    assert "savings_plan" not in said


def test_days_to_come_are_hatched(tmp_path: Path) -> None:
    lines = [
        {
            **bills.line(OCTOBER, datetime(2026, 10, day, tzinfo=UTC), "APN2-Train:ml.m5.large", 10.0),
            "identity_line_item_id": str(day),
            "identity_time_interval": str(day),
        }
        for day in range(1, 16)
    ]
    file = bills.write_cur2(tmp_path / "bill.parquet", lines)
    book = imports.take(tmp_path / "bills", [file], datetime(2026, 10, 15, 1, tzinfo=UTC), KIM)
    costs = spend_costs.gather(Shown(book, OCTOBER, "effective_cost", "service_name", (), "costs"))
    assert 'fill="url(#ahead)"' in spend_report.page(costs)
