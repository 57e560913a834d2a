"""Bills: which months are known, from which export, and a way to import more of them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import streamlit as st

from pages.ui import bill_exports, bill_imports, bill_reads, dialogs, guard, session, spend_scope
from pages.ui.columns import Column, Kind
from pages.ui.layout import empty_state, page_header
from pages.ui.tables import open_one
from pages.ui.text import language, plain, t
from services.bills.books import Book, Month
from services.plans import Act

guard.require_entry()


@dataclass(frozen=True, slots=True)
class Known:
    """A month of a book, as the table has it. Costs in US dollars."""

    key: str
    month: date
    payer: str
    billed_cost: Decimal
    effective_cost: Decimal
    lines: int
    source: str
    until: datetime
    imported_at: datetime


COLUMNS = (
    Column("month", "spend.month", Kind.NAME, value=lambda row: f"{row.month:%Y-%m}"),
    Column("payer", "spend.book", help="bills.payer_help"),
    Column("billed_cost", "spend.billed_cost", Kind.USD, help="spend.billed_cost_help"),
    Column("effective_cost", "spend.effective_cost", Kind.USD, help="spend.effective_cost_help"),
    Column("lines", "spend.column_lines", Kind.NUMBER),
    Column("source", "bills.source"),
    Column("until", "bills.until", Kind.TIME, help="bills.until_help"),
    Column("imported_at", "bills.imported_at", Kind.TIME),
)


def draw() -> None:
    books = bill_reads.list_books()
    rows = [_known(book, month) for book in books for month in reversed(book.months)]
    with page_header(t("bills.title"), t("bills.sentence", count=len(rows)), help=t("bills.title_help")):
        if rows:
            st.page_link("pages/spend.py", label=t("spend.title"), icon=":material/payments:")
    bill_exports.say_kept()
    if session.may(Act.KEEP_BILL):
        with session.shown_errors():
            bill_exports.draw()
        bill_imports.draw()
    else:
        st.info(t("bills.not_allowed"), icon=":material/lock:")
    if not rows:
        empty_state(":material/receipt_long:", t("bills.none"))
        return
    opened = open_one(rows, COLUMNS, key="bill", what=plain("bills.title"), sort="-month", row_id=lambda row: row.key)
    if opened is not None:
        month = spend_scope.month_name(opened.month, language())
        dialogs.show(plain("bills.detail", month=month), bill_imports.draw_month, opened.key)


def _known(book: Book, month: Month) -> Known:
    return Known(
        key=f"{book.billing_account_id}/{month.period}",
        month=month.period,
        payer=book.billing_account_id,
        billed_cost=month.billed_cost,
        effective_cost=month.effective_cost,
        lines=month.lines,
        source=month.source,
        until=month.until,
        imported_at=month.imported_at,
    )


with session.shown_errors():
    draw()
