"""Hours, days and months of a bill, all UTC, and amounts of usage split over them."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from practice.store import to_us

STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1)}


def month_of(moment: datetime) -> datetime:
    """The first moment of its month."""
    return datetime(moment.year, moment.month, 1, tzinfo=UTC)


def next_month(moment: datetime) -> datetime:
    """The first moment of the month after its own."""
    return datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1, tzinfo=UTC)


def months_of(since: datetime, until: datetime) -> list[datetime]:
    """The first moments of all months that have a part of [since, until)."""
    found = [month_of(since)]
    while (following := next_month(found[-1])) < until:
        found.append(following)
    return found


def bounds(since: datetime, until: datetime, granularity: str) -> list[datetime]:
    """Where the periods of [since, until) begin, and where the last one ends; a month begins with its first day."""
    found = [since]
    while found[-1] < until:
        last = found[-1]
        found.append(min(until, next_month(last) if granularity == "MONTHLY" else last + STEPS[granularity]))
    return found


Piece = tuple[datetime, datetime, int]
"""From when to before when, and how many are used at each moment of it."""


def split(pieces: Iterable[Piece], between: Sequence[datetime]) -> list[int]:
    """Microseconds of use, times how many, in each of the periods between these bounds.

    What lies within one period is counted as it is; the whole periods of a longer piece are counted together: the
    effort grows with the pieces, not with the periods that they last.
    """
    edges = [to_us(moment) for moment in between]
    periods = len(edges) - 1
    amounts, steps = [0] * periods, [0] * (periods + 1)
    for begun, ended, count in pieces:
        start, end = max(to_us(begun), edges[0]), min(to_us(ended), edges[-1])
        if start >= end:
            continue
        first, last = bisect_right(edges, start) - 1, bisect_left(edges, end) - 1
        if first == last:
            amounts[first] += count * (end - start)
            continue
        amounts[first] += count * (edges[first + 1] - start)
        amounts[last] += count * (end - edges[last])
        steps[first + 1] += count
        steps[last] -= count
    whole = accumulate(steps[:periods])
    return [amounts[n] + running * (edges[n + 1] - edges[n]) for n, running in enumerate(whole)]
