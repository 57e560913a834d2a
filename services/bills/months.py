"""A month of a bill as the first line of a screen has it: what it cost, against the month before, and where it ends."""

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.bills import queries
from services.bills.anomalies import Anomaly, find
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
    """A month of a bill, and as many days of the month before."""

    now: Scope
    before: Scope
    until: date
    """The first day that the bill does not have yet, or has only begun; the first after the month when it is whole."""

    @property
    def whole(self) -> bool:
        """Whether the bill has the month to its end."""
        return self.until == self.now.end


def span(book: Book, period: date, only: Only = ()) -> Span:
    """The month, narrowed to `only`, and what it is compared with: the same days of the month before, or all of it
    beside a month that is over. One that was imported after its end, or that another follows, is over, even when the
    last of its usage was earlier."""
    end = period + DAY * calendar.monthrange(period.year, period.month)[1]
    month = book.month(period)
    over = month is None or end <= max(month.until.date(), month.imported_at.date(), book.months[-1].period)
    until = end if month is None or over else max(month.until.date(), period + DAY)
    start_before = (period - DAY).replace(day=1)
    until_before = period if over else min(start_before + (until - period), period)
    return Span(Scope(period, end, only), Scope(start_before, until_before, only), until)


def ends_at(ask: Ask, book: Book, here: Span, measure: Measure) -> Forecast | None:
    """What the bill does not have yet of the month, by day, from its usage alone; None for a whole month."""
    if here.whole:
        return None
    start = max(here.until - DAY * HISTORY_DAYS, book.months[0].period)
    usage = Scope(start, here.until, (*here.now.only, ("charge_category", ("Usage",))))
    rows = ask(queries.over_time, usage, "charge_category", "day", measure)
    by_day = {row["start"]: float(row["amount"] or 0) for row in rows}
    if not by_day:
        return None
    first = min(by_day)
    days = [by_day.get(first + DAY * at, 0.0) for at in range((here.until - first).days)]
    found = forecast(days, (here.now.end - here.until).days)
    # The day that has begun is on the bill in part.
    begun = replace(usage, start=here.until, end=here.until + DAY)
    part = sum(float(row["amount"] or 0) for row in ask(queries.over_time, begun, "charge_category", "day", measure))
    known = min(max(part, 0.0), found.days[0])
    return Forecast((found.days[0] - known, *found.days[1:]), max(found.low - known, 0.0), found.high - known)


def unusual(ask: Ask, here: Span, dimension: str, measure: Measure) -> tuple[Anomaly, ...]:
    """The days of the month on which a value of a dimension cost unusually much, the dearest first. A day that the bill
    has in part is not judged."""
    only = (*here.now.only, ("charge_category", ("Usage",)))
    usage = Scope(here.now.start - DAY * HISTORY_DAYS, here.until, only)
    series: dict[str, dict[date, float]] = {}
    for row in ask(queries.over_time, usage, dimension, "day", measure):
        series.setdefault(row["value"], {})[row["start"]] = float(row["amount"] or 0)
    return find(series, here.now.start, here.until)
