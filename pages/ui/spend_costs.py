"""What Spend says of a month's costs, reckoned once: in figures, in a sentence, by day and by value."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pages.ui import bill_reads, bill_words, formats, show, spend_scope
from pages.ui.charts.costs import CostBar
from pages.ui.layout import Figure
from pages.ui.spend_scope import Shown
from pages.ui.text import language, plain, t
from services.bills import months, queries
from services.bills.forecasts import Forecast
from services.bills.months import Span

if TYPE_CHECKING:
    from services.bills.anomalies import Anomaly

MOST_PARTS = 4
"""Named in the chart; the rest is one part more: as many as there are colours."""
MOST_UNUSUAL = 3
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """A value of the dimension that the bill is split by. Amounts in US dollars."""

    value: str
    name: str
    cost: Decimal
    before: Decimal | None
    """The same days of the month before; None where the book does not have it."""
    share: float
    list_cost: Decimal | None
    lines: int

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.cost - self.before


@dataclass(frozen=True, slots=True)
class Costs:
    """A month of a bill, narrowed and split as the screen asks for."""

    shown: Shown
    here: Span
    rows: list[Spent]
    """The dearest first; what was there the month before and is gone comes last."""
    ahead: Forecast | None

    @property
    def total(self) -> Decimal:
        return sum((row.cost for row in self.rows), Decimal(0))

    @property
    def change(self) -> Decimal | None:
        """Against the same days of the month before; None where the book does not have it."""
        changes = [row.change for row in self.rows if row.change is not None]
        return sum(changes, Decimal(0)) if changes else None


def gather(shown: Shown) -> Costs:
    """All that is asked of the bill for the view."""
    ask, here = bill_reads.ask(shown.book), months.span(shown.book, shown.period, shown.only)
    return Costs(
        shown=shown,
        here=here,
        rows=_rows(shown, here),
        ahead=months.ends_at(ask, shown.book, here, shown.measure),
    )


def sentence(costs: Costs) -> str:
    """What is true now, and what moved most."""
    month = spend_scope.month_name(costs.shown.period, language())
    so_far = "spend.sentence" if costs.here.whole else "spend.sentence_so_far"
    said = t(so_far, month=month, money=show.money(costs.total))
    by = costs.change
    if not by:
        return said
    name, most = max(((row.name, row.change or Decimal(0)) for row in costs.rows), key=lambda moved: abs(moved[1]))
    change = t(f"spend.sentence_{_way(by)}", money=show.money(abs(by)))
    return f"{said} {change} {t(f'spend.sentence_mover_{_way(most)}', name=name, money=show.money(abs(most)))}"


def _way(by: Decimal) -> str:
    return "more" if by >= 0 else "less"


def figures_of(costs: Costs) -> list[Figure]:
    """The four of the month."""
    return [
        Figure(
            plain("spend.figure_cost" if costs.here.whole else "spend.figure_to_date"),
            show.money(costs.total),
            help=t(f"spend.{costs.shown.measure}_help"),
            change=_signed(costs.change, costs.here),
            more_is="bad",
        ),
        _end(costs.total, costs.here, costs.ahead),
        _saved(costs.shown, costs.here),
        _unused(costs.shown, costs.here),
    ]


def bars(costs: Costs) -> list[CostBar]:
    """A bar a day of what costs most and the rest, and those to come."""
    shown, here = costs.shown, costs.here
    there = [row.value for row in costs.rows if row.lines]
    named = there[:MOST_PARTS]
    others = plain("spend.others", count=len(there) - len(named))
    by_day: dict[date, dict[str, Decimal]] = {}
    for each in bill_reads.ask(shown.book)(queries.over_time, here.now, shown.split, "day", shown.measure):
        name = _part(shown.split, each["value"]) if each["value"] in named else others
        parts = by_day.setdefault(each["start"], {})
        parts[name] = parts.get(name, Decimal(0)) + Decimal(each["amount"] or 0)
    known = [CostBar(day, parts) for day, parts in by_day.items()]
    if costs.ahead is None:
        return known
    name, days = plain("spend.forecast"), enumerate(costs.ahead.days)
    return known + [CostBar(here.until + DAY * at, {name: Decimal(str(each))}, forecast=True) for at, each in days]


def chart_title(costs: Costs, known: list[CostBar]) -> str:
    """What to see in the bars."""
    highest = max((bar for bar in known if not bar.forecast), key=lambda bar: sum(bar.parts_usd.values()))
    return plain(
        "spend.chart",
        dimension=bill_words.dimension(costs.shown.book, costs.shown.split),
        day=_day(costs, highest.day),
        money=show.money(sum(highest.parts_usd.values(), Decimal(0))),
    )


def unusual(costs: Costs) -> list[str]:
    """The dearest unusual days, in words."""
    shown = costs.shown
    found: tuple[Anomaly, ...] = months.unusual(bill_reads.ask(shown.book), costs.here, shown.split, shown.measure)
    return [
        t(
            "spend.unusual_day",
            day=_day(costs, each.day),
            name=bill_words.value(shown.split, each.value),
            money=show.money(each.amount),
            above=show.money(each.above),
        )
        for each in found[:MOST_UNUSUAL]
    ]


def source(shown: Shown) -> str:
    """Which bill this is, and as of when."""
    month = shown.book.month(shown.period)
    if month is None:
        return ""
    return t(
        "spend.source",
        source=month.source,
        account=shown.book.billing_account_id,
        when=show.exact(month.imported_at),
        until=show.exact(month.until),
    )


def _day(costs: Costs, day: date) -> str:
    return formats.day(day, language(), this_year=costs.shown.period.year)


def _rows(shown: Shown, here: Span) -> list[Spent]:
    ask = bill_reads.ask(shown.book)
    now = {row["value"]: row for row in ask(queries.by_value, here.now, shown.split)}
    before = _before(shown, here)
    total = sum((_amount(row, shown) for row in now.values()), Decimal(0))
    rows = [
        Spent(
            value=value,
            name=bill_words.value(shown.split, value),
            cost=_amount(row, shown),
            before=None if before is None else before.get(value, Decimal(0)),
            share=float(_amount(row, shown) / total) if total else 0.0,
            list_cost=row["list_cost"],
            lines=row["lines"],
        )
        for value, row in now.items()
    ]
    gone = [
        Spent(value, bill_words.value(shown.split, value), Decimal(0), cost, 0.0, None, 0)
        for value, cost in (before or {}).items()
        if value not in now and cost
    ]
    return [*rows, *gone] if rows else []


def _amount(row: Any, shown: Shown) -> Decimal:
    amount = row[shown.measure]
    return Decimal(0) if amount is None else Decimal(amount)


def _before(shown: Shown, here: Span) -> dict[str, Decimal] | None:
    if shown.book.month(here.before.start) is None:
        return None
    rows = bill_reads.ask(shown.book)(queries.by_value, here.before, shown.split)
    return {row["value"]: _amount(row, shown) for row in rows}


def _signed(change: Decimal | None, here: Span) -> str | None:
    if not change:
        return None
    sign = formats.MINUS if change < 0 else "+"
    month = formats.month(here.before.start, language())
    return plain("spend.than_before", change=f"{sign}{show.money(abs(change))}", month=month)


def _end(total: Decimal, here: Span, ahead: Forecast | None) -> Figure:
    if ahead is None:
        days = Decimal((here.until - here.now.start).days)
        return Figure(plain("spend.figure_day"), show.money(total / days), help=t("spend.figure_day_help"))
    low, middle, high = (total + Decimal(str(each)) for each in (ahead.low, ahead.total, ahead.high))
    words = t("spend.figure_end_help", low=show.money(low), high=show.money(high))
    return Figure(plain("spend.figure_end"), show.money(middle), help=words)


def _saved(shown: Shown, here: Span) -> Figure:
    (row,) = bill_reads.ask(shown.book)(queries.savings, here.now)
    label, words = plain("spend.figure_saved"), t("spend.figure_saved_help")
    if not row["list_cost"]:
        return Figure(label, plain("common.unknown"), help=words)
    saved = row["list_cost"] - row["paid"]
    return Figure(label, formats.percent(saved / row["list_cost"], 1), help=words, change=_of_list(saved))


def _of_list(saved: Decimal) -> str:
    return plain("spend.of_list" if saved >= 0 else "spend.above_list", money=show.money(abs(saved)))


def _unused(shown: Shown, here: Span) -> Figure:
    rows = bill_reads.ask(shown.book)(queries.commitments, here.now, "month")
    used, unused = (sum((Decimal(row[name] or 0) for row in rows), Decimal(0)) for name in ("used", "unused"))
    words = t("spend.figure_unused_help")
    if not used + unused:
        return Figure(plain("spend.figure_unused"), plain("spend.no_commitment"), help=words)
    share = plain("spend.unused_share", share=formats.percent(unused / (used + unused), 1))
    return Figure(plain("spend.figure_unused"), show.money(unused), help=words, change=share)


def _part(dimension: str, value: str) -> str:
    """Purchase options keep their colour and their name."""
    return value if dimension == "purchase_option" and value else bill_words.value(dimension, value)
