"""What is on disk: months are replaced whole, or nothing happens; every refusal has its name."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from services.bills import books, engines, imports, queries
from services.bills.books import Book
from services.bills.queries import Scope
from services.errors import Conflict, InvalidRequest, NotFound
from tests.support import bills
from tests.support.deck_wishes import KIM
from tests.support.waiting import eventually

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
NOW = datetime(2026, 11, 2, tzinfo=UTC)
YEAR = Scope(date(2026, 1, 1), date(2027, 1, 1))


def take(folder: Path, lines: list[dict[str, Any]], **choices: Any) -> Book:
    return imports.take(folder / "bills", [bills.write_cur2(folder / "bill.parquet", lines)], NOW, KIM, **choices)


def billed(book: Book) -> Decimal:
    with engines.open_book(book) as database:
        (row,) = engines.ask(database, queries.totals(book.tags, YEAR))
    return Decimal(row["billed_cost"])


def test_a_month_written_anew_replaces_the_old_one_alone(tmp_path: Path) -> None:
    take(tmp_path, [*bills.month(SEPTEMBER), *bills.month(OCTOBER)])
    before = books.read_book(tmp_path / "bills", bills.PAYER)
    after = take(tmp_path, bills.month(OCTOBER, hours=48))
    assert after == books.read_book(tmp_path / "bills", bills.PAYER)
    assert after.month(SEPTEMBER) == before.month(SEPTEMBER)
    assert billed(after) - billed(before) == 24 * Decimal("0.062")
    assert after.edition != before.edition


def test_what_a_reader_has_open_stays_until_the_next_import(tmp_path: Path) -> None:
    before = take(tmp_path, bills.month(SEPTEMBER))
    with engines.open_book(before) as database:
        take(tmp_path, bills.month(SEPTEMBER, hours=48))
        (row,) = engines.ask(database, queries.totals(before.tags, YEAR))
    assert row["billed_cost"] == before.months[0].billed_cost


def test_nothing_that_was_replaced_is_kept_for_ever(tmp_path: Path) -> None:
    for hours in (24, 25, 26, 27):
        book = take(tmp_path, bills.month(SEPTEMBER, hours))
    assert len([each for each in book.path.iterdir() if each.is_dir()]) == 2


def test_a_month_is_taken_out(tmp_path: Path) -> None:
    take(tmp_path, [*bills.month(SEPTEMBER), *bills.month(OCTOBER)])
    imports.forget(tmp_path / "bills", bills.PAYER, SEPTEMBER, KIM)
    (book,) = books.list_books(tmp_path / "bills")
    assert [month.period for month in book.months] == [OCTOBER]
    imports.forget(tmp_path / "bills", bills.PAYER, OCTOBER, KIM)
    assert books.list_books(tmp_path / "bills") == ()
    with pytest.raises(NotFound):
        imports.forget(tmp_path / "bills", "999999999999", OCTOBER, KIM)


def test_progress_goes_up_to_its_end(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    take(tmp_path, [*bills.month(SEPTEMBER), *bills.month(OCTOBER)], progress=lambda done, of: said.append((done, of)))
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_a_strange_account_id_leads_nowhere_else(tmp_path: Path) -> None:
    lines = [{**line, "bill_payer_account_id": "../../x"} for line in bills.month(SEPTEMBER)]
    book = take(tmp_path, lines)
    assert book.path.parent == tmp_path / "bills"
    assert books.read_book(tmp_path / "bills", "../../x") == book


@dataclass(frozen=True)
class Bad:
    """A file, why it is refused, and what the reason is about."""

    code: str
    write: Callable[[Path], list[Path]]


def table(path: Path, lines: list[dict[str, Any]]) -> pa.Table:
    return parquet.read_table(bills.write_cur2(path, lines))


def altered(path: Path, column: str, value: Any) -> list[Path]:
    whole = table(path, bills.month(SEPTEMBER))
    at = whole.schema.get_field_index(column)
    values = [value, *whole[column].to_pylist()[1:]]
    parquet.write_table(whole.set_column(at, column, pa.array(values)), path)
    return [path]


def truncated(path: Path) -> list[Path]:
    bills.write_cur2(path, bills.month(SEPTEMBER))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return [path]


def flipped(path: Path) -> list[Path]:
    bills.write_cur2(path, bills.month(SEPTEMBER))
    content = bytearray(path.read_bytes())
    for at in range(40, len(content) // 2):
        content[at] ^= 0xFF
    path.write_bytes(content)
    return [path]


def without(path: Path, column: str) -> list[Path]:
    parquet.write_table(table(path, bills.month(SEPTEMBER)).drop_columns([column]), path)
    return [path]


def cut_csv(path: Path) -> list[Path]:
    whole = bills.write_legacy_csv(path.with_suffix(".csv.gz"), bills.month(SEPTEMBER))
    whole.write_bytes(whole.read_bytes()[:-200])
    return [whole]


def written(path: Path, content: bytes) -> list[Path]:
    path.write_bytes(content)
    return [path]


def both(path: Path) -> list[Path]:
    other = path.with_name("again.parquet")
    lines = bills.month(SEPTEMBER)
    return [bills.write_cur2(path, lines), bills.write_cur2(other, lines)]


def mixed(path: Path) -> list[Path]:
    lines = bills.month(SEPTEMBER)
    return [bills.write_cur2(path, lines), bills.write_focus(path.with_name("focus.parquet"), lines)]


def twice(path: Path) -> list[Path]:
    """FOCUS has no ids of lines."""
    lines = bills.month(SEPTEMBER)
    return [bills.write_focus(path, lines), bills.write_focus(path.with_name("copy.parquet"), lines)]


def no_lines(path: Path) -> list[Path]:
    parquet.write_table(table(path, bills.month(SEPTEMBER)).slice(0, 0), path)
    return [path]


def in_won(path: Path) -> list[Path]:
    return [bills.write_cur2(path, [{**line, "line_item_currency_code": "KRW"} for line in bills.month(SEPTEMBER)])]


BAD = {
    "half a file": Bad("UnreadableFile", truncated),
    "a file with other bytes": Bad("UnreadableFile", flipped),
    "half a compressed file": Bad("UnreadableFile", cut_csv),
    "an empty file": Bad("UnreadableFile", lambda path: written(path, b"")),
    "no bill": Bad("NotABill", lambda path: written(path.with_suffix(".csv"), b"a,b\n1,2\n")),
    "a picture": Bad("NotABill", lambda path: written(path.with_suffix(".png"), b"\x89PNG")),
    "no file": Bad("NotABill", lambda path: []),
    "a column that is not there": Bad("MissingColumn", lambda path: without(path, "line_item_unblended_cost")),
    "amortised costs that are not there": Bad("NotANumber", lambda path: without(path, "reservation_effective_cost")),
    "a cost that is not a number": Bad(
        "NotANumber", lambda path: altered(path, "line_item_unblended_cost", float("nan"))
    ),
    "no cost": Bad("NotANumber", lambda path: altered(path, "line_item_unblended_cost", None)),
    "no time": Bad("NotANumber", lambda path: altered(path, "line_item_usage_start_date", None)),
    "two currencies": Bad("MixedCurrencies", lambda path: altered(path, "line_item_currency_code", "KRW")),
    "another currency": Bad("OtherCurrency", in_won),
    "two payers": Bad("MixedFiles", lambda path: altered(path, "bill_payer_account_id", "1")),
    "a line without a payer": Bad("MixedFiles", lambda path: altered(path, "bill_payer_account_id", None)),
    "a line without a currency": Bad("MixedCurrencies", lambda path: altered(path, "line_item_currency_code", None)),
    "two exports": Bad("MixedFiles", mixed),
    "two kinds of file": Bad("MixedFiles", lambda path: [*both(path), *written(path.with_name("a.csv"), b"a\n1\n")]),
    "a month twice": Bad("DuplicatedMonth", both),
    "a file under two names": Bad("DuplicatedMonth", twice),
    "no lines": Bad("NoLines", no_lines),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_by_its_name_and_the_last_good_bill_stays(tmp_path: Path, name: str) -> None:
    good = take(tmp_path, bills.month(SEPTEMBER))
    (tmp_path / "bad").mkdir()
    files = BAD[name].write(tmp_path / "bad" / "bill.parquet")
    with pytest.raises(InvalidRequest) as refusal:
        imports.take(tmp_path / "bills", files, NOW, KIM)
    assert refusal.value.code == BAD[name].code
    assert refusal.value.remedy
    assert books.list_books(tmp_path / "bills") == (good,)
    assert billed(good) == good.months[0].billed_cost


def test_a_month_that_shrank_is_asked_about(tmp_path: Path) -> None:
    whole = take(tmp_path, bills.month(SEPTEMBER, hours=480))
    with pytest.raises(InvalidRequest) as refusal:
        take(tmp_path, bills.month(SEPTEMBER))
    assert refusal.value.code == "ShrunkMonth"
    assert books.list_books(tmp_path / "bills") == (whole,)
    smaller = take(tmp_path, bills.month(SEPTEMBER), may_shrink=True)
    assert smaller.months[0].lines < whole.months[0].lines


def test_one_import_of_a_payer_at_a_time(tmp_path: Path) -> None:
    take(tmp_path, bills.month(SEPTEMBER))
    with books.writing(tmp_path / "bills", bills.PAYER), pytest.raises(Conflict):
        take(tmp_path, bills.month(SEPTEMBER))


SCRIPT = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from services.access import Actor, Role
from services.bills import imports
from services.errors import InvalidRequest

folder, file, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
if limit:
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

def wait(done, of):
    print(done, flush=True)
    if done == 2 and not limit:
        signal_to_go_on = sys.stdin.readline()

try:
    imports.take(folder, [file], datetime.now(UTC), Actor("kim", Role.OPERATOR), progress=wait)
except InvalidRequest as error:
    print(error.code, flush=True)
"""


def started(folder: Path, file: Path, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(folder), str(file), str(limit)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
    )


def test_an_import_that_is_killed_leaves_nothing_of_itself(tmp_path: Path) -> None:
    good = take(tmp_path, bills.month(SEPTEMBER))
    both_months = [*bills.month(SEPTEMBER, hours=48), *bills.month(OCTOBER)]
    file = bills.write_cur2(tmp_path / "new.parquet", both_months)
    process = started(tmp_path / "bills", file)
    with process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert said == ["1\n", "2\n"], "a month is on disk, the other is to come"
        eventually(lambda: len([each for each in good.path.iterdir() if each.is_dir()]) == 2)
        process.kill()
    assert books.list_books(tmp_path / "bills") == (good,)
    assert billed(good) == good.months[0].billed_cost
    again = imports.take(tmp_path / "bills", [file], NOW, KIM)
    assert [month.period for month in again.months] == [SEPTEMBER, OCTOBER]


def test_a_disk_that_fills_is_named(tmp_path: Path) -> None:
    """Files may not grow beyond 4 KiB there, which the operating system reports as a full disk is."""
    good = take(tmp_path, bills.month(SEPTEMBER))
    file = bills.write_cur2(tmp_path / "new.parquet", bills.month(OCTOBER, hours=2000))
    with started(tmp_path / "bills", file, 4096) as process:
        said, _ = process.communicate(timeout=60)
    assert said.splitlines()[-1] == "DiskFull"
    assert books.list_books(tmp_path / "bills") == (good,)
