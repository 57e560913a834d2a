"""The bill beside the meter: how far they drift apart, and what of the bill traces to nothing that was seen."""

from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import dropwhile

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import bill_reads, bill_words, charts, formats, session, show, spend_scope, tables
from pages.ui.charts.lines import Series, metric_lines
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.spend_scope import Shown
from pages.ui.text import language, plain, t
from services.bills import agreement, months
from services.bills.agreement import Agreement, Traced

COLUMNS = (
    Column("name", "tables.name", Kind.NAME, value=lambda row: _name(row)),
    Column(
        "component",
        "spend.dimension_component",
        help="glossary.sagemaker",
        value=lambda row: bill_words.value("component", row.component),
    ),
    Column("billed", "trace.billed", Kind.USD, help="glossary.bill", to_the_cent=True),
    Column("metered", "trace.metered", Kind.USD, help="glossary.meter", to_the_cent=True),
    Column("drift", "trace.drift", Kind.USD, help="trace.drift_help", to_the_cent=True),
)


def draw(shown: Shown, head: DeltaGenerator) -> None:
    """Of the session's account, whatever the month is narrowed to."""
    month, account = shown.book.month(shown.period), session.account()
    if month is None:
        return
    begin = datetime.combine(shown.period, time(), UTC)
    here = months.span(shown.book, shown.period)
    # The last hour of a bill may have only begun when it was written.
    end = min(month.until, month.imported_at, datetime.combine(here.now.end, time(), UTC))
    history = session.desk().history
    found = agreement.of(bill_reads.ask(shown.book), history, account.key, account.account_id, begin, max(begin, end))
    if not found.billed:
        with head:
            page_header(t("spend.title"), t("trace.title"))
        empty_state(":material/compare:", t("trace.none", account=account.account_id))
        return
    with head:
        page_header(t("spend.title"), _sentence(found, shown))
    figures(_figures(found))
    _draw_days(found)
    tables.every(found.rows, COLUMNS, what=plain("trace.title"))
    st.caption(t("trace.help"))


def _sentence(found: Agreement, shown: Shown) -> str:
    said = t(
        "trace.sentence",
        month=spend_scope.month_name(shown.period, language()),
        billed=show.money(found.billed),
        metered=show.money(found.metered),
    )
    dark = [row for row in found.rows if row.metered is None]
    return f"{said} {t('trace.sentence_dark', count=len(dark), money=show.money(found.dark))}" if dark else said


def _figures(found: Agreement) -> list[Figure]:
    drift = (found.metered - found.billed) / found.billed
    return [
        Figure(plain("trace.billed"), show.money(found.billed), help=t("trace.billed_help")),
        Figure(plain("trace.metered"), show.money(found.metered), help=t("glossary.meter")),
        Figure(plain("trace.drift"), _percent(drift), help=t("trace.drift_help")),
        Figure(plain("trace.dark"), formats.percent(found.dark / found.billed, 1), help=t("trace.dark_help")),
    ]


def _percent(share: Decimal) -> str:
    sign = "+" if share > 0 else ""
    return f"{sign}{formats.percent(share, 1)}" if abs(share) >= Decimal("0.0005") else formats.percent(Decimal(0), 1)


def _draw_days(found: Agreement) -> None:
    days = list(dropwhile(lambda each: not each.billed and not each.metered, found.days))
    moments = [datetime.combine(each.day, time(12), UTC) for each in days]
    billed, metered = [float(each.billed) for each in days], [float(each.metered) for each in days]
    widest = max(days, key=lambda each: abs(each.metered - each.billed))
    apart = abs(widest.metered - widest.billed)
    title = plain("trace.chart_agrees")
    if apart >= formats.CENT:
        day = formats.day(widest.day, language(), this_year=widest.day.year)
        title = plain("trace.chart", day=day, money=show.money(apart))
    lines = [
        Series(plain("trace.billed"), list(zip(moments, billed, strict=True))),
        Series(plain("trace.metered"), list(zip(moments, metered, strict=True)), forecast=True),
    ]
    if len(moments) > 1:
        charts.draw(metric_lines(lines, title=title, unit="USD", value_text="${:,.2f}".format, zone=UTC), key="trace")


def _name(row: Traced) -> str:
    return row.resource_id.rpartition("/")[2] or plain("trace.nameless")
