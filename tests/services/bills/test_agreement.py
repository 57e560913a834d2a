"""The bill beside the meter: to the cent where the deck looked, and dark where it did not."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services import clocks, inventory
from services.bills import agreement, books, engines, exports, imports
from services.bills.books import Book
from services.cloud import Cloud
from services.history import History
from tests.support import bills
from tests.support.deck_wishes import EXECUTION, KIM, deck_account
from tests.support.practice_account import REGION, Account, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy
HOUR = 3600
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
ELSEWHERE = "us-east-1"


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    yield from running(tmp_path_factory.mktemp("agreement") / "practice")


def notebook(practice: Account, region: str, name: str) -> None:
    sagemaker = practice.client("sagemaker", region)
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=EXECUTION)
    said = {"NotebookInstanceName": name}
    eventually(
        lambda: sagemaker.describe_notebook_instance(**said)["NotebookInstanceStatus"] == "InService", timeout=120
    )


def asking(book: Book) -> Any:
    def ask(question: Any, *arguments: Any) -> Any:
        with engines.open_book(book) as database:
            return engines.ask(database, question(book.tags, *arguments))

    return ask


def test_what_was_seen_agrees_and_what_was_never_looked_at_is_dark(practice: Account, tmp_path: Path) -> None:
    cloud, history = Cloud(deck_account(practice), REGION), History(tmp_path / "history.sqlite3")
    account = cloud.account
    exports.ensure(account)
    notebook(practice, REGION, "seen")
    notebook(practice, ELSEWHERE, "forgotten")
    for _ in range(3):
        history.observe(account.key, inventory.take(cloud))
        practice.advance(12 * HOUR)
    history.observe(account.key, inventory.take(cloud))
    exports.refresh(cloud, exports.list_exports(cloud)[0], tmp_path / "bills", clocks.account_time(account), KIM)
    (book,) = books.list_books(tmp_path / "bills")
    month = max(book.months, key=lambda each: each.billed_cost)
    start = month.until.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if month.until == start:
        start = (start - timedelta(days=1)).replace(day=1)
    found = agreement.of(asking(book), history, account.key, account.account_id, start, month.until)
    history.close()

    by_name = {row.resource_id.rpartition("/")[2]: row for row in found.rows}
    seen, forgotten = by_name["seen"], by_name["forgotten"]
    assert seen.component == "notebook"
    assert seen.billed > Decimal("0.1")
    # The deck's looks are as sharp as AWS's LastModifiedTime; the file's costs are doubles.
    assert abs(seen.drift) < Decimal("0.01")
    assert forgotten.metered is None
    assert found.dark == forgotten.billed > 0
    assert found.rows[0] == forgotten, "what differs most comes first"
    assert sum(each.billed for each in found.days) == found.billed
    assert abs(sum(each.metered for each in found.days) - found.metered) < Decimal("0.000001")


def test_a_month_that_is_over_has_nothing_of_the_day_after(tmp_path: Path) -> None:
    """The book has both months, and a line at the first hour of the second one."""
    first = bills.line(OCTOBER, datetime(2026, 10, 1, tzinfo=UTC), "APN2-Train:ml.m5.large", 100.0)
    known = {"identity_line_item_id": "first", "identity_time_interval": "first"}
    lines = [*bills.month(SEPTEMBER), {**first, **known}]
    file = bills.write_cur2(tmp_path / "bill.parquet", lines)
    book = imports.take(tmp_path / "bills", [file], datetime(2026, 10, 2, tzinfo=UTC), KIM)
    history = History(tmp_path / "history.sqlite3")
    start, end = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC)
    found = agreement.of(asking(book), history, "account", bills.MEMBER, start, end)
    history.close()
    assert found.billed == Decimal("22.988")  # SageMaker's usage of the fixture
    assert len(found.days) == 30
