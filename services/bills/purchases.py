"""How a bill was bought: what each purchase option cost and saved, and what commitments were used for.

Coverage is the share of instance hours that a commitment paid for; utilisation the share of a commitment that was used,
which by cost and by hours is not the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.bills import queries
from services.bills.months import Ask
from services.bills.queries import Scope
from services.bills.shape import PURCHASE_OPTIONS

COMMITMENTS = ("reserved", "savings_plan")


@dataclass(frozen=True, slots=True)
class Bought:
    """A purchase option in a month. US dollars, amortised."""

    period: date
    option: str
    cost: Decimal
    """Of usage, and of what was committed and not used."""
    list_cost: Decimal | None
    """What that usage would have cost on demand, where it is known."""
    instance_hours: float
    unused: Decimal | None
    """Of a commitment."""
    reserved_hours: float
    unused_hours: float

    @property
    def saved(self) -> Decimal | None:
        """Against list; what was unused counts."""
        return None if self.list_cost is None or self.option == "on_demand" else self.list_cost - self.cost

    @property
    def used_by_cost(self) -> float | None:
        """Utilisation, 0 to 1: the dollars of the commitment that usage took."""
        return None if self.unused is None or not self.cost else float(1 - self.unused / self.cost)

    @property
    def used_by_hours(self) -> float | None:
        """Utilisation, 0 to 1, of reservations: the hours of their own size that usage took."""
        return 1 - self.unused_hours / self.reserved_hours if self.reserved_hours else None


def by_month(ask: Ask, scope: Scope) -> tuple[Bought, ...]:
    """Every option of every month, in their order; charges that nothing was bought with (tax, support) are left out."""
    sums = {
        measure: _by(ask(queries.over_time, scope, "purchase_option", "month", measure))
        for measure in ("effective_cost", "list_cost", "instance_hours")
    }
    committed = {(row["start"], row["purchase_option"]): row for row in ask(queries.commitments, scope, "month")}
    costs = sums["effective_cost"]
    return tuple(
        _bought(period, option, costs[period, option], sums, committed.get((period, option)))
        for period in sorted({period for period, _ in costs})
        for option in PURCHASE_OPTIONS
        if (period, option) in costs
    )


def coverage(rows: tuple[Bought, ...]) -> float | None:
    """The share of instance hours that commitments paid for, 0 to 1; None without an hour."""
    hours = sum(row.instance_hours for row in rows)
    return sum(row.instance_hours for row in rows if row.option in COMMITMENTS) / hours if hours else None


def _by(rows: Any) -> dict[tuple[date, str], Any]:
    return {(row["start"], row["value"]): row["amount"] for row in rows}


def _bought(
    period: date,
    option: str,
    cost: Decimal,
    sums: Mapping[str, Mapping[tuple[date, str], Any]],
    committed: Mapping[str, Any] | None,
) -> Bought:
    return Bought(
        period=period,
        option=option,
        cost=cost,
        list_cost=sums["list_cost"].get((period, option)),
        instance_hours=sums["instance_hours"].get((period, option)) or 0.0,
        unused=(committed["unused"] or Decimal(0)) if committed else None,
        reserved_hours=committed["reserved_hours"] if committed else 0.0,
        unused_hours=committed["unused_hours"] if committed else 0.0,
    )
