"""A practice account's own bill: what runs is billed, exported, read into a book, and agrees with all who tell it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services import clocks
from services.bills import books, cost_explorer, engines, exports, imports, queries
from services.bills.books import Book
from services.bills.exports import Export
from services.bills.queries import Scope
from services.cloud import Cloud
from services.errors import CapReached, NotFound
from tests.support.deck_wishes import ACCOUNT_ID, EXECUTION, KIM, deck_account
from tests.support.practice_account import REGION, Account, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    yield from running(tmp_path_factory.mktemp("exports") / "practice")


@pytest.fixture(scope="module")
def cloud(practice: Account) -> Cloud:
    return Cloud(deck_account(practice), REGION)


@pytest.fixture(scope="module")
def export(cloud: Cloud) -> Export:
    exports.ensure(cloud.account)
    exports.ensure(cloud.account)
    (found,) = exports.list_exports(cloud)
    return found


def total(book: Book) -> Decimal:
    everything = Scope(book.months[0].period, book.months[-1].period + 31 * DAY)
    with engines.open_book(book) as database:
        (row,) = engines.ask(database, queries.totals(book.tags, everything))
    return Decimal(row["billed_cost"])


def test_an_export_is_made_once_and_has_no_files_before_it_delivered(
    cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    assert (export.name, export.source) == ("flightdeck", "CUR 2.0")
    other = replace(export, prefix="bills/elsewhere/")
    with pytest.raises(NotFound) as nothing:
        exports.refresh(cloud, other, tmp_path / "bills", clocks.account_time(cloud.account), KIM)
    assert nothing.value.code == "NoFiles"


def test_a_month_without_a_line_yet_is_passed_over(
    practice: Account, cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    practice.advance(60)
    folder, now = tmp_path / "bills", clocks.account_time(cloud.account)
    assert len(exports.unread(folder, export, exports.list_months(cloud, export))) == 1
    assert exports.refresh(cloud, export, folder, now, KIM) == 0
    assert books.list_books(folder) == ()
    assert exports.unread(folder, export, exports.list_months(cloud, export)) == ()


def test_a_day_of_a_notebook_is_on_the_bill_to_the_cent(
    practice: Account, cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    sagemaker, folder = practice.client("sagemaker"), tmp_path / "bills"
    sagemaker.create_notebook_instance(
        NotebookInstanceName="desk",
        InstanceType="ml.t3.medium",
        RoleArn=EXECUTION,
        Tags=[{"Key": "Team", "Value": "risk"}],
    )
    wanted = {"NotebookInstanceName": "desk"}
    eventually(
        lambda: sagemaker.describe_notebook_instance(**wanted)["NotebookInstanceStatus"] == "InService", timeout=120
    )
    practice.advance(int(DAY.total_seconds()))
    months = exports.list_months(cloud, export)
    said: list[tuple[int, int]] = []
    now = clocks.account_time(cloud.account)
    read = exports.refresh(cloud, export, folder, now, KIM, lambda done, of: said.append((done, of)))
    assert read == len(months) == len(said) / 2
    (book,) = books.list_books(folder)
    assert book.billing_account_id == ACCOUNT_ID
    assert book.tag_keys == {"tag_team": "team"}

    # The hours between the notebook's start and the export's midnight, at the catalogue's rate of 0.062 in Seoul.
    scope = Scope(book.months[0].period, book.months[-1].period + 31 * DAY, (("part", ("instance",)),))
    with engines.open_book(book) as database:
        (row,) = engines.ask(database, queries.by_value(book.tags, scope, "component"))
    assert row["value"] == "notebook"
    assert 0 < row["instance_hours"] < 24
    assert abs(float(row["billed_cost"]) - row["instance_hours"] * 0.062) < 1e-6

    # Cost Explorer says the same of the days that are over.
    first, last = book.months[0].period, now.date()
    explorer = practice.client("ce")
    answer = explorer.get_cost_and_usage(
        TimePeriod={"Start": str(first), "End": str(last)}, Granularity="DAILY", Metrics=["UnblendedCost"]
    )
    asked = sum(Decimal(each["Total"]["UnblendedCost"]["Amount"]) for each in answer["ResultsByTime"])
    assert abs(asked - total(book)) < Decimal("0.000001")


def test_cost_explorer_says_the_same_where_there_is_no_export(
    practice: Account, cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    now = clocks.account_time(cloud.account)
    months = cost_explorer.months_before(now.date(), 2)
    assert cost_explorer.take(cloud, tmp_path / "asked", months, now, KIM) >= 1
    exports.refresh(cloud, export, tmp_path / "read", now, KIM)
    (asked,), (read,) = books.list_books(tmp_path / "asked"), books.list_books(tmp_path / "read")
    assert {month.source for month in asked.months} == {"Cost Explorer"}
    period = asked.months[-1].period
    scope = Scope(period, now.date())
    with engines.open_book(asked) as one, engines.open_book(read) as other:
        said, known = (
            {row["value"]: row for row in engines.ask(database, queries.by_value(book.tags, scope, "component"))}
            for database, book in ((one, asked), (other, read))
        )
    assert set(said) == set(known) == {"notebook"}
    for measure in ("billed_cost", "effective_cost"):
        assert abs(said["notebook"][measure] - known["notebook"][measure]) < Decimal("0.000001")
    assert said["notebook"]["instance_hours"] == pytest.approx(known["notebook"]["instance_hours"], abs=1e-6)

    for _ in range(2):
        cost_explorer.take(cloud, tmp_path / "asked", months, now, KIM)
    with pytest.raises(CapReached):
        cost_explorer.take(cloud, tmp_path / "asked", months, now, KIM)


def test_months_that_have_a_whole_day() -> None:
    assert cost_explorer.months_before(date(2026, 3, 2), 3) == (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    assert cost_explorer.months_before(date(2026, 3, 1), 2) == (date(2026, 2, 1),)


def test_only_what_was_written_anew_is_read_again(
    practice: Account, cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    folder = tmp_path / "bills"
    exports.refresh(cloud, export, folder, clocks.account_time(cloud.account), KIM)
    (before,) = books.list_books(folder)
    assert exports.refresh(cloud, export, folder, clocks.account_time(cloud.account), KIM) == 0
    practice.advance(int(DAY.total_seconds()))
    assert exports.refresh(cloud, export, folder, clocks.account_time(cloud.account), KIM) >= 1
    (after,) = books.list_books(folder)
    assert total(after) > total(before)
    # A whole day more of the instance and its volume of 5 GiB.
    day = total(after) - total(before)
    instance, storage = 24 * Decimal("0.062"), day - 24 * Decimal("0.062")
    assert instance < day < instance + Decimal("0.05"), storage


def test_a_month_that_was_taken_out_stays_out_until_it_is_written_anew(
    practice: Account, cloud: Cloud, export: Export, tmp_path: Path
) -> None:
    folder, now = tmp_path / "bills", clocks.account_time(cloud.account)
    exports.refresh(cloud, export, folder, now, KIM)
    (book,) = books.list_books(folder)
    for month in book.months:
        imports.forget(folder, book.billing_account_id, month.period, KIM)
    assert exports.refresh(cloud, export, folder, now, KIM) == 0
    assert books.list_books(folder) == ()


def test_exports_that_are_no_bills_are_left_out(practice: Account, cloud: Cloud, export: Export) -> None:
    said = exports.wanted("carbon", "b", "p")
    said["DataQuery"]["QueryStatement"] = "SELECT a FROM CARBON_EMISSIONS"
    assert exports._export({**said, "ExportArn": "arn"}) is None
