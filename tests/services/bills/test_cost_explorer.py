"""What Cost Explorer says of charges that are no usage: by their kind, as AWS names it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.bills import books, cost_explorer, engines, imports, queries
from services.bills.queries import Scope
from services.errors import Conflict, InvalidRequest, NotFound
from tests.support import bills
from tests.support.deck_wishes import KIM
from tests.support.scripted_aws import ACCOUNT_ID, Refuse, ScriptedAws

NOW = datetime(2026, 10, 20, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
ASKED = "ce:GetCostAndUsage"


def group(service: str, kind: str, usd: str) -> dict[str, object]:
    cost = {"Amount": usd, "Unit": "USD"}
    metrics = {"UnblendedCost": cost, "AmortizedCost": cost, "UsageQuantity": {"Amount": "1", "Unit": "N/A"}}
    return {"Keys": [service, kind], "Metrics": metrics}


def answer(*groups: dict[str, object]) -> dict[str, object]:
    period = {"Start": "2026-10-02", "End": "2026-10-03"}
    return {"ResultsByTime": [{"TimePeriod": period, "Total": {}, "Groups": list(groups), "Estimated": True}]}


def test_charges_that_are_no_usage_keep_their_kind(scripted_aws: ScriptedAws, tmp_path: Path) -> None:
    """The same answer to both questions: as usage its second key is a usage type, else a record type."""
    kinds = {"Tax": "7.5", "Credit": "-20", "Refund": "-1.25", "SavingsPlanRecurringFee": "24", "Support": "100"}
    scripted_aws.script({ASKED: answer(*(group("AWS Support", kind, usd) for kind, usd in kinds.items()))})
    assert cost_explorer.take(scripted_aws.cloud(), tmp_path / "bills", (OCTOBER,), NOW, KIM) == 1
    assert scripted_aws.asked[ASKED] == cost_explorer.REQUESTS_A_MONTH
    (book,) = books.list_books(tmp_path / "bills")
    assert book.billing_account_id == ACCOUNT_ID
    with engines.open_book(book) as database:
        scope = Scope(OCTOBER, date(2026, 11, 1))
        rows = engines.ask(database, queries.by_value(book.tags, scope, "charge_category"))
    assert {row["value"]: row["billed_cost"] for row in rows if row["value"] != "Usage"} == {
        "Tax": Decimal("7.5"),
        "Credit": Decimal(-20),
        "Adjustment": Decimal("-1.25"),
        "Purchase": Decimal(124),
    }


@pytest.mark.parametrize("said", [Refuse(cost_explorer.BEFORE_ITS_TIME, "Data is not available."), answer()])
def test_months_without_a_charge_are_said_to_have_none(
    scripted_aws: ScriptedAws, tmp_path: Path, said: Refuse | dict[str, object]
) -> None:
    scripted_aws.script({ASKED: said})
    with pytest.raises(NotFound) as nothing:
        cost_explorer.take(scripted_aws.cloud(), tmp_path / "bills", (OCTOBER,), NOW, KIM)
    assert nothing.value.code == "NoCharges"


def test_what_an_export_told_is_neither_asked_for_nor_replaced(scripted_aws: ScriptedAws, tmp_path: Path) -> None:
    lines = [{**line, "bill_payer_account_id": ACCOUNT_ID} for line in bills.month(OCTOBER)]
    imports.take(tmp_path / "bills", [bills.write_cur2(tmp_path / "bill.parquet", lines)], NOW, KIM)
    before = books.list_books(tmp_path / "bills")
    with pytest.raises(Conflict) as known:
        cost_explorer.take(scripted_aws.cloud(), tmp_path / "bills", (OCTOBER,), NOW, KIM)
    assert known.value.code == "KnownBetter"
    assert scripted_aws.asked[ASKED] == 0
    assert books.list_books(tmp_path / "bills") == before


def test_another_refusal_is_said_as_it_is(scripted_aws: ScriptedAws, tmp_path: Path) -> None:
    scripted_aws.script({ASKED: Refuse("ValidationException", "Start date is invalid")})
    with pytest.raises(InvalidRequest, match="Start date is invalid"):
        cost_explorer.take(scripted_aws.cloud(), tmp_path / "bills", (OCTOBER,), NOW, KIM)
