"""How the bill was bought: each purchase option by day and month, coverage, utilisation, what was saved."""

from datetime import date, timedelta
from decimal import Decimal

from streamlit.delta_generator import DeltaGenerator

from pages.ui import bill_reads, charts, formats, show, spend_scope, tables
from pages.ui.charts.costs import CostBar, cost_bars
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.spend_scope import Shown
from pages.ui.text import language, plain, t
from services.bills import months, purchases, queries
from services.bills.purchases import Bought
from services.bills.queries import Scope
from services.bills.shape import PURCHASE_OPTIONS

MONTHS_DRAWN = 3
"""As many days as a bar each can be told apart."""

COLUMNS = (
    Column("period", "spend.month", Kind.NAME, value=lambda row: f"{row.period:%Y-%m}"),
    Column(
        "option",
        "spend.dimension_purchase_option",
        help="glossary.purchase_option",
        value=lambda row: plain(f"options.{row.option}"),
    ),
    Column("cost", "spend.effective_cost", Kind.USD, help="spend.effective_cost_help", to_the_cent=True),
    Column("list_cost", "spend.column_list", Kind.USD, help="spend.column_list_help", to_the_cent=True),
    Column("saved", "purchases.saved", Kind.USD, help="purchases.saved_help", to_the_cent=True),
    Column("unused", "spend.figure_unused", Kind.USD, help="spend.figure_unused_help", to_the_cent=True),
    Column("used_by_cost", "purchases.used_by_cost", Kind.SHARE, help="purchases.used_by_cost_help"),
    Column("used_by_hours", "purchases.used_by_hours", Kind.SHARE, help="purchases.used_by_hours_help"),
    Column("instance_hours", "purchases.hours", Kind.NUMBER, help="purchases.hours_help"),
)


def draw(shown: Shown, head: DeltaGenerator) -> None:
    """Of the whole book up to the month, and the month in figures."""
    ask, here = bill_reads.ask(shown.book), months.span(shown.book, shown.period)
    first = shown.book.months[0].period
    rows = purchases.by_month(ask, Scope(first, here.now.end))
    month = tuple(row for row in rows if row.period == shown.period)
    if not month:
        with head:
            page_header(t("spend.title"), t("purchases.title"))
        empty_state(":material/shopping_cart:", t("spend.nothing"))
        return
    with head:
        page_header(t("spend.title"), _sentence(month, shown.period))
    figures(_figures(month))
    start = max(first, _months_before(shown.period, MONTHS_DRAWN - 1))
    _draw_days(shown, Scope(start, here.now.end), here.until)
    tables.every(tuple(reversed(rows)), COLUMNS, what=plain("purchases.title"))


def _months_before(period: date, count: int) -> date:
    for _ in range(count):
        period = (period - timedelta(days=1)).replace(day=1)
    return period


def _sentence(month: tuple[Bought, ...], period: date) -> str:
    total = sum((row.cost for row in month), Decimal(0))
    parts = ", ".join(
        f"{plain(f'options.{row.option}')} {formats.percent(row.cost / total)}"
        for row in month
        if total and row.cost > 0
    )
    return t("purchases.sentence", month=spend_scope.month_name(period, language()), parts=parts)


def _figures(month: tuple[Bought, ...]) -> list[Figure]:
    committed = [row for row in month if row.option in purchases.COMMITMENTS]
    cost, unused = (
        sum((value or Decimal(0) for value in values), Decimal(0))
        for values in ([row.cost for row in committed], [row.unused for row in committed])
    )
    reserved, idle = sum(row.reserved_hours for row in committed), sum(row.unused_hours for row in committed)
    none = plain("spend.no_commitment")
    return [
        Figure(plain("purchases.coverage"), _share(purchases.coverage(month)), help=t("purchases.coverage_help")),
        Figure(
            plain("purchases.used_by_cost"),
            _share(float(1 - unused / cost)) if cost else none,
            help=t("purchases.used_by_cost_help"),
        ),
        Figure(
            plain("purchases.used_by_hours"),
            _share(1 - idle / reserved) if reserved else none,
            help=t("purchases.used_by_hours_help"),
        ),
        Figure(plain("spend.figure_unused"), show.money(unused) if cost else none, help=t("spend.figure_unused_help")),
    ]


def _share(share: float | None) -> str:
    return plain("common.unknown") if share is None else formats.percent(share, 1)


def _draw_days(shown: Shown, scope: Scope, until: date) -> None:
    by_day: dict[date, dict[str, Decimal]] = {}
    for each in bill_reads.ask(shown.book)(queries.over_time, scope, "purchase_option", "day", "effective_cost"):
        if each["value"] in PURCHASE_OPTIONS:
            by_day.setdefault(each["start"], {})[each["value"]] = Decimal(each["amount"])
    days = sorted(by_day)
    title = plain(
        "purchases.chart",
        first=formats.day(days[0], language(), this_year=shown.period.year),
        last=formats.day(days[-1], language(), this_year=shown.period.year),
        money=show.money(sum((sum(parts.values()) for parts in by_day.values()), Decimal(0))),
    )
    charts.draw(cost_bars([CostBar(day, by_day[day]) for day in days], title=title, today=until), key="bought")
