"""AWS's own workshop bill, where it lies beside the checkout, against figures computed by hand from the file."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.bills import engines, imports, queries
from services.bills.books import Book
from services.bills.queries import Scope
from tests.support.deck_wishes import KIM

FILE = Path(__file__).parents[4] / "shared" / "data" / "billing" / "aws_cur1_workshop_2018q4.parquet"
QUARTER = Scope(date(2018, 10, 1), date(2019, 1, 1))
MONTHS = (date(2018, 10, 1), date(2018, 11, 1), date(2018, 12, 1))
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the workshop bill is not beside this checkout")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return imports.take(tmp_path_factory.mktemp("bills"), [FILE], datetime(2026, 11, 2, tzinfo=UTC), KIM)


def rounded(amount: Decimal) -> Decimal:
    return round(amount, 4)


def split(book: Book, dimension: str, measure: str, scope: Scope = QUARTER) -> dict[str, Decimal]:
    with engines.open_book(book) as database:
        rows = engines.ask(database, queries.by_value(book.tags, scope, dimension))
    return {row["value"]: rounded(row[measure]) for row in rows if row[measure] is not None}


def test_totals_of_the_months(book: Book) -> None:
    assert [(month.period, month.lines, rounded(month.billed_cost)) for month in book.months] == [
        (MONTHS[0], 119_307, Decimal("4064.4831")),
        (MONTHS[1], 124_340, Decimal("3505.3270")),
        (MONTHS[2], 91_264, Decimal("408.3760")),
    ]


def test_services(book: Book) -> None:
    found = split(book, "service_name", "billed_cost")
    assert found["AWS Glue"] == Decimal("4394.7111")
    assert found["Amazon Elastic Compute Cloud"] == Decimal("1837.1920")
    assert found["Amazon Relational Database Service"] == Decimal("1636.2379")
    assert sum(found.values()) == pytest.approx(Decimal("7978.1861"), abs=Decimal("0.001"))


def test_used_and_unused_are_the_fees_and_the_months_part_of_what_was_paid_upfront(book: Book) -> None:
    with engines.open_book(book) as database:
        rows = engines.ask(database, queries.commitments(book.tags, QUARTER, "month"))
    assert [(row["start"], rounded(row["used"]), rounded(row["unused"])) for row in rows] == [
        (MONTHS[0], Decimal("232.2538"), Decimal("48.9956")),  # = 149.7754 + 131.4740
        (MONTHS[1], Decimal("231.4004"), Decimal("43.2164")),
        (MONTHS[2], Decimal("230.8955"), Decimal("52.8752")),
    ]


def test_purchase_options(book: Book) -> None:
    assert split(book, "purchase_option", "effective_cost") == {
        "on_demand": Decimal("7432.4566"),
        "reserved": Decimal("839.6370"),
        "spot": Decimal("96.2733"),
    }


def test_a_tag(book: Book) -> None:
    assert split(book, "tag_cost_center", "billed_cost") == {
        "": Decimal("7220.5181"),
        "Cost001": Decimal("353.5885"),
        "Cost002": Decimal("270.0917"),
        "Cost006": Decimal("89.5076"),
        "Cost005": Decimal("29.6458"),
        "Cost004": Decimal("14.8343"),
    }


def test_by_hours_and_by_cost_utilisation_differs(book: Book) -> None:
    with engines.open_book(book) as database:
        (october, *_) = engines.ask(database, queries.commitments(book.tags, QUARTER, "month"))
    by_hours = 1 - october["unused_hours"] / october["reserved_hours"]
    by_cost = october["used"] / (october["used"] + october["unused"])
    assert (round(by_hours, 3), round(float(by_cost), 3)) == (0.881, 0.826)
