"""A bill through the import page, and what Spend says of it, down to its line items, by hand and by link."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from pages.ui.text import plain
from tests.support import bills
from tests.support.deck import Deck
from tests.support.deck_wishes import EXECUTION
from tests.support.pages import settled, violations
from tests.support.waiting import eventually

WORKSHOP = Path(__file__).parents[3] / "shared" / "data" / "billing" / "aws_cur1_workshop_2018q4.parquet"
MOVE_MS = 60_000


def upload(page: Page, deck: Deck, *files: Path) -> None:
    page.goto(f"{deck.url}/bills")
    settled(page)
    if not page.locator("details[open]").count():
        page.get_by_text(plain("bills.import"), exact=True).click()
    page.locator("input[type=file]").set_input_files(list(files))


def keep(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Import [0-9]+ month")).click()
    expect(page.get_by_text(re.compile("^The bill of [0-9]+ is imported"))).to_be_visible(timeout=MOVE_MS)


def figure(page: Page, label: str) -> str:
    metric = page.get_by_test_id("stMetric").filter(has_text=plain(label))
    return metric.get_by_test_id("stMetricValue").inner_text()


def first_row(page: Page, opens: Callable[[], bool]) -> None:
    """A click where a reader would click, again while nothing came of it: cells are painted, and a table that was just
    drawn anew does not hear the first one."""
    table = page.get_by_test_id("stDataFrame").first
    settled(page)
    table.scroll_into_view_if_needed()
    for patience in (5, 5, MOVE_MS / 1000):
        place = table.bounding_box()
        assert place is not None
        page.mouse.click(place["x"] + 60, place["y"] + 55)
        with suppress(AssertionError):
            eventually(opens, timeout=patience)
            return
    raise AssertionError("a click on the first row of the table opens nothing")


def downloaded(page: Page, name: str) -> Download:
    with page.expect_download() as download:
        page.get_by_role("button", name=plain(name)).last.click()
    return download.value


def test_a_bill_is_imported_looked_into_and_taken_out(page: Page, deck: Deck, tmp_path: Path) -> None:
    page.goto(f"{deck.url}/spend")
    settled(page)
    page.get_by_role("link", name=plain("spend.import")).click()
    page.wait_for_url("**/bills*")

    lines = [*bills.month(date(2026, 9, 1)), *bills.month(date(2026, 10, 1), hours=100)]
    upload(page, deck, bills.write_legacy_csv(tmp_path / "bill.csv.gz", lines))
    expect(page.get_by_text("This is a legacy CUR of payer 111122223333")).to_be_visible(timeout=MOVE_MS)
    expect(page.get_by_text("used and unused reservations are their fees")).to_have_count(2)
    keep(page)

    page.goto(f"{deck.url}/spend?month=2026-10")
    settled(page)
    expect(page.get_by_text("Oct 2026 comes to $195.08.")).to_be_visible()
    assert figure(page, "spend.figure_unused") == "$20.40"
    assert violations(page) == []

    # The first row is the dearest service; a click on it narrows to it, and the address says so.
    first_row(page, lambda: "only=service_name" in page.url)
    settled(page)
    address = page.url
    page.get_by_text(plain("spend.lines"), exact=True).last.click()
    expect(page.get_by_text("The only one.")).to_be_visible(timeout=MOVE_MS)
    csv = Path(downloaded(page, "tables.download").path()).read_text(encoding="utf-8-sig")
    assert csv.splitlines()[0].startswith("usage_type,billed_cost_usd,effective_cost_usd")
    assert csv.splitlines()[1].startswith("Support,100.000000000,100.000000000,2026-10-03T00:00:00")

    # The link opens the same for somebody else.
    page.goto(address)
    settled(page)
    expect(page.get_by_role("button", name=re.compile("Service: AWS Support"))).to_be_visible()

    upload(page, deck, bills.write_cur2(tmp_path / "half.parquet", bills.month(date(2026, 10, 1), hours=2)))
    keep_button = page.get_by_role("button", name="Import 1 month")
    keep_button.click()
    expect(page.get_by_text("This month has much less than what is known of it")).to_be_visible(timeout=MOVE_MS)
    page.get_by_text(plain("bills.may_shrink")).click()
    settled(page)
    keep(page)

    forget = page.get_by_role("button", name=plain("bills.forget"))
    first_row(page, forget.is_visible)
    forget.click()
    expect(page.get_by_text("Oct 2026 was taken out.")).to_be_visible(timeout=MOVE_MS)


def test_what_ran_in_the_practice_account_is_on_its_bill_a_day_later(page: Page, deck: Deck) -> None:
    """A notebook of 0.062 an hour; its volume of 5 GiB bills beside it."""
    account = deck.account()
    sagemaker = account.client("sagemaker")
    sagemaker.create_notebook_instance(
        NotebookInstanceName="desk", InstanceType="ml.t3.medium", RoleArn=EXECUTION,
        Tags=[{"Key": "team", "Value": "risk"}],
    )  # fmt: skip
    sagemaker.get_waiter("notebook_instance_in_service").wait(
        NotebookInstanceName="desk", WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )
    page.goto(f"{deck.url}/notebooks")
    expect(settled(page).get_by_text("InService").first).to_be_attached(timeout=MOVE_MS)
    account.advance(86_400)
    page.reload()
    settled(page)

    page.goto(f"{deck.url}/bills")
    settled(page)
    page.get_by_role("button", name=re.compile("Read [0-9] month")).click()
    expect(page.get_by_text(re.compile("of flightdeck w(as|ere) read"))).to_be_visible(timeout=MOVE_MS)
    page.get_by_test_id("stMain").get_by_role("link", name=plain("spend.title")).click()
    page.wait_for_url("**/spend*")
    settled(page)
    expect(page.get_by_text(re.compile(r"comes to \$[0-9.]+\."))).to_be_visible(timeout=MOVE_MS)
    csv = Path(downloaded(page, "tables.download").path()).read_text(encoding="utf-8-sig")
    (row,) = csv.splitlines()[1:]
    assert row.startswith("Amazon SageMaker,")

    # What Cost Explorer says of the month so far is what the screen says, but for the seconds since its file.
    now = datetime.fromisoformat(account.control("GET", "clock")["now"])
    period = {"Start": f"{now:%Y-%m}-01", "End": f"{now + timedelta(days=1):%Y-%m-%d}"}
    answer = account.client("ce").get_cost_and_usage(
        TimePeriod=period, Granularity="MONTHLY", Metrics=["AmortizedCost"]
    )
    said = Decimal(answer["ResultsByTime"][0]["Total"]["AmortizedCost"]["Amount"])
    assert said > 0
    assert abs(said - Decimal(row.split(",")[1])) < Decimal("0.005")

    # And what the deck saw itself is what AWS bills.
    page.goto(f"{deck.url}/spend?view=trace")
    settled(page)
    assert figure(page, "trace.dark") == "0.0%"
    assert figure(page, "trace.drift") == "0.0%"
    assert figure(page, "trace.billed") == figure(page, "trace.metered") != "$0.00"


def test_a_file_that_is_no_bill_is_refused_beside_it(page: Page, deck: Deck, tmp_path: Path) -> None:
    path = tmp_path / "note.csv"
    path.write_text("a,b\n1,2\n")
    upload(page, deck, path)
    expect(page.get_by_text("This is not a bill that can be read")).to_be_visible(timeout=MOVE_MS)
    expect(page.get_by_role("button", name=re.compile("^Import [0-9]"))).to_have_count(0)


@pytest.mark.skipif(not WORKSHOP.is_file(), reason="the workshop bill is not beside this checkout")
def test_the_workshop_bill(page: Page, deck: Deck) -> None:
    upload(page, deck, WORKSHOP)
    keep(page)
    page.goto(f"{deck.url}/spend?month=2018-10&cost=billed_cost")
    settled(page)
    expect(page.get_by_text("Oct 2018 comes to $4,064.48.")).to_be_visible()
    page.goto(f"{deck.url}/spend?month=2018-10&by=purchase_option")
    settled(page)
    assert figure(page, "spend.figure_unused") == "$49.00"
    csv = Path(downloaded(page, "tables.download").path()).read_text(encoding="utf-8-sig")
    costs = {row.split(",")[0]: Decimal(row.split(",")[1]) for row in csv.splitlines()[1:]}
    assert {name: round(cost, 4) for name, cost in costs.items()} == {
        "On-demand": Decimal("3883.2022"),
        "Reserved": Decimal("281.2494"),
        "Spot": Decimal("31.5055"),
    }
