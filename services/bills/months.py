"""A month of a bill as the first line of a screen has it: what it cost, against the month before, and where it ends."""

import calendar
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.bills import queries
from services.bills.books import Book
from services.bills.forecasts import Forecast, forecast
from services.bills.queries import Measure, Scope

Only = tuple[tuple[str, tuple[str, ...]], ...]
DAY = timedelta(days=1)
HISTORY_DAYS = 120
Ask = Callable[..., Sequence[Mapping[str, Any]]]
"""(question, *arguments) → rows of the book, as `engines.ask` gives them."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a month that its bill has, and as many of the month before."""

    now: Scope
    before: Scope
    end: date
    """The first day after the month."""
    whole: bool
    """Whether the bill has the month to its end."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A value of a dimension that costs more or less than before."""

    value: str
    by: Decimal


def span(book: Book, period: date, only: Only = ()) -> Span:
    """The month and what it is compared with. The last day counts once it has ended."""
    end = period + timedelta(days=calendar.monthrange(period.year, period.month)[1])
    month = book.month(period)
    known = min(month.until.date(), end) if month else end
    known = max(known, period + DAY)
    start_before = (period - DAY).replace(day=1)
    # As many days of the month before, and all of it beside a whole month.
    until_before = period if known == end else min(start_before + (known - period), period)
    return Span(Scope(period, known, only), Scope(start_before, until_before, only), end, known == end)


def ends_at(ask: Ask, book: Book, period: date, measure: Measure, only: Only) -> Forecast | None:
    """The days that the bill does not have yet, from its usage alone; None for a whole month."""
    here = span(book, period, only)
    left = (here.end - here.now.end).days
    if not left:
        return None
    start = max(here.now.end - DAY * HISTORY_DAYS, book.months[0].period)
    usage = Scope(start, here.now.end, (*only, ("charge_category", ("Usage",))))
    rows = ask(queries.over_time, usage, "charge_category", "day", measure)
    by_day = {row["start"]: float(row["amount"] or 0) for row in rows}
    if not by_day:
        return None
    first = min(by_day)
    days = [by_day.get(first + DAY * at, 0.0) for at in range((here.now.end - first).days)]
    found = forecast(days, left)
    return found if math.isfinite(found.total) else None


def movers(ask: Ask, here: Span, dimension: str, measure: Measure) -> tuple[Moved, ...]:
    """What changed against the month before, the greatest change first."""
    now, before = (
        {row["value"]: Decimal(str(row[measure] or 0)) for row in ask(queries.by_value, scope, dimension)}
        for scope in (here.now, here.before)
    )
    found = [Moved(value, now.get(value, Decimal(0)) - before.get(value, Decimal(0))) for value in {*now, *before}]
    return tuple(sorted((each for each in found if each.by), key=lambda each: (-abs(each.by), each.value)))
