"""Which part of a bill Spend shows, all of it in the address: book, month, cost, split, and what it is narrowed to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import streamlit as st

from pages.ui import bill_words, formats, urls
from pages.ui.formats import Language
from pages.ui.text import language, plain, t
from services.bills import queries
from services.bills.books import Book
from services.bills.months import Only
from services.bills.queries import COSTS, Measure

ONLY = "only"
SEPARATOR = "~"
VIEWS = ("costs", "purchases", "trace")
DEFAULT_SPLIT = "service_name"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at."""

    book: Book
    period: date
    measure: Measure
    split: str
    """A dimension."""
    only: Only
    view: str
    """`costs`; `purchases`: how it was bought; or `trace`: the bill beside the meter."""


def choose(books: tuple[Book, ...]) -> Shown:
    """The line of choices, and below it what the bill is narrowed to."""
    view = urls.switch(t("spend.view"), VIEWS, key="view", format_func=lambda each: plain(f"spend.view_{each}"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        book = _book(books)
        periods = [f"{month.period:%Y-%m}" for month in reversed(book.months)]
        period = urls.choice(
            t("spend.month"), periods, key="month", default=periods[0], format_func=_month, labelled=True, width=170
        )
        if view != "costs":
            return Shown(book, date.fromisoformat(f"{period}-01"), "billed_cost", DEFAULT_SPLIT, (), view)
        measure = urls.choice(
            t("spend.cost"),
            COSTS[1::-1] + COSTS[2:],
            key="cost",
            default="effective_cost",
            format_func=lambda each: plain(f"spend.{each}"),
            labelled=True,
            width=210,
            help=t("spend.cost_help"),
        )
        dimensions = queries.dimensions(book.tags)
        split = urls.choice(
            t("spend.split"),
            dimensions,
            key="by",
            default=DEFAULT_SPLIT,
            format_func=lambda each: bill_words.dimension(book, each),
            labelled=True,
            width=240,
        )
    only = _only(dimensions)
    _draw_only(book, only)
    chosen: Measure = next(each for each in COSTS if each == measure)
    return Shown(book, date.fromisoformat(f"{period}-01"), chosen, split, only, view)


def narrow(shown: Shown, value: str) -> None:
    """Look at one value of the dimension that the bill is split by, and split by the next one."""
    kept = [each for each in st.query_params.get_all(ONLY) if not each.startswith(f"{shown.split}{SEPARATOR}")]
    st.query_params[ONLY] = [*kept, f"{shown.split}{SEPARATOR}{value}"]
    st.query_params["by"] = _next(shown)


def widen() -> None:
    """Look at all of it again. Callable from a widget callback."""
    st.query_params.pop(ONLY, None)


def month_name(period: date, spoken: Language) -> str:
    """`Oct 2026`, `2026년 10월`."""
    month = formats.month(period, spoken)
    return f"{period.year}년 {month}" if spoken == "ko" else f"{month} {period.year}"


def _next(shown: Shown) -> str:
    taken = {name for name, _ in shown.only} | {shown.split}
    order = ("service_name", "component", "instance_type", "purchase_option", "region_id", *shown.book.tags)
    return next((name for name in order if name not in taken), shown.split)


def _book(books: tuple[Book, ...]) -> Book:
    accounts = [book.billing_account_id for book in books]
    if len(books) == 1:
        return books[0]
    latest = max(books, key=lambda book: book.months[-1].period)
    chosen = urls.choice(
        t("spend.book"),
        accounts,
        key="payer",
        default=latest.billing_account_id,
        format_func=str,
        labelled=True,
        width=180,
    )
    return books[accounts.index(chosen)]


def _month(period: str) -> str:
    return month_name(date.fromisoformat(f"{period}-01"), language())


def _only(dimensions: Iterable[str]) -> Only:
    known = set(dimensions)
    found: dict[str, list[str]] = {}
    for each in st.query_params.get_all(ONLY):
        name, _, value = each.partition(SEPARATOR)
        if name in known:
            found.setdefault(name, []).append(value)
    return tuple(sorted((name, tuple(sorted(values))) for name, values in found.items()))


def _draw_only(book: Book, only: Only) -> None:
    if not only:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, values in only:
            said = ", ".join(bill_words.value(name, each) for each in values)
            st.button(
                t("spend.only", dimension=bill_words.dimension(book, name), value=said),
                key=f"only_{name}",
                icon=":material/close:",
                help=t("spend.only_help"),
                on_click=_widen,
                args=(name,),
            )


def _widen(name: str) -> None:
    kept = [each for each in st.query_params.get_all(ONLY) if not each.startswith(f"{name}{SEPARATOR}")]
    st.query_params[ONLY] = kept
