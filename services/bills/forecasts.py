"""What a month will end at: the level and the damped trend of its days, each weekday by its share of a week.

Damped trend exponential smoothing (Gardner and McKenzie 1985) on days over their weekday's share. Fees that are known
are not forecast: they are billed on their day.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from typing import Final

WEEK: Final = 7
LEAST_DAYS: Final = 7
"""Fewer do not show a week: their mean goes on."""
LEAST_WEEKS: Final = 2
LEAST_SHARE: Final = 0.05
"""Where a weekday costs next to nothing, a share of it says nothing of the level."""
ALPHAS: Final = (0.05, 0.1, 0.2, 0.4, 0.7)
BETAS: Final = (0.0, 0.05, 0.2)
DAMPING: Final = 0.9
JUDGED_DAYS: Final = 70
"""By the errors of how many of the latest days the smoothing is chosen: what happened before is over."""
ORIGINS: Final = 21
"""From how many of the latest days a forecast as long as the asked one is tried, to see how far off it was."""
BAND: Final = 1.2816
"""Standard deviations that hold 80 % of what is normally distributed."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """The days ahead, and the total of them with a band that 8 of 10 such months end in."""

    days: tuple[float, ...]
    low: float
    high: float

    @property
    def total(self) -> float:
        return math.fsum(self.days)


def forecast(daily: Sequence[float], ahead: int) -> Forecast:
    """So many days ahead of a series without gaps, the latest day last. Raises ValueError without a day."""
    if not daily:
        raise ValueError("a forecast needs a day to start from")
    days = _ahead(daily, ahead)
    total, off = math.fsum(days), _spread(daily, ahead)
    low = total - BAND * off
    # What only ever costs does not end below nothing.
    return Forecast(tuple(days), max(low, 0.0) if min(daily) >= 0 else low, total + BAND * off)


def seasonal_naive(daily: Sequence[float], ahead: int) -> list[float]:
    """The floor every forecast has to beat: each day as the same weekday of the week before."""
    return [daily[-min(WEEK, len(daily)) + at % min(WEEK, len(daily))] for at in range(ahead)]


def _ahead(daily: Sequence[float], ahead: int) -> list[float]:
    if len(daily) < LEAST_DAYS:
        return [statistics.fmean(daily)] * ahead
    shares = _weekday_shares(daily)
    plain = [amount / shares[at % WEEK] for at, amount in enumerate(daily)]
    window = max(1, min(ahead, WEEK, len(plain) - LEAST_DAYS))
    fits = (_smoothed(plain, alpha, beta, window) for alpha, beta in product(ALPHAS, BETAS))
    level, trend, _ = min(fits, key=lambda fit: fit[2])
    days, grown = [], 0.0
    for step in range(ahead):
        grown += trend * DAMPING ** (step + 1)
        amount = (level + grown) * shares[(len(daily) + step) % WEEK]
        days.append(max(amount, 0.0) if min(daily) >= 0 else amount)
    return days


def _weekday_shares(daily: Sequence[float]) -> list[float]:
    """Each weekday as a share of its week's mean day: the median over the weeks, so that one odd day is not a rule; 1
    where weeks do not tell."""
    skipped, weeks = len(daily) % WEEK, len(daily) // WEEK
    found: list[list[float]] = [[] for _ in range(WEEK)]
    for start in range(skipped, len(daily), WEEK):
        mean = statistics.fmean(daily[start : start + WEEK])
        for at in range(start, start + WEEK):
            found[at % WEEK].append(daily[at] / mean if mean > 0 else 1.0)
    shares = [statistics.median(each) for each in found]
    if weeks < LEAST_WEEKS or min(shares) < LEAST_SHARE:
        return [1.0] * WEEK
    middle = statistics.fmean(shares)
    return [each / middle for each in shares]


def _smoothed(plain: Sequence[float], alpha: float, beta: float, window: int) -> tuple[float, float, float]:
    """(level, trend, sum of the errors of the means of so many days ahead); not of squares, in which one odd day would
    count for all"""
    level, trend, errors = statistics.fmean(plain[:WEEK]), 0.0, 0.0
    steps = statistics.fmean(sum(DAMPING ** (each + 1) for each in range(step + 1)) for step in range(window))
    sums = list(accumulate(plain, initial=0.0))
    for at, amount in enumerate(plain):
        if len(plain) - JUDGED_DAYS <= at <= len(plain) - window:
            errors += abs(level + steps * trend - (sums[at + window] - sums[at]) / window)
        expected = level + DAMPING * trend
        level = expected + alpha * (amount - expected)
        trend = DAMPING * trend + beta * alpha * (amount - expected)
    return level, trend, errors


def _spread(daily: Sequence[float], ahead: int) -> float:
    """How far off totals of so many days were, from origins in the past; from the days' own spread where there are too
    few of them."""
    origins = range(max(LEAST_DAYS, len(daily) - ahead - ORIGINS), len(daily) - ahead + 1)
    off = [math.fsum(_ahead(daily[:at], ahead)) - math.fsum(daily[at : at + ahead]) for at in origins]
    if len(off) >= WEEK:
        return math.sqrt(statistics.fmean(each * each for each in off))
    return statistics.pstdev(daily) * math.sqrt(ahead)
