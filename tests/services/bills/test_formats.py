"""Every export is read into the one shape: what it costs by whatever it can be split by, to the last decimal."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.compute as pc
import pytest
from pyarrow import parquet

from services.bills import engines, imports, queries
from services.bills.books import Book
from services.bills.queries import Scope
from services.bills.shape import tag_column
from services.bills.understanding import Check
from tests.support import bills
from tests.support.deck_wishes import KIM

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
YEAR = Scope(date(2026, 1, 1), date(2027, 1, 1))
NOW = datetime(2026, 11, 2, tzinfo=UTC)
CUR = [name for name in bills.WRITERS if "CUR" in name]


def take(folder: Path, export: str, *months: tuple[date, int]) -> Book:
    name, write = bills.WRITERS[export]
    lines = [line for period, hours in months or [(SEPTEMBER, 24)] for line in bills.month(period, hours)]
    return imports.take(folder / "bills", [write(folder / name, lines)], NOW, KIM)


def split(book: Book, dimension: str, measure: str = "effective_cost") -> Mapping[str, Decimal]:
    with engines.open_book(book) as database:
        rows = engines.ask(database, queries.by_value(book.tags, YEAR, dimension))
        return {row["value"]: row[measure] for row in rows}


@pytest.mark.parametrize("export", bills.WRITERS)
def test_sagemaker_is_split_by_component(tmp_path: Path, export: str) -> None:
    found = split(take(tmp_path, export), "component")
    known = {name: cost for name, cost in found.items() if name}
    assert known == {
        "notebook": Decimal("1.988"),  # 24 x 0.062 + 0.5
        "studio": Decimal("0.7"),
        "training": Decimal(14),
        "managed_spot_training": Decimal(3),
        "processing": Decimal("0.4"),
        "hosting": Decimal(2),
        "batch_transform": Decimal("0.9"),
    }


@pytest.mark.parametrize("export", bills.WRITERS)
def test_instances_and_their_volumes_are_told_apart(tmp_path: Path, export: str) -> None:
    found = split(take(tmp_path, export), "part")
    assert (found["storage"], found["instance"]) == (Decimal("0.5"), Decimal("22.488"))


@pytest.mark.parametrize("export", CUR)
def test_costs_by_purchase_option_amortised(tmp_path: Path, export: str) -> None:
    """On demand: SageMaker's 19.988 without managed spot, and 0.096. Reserved: 60 used, 8 + 12 not. Savings plan: 0.6
    used, 0.4 of the commitment not. Without one: support, tax, credit, refund."""
    found = split(take(tmp_path, export), "purchase_option")
    assert found == {
        "on_demand": Decimal("20.084"),
        "reserved": Decimal(80),
        "savings_plan": Decimal(1),
        "spot": Decimal("3.03"),
        "": Decimal("86.25"),
    }


@pytest.mark.parametrize("export", CUR)
def test_costs_by_purchase_option_as_billed(tmp_path: Path, export: str) -> None:
    found = split(take(tmp_path, export), "purchase_option", "billed_cost")
    assert found == {
        "on_demand": Decimal("20.084"),
        "reserved": Decimal(410),  # the month's fee, and all that was paid upfront
        "savings_plan": Decimal(1),  # the covered usage is taken off again
        "spot": Decimal("3.03"),
        "": Decimal("86.25"),
    }


@pytest.mark.parametrize("export", bills.WRITERS)
def test_tags_under_one_name_whatever_the_export_calls_them(tmp_path: Path, export: str) -> None:
    book = take(tmp_path, export)
    found = split(book, "tag_team")
    assert book.tag_keys == {"tag_team": "team"}
    assert (found["risk"], found["fraud"]) == (Decimal("-4.012"), Decimal(2))  # 1.988 + 14 - a credit of 20


@pytest.mark.parametrize("export", bills.WRITERS)
def test_instance_types_also_where_only_the_usage_type_says(tmp_path: Path, export: str) -> None:
    found = split(take(tmp_path, export), "instance_type", "instance_hours")
    hours = {"ml.t3.medium": 25.0, "ml.g5.xlarge": 15.0, "ml.m5.large": 3.0, "c5.large": 2.0, "m5.large": 800.0}
    assert {name: found[name] for name in hours} == hours


@pytest.mark.parametrize("export", CUR)
def test_a_spot_line_gets_its_list_price_from_the_catalogue_and_says_so(tmp_path: Path, export: str) -> None:
    book = take(tmp_path, export)
    by_source, by_option = split(book, "list_cost_source", "list_cost"), split(book, "purchase_option", "list_cost")
    # c5.large in Seoul, 0.096 an hour; managed spot training has a list price of its own on the bill.
    assert by_source["catalogue"] == Decimal("0.096")
    assert by_option["spot"] == Decimal("3.096")


def test_what_focus_says_is_billed_is_what_the_report_says(tmp_path: Path) -> None:
    (tmp_path / "focus").mkdir()
    (tmp_path / "cur").mkdir()
    focus, cur = take(tmp_path / "focus", "FOCUS 1.0"), take(tmp_path / "cur", "CUR 2.0")
    assert split(focus, "service_name", "billed_cost") == split(cur, "service_name", "billed_cost")
    assert split(focus, "service_name", "billed_cost")["Amazon SageMaker"] == Decimal("9.238")


def test_what_is_unused_of_a_commitment(tmp_path: Path) -> None:
    book = take(tmp_path, "CUR 2.0", (SEPTEMBER, 24), (OCTOBER, 24))
    with engines.open_book(book) as database:
        rows = engines.ask(database, queries.commitments(book.tags, YEAR, "month"))
    found = {(row["start"], row["purchase_option"]): row for row in rows}
    for period in (SEPTEMBER, OCTOBER):
        reserved, plan = found[period, "reserved"], found[period, "savings_plan"]
        assert (reserved["used"], reserved["unused"]) == (Decimal(60), Decimal(20))
        assert (reserved["reserved_hours"], reserved["unused_hours"]) == (1000.0, 200.0)
        assert (plan["used"], plan["unused"]) == (Decimal("0.6"), Decimal("0.4"))


@pytest.mark.parametrize("export", CUR)
def test_what_is_understood_before_anything_is_kept(tmp_path: Path, export: str) -> None:
    name, write = bills.WRITERS[export]
    found = imports.look([write(tmp_path / name, bills.month(SEPTEMBER))])
    assert (found.billing_account_id, found.sub_accounts) == (bills.PAYER, 1)
    assert [period.period for period in found.periods] == [SEPTEMBER]
    assert found.dropped == 1
    assert found.export.version == export.removesuffix(" in CSV")
    # 60 + 20 of the reservation are its fee of 50 and 30 of what was paid upfront; 0.9 covered are taken off again.
    assert {(each.check, each.holds) for each in found.checks} == {
        (Check.COMMITMENTS, True),
        (Check.SAVINGS_PLANS, True),
        (Check.ROUNDED, True),
    }


def test_rounded_amortised_costs_and_credits_that_add_are_found(tmp_path: Path) -> None:
    lines = [
        bills.line(SEPTEMBER, datetime(2026, 9, 3, hour, tzinfo=UTC), "APN2-Train:ml.m5.large", 1.4)
        for hour in range(24)
    ]
    path = bills.write_focus(tmp_path / "bill.parquet", [*lines, bills.line(
        SEPTEMBER, datetime(2026, 9, 4, tzinfo=UTC), "Credit", 5.0, line_item_line_item_type="Credit"
    )])  # fmt: skip
    table = parquet.read_table(path)
    at = table.schema.get_field_index("EffectiveCost")
    parquet.write_table(table.set_column(at, "EffectiveCost", pc.round(table["EffectiveCost"])), path)
    found = {each.check: each for each in imports.look([path]).checks}
    assert not found[Check.ROUNDED].holds
    assert (found[Check.CREDITS].holds, found[Check.CREDITS].off_by) == (False, Decimal(1))


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("user_team", "tag_team"),
        ("user:Cost-Center", "tag_cost_center"),
        ("CostCenter", "tag_cost_center"),
        ("aws:createdBy", "tag_aws_created_by"),
    ],
)
def test_a_tags_column(key: str, column: str) -> None:
    assert tag_column(key) == column
