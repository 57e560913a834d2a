"""Spend: what the bill says, split by anything it knows, against the month before, down to its line items."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import (
    bill_reads,
    charts,
    guard,
    session,
    spend_costs,
    spend_lines,
    spend_purchases,
    spend_report,
    spend_scope,
    spend_trace,
    tables,
)
from pages.ui.charts.costs import cost_bars
from pages.ui.columns import Column, Kind
from pages.ui.layout import empty_state, figures, page_header
from pages.ui.spend_scope import Shown
from pages.ui.text import plain, t
from services.cloud import PRACTICE_ACCOUNT_ID

guard.require_entry()

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
    VIEWS[shown.view](shown, head)
    _say_source(shown)


def _draw_costs(shown: Shown, head: DeltaGenerator) -> None:
    costs = spend_costs.gather(shown)
    with head, page_header(t("spend.title"), spend_costs.sentence(costs)):
        if costs.rows:
            spend_report.download(costs)
        st.page_link("pages/bills.py", label=t("spend.bills"), icon=":material/receipt_long:")
    figures(spend_costs.figures_of(costs))
    if not costs.rows:
        with empty_state(":material/filter_alt_off:", t("spend.nothing")):
            st.button(t("tables.clear_filters"), key="clear_only", on_click=spend_scope.widen)
        return
    bars = spend_costs.bars(costs)
    title = spend_costs.chart_title(costs, bars)
    charts.draw(cost_bars(bars, title=title, today=costs.here.until), key="spend_days")
    unusual = spend_costs.unusual(costs)
    if unusual:
        st.markdown(f"**{t('spend.unusual')}**", help=t("spend.unusual_help"))
        st.markdown("\n".join(f"- {each}" for each in unusual))
    chosen = tables.open_one(
        costs.rows, COLUMNS, key="spend", what=plain("spend.title"), sort="-cost", row_id=lambda row: row.value
    )
    if chosen is not None:
        spend_scope.narrow(shown, chosen.value)
        st.rerun()
    spend_lines.draw(shown.book, costs.here.now)


def _say_source(shown: Shown) -> None:
    st.caption(spend_costs.source(shown))
    if shown.book.billing_account_id == PRACTICE_ACCOUNT_ID:
        st.caption(f":material/school: {t('spend.of_practice')}")


VIEWS = {"costs": _draw_costs, "purchases": spend_purchases.draw, "trace": spend_trace.draw}

with session.shown_errors():
    draw()
