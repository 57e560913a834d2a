"""Figures with bounds: measured, printed beside their floor, and a reason to fail when a bound is missed."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `floor` is the same kind of work at its least, measured in the same run; machines differ,
    ratios to a floor hardly do."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    floor: float | None = None
    ratio_at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.value / self.floor

    @property
    def holds(self) -> bool:
        ratio = self.ratio
        return (
            (self.at_most is None or self.value <= self.at_most)
            and (self.at_least is None or self.value >= self.at_least)
            and (self.ratio_at_most is None or (ratio is not None and ratio <= self.ratio_at_most))
        )


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median_seconds(work: Callable[[], object], times: int = 5) -> float:
    return statistics.median(seconds(work) for _ in range(times))


def report(figures: Iterable[Figure]) -> bool:
    """Print each figure as it comes. True when all bounds hold."""
    held = True
    for figure in figures:
        held &= figure.holds
        print(_line(figure), flush=True)
    return held


def _line(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} x floor of {figure.floor:.3g} {figure.unit}"
    verdict = "ok" if figure.holds else "MISSED"
    return f"{verdict:7}{figure.name:58}{figure.value:10.3f} {figure.unit:10}{_bounds(figure):26}{ratio}"


def _bounds(figure: Figure) -> str:
    bounds = (
        (figure.at_most, "at most {:g}"),
        (figure.at_least, "at least {:g}"),
        (figure.ratio_at_most, "at most {:g} x floor"),
    )
    return ", ".join(words.format(bound) for bound, words in bounds if bound is not None)
