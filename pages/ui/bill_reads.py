"""What the screens ask of a bill: each question of an edition of a book is answered once."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import session
from services.bills import books, engines
from services.bills.books import Book
from services.bills.months import Ask

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def folder() -> Path:
    """Where this deck keeps bills."""
    return session.desk().home / "bills"


def list_books() -> tuple[Book, ...]:
    """Every book there is, as it is on disk now."""
    return books.list_books(folder())


def ask(book: Book) -> Ask:
    """How questions are put to a book."""
    return partial(_ask, book)


def _ask(book: Book, question: Any, *arguments: Any) -> Sequence[Mapping[str, Any]]:
    return _answer(str(book.path), book.edition, question.__name__, arguments, question, book)


@st.cache_resource(max_entries=512, show_spinner=False)
def _answer(
    path: str, edition: str, name: str, arguments: tuple[Any, ...], _question: Any, _book: Book
) -> Sequence[Mapping[str, Any]]:
    return engines.ask(_database(path, edition, _book), _question(_book.tags, *arguments))


@st.cache_resource(max_entries=8, show_spinner=False)
def _database(path: str, edition: str, _book: Book) -> "DuckDBPyConnection":
    return engines.open_book(_book)
