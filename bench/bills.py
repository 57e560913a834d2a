"""A bill of many lines: taken in, asked from its rollup and by its lines, against DuckDB and pandas doing just that.

`BILL_LINES=50000000 python -m bench bills` asks of as many; each is measured in a process of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from bench import bill_lines
from bench.harness import Figure, median_seconds
from services.bills import books, engines, imports, queries
from services.bills.books import Book
from services.bills.queries import Scope
from tests.support.deck_wishes import KIM

LINES = int(os.environ.get("BILL_LINES", "1000000"))
QUARTER = Scope(date(2026, 8, 1), date(2026, 11, 1))
NOW = datetime(2026, 11, 2, tzinfo=UTC)
MIB = 1024

RAW_QUESTIONS = (
    "SELECT sum(billed_cost), sum(effective_cost), sum(list_cost), sum(instance_hours), count(*) FROM lines",
    "SELECT coalesce(service_name, ''), sum(billed_cost), sum(effective_cost), sum(list_cost) FROM lines GROUP BY 1",
    "SELECT charge_period_start::DATE, coalesce(service_name, ''), sum(effective_cost) FROM lines GROUP BY 1, 2",
    "SELECT charge_period_start::DATE, coalesce(component, ''), sum(effective_cost) FROM lines GROUP BY 1, 2",
    "SELECT charge_period_start::DATE, coalesce(tag_team, ''), sum(effective_cost) FROM lines GROUP BY 1, 2",
    "SELECT charge_period_start::DATE, purchase_option, commitment_discount_status, sum(effective_cost),"
    " sum(reserved_hours), sum(unused_hours) FROM lines WHERE purchase_option IN ('reserved', 'savings_plan')"
    " GROUP BY 1, 2, 3",
)
"""What the charts of Spend ask, of the lines."""

WATCH = """
import resource, subprocess, sys, time
began = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

PANDAS = """
import sys, pandas, pyarrow.dataset
from pyarrow.dataset import field
costs = ["billed_cost", "effective_cost", "list_cost"]
texts = ["service_name", "component", "tag_team", "purchase_option", "commitment_discount_status"]
columns = {name: field(name) for name in [*texts, "instance_hours", "reserved_hours", "unused_hours"]}
columns |= {name: field(name).cast("float64") for name in costs}
columns["day"] = field("charge_period_start").cast("date32")
frame = pyarrow.dataset.dataset(sys.argv[1:]).to_table(columns=columns).to_pandas(date_as_object=False)
frame[[*costs, "instance_hours"]].sum()
frame.groupby("service_name", dropna=False)[costs].sum()
for name in ("service_name", "component", "tag_team"):
    frame.groupby(["day", name], dropna=False)["effective_cost"].sum()
committed = frame[frame.purchase_option.isin(["reserved", "savings_plan"])]
committed.groupby(["day", "purchase_option", "commitment_discount_status"], dropna=False)["effective_cost"].sum()
"""


def figures() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="flightdeck-bench-") as place:
        folder = Path(place)
        files = bill_lines.write(folder, LINES)
        yield from _taken(folder, files)
        (book,) = books.list_books(folder / "bills")
        yield from _asked(book)


def _taken(folder: Path, files: list[Path]) -> Iterator[Figure]:
    floor, _ = _apart("copy", folder, files)
    took, used = _apart("take", folder, files)
    name = f"{LINES:,} line items imported"
    yield Figure(name, took, "s", floor=floor, ratio_at_most=3)
    yield Figure(f"{name}, memory", used, "MiB", at_most=3 * MIB)


def _asked(book: Book) -> Iterator[Figure]:
    with engines.open_book(book) as database:
        tags = book.tags
        charts = (
            queries.totals(tags, QUARTER),
            queries.by_value(tags, QUARTER, "service_name"),
            queries.over_time(tags, QUARTER, "service_name", "day", "effective_cost"),
            queries.over_time(tags, QUARTER, "component", "day", "effective_cost"),
            queries.over_time(tags, QUARTER, "tag_team", "day", "effective_cost"),
            queries.commitments(tags, QUARTER, "day"),
        )
        written = [engines.to_sql(chart) for chart in charts]
        ours = median_seconds(lambda: [database.execute(sql).fetchall() for sql in written], 3)
        raw = median_seconds(lambda: [database.execute(sql).fetchall() for sql in RAW_QUESTIONS], 3)
        yield Figure("six charts from the rollup", ours, "s", floor=raw, ratio_at_most=0.05)
        only = Scope(QUARTER.start, QUARTER.end, (("service_name", ("Amazon SageMaker",)), ("tag_team", ("risk",))))
        lines = engines.to_sql(queries.line_items(tags, only, 200))
        ours = median_seconds(lambda: database.execute(lines).fetchall(), 3)
        floor = median_seconds(lambda: database.execute(_raw_lines(tags)).fetchall(), 3)
        yield Figure("a drill-down to 200 lines", ours, "s", floor=floor, ratio_at_most=1.3)
    yield from _beside_pandas(book)


def _raw_lines(tags: tuple[str, ...]) -> str:
    columns = ", ".join((*queries.LINE_ITEM_COLUMNS, *tags))
    return (
        f"SELECT {columns} FROM lines WHERE service_name = 'Amazon SageMaker' AND tag_team = 'risk'"  # noqa: S608
        " AND charge_period_start >= TIMESTAMP '2026-08-01' AND charge_period_start < TIMESTAMP '2026-11-01'"
        " ORDER BY billed_cost DESC, charge_period_start, usage_type LIMIT 200"
    )


def _beside_pandas(book: Book) -> Iterator[Figure]:
    """Both in processes that have read nothing yet; ours from the lines too, as they are on disk."""
    files = book.files(books.LINES)
    pandas, pandas_used = _measured([sys.executable, "-c", PANDAS, *map(str, files)])
    ours, used = _apart("ask", book.path.parents[1], [])
    yield Figure("the six questions", ours, "s", floor=pandas, ratio_at_most=0.1)
    yield Figure("the six questions, memory", used, "MiB", floor=pandas_used, ratio_at_most=0.1)


def _apart(what: str, folder: Path, files: list[Path]) -> tuple[float, float]:
    return _measured([sys.executable, "-m", "bench.bills", what, str(folder), *map(str, files)])


def _measured(command: list[str]) -> tuple[float, float]:
    """(seconds, MiB at most) of a command, told by a process that does nothing else."""
    said = subprocess.run([sys.executable, "-c", WATCH, *command], check=True, capture_output=True, text=True)
    took, used = said.stdout.split()
    return float(took), int(used) / MIB


def main(what: str, folder: Path, files: list[Path]) -> None:
    """What is measured, each in a process of its own."""
    match what:
        case "copy":
            names = ", ".join(f"'{path}'" for path in files)
            target = folder / "copy.parquet"
            with duckdb.connect() as database:
                database.execute(f"SET memory_limit = '{imports.MEMORY}'")
                database.execute(f"COPY (SELECT * FROM read_parquet([{names}])) TO '{target}' (COMPRESSION zstd)")  # noqa: S608
        case "take":
            imports.take(folder / "bills", files, NOW, KIM)
        case "ask":
            (book,) = books.list_books(folder / "bills")
            with engines.open_book(book) as database:
                for sql in RAW_QUESTIONS:
                    database.execute(sql).fetchall()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), [Path(each) for each in sys.argv[3:]])
