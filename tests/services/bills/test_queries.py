"""Every question is answered by DuckDB and spoken to Athena; the rollup says what the lines say."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from services.bills import engines, imports, purchases, queries
from services.bills.books import Book
from services.bills.months import ends_at, span
from services.bills.queries import Scope
from tests.support import bills
from tests.support.deck_wishes import KIM

if TYPE_CHECKING:
    from ibis import Table

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
TAGS = ("tag_team",)
NARROW = Scope(SEPTEMBER, NOVEMBER, (("service_name", ("Amazon SageMaker",)), ("tag_team", ("", "risk"))))

QUESTIONS: dict[str, Callable[[Scope], "Table"]] = {
    "totals": lambda scope: queries.totals(TAGS, scope),
    "by_value": lambda scope: queries.by_value(TAGS, scope, "component"),
    "by_tag": lambda scope: queries.by_value(TAGS, scope, "tag_team"),
    "by_day": lambda scope: queries.over_time(TAGS, scope, "service_name", "day", "effective_cost"),
    "by_month": lambda scope: queries.over_time(TAGS, scope, "purchase_option", "month", "list_cost"),
    "commitments": lambda scope: queries.commitments(TAGS, Scope(scope.start, scope.end), "day"),
    "by_resource": lambda scope: queries.by_resource(TAGS, scope),
    "savings": lambda scope: queries.savings(TAGS, scope),
    "line_items": lambda scope: queries.line_items(TAGS, scope, 5),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return taken(tmp_path_factory.mktemp("bills"), [*bills.month(SEPTEMBER), *bills.month(OCTOBER, hours=100)])


def taken(folder: Path, lines: list[dict[str, Any]], now: datetime = NOW) -> Book:
    return imports.take(folder / "bills", [bills.write_cur2(folder / "bill.parquet", lines)], now, KIM)


def asking(book: Book) -> Callable[..., Any]:
    def ask(question: Any, *arguments: Any) -> Any:
        with engines.open_book(book) as database:
            return engines.ask(database, question(book.tags, *arguments))

    return ask


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_here_and_can_be_put_to_athena(book: Book, name: str) -> None:
    question = QUESTIONS[name](NARROW)
    with engines.open_book(book) as database:
        assert engines.ask(database, question)
    spoken = engines.to_sql(question, "athena")
    names = {column.name for column in sqlglot.parse_one(spoken, dialect="athena").find_all(sqlglot.exp.Column)}
    assert names == {name.lower() for name in names}, "Glue knows names in lower case alone"
    assert "MAKE_DATE" not in spoken, "a word of DuckDB's own"


def test_every_question_there_is_is_among_them() -> None:
    asked = {
        name
        for name, member in vars(queries).items()
        if callable(member) and getattr(member, "__module__", "") == queries.__name__ and not name.startswith("_")
    }
    assert asked - {"Scope", "dimensions", "is_tag", "over_time"} <= set(QUESTIONS)


def test_line_items_are_the_dearest_and_within_the_scope(book: Book) -> None:
    rows = asking(book)(queries.line_items, NARROW, 5)
    costs = [row["billed_cost"] for row in rows]
    assert costs == sorted(costs, reverse=True)
    assert {row["service_name"] for row in rows} == {"Amazon SageMaker"}
    assert {row["tag_team"] for row in rows} <= {None, "risk"}


FIRST = datetime(2026, 3, 28, tzinfo=UTC)
STARTS = st.integers(0, 6 * 86_400 - 1).map(lambda seconds: FIRST + timedelta(seconds=seconds))


@settings(max_examples=20, deadline=None)
@given(
    charges=st.lists(
        st.tuples(STARTS, st.decimals(-10, 10_000, places=9, allow_nan=False)),
        min_size=1,
        max_size=30,
    )
)
def test_days_are_utc_and_add_up_to_their_lines_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, charges: list[tuple[datetime, Decimal]]
) -> None:
    """Over the end of a month and of Europe's winter time, with amounts of nine decimals."""
    lines = [
        {
            **bills.line(date(at.year, at.month, 1), at, "APN2-Train:ml.m5.large", float(cost)),
            "identity_line_item_id": str(number),
            "identity_time_interval": str(at),
        }
        for number, (at, cost) in enumerate(charges)
    ]
    book = taken(tmp_path_factory.mktemp("bills"), lines)
    wanted: dict[date, Decimal] = {}
    for at, cost in charges:
        exact = Decimal(str(float(cost))).quantize(Decimal("1e-9"))
        wanted[at.date()] = wanted.get(at.date(), Decimal(0)) + exact
    ask, year = asking(book), Scope(date(2026, 1, 1), date(2027, 1, 1))
    found = ask(queries.over_time, year, "service_name", "day", "billed_cost")
    assert {row["start"]: row["amount"] for row in found} == wanted
    (total,) = ask(queries.totals, year)
    assert total["billed_cost"] == sum(wanted.values())
    assert total["lines"] == len(charges)


def running(until: datetime) -> list[dict[str, Any]]:
    """A training team that spends $100 on weekdays and $40 at weekends."""
    start, lines = datetime(2026, 9, 1, tzinfo=UTC), []
    for hour in range(int((until - start) / timedelta(hours=1))):
        at = start + timedelta(hours=hour)
        cost = (100 if at.weekday() < 5 else 40) / 24
        lines.append(
            {
                **bills.line(date(at.year, at.month, 1), at, "APN2-Train:ml.m5.large", cost),
                "identity_line_item_id": str(hour),
                "identity_time_interval": str(at),
            }
        )
    return lines


def test_a_month_in_progress_is_compared_with_the_same_days_and_ends_where_its_weekdays_lead(tmp_path: Path) -> None:
    until = datetime(2026, 10, 15, 12, tzinfo=UTC)
    book = taken(tmp_path, running(until), until)
    here = span(book, OCTOBER)
    assert not here.whole
    assert (here.until, here.before.start, here.before.end) == (date(2026, 10, 15), SEPTEMBER, date(2026, 9, 15))
    ask = asking(book)
    ahead = ends_at(ask, book, here, "effective_cost")
    assert ahead is not None
    # Half of the 15th is on the bill. From then on: 11 weekdays and 5 days of weekends more.
    assert ahead.days[0] == pytest.approx(50, abs=0.5)
    assert ahead.total == pytest.approx(50 + 11 * 100 + 5 * 40, rel=0.01)
    assert ahead.low <= ahead.total <= ahead.high


def test_a_month_that_is_over_has_no_forecast_even_when_its_last_usage_was_early(book: Book) -> None:
    here = span(book, OCTOBER)
    assert here.whole
    assert here.until == NOVEMBER
    assert ends_at(asking(book), book, here, "effective_cost") is None


def test_a_month_without_usage_has_no_forecast(tmp_path: Path) -> None:
    now = datetime(2026, 10, 5, tzinfo=UTC)
    tax = bills.line(OCTOBER, datetime(2026, 10, 1, tzinfo=UTC), "Tax", 7.5, line_item_line_item_type="Tax")
    book = taken(tmp_path, [{**tax, "identity_line_item_id": "1", "identity_time_interval": "1"}], now)
    assert ends_at(asking(book), book, span(book, OCTOBER), "billed_cost") is None


def test_how_a_month_was_bought(book: Book) -> None:
    """By hand from the fixture: reserved 80 of which 20 unused, 800 of its 1,000 hours used; a savings plan of 1 of
    which 0.4 unused; spot by the catalogue's list price."""
    rows = purchases.by_month(asking(book), Scope(SEPTEMBER, NOVEMBER))
    assert [(row.period, row.option) for row in rows] == [
        (period, option)
        for period in (SEPTEMBER, OCTOBER)
        for option in ("on_demand", "reserved", "savings_plan", "spot")
    ]
    demand, reserved, plan, spot = rows[:4]
    assert (reserved.cost, reserved.unused, reserved.saved) == (Decimal(80), Decimal(20), Decimal("14.4"))
    assert reserved.used_by_cost == pytest.approx(0.75)
    assert reserved.used_by_hours == pytest.approx(0.8)
    assert (plan.cost, plan.unused) == (Decimal(1), Decimal("0.4"))
    assert plan.used_by_cost == pytest.approx(0.6)
    assert plan.used_by_hours is None
    assert spot.saved == Decimal("0.066"), (
        "c5.large at 0.096 in the catalogue, 0.03 paid; managed spot has a list price"
    )
    assert demand.saved is None
    hours = 25 + 10 + 1 + 1 + 1 + 1  # notebook and Studio, training, three of ml.m5.large, c5.large
    assert demand.instance_hours == hours
    assert purchases.coverage(rows[:4]) == pytest.approx(810 / (hours + 810 + 6))


def test_without_an_hour_there_is_no_coverage() -> None:
    assert purchases.coverage(()) is None
