"""What EC2 spot capacity cost and how often it was taken back, at the dates the shipped figures know."""

from dataclasses import dataclass
from datetime import date
from functools import cache

from services import figures
from services.prices import Price, price_of


@dataclass(frozen=True, slots=True)
class SpotAdvice:
    """How often AWS took spot capacity back in the month before `as_of`, as a range, and what spot saved."""

    interruption: str
    savings_pct: int
    as_of: date
    source: str


def spot_history(region: str, instance_type: str) -> tuple[Price, ...]:
    """The spot rate at each date known, oldest first; empty where none is known."""
    return _history().get((region, instance_type), ())


def spot_advice(region: str, instance_type: str) -> tuple[SpotAdvice, ...]:
    """Spot interruptions and savings at each date known, oldest first; empty where none is known."""
    return tuple(
        SpotAdvice(row["interruption"], row["savings_pct"], row["as_of"], row["source"])
        for row in figures.rows("spot_advice.parquet")
        if (row["region"], row["instance_type"]) == (region, instance_type)
    )


@cache
def _history() -> dict[tuple[str, str], tuple[Price, ...]]:
    found: dict[tuple[str, str], tuple[Price, ...]] = {}
    for row in sorted(figures.rows("spot_history.parquet"), key=lambda one: one["as_of"]):
        key = (row["region"], row["instance_type"])
        found[key] = (*found.get(key, ()), price_of(row))
    return found
