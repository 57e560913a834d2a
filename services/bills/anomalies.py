"""Days on which something cost unusually much: beyond what its weekdays differ by, and by a share that matters.

A day is held against the median of the same weekdays before it; how far they lie apart is their median absolute
deviation (MAD), which one odd day does not widen.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEK: Final = timedelta(days=7)
WEEKS: Final = 6
"""So many of the same weekday before are looked at, where the bill has them."""
LEAST_WEEKS: Final = 3
DEVIATIONS: Final = 4.0
SHARE: Final = 0.35
"""And at least so much above what was expected."""
LEAST_USD: Final = 1.0
LEAST_OF_A_DAY: Final = 0.02
"""And at least this share of what a day costs in all: what does not show there is nobody's concern."""
MAD_TO_SIGMA: Final = 1.4826
"""Of a normal distribution (Rousseeuw and Croux 1993)."""


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A day and what cost too much on it. US dollars."""

    day: date
    value: str
    amount: float
    expected: float

    @property
    def above(self) -> float:
        return self.amount - self.expected


def find(series: Mapping[str, Mapping[date, float]], start: date, end: date) -> tuple[Anomaly, ...]:
    """The unusual days from `start` to `end` (exclusive), what was dearest above the expected first. `series`: value →
    day → amount; a day that is missing after a value's first cost nothing."""
    least = max(LEAST_USD, LEAST_OF_A_DAY * _mean_day(series))
    found = [
        anomaly
        for value, days in series.items()
        for day in sorted(days)
        if start <= day < end and (anomaly := _anomaly(value, days, day, least)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (-each.above, each.day, each.value)))


def _mean_day(series: Mapping[str, Mapping[date, float]]) -> float:
    days = {day for each in series.values() for day in each}
    return sum(sum(each.values()) for each in series.values()) / len(days) if days else 0.0


def _anomaly(value: str, days: Mapping[date, float], day: date, least: float) -> Anomaly | None:
    first = min(days)
    before = [days.get(day - WEEK * at, 0.0) for at in range(1, WEEKS + 1) if day - WEEK * at >= first]
    if len(before) < LEAST_WEEKS:
        return None
    expected, amount = statistics.median(before), days[day]
    usual = DEVIATIONS * MAD_TO_SIGMA * _mad(before, expected)
    if amount - expected > max(usual, SHARE * abs(expected), least):
        return Anomaly(day, value, amount, expected)
    return None


def _mad(amounts: Sequence[float], middle: float) -> float:
    return statistics.median([abs(each - middle) for each in amounts])
