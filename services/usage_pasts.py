"""Hourly usage as the deck's own history saw it: which instances billed in which hour."""

from datetime import datetime, timedelta
from decimal import Decimal

from services import meter
from services.history import History, Interval, Run
from services.usages import HOUR, Line, Usage

PAST_HOURS = 672
"""Four weeks, so that every day of the week counts alike."""
_HOUR_US = HOUR // timedelta(microseconds=1)


def observed(history: History, account: str, region: str, now: datetime, hours: int = PAST_HOURS) -> Usage | None:
    """The `hours` before the full hour `now` is in; None when no instance billed in them.

    `account` is Account.key. A training job's billed seconds are spread evenly over its run, as the meter does.
    """
    until = now.replace(minute=0, second=0, microsecond=0)
    since = until - hours * HOUR
    sums: dict[Line, list[Decimal]] = {}

    def spread(where: Interval | Run, end: datetime, share: Decimal) -> None:
        kind, start = where.resource.kind, where.start
        for name, count in where.holding.instances:
            column = sums.setdefault(Line(region, name, meter.COMPONENTS[kind]), [Decimal(0)] * hours)
            for at in range(max(0, (start - since) // HOUR), min(hours - 1, (end - since) // HOUR) + 1):
                part = min(end, since + HOUR * (at + 1)) - max(start, since + HOUR * at)
                column[at] += max(0, part // timedelta(microseconds=1)) * count * share / _HOUR_US

    for interval in history.intervals(account, since, until, region=region):
        if "instance" in meter.BILLS.get(interval.resource.kind, {}).get(interval.state, ()):
            end = min(interval.end or until, until)
            spread(interval, end, Decimal(1))
    for run in history.runs(account, since, until, region=region):
        span = (run.end - run.start) // timedelta(microseconds=1)
        if span:
            share = Decimal(run.seconds) * 1_000_000 / span
            spread(run, run.end, share)
    lines = tuple(sorted(line for line, column in sums.items() if any(column)))
    if not lines:
        return None
    return Usage(since, lines, tuple(zip(*(sums[line] for line in lines), strict=True)))
