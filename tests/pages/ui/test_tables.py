"""Tables: filters that live in the URL, a choice that follows its row, cells that are figures, CSV that is safe."""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.ui.columns import Column, Kind, column_config, frame, header
from pages.ui.exports import csv_bytes, neutral
from pages.ui.palette import CHIP_FILLS, Tone
from pages.ui.states import state


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    status: str
    owner: str | None
    usd_per_hour: Decimal
    ran: timedelta | None
    created: datetime


NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ROWS = (
    Row("nb-b", "InService", "jiwoo", Decimal("0.0582"), timedelta(hours=2), NOON),
    Row("nb-a", "Stopped", None, Decimal(0), None, NOON - timedelta(days=1)),
    Row("job-c", "Failed", "=cmd()", Decimal("37.688"), timedelta(hours=9), NOON - timedelta(days=2)),
)
COLUMNS = (
    Column("name", "tables.name", Kind.NAME),
    Column("status", "tables.state", Kind.STATE),
    Column("owner", "tables.owner"),
    Column("usd_per_hour", "tables.usd_per_hour", Kind.USD_PER_HOUR, "glossary.burn_rate"),
    Column("ran", "tables.duration", Kind.DURATION),
    Column("created", "tables.created", Kind.TIME),
)


def config(column: Column) -> Any:
    return column_config(column, ROWS)


def test_figures_stay_figures_and_units_stand_in_the_header() -> None:
    cells = frame(ROWS, COLUMNS)
    assert cells["usd_per_hour"].to_pylist() == [0.0582, 0.0, 37.688]
    assert cells["ran"].to_pylist() == [2.0, None, 9.0]
    assert cells["created"].to_pylist() == [row.created for row in ROWS]
    assert cells["status"].to_pylist() == [["InService"], ["Stopped"], ["Failed"]]
    assert [header(column, ROWS) for column in COLUMNS[3:]] == ["Rate (USD/h)", "Duration (h)", "Created"]


def test_a_small_rate_is_not_rounded_to_nothing() -> None:
    assert config(COLUMNS[3])["type_config"]["format"] == "$%,.4f"


@pytest.mark.parametrize(
    ("amounts", "kind", "shown"),
    [
        (["1.732"], Kind.USD_PER_HOUR, "$%,.3f"),
        (["0.00019", "5"], Kind.USD_PER_HOUR, "$%,.6f"),
        (["12.5", "0"], Kind.USD, "$%,.2f"),
        (["0.004"], Kind.USD, "$%,.4f"),
        ([], Kind.USD, "$%,.2f"),
    ],
)
def test_a_column_has_the_decimals_its_smallest_amount_needs(amounts: list[str], kind: Kind, shown: str) -> None:
    rows = [{"amount": Decimal(amount)} for amount in amounts]
    column = Column("amount", "tables.usd", kind, value=lambda row: row["amount"])
    assert column_config(column, rows)["type_config"]["format"] == shown


def test_states_are_chips_of_what_they_mean() -> None:
    shown = config(COLUMNS[1])["type_config"]["options"]
    fills = {option["value"]: option["color"] for option in shown}
    assert fills == {row.status: CHIP_FILLS["light"][state(row.status).tone] for row in ROWS}
    ours = Column("status", "tables.state", Kind.STATE, value=lambda _: "Sent", tone=lambda _: Tone.HEALTHY)
    assert config(ours)["type_config"]["options"][0]["color"] == CHIP_FILLS["light"][Tone.HEALTHY]


@pytest.mark.parametrize(("hours", "unit"), [(0.02, "s"), (2, "min"), (20, "h"), (200, "d")])
def test_durations_take_the_unit_that_reads_best(hours: float, unit: str) -> None:
    assert (
        header(Column("ran", "tables.duration", Kind.DURATION), [_Ran(timedelta(hours=hours))]) == f"Duration ({unit})"
    )


@dataclass(frozen=True, slots=True)
class _Ran:
    ran: timedelta


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_csv_has_raw_figures_with_their_units() -> None:
    heading, first, second, third = read(csv_bytes(ROWS, COLUMNS))
    assert heading == ["name", "status", "owner", "usd_per_hour", "ran_seconds", "created_utc"]
    assert first == ["nb-b", "InService", "jiwoo", "0.0582", "7200", "2026-11-23T12:00:00+00:00"]
    assert second[2:5] == ["", "0", ""]
    assert third[2] == "'=cmd()"


@given(st.text())
def test_no_cell_starts_a_formula(words: str) -> None:
    assert not neutral(words).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert neutral(words).removeprefix("'") == words.removeprefix("'")


def page() -> None:
    import streamlit as st

    from pages.ui.tables import open_one, pick_one
    from tests.pages.ui.test_tables import COLUMNS, ROWS

    which = open_one if st.session_state.get("once") else pick_one
    chosen = which(ROWS, COLUMNS, key="row", what="Rows", sort="-usd_per_hour")
    st.write(chosen.name if chosen else "nothing")


def names(shown: AppTest) -> list[str]:
    return list(shown.dataframe[0].value["name"])


def test_the_first_order_is_the_pages_and_another_is_in_the_url() -> None:
    shown = AppTest.from_function(page).run()
    assert not shown.exception
    assert names(shown) == ["job-c", "nb-b", "nb-a"]
    shown.selectbox[0].set_value("name").run()
    assert names(shown) == ["job-c", "nb-a", "nb-b"]
    assert shown.query_params["row_sort"] == "name"
    shown.selectbox[0].set_value("-usd_per_hour").run()
    assert "row_sort" not in shown.query_params


def test_empty_cells_sort_and_every_column_can() -> None:
    shown = AppTest.from_function(page).run()
    for option in ("ran", "-ran", "owner", "-created", "status"):
        shown.selectbox[0].set_value(option).run()
        assert not shown.exception
    shown.selectbox[0].set_value("ran").run()
    assert names(shown) == ["nb-a", "nb-b", "job-c"]


def test_filters_come_from_the_url() -> None:
    shown = AppTest.from_function(page)
    shown.query_params["row_q"] = "NB"
    shown.query_params["row_state"] = "Stopped"
    shown.run()
    assert names(shown) == ["nb-a"]
    assert shown.caption[0].value == "1 of 3"


def test_a_search_that_finds_nothing_offers_the_way_back() -> None:
    shown = AppTest.from_function(page).run()
    shown.text_input[0].set_value("zebra").run()
    assert not shown.dataframe
    shown.button[0].click().run()
    assert len(names(shown)) == 3


def test_a_choice_is_a_link_and_follows_its_row() -> None:
    shown = AppTest.from_function(page)
    shown.query_params["row"] = "nb-b"
    shown.run()
    assert shown.markdown[-1].value == "nb-b"
    shown.selectbox[0].set_value("created").run()
    assert shown.markdown[-1].value == "nb-b"
    shown.text_input[0].set_value("job").run()
    assert shown.markdown[-1].value == "nothing"


def test_a_row_is_opened_once() -> None:
    shown = AppTest.from_function(page)
    shown.session_state["once"] = True
    shown.session_state["row_opened"] = "nb-a"
    assert shown.run().markdown[-1].value == "nb-a"
    assert shown.run().markdown[-1].value == "nothing"
