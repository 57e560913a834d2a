"""A bill from Cost Explorer, for an account without an export: days, services and usage types, for $0.01 a request.

It has no resources, tags or list prices; what it cannot tell is not made up. Its data change about three times a day,
so it is asked no more often. docs.aws.amazon.com/cost-management/latest/userguide/ce-api-best-practices.html
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from services import access
from services.access import Actor
from services.bills import books, imports
from services.bills.exports import REGION
from services.bills.focus import COST_EXPLORER
from services.bills.sagemaker_usage import SERVICE
from services.cloud import Cloud
from services.errors import CapReached, Conflict, InvalidRequest, NotFound, translated
from services.plans import Act

NAME: Final = COST_EXPLORER
USD_A_REQUEST: Final = Decimal("0.01")
"""aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing, 2026-11."""
REQUESTS_A_MONTH: Final = 2
"""Usage by usage type, and the other kinds of charge; more where a month has more than a page."""
TIMES_A_DAY: Final = 3
ASKED_FILE: Final = "cost_explorer.json"
USAGE: Final = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation")
"""AWS's record types that are usage."""
CATEGORIES: Final[Mapping[str, str]] = {"Tax": "Tax", "Credit": "Credit", "Refund": "Adjustment"}
"""Record type → FOCUS's charge category; any other that is no usage is a purchase."""
METRICS: Final = ("UnblendedCost", "AmortizedCost", "UsageQuantity")
BEFORE_ITS_TIME: Final = "DataUnavailableException"
"""AWS's answer for months before the account was, or before Cost Explorer was switched on."""
DAY: Final = timedelta(days=1)


def months_before(today: date, count: int) -> tuple[date, ...]:
    """The first days of so many months up to the one that today is in, the oldest first; without one that has no whole
    day yet."""
    found = [today.replace(day=1)]
    while len(found) < count:
        found.append((found[-1] - DAY).replace(day=1))
    return tuple(sorted(month for month in found if month < today))


def take(cloud: Cloud, folder: Path, months: tuple[date, ...], now: datetime, actor: Actor) -> int:
    """Ask for these months, up to the last whole day, and keep what has charges; returns how many that were. A month
    that is known from an export is not asked for: it has more there.

    Raises: AccessDenied, CapReached when it was asked three times that day already, Conflict when all are known from an
    export, NotFound without any charge, DeckError.
    """
    access.require(actor, Act.KEEP_BILL)
    months = tuple(month for month in months if month not in _exported(folder, cloud.account.account_id))
    if not months:
        raise Conflict("These months are known from an export, which has more.", resource=NAME, code="KnownBetter")
    _count(folder, cloud.account.key, now.date())
    rows = [row for month in months for row in _rows(cloud, month, now.date())]
    if not rows:
        raise NotFound("Cost Explorer knows of no charge in these months.", resource=NAME, code="NoCharges")
    with TemporaryDirectory(prefix="flightdeck-bill-") as place:
        file = _written(rows, Path(place) / "cost-explorer.parquet")
        imports.take(folder, [file], now, actor, may_shrink=True)
    return len({row["BillingPeriodStart"] for row in rows})


def _exported(folder: Path, account_id: str) -> frozenset[date]:
    """The months of the account's book that did not come from here."""
    known = next((book for book in books.list_books(folder) if book.billing_account_id == account_id), None)
    return frozenset(month.period for month in known.months if month.source != NAME) if known else frozenset()


def _rows(cloud: Cloud, month: date, today: date) -> Iterator[dict[str, Any]]:
    end = min((month + 31 * DAY).replace(day=1), today)
    is_usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(USAGE)}}
    for keys in _groups(cloud, month, end, "USAGE_TYPE", is_usage):
        yield _row(cloud, month, *keys, category="Usage")
    for day, service, record_type, metrics in _groups(cloud, month, end, "RECORD_TYPE", {"Not": is_usage}):
        category = CATEGORIES.get(record_type, "Purchase")
        yield _row(cloud, month, day, service, record_type, metrics, category=category)


Group = tuple[datetime, str, str, Mapping[str, Any]]


def _groups(cloud: Cloud, start: date, end: date, by: str, only: Mapping[str, Any]) -> Iterator[Group]:
    """(day, service, value of `by`, metrics) of all pages."""
    request: dict[str, Any] = {
        "TimePeriod": {"Start": str(start), "End": str(end)},
        "Granularity": "DAILY",
        "Metrics": list(METRICS),
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", by)],
        "Filter": only,
    }
    client = cloud.at(REGION).client("ce")
    while True:
        try:
            with translated(NAME):
                answer = client.get_cost_and_usage(**request)
        except InvalidRequest as error:
            if error.code == BEFORE_ITS_TIME:
                return
            raise
        for each in answer["ResultsByTime"]:
            day = datetime.fromisoformat(each["TimePeriod"]["Start"][:10]).replace(tzinfo=UTC)
            for group in each["Groups"]:
                service, value = group["Keys"]
                yield day, service, value, group["Metrics"]
        if not answer.get("NextPageToken"):
            return
        request["NextPageToken"] = answer["NextPageToken"]


def _row(
    cloud: Cloud, month: date, day: datetime, service: str, kind: str, metrics: Mapping[str, Any], *, category: str
) -> dict[str, Any]:
    """A line in FOCUS's columns."""
    amounts = {name: float(metrics[name]["Amount"]) for name in METRICS}
    return {
        "x_Source": NAME,
        "BillingAccountId": cloud.account.account_id,
        "SubAccountId": cloud.account.account_id,
        "BillingPeriodStart": datetime(month.year, month.month, 1, tzinfo=UTC),
        "ChargePeriodStart": day,
        "ChargePeriodEnd": day + DAY,
        "ChargeCategory": category,
        "ServiceName": service,
        "x_ServiceCode": "AmazonSageMaker" if service == SERVICE else service,
        "x_UsageType": kind if category == "Usage" else None,
        "ChargeDescription": kind,
        "PricingCategory": "Dynamic" if category == "Usage" and _is_spot(kind) else "Standard",
        "PricingUnit": metrics["UsageQuantity"].get("Unit"),
        "ConsumedQuantity": amounts["UsageQuantity"],
        "BilledCost": amounts["UnblendedCost"],
        "EffectiveCost": amounts["AmortizedCost"],
        "BillingCurrency": metrics["UnblendedCost"]["Unit"],
    }


def _is_spot(usage_type: str) -> bool:
    return "Spot" in usage_type or "TrSpt" in usage_type


def _written(rows: list[dict[str, Any]], path: Path) -> Path:
    from pyarrow import Table, parquet

    parquet.write_table(Table.from_pylist(rows), path)
    return path


def _count(folder: Path, account_key: str, day: date) -> None:
    """Before the call: one that failed may have been charged."""
    path = folder / ASKED_FILE
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    times = known.get(account_key, {}).get(str(day), 0)
    if times >= TIMES_A_DAY:
        raise CapReached(
            f"Cost Explorer was asked {times} times today.",
            resource=NAME,
            remedy="Its data change about three times a day: ask again tomorrow, UTC.",
            code="ThreeADay",
        )
    folder.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps({**known, account_key: {str(day): times + 1}}), encoding="utf-8")
    draft.replace(path)
