"""The meter: our own estimate of what was spent, from which resource was in which state when and what that bills.

It is minutes late at most and is not AWS's bill. Rates are the same functions that price a plan and a burn rate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from services import endpoints, notebooks, rates, spenders, trainings
from services.history import History, Interval, Resource
from services.plans import PricePart
from services.sightings import UNSEEN, Holding
from services.spenders import SpenderKind

COMPONENTS = {
    "notebook": notebooks.COMPONENT,
    "training": trainings.COMPONENT,
    "endpoint": endpoints.COMPONENT,
    "app": spenders.COMPONENTS[SpenderKind.APP],
    "space": spenders.COMPONENTS[SpenderKind.APP],
}

BILLS: dict[str, dict[str, tuple[str, ...]]] = {
    "notebook": {**{str(state): parts for state, parts in notebooks.BILLS.items()}, UNSEEN: ("storage",)},
    "endpoint": {str(state): ("instance", "storage") for state in endpoints.BILLING},
    "app": dict(spenders.BILLS[SpenderKind.APP]),
    "space": dict(spenders.BILLS[SpenderKind.SPACE]),
}
"""Kind → state → the parts that bill in it; a volume is known to have billed also while nobody looked."""

_US_PER_HOUR = Decimal(3_600_000_000)


@dataclass(frozen=True, slots=True)
class PartCost:
    """`what` is `instance` or `storage`; `hours` are of the resource, not of each of its instances."""

    what: str
    hours: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class ResourceCost:
    """What one resource cost in the time asked for."""

    resource: Resource
    parts: tuple[PartCost, ...]
    complete: bool
    """False when the rate of something that bills is not known, so that the sum lacks it."""

    @property
    def usd(self) -> Decimal:
        return sum((part.usd for part in self.parts), Decimal(0))


def cost(
    history: History, account: str, start: datetime, end: datetime, *, region: str | None = None
) -> tuple[ResourceCost, ...]:
    """What each resource cost from `start` to `end` (the account's time; at most now), those that cost nothing left
    out. `account` is Account.key; all regions that were looked at unless one is given."""
    sums: dict[Resource, _Sum] = {}
    for interval in history.intervals(account, start, end, region=region):
        billing = BILLS.get(interval.resource.kind, {}).get(interval.state, ())
        span = _overlap(interval, start, end)
        if billing and span > timedelta(0):
            parts = _parts(interval.resource, interval.holding)
            sums.setdefault(interval.resource, _Sum()).add(billing, parts, Decimal(_us(span)))
    for run in history.runs(account, start, end, region=region):
        billed = Decimal(run.seconds) * 1_000_000 * _share(run.start, run.end, start, end)
        sums.setdefault(run.resource, _Sum()).add(_ALL, _parts(run.resource, run.holding), billed)
    return tuple(each.of(resource) for resource, each in sums.items())


def course(
    history: History, account: str, start: datetime, end: datetime, *, stretches: int, region: str | None = None
) -> tuple[Decimal, ...]:
    """US dollars per hour, on average, in each of so many equal stretches of the time from `start` to `end`."""
    size = (end - start) / stretches
    usd_us = [Decimal(0)] * stretches

    def spread(begun: datetime, ended: datetime, usd_per_hour: Decimal) -> None:
        first, last = max(0, (begun - start) // size), min(stretches - 1, (ended - start) // size)
        for at in range(first, last + 1):
            part = min(ended, start + size * (at + 1)) - max(begun, start + size * at)
            usd_us[at] += usd_per_hour * max(0, _us(part))

    for interval in history.intervals(account, start, end, region=region):
        billing = BILLS.get(interval.resource.kind, {}).get(interval.state, ())
        if billing:
            parts = _parts(interval.resource, interval.holding)
            spread(interval.start, min(interval.end or end, end), rates.total_of(parts, *billing))
    for run in history.runs(account, start, end, region=region):
        span = _us(run.end - run.start)
        if span:
            billed = Decimal(run.seconds) * 1_000_000 / span
            spread(run.start, run.end, rates.total(_parts(run.resource, run.holding)) * billed)
    return tuple(each / _us(size) for each in usd_us)


def today(history: History, account: str, now: datetime, *, region: str | None = None) -> tuple[ResourceCost, ...]:
    """What each resource cost since midnight UTC."""
    return cost(history, account, now.replace(hour=0, minute=0, second=0, microsecond=0), now, region=region)


def this_month(history: History, account: str, now: datetime, *, region: str | None = None) -> tuple[ResourceCost, ...]:
    """What each resource cost since the month began, in UTC as AWS's bills have it."""
    begin = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return cost(history, account, begin, now, region=region)


def to_date(history: History, account: str, arn: str, created: datetime, now: datetime) -> ResourceCost | None:
    """What one resource cost since it was created; None when it has cost nothing yet."""
    found = cost(history, account, created, now)
    return next((each for each in found if (each.resource.arn, each.resource.created) == (arn, created)), None)


def total(costs: Iterable[ResourceCost]) -> Decimal:
    """US dollars of all of them; not rounded."""
    return sum((each.usd for each in costs), Decimal(0))


def by_kind(costs: Iterable[ResourceCost]) -> dict[str, Decimal]:
    """US dollars by kind, the dearest first."""
    sums: dict[str, Decimal] = {}
    for each in costs:
        sums[each.resource.kind] = sums.get(each.resource.kind, Decimal(0)) + each.usd
    return dict(sorted(sums.items(), key=lambda item: -item[1]))


_ALL = ("instance", "storage")


class _Sum:
    """US dollars × microseconds by part, divided once: what is rounded early is lost."""

    def __init__(self) -> None:
        self._us: dict[str, Decimal] = {}
        self._usd_us: dict[str, Decimal] = {}
        self._complete = True

    def add(self, billing: tuple[str, ...], parts: tuple[PricePart, ...], us: Decimal) -> None:
        rated = [part for part in parts if part.what in billing]
        if "instance" in billing and not any(part.what == "instance" for part in rated):
            self._complete = False
        for what in {part.what for part in rated}:
            self._us[what] = self._us.get(what, Decimal(0)) + us
        for part in rated:
            self._usd_us[part.what] = self._usd_us.get(part.what, Decimal(0)) + part.usd_per_hour * us

    def of(self, resource: Resource) -> ResourceCost:
        parts = (
            PartCost(what, self._us[what] / _US_PER_HOUR, self._usd_us[what] / _US_PER_HOUR)
            for what in sorted(self._us)
        )
        return ResourceCost(resource, tuple(parts), self._complete)


def _parts(resource: Resource, holding: Holding) -> tuple[PricePart, ...]:
    component, region = COMPONENTS[resource.kind], resource.region
    return rates.known(
        *(rates.instance_part(region, name, component, count) for name, count in holding.instances),
        rates.storage_part(region, holding.volume_gib) if holding.volume_gib else None,
    )


def _overlap(interval: Interval, start: datetime, end: datetime) -> timedelta:
    return min(interval.end or end, end) - max(interval.start, start)


def _share(run_start: datetime, run_end: datetime, start: datetime, end: datetime) -> Decimal:
    """How much of a run fell into the time asked for: what it billed is spread evenly over it."""
    whole = run_end - run_start
    part = min(run_end, end) - max(run_start, start)
    return Decimal(1) if part >= whole else Decimal(_us(part)) / _us(whole)


def _us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
