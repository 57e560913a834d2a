"""Where a bill's questions are answered: DuckDB over the book's own files."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from services.bills.books import LINES as LINES_FILE
from services.bills.books import ROLLUP as ROLLUP_FILE
from services.bills.books import Book
from services.bills.queries import LINES, ROLLUP
from services.bills.sources import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from ibis import Table

Dialect = Literal["duckdb", "athena"]
Row = Mapping[str, Any]


def to_sql(question: "Table", dialect: Dialect = "duckdb") -> str:
    """The question in an engine's own words."""
    import ibis

    return str(ibis.to_sql(question, dialect=dialect))


def open_book(book: Book) -> "DuckDBPyConnection":
    """A database whose tables are the book's files as they are now; any number of threads may ask it."""
    import duckdb

    database = duckdb.connect()
    for name, file in ((ROLLUP, ROLLUP_FILE), (LINES, LINES_FILE)):
        files = ", ".join(literal(str(path)) for path in book.files(file))
        database.execute(
            f"CREATE VIEW {name} AS SELECT * FROM"
            f" read_parquet([{files}], union_by_name = true, hive_partitioning = false)"
        )
    return database


def ask(database: "DuckDBPyConnection", question: "Table") -> Sequence[Row]:
    """The rows that answer it: column → value, money as Decimal."""
    # A cursor of its own: a connection answers one thread at a time.
    with database.cursor() as cursor:
        answer = cursor.execute(to_sql(question))
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
