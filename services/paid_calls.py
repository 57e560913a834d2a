"""What the deck itself spends by asking: counted before each call, on disk, and capped a day.

Most of what it asks is free. The count is shared by all viewers, threads and processes of one home; days are UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from botocore.model import OperationModel

from services.cloud import Account
from services.databases import Database
from services.errors import REMEDIES, CapReached

CAP_USD: Final = Decimal("0.50")
"""A day, unless whoever runs the deck says otherwise."""

NANO: Final = 1_000_000_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS paid_calls (
    account TEXT NOT NULL, day TEXT NOT NULL, operation TEXT NOT NULL, calls INTEGER NOT NULL, units INTEGER NOT NULL,
    nano_usd INTEGER NOT NULL, PRIMARY KEY (account, day, operation)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """What AWS charges for one unit of an operation."""

    usd: Decimal
    unit: str
    """`metric`: one asked for in the request; `request`: the request itself."""
    source: str
    as_of: date


_COST_EXPLORER = Rate(
    Decimal("0.01"), "request", "aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing", date(2026, 11, 1)
)
RATES: Mapping[tuple[str, str], Rate] = {
    ("cloudwatch", "GetMetricData"): Rate(
        Decimal("0.00001"), "metric", "aws.amazon.com/cloudwatch/pricing", date(2026, 11, 1)
    ),
    **{
        ("ce", operation): _COST_EXPLORER
        for operation in (
            "GetCostAndUsage",
            "GetCostAndUsageWithResources",
            "GetCostForecast",
            "GetDimensionValues",
            "GetReservationCoverage",
            "GetReservationUtilization",
            "GetSavingsPlansCoverage",
            "GetSavingsPlansUtilization",
            "GetTags",
        )
    },
}
"""(service, operation), as botocore names them → its rate; what is not here is free."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the deck spent on one account on one day, in US dollars, not rounded."""

    day: date
    usd: Decimal
    cap_usd: Decimal
    calls: int


class PaidCalls:
    """One SQLite file for all accounts that this deck asks."""

    def __init__(
        self, path: Path, cap_usd: Decimal = CAP_USD, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = Database(path, SCHEMA)
        self._cap_nano = int(cap_usd * NANO)
        self._now = now

    def charge(self, account: Account, operation: OperationModel, parameters: Mapping[str, Any]) -> None:
        """Count one call, or refuse it: a `services.cloud.Toll`. Raises: CapReached."""
        service = operation.service_model.service_name
        rate = RATES.get((service, operation.name))
        if rate is None:
            return
        units = _units(rate, parameters)
        nano = int(rate.usd * NANO) * units
        day, key = self._now().astimezone(UTC).date().isoformat(), _key(account.key)
        with self._database.writing() as db:
            (spent,) = db.execute(
                "SELECT coalesce(sum(nano_usd), 0) FROM paid_calls WHERE account = ? AND day = ?", (key, day)
            ).fetchone()
            if spent + nano > self._cap_nano:
                raise self._refusal(service, operation.name, nano, spent)
            db.execute(
                "INSERT INTO paid_calls VALUES (?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET"
                " calls = calls + 1, units = units + excluded.units, nano_usd = nano_usd + excluded.nano_usd",
                (key, day, f"{service}:{operation.name}", units, nano),
            )

    def today(self, account: str) -> Spent:
        """What the calls of an account, by its Account.key, have cost since midnight UTC."""
        day = self._now().astimezone(UTC).date()
        (row,) = self._database.read(
            "SELECT coalesce(sum(nano_usd), 0) AS nano, coalesce(sum(calls), 0) AS calls FROM paid_calls"
            " WHERE account = ? AND day = ?",
            (_key(account), day.isoformat()),
        )
        return Spent(day, _usd(row["nano"]), _usd(self._cap_nano), row["calls"])

    def close(self) -> None:
        self._database.close()

    def _refusal(self, service: str, operation: str, nano: int, spent: int) -> CapReached:
        message = (
            f"The deck's own paid calls have cost ${_usd(spent):f} today; this one, at ${_usd(nano):f}, would pass the"
            f" cap of ${_usd(self._cap_nano):f}. It was not sent."
        )
        return CapReached(message, resource=f"{service}:{operation}", remedy=REMEDIES[CapReached])


def _key(account: str) -> str:
    """AWS bills the account, whichever profile opened it."""
    kind, number, _ = account.split(":", 2)
    return f"{kind}:{number}"


def _units(rate: Rate, parameters: Mapping[str, Any]) -> int:
    if rate.unit == "request":
        return 1
    return sum("MetricStat" in query for query in parameters.get("MetricDataQueries", ()))


def _usd(nano: int) -> Decimal:
    return (Decimal(nano) / NANO).normalize()
