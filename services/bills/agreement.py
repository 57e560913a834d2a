"""How the bill agrees with what the deck saw itself: the meter's estimate beside it, and what traces to nothing seen.

Dark spend is SageMaker's dollars on the bill that trace to no resource that the deck knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from services import meter
from services.bills import queries
from services.bills.months import Ask, Only
from services.bills.queries import Scope
from services.bills.sagemaker_usage import SERVICE
from services.history import History

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Traced:
    """A resource on the bill, in the meter, or in both. US dollars."""

    resource_id: str
    """Its ARN; empty for lines that name none."""
    component: str
    billed: Decimal
    metered: Decimal | None
    """None when the deck never saw it."""

    @property
    def drift(self) -> Decimal:
        """By how much the meter says more than the bill."""
        return (self.metered or Decimal(0)) - self.billed


@dataclass(frozen=True, slots=True)
class Day:
    """A day (UTC); the last one only as far as the bill goes. US dollars."""

    day: date
    billed: Decimal
    metered: Decimal


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one account's SageMaker over the time that a bill has."""

    start: datetime
    end: datetime
    rows: tuple[Traced, ...]
    """What differs most first."""
    days: tuple[Day, ...]

    @property
    def billed(self) -> Decimal:
        return sum((row.billed for row in self.rows), Decimal(0))

    @property
    def metered(self) -> Decimal:
        return sum((row.metered or Decimal(0) for row in self.rows), Decimal(0))

    @property
    def dark(self) -> Decimal:
        """Dollars on the bill that trace to nothing that was seen."""
        return sum((row.billed for row in self.rows if row.metered is None), Decimal(0))


def of(ask: Ask, history: History, account_key: str, account_id: str, start: datetime, end: datetime) -> Agreement:
    """The bill as billed against the meter, from `start`, a midnight, to `end`, where what the bill has ends (UTC).
    `account_key` is Account.key."""
    # The day that the bill has in part counts; a month that ends at midnight has nothing of the day after.
    scope = Scope(start.date(), (end - timedelta(microseconds=1)).date() + DAY, _of(account_id))
    billed = {row["value"]: row for row in ask(queries.by_resource, scope)}
    seen, metered = history.arns(account_key), _by_arn(meter.cost(history, account_key, start, end))
    rows = [
        Traced(
            resource_id=arn,
            component=billed[arn]["component"] if arn in billed else "",
            billed=Decimal(billed[arn]["billed_cost"]) if arn in billed else Decimal(0),
            metered=metered.get(arn, Decimal(0)) if arn in seen else None,
        )
        for arn in {*billed, *metered}
    ]
    rows.sort(key=lambda row: (-abs(row.drift), row.resource_id))
    days = ask(queries.over_time, scope, "service_name", "day", "billed_cost")
    by_day = {row["start"]: Decimal(row["amount"]) for row in days}
    return Agreement(start, end, tuple(rows), _days(by_day, history, account_key, start, end))


def _of(account_id: str) -> Only:
    """SageMaker's usage of an account."""
    return (("sub_account_id", (account_id,)), ("service_name", (SERVICE,)), ("charge_category", ("Usage",)))


def _by_arn(costs: tuple[meter.ResourceCost, ...]) -> Mapping[str, Decimal]:
    """One name may have been used by several resources, which a bill does not tell apart."""
    found: dict[str, Decimal] = {}
    for each in costs:
        found[each.resource.arn] = found.get(each.resource.arn, Decimal(0)) + each.usd
    return found


def _days(
    billed: Mapping[date, Decimal], history: History, account_key: str, start: datetime, end: datetime
) -> tuple[Day, ...]:
    """Whole days at once, and the one that the bill has in part by itself."""
    whole = (end - start) // DAY
    middle = start + DAY * whole
    metered = (
        [each * 24 for each in meter.course(history, account_key, start, middle, stretches=whole)] if whole else []
    )
    if middle < end:
        metered.append(meter.total(meter.cost(history, account_key, middle, end)))
    moments = (start + DAY * at for at in range(len(metered)))
    return tuple(
        Day(moment.date(), billed.get(moment.date(), Decimal(0)), usd)
        for moment, usd in zip(moments, metered, strict=True)
    )
