"""The plain table of a first look says what the real one says, and runs nothing of what it is given."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.columns import Column, Kind
from pages.ui.outlines import text


@dataclass(frozen=True)
class Row:
    name: str = "lab"
    cost: Decimal | None = Decimal("1234.5")
    rate: Decimal = Decimal("0.0523")
    at: datetime = datetime(2026, 11, 3, 4, 5, 6, tzinfo=UTC)
    ran: timedelta = timedelta(hours=5, minutes=30)
    share: float = 0.314
    count: int = 12_345
    spot: bool = True


@pytest.mark.parametrize(
    ("key", "kind", "said"),
    [
        ("name", Kind.NAME, "lab"),
        ("cost", Kind.USD, "$1,234.50"),
        ("rate", Kind.USD_PER_HOUR, "$0.0523"),
        ("at", Kind.TIME, "2026-11-03 04:05"),
        ("ran", Kind.DURATION, "5.5"),
        ("share", Kind.SHARE, "31%"),
        ("count", Kind.NUMBER, "12,345"),
        ("spot", Kind.YES_NO, "✓"),
    ],
)
def test_a_cell_reads_as_in_the_real_table(key: str, kind: Kind, said: str) -> None:
    row = Row()
    assert text(Column(key, "tables.name", kind), row, [row]) == said


def test_what_is_not_known_is_empty_and_what_is_not_so_too() -> None:
    rows = [replace(Row(), cost=None, spot=False)]
    assert [text(Column(key, "tables.name", kind), rows[0], rows) for key, kind in CELLS] == ["", ""]


CELLS = (("cost", Kind.USD), ("spot", Kind.YES_NO))


def hostile() -> None:
    from types import SimpleNamespace

    from pages.ui import outlines
    from pages.ui.columns import Column, Kind

    rows = [SimpleNamespace(name=f"<script>alert({number})</script>", status="InService") for number in range(20)]
    columns = (Column("name", "tables.name", Kind.NAME), Column("status", "tables.state", Kind.STATE))
    outlines.draw(rows, columns, '"><img src=x onerror=alert(1)>', most_rows=15)


def test_names_are_text_and_as_many_rows_as_asked_for_are_drawn() -> None:
    body = AppTest.from_function(hostile, default_timeout=60).run().get("html")[0].proto.body
    assert "<script" not in body
    assert "<img" not in body
    assert body.count("&lt;script&gt;") == 15
    assert body.count("InService") == 15
