"""Spend: what the bill says, split by anything it knows, against the month before, down to its line items."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import streamlit as st

from pages.ui import (
    bill_reads,
    bill_words,
    charts,
    formats,
    guard,
    session,
    show,
    spend_lines,
    spend_purchases,
    spend_scope,
    spend_trace,
    tables,
)
from pages.ui.charts.costs import CostBar, cost_bars
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.spend_scope import Shown
from pages.ui.text import escape, language, plain, t
from services.bills import months, queries
from services.bills.forecasts import Forecast
from services.bills.months import Moved, Span
from services.cloud import PRACTICE_ACCOUNT_ID

guard.require_entry()

OTHER_VIEWS = {"purchases": spend_purchases.draw, "trace": spend_trace.draw}
MOST_UNUSUAL = 3
MOST_PARTS = 4
"""Named in the chart; the rest is one part more: as many as there are colours."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Spent:
    """A value of the dimension that the bill is split by. Amounts in US dollars."""

    value: str
    name: str
    cost: Decimal
    before: Decimal
    share: float
    list_cost: Decimal | None
    lines: int

    @property
    def change(self) -> Decimal:
        return self.cost - self.before


COLUMNS = (
    Column("name", "spend.column_value", Kind.NAME),
    Column("cost", "spend.column_cost", Kind.USD, to_the_cent=True),
    Column("share", "spend.column_share", Kind.SHARE),
    Column("change", "spend.column_change", Kind.USD, help="spend.column_change_help", to_the_cent=True),
    Column("list_cost", "spend.column_list", Kind.USD, help="spend.column_list_help", to_the_cent=True),
    Column("lines", "spend.column_lines", Kind.NUMBER, help="spend.column_lines_help"),
)


def draw() -> None:
    books = bill_reads.list_books()
    if not books:
        page_header(t("spend.title"), t("spend.sentence_none"))
        with empty_state(":material/receipt_long:", t("spend.none")):
            st.page_link("pages/bills.py", label=t("spend.import"), icon=":material/upload_file:")
        return
    head = st.container()
    shown = spend_scope.choose(books)
    if shown.view in OTHER_VIEWS:
        with head:
            page_header(t("spend.title"), t(f"{shown.view}.title"))
        OTHER_VIEWS[shown.view](shown)
        return
    ask, here = bill_reads.ask(shown.book), months.span(shown.book, shown.period, shown.only)
    rows = _rows(shown, here)
    moved = months.movers(ask, here, shown.split, shown.measure)
    ahead = months.ends_at(ask, shown.book, here, shown.measure)
    with head, page_header(t("spend.title"), _sentence(shown, here, rows, moved)):
        st.page_link("pages/bills.py", label=t("spend.bills"), icon=":material/receipt_long:")
    _draw_figures(shown, here, rows, ahead)
    if not rows:
        with empty_state(":material/filter_alt_off:", t("spend.nothing")):
            st.button(t("tables.clear_filters"), key="clear_only", on_click=spend_scope.widen)
        return
    _draw_days(shown, here, rows, ahead)
    _draw_unusual(shown, here)
    chosen = tables.open_one(
        rows, COLUMNS, key="spend", what=plain("spend.title"), sort="-cost", row_id=lambda row: row.value
    )
    if chosen is not None:
        spend_scope.narrow(shown, chosen.value)
        st.rerun()
    spend_lines.draw(shown.book, here.now)
    _say_source(shown)


def _rows(shown: Shown, here: Span) -> list[Spent]:
    ask = bill_reads.ask(shown.book)
    before = {row["value"]: _amount(row, shown) for row in ask(queries.by_value, here.before, shown.split)}
    now = ask(queries.by_value, here.now, shown.split)
    total = sum((_amount(row, shown) for row in now), Decimal(0))
    return [
        Spent(
            value=row["value"],
            name=bill_words.value(shown.split, row["value"]),
            cost=_amount(row, shown),
            before=before.get(row["value"], Decimal(0)),
            share=float(_amount(row, shown) / total) if total else 0.0,
            list_cost=row["list_cost"],
            lines=row["lines"],
        )
        for row in now
    ]


def _amount(row: Any, shown: Shown) -> Decimal:
    amount = row[shown.measure]
    return Decimal(0) if amount is None else Decimal(amount)


def _sentence(shown: Shown, here: Span, rows: list[Spent], moved: tuple[Moved, ...]) -> str:
    """What is true now, and what moved most."""
    month = spend_scope.month_name(shown.period, language())
    total, before = sum((row.cost for row in rows), Decimal(0)), _before(shown, here)
    said = t("spend.sentence" if here.whole else "spend.sentence_so_far", month=month, money=show.money(total))
    if not moved or before is None:
        return said
    by, name = total - before, bill_words.value(shown.split, moved[0].value)
    way = "more" if by >= 0 else "less"
    toward = "more" if moved[0].by >= 0 else "less"
    change = t(f"spend.sentence_{way}", money=show.money(abs(by)))
    return f"{said} {change} {t(f'spend.sentence_mover_{toward}', name=name, money=show.money(abs(moved[0].by)))}"


def _before(shown: Shown, here: Span) -> Decimal | None:
    """What the same days of the month before cost; None where the book does not have it."""
    if shown.book.month(here.before.start) is None:
        return None
    (row,) = bill_reads.ask(shown.book)(queries.totals, here.before)
    return _amount(row, shown)


def _draw_figures(shown: Shown, here: Span, rows: list[Spent], ahead: Forecast | None) -> None:
    total, before = sum((row.cost for row in rows), Decimal(0)), _before(shown, here)
    change = None if before is None else total - before
    row = [
        Figure(
            plain("spend.figure_cost" if here.whole else "spend.figure_to_date"),
            show.money(total),
            help=t(f"spend.{shown.measure}_help"),
            change=_signed(change, here),
            more_is="bad",
        ),
        _end(total, here, ahead),
        _saved(shown, here),
        _unused(shown, here),
    ]
    figures(row)


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


def _draw_days(shown: Shown, here: Span, rows: list[Spent], ahead: Forecast | None) -> None:
    named = [row.value for row in rows[:MOST_PARTS]]
    others = plain("spend.others", count=len(rows) - len(named))
    by_day: dict[date, dict[str, Decimal]] = {}
    for each in bill_reads.ask(shown.book)(queries.over_time, here.now, shown.split, "day", shown.measure):
        name = _part(shown.split, each["value"]) if each["value"] in named else others
        parts = by_day.setdefault(each["start"], {})
        parts[name] = parts.get(name, Decimal(0)) + Decimal(each["amount"] or 0)
    bars = [CostBar(day, parts) for day, parts in by_day.items()]
    if ahead is not None:
        name = plain("spend.forecast")
        days = enumerate(ahead.days)
        bars += [CostBar(here.until + DAY * at, {name: Decimal(str(each))}, forecast=True) for at, each in days]
    dimension = bill_words.dimension(shown.book, shown.split)
    highest = max(by_day, key=lambda day: sum(by_day[day].values()))
    title = plain(
        "spend.chart",
        dimension=dimension,
        day=formats.day(highest, language(), this_year=shown.period.year),
        money=show.money(sum(by_day[highest].values())),
    )
    charts.draw(cost_bars(bars, title=title, today=here.until), key="spend_days")


def _draw_unusual(shown: Shown, here: Span) -> None:
    found = months.unusual(bill_reads.ask(shown.book), here, shown.split, shown.measure)[:MOST_UNUSUAL]
    if not found:
        return
    st.markdown(f"**{t('spend.unusual')}**", help=t("spend.unusual_help"))
    said = [
        t(
            "spend.unusual_day",
            day=formats.day(each.day, language(), this_year=shown.period.year),
            name=bill_words.value(shown.split, each.value),
            money=show.money(each.amount),
            above=show.money(each.above),
        )
        for each in found
    ]
    st.markdown("\n".join(f"- {each}" for each in said))


def _part(dimension: str, value: str) -> str:
    """Purchase options keep their colour and their name."""
    return value if dimension == "purchase_option" and value else bill_words.value(dimension, value)


def _say_source(shown: Shown) -> None:
    month = shown.book.month(shown.period)
    if month is not None:
        words = t(
            "spend.source",
            source=month.source,
            account=shown.book.billing_account_id,
            when=show.exact(month.imported_at),
            until=show.exact(month.until),
        )
        st.caption(escape(words))
        if shown.book.billing_account_id == PRACTICE_ACCOUNT_ID:
            st.caption(f":material/school: {t('spend.of_practice')}")


with session.shown_errors():
    draw()
