"""What runs: the costliest as a table of the page, and all of them to search and sort."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from streamlit.testing.v1 import AppTest

from pages.ui.columns import Column, Kind, header, text
from services.overviews import StopAhead, StoppedBy
from tests.support.screens import top_rows

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def ahead(count: int) -> tuple[StopAhead, ...]:
    """Training jobs, each dearer than the one before; the first has nothing that stops it."""
    return tuple(
        StopAhead(
            "training",
            f"job-{number:02}",
            f"arn:job-{number:02}",
            "jiwoo" if number % 2 else "",
            StoppedBy.LIMIT if number else StoppedBy.NOTHING,
            NOON + timedelta(hours=number) if number else None,
            Decimal(number) / 1000,
        )
        for number in range(count)
    )


def drawn(count: int, language: str = "en", *, first_look: bool = False, **query: str) -> AppTest:
    def page(count: int, first_look: bool) -> None:
        from pages.ui import running
        from tests.pages.ui.test_running import NOON, ahead

        running.draw(ahead(count), NOON, first_look=first_look)

    screen = AppTest.from_function(page, args=(count, first_look))
    for name, value in {"lang": language, **query}.items():
        screen.query_params[name] = value
    screen.run()
    assert not screen.exception
    return screen


def table(screen: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(screen.get("bidi_component")[0].proto.json)
    return found


def test_of_many_the_costliest_are_shown_and_how_many_there_are() -> None:
    screen = drawn(30)
    assert screen.header[0].value == "The 10 costliest of 30"
    assert [row[0] for row in top_rows(screen)] == [f"job-{number}" for number in range(29, 19, -1)]
    assert not screen.dataframe


def test_all_of_them_are_there_to_search_and_sort_and_a_link_leads_to_that() -> None:
    screen = drawn(30, running_every="true", running_q="job-07")
    assert screen.dataframe[0].value["name"].tolist() == ["job-07"]
    assert screen.toggle[0].value
    assert not screen.get("bidi_component")


def test_at_a_first_look_they_are_text_unless_a_link_asks_for_all() -> None:
    screen = drawn(30, first_look=True)
    assert screen.header[0].value == "The 10 costliest of 30"
    assert screen.markdown[0].value.splitlines()[0] == "| Name | Rate (USD/h) | Stopped by |"
    assert len(screen.markdown[0].value.splitlines()) == 12
    assert not screen.get("bidi_component")
    assert len(drawn(30, first_look=True, running_every="true").dataframe[0].value) == 30


def test_a_few_are_all_shown_and_nothing_is_offered_for_more() -> None:
    screen = drawn(2)
    assert top_rows(screen) == [
        ["job-01", "Training job", "jiwoo", "$0.00100", "in 1 h", "longest run"],
        ["job-00", "Training job", "unowned", "$0.00000", "", "not guarded"],
    ]
    assert not screen.toggle


def test_a_row_leads_to_its_page_with_what_was_chosen_in_the_head() -> None:
    row = table(drawn(1, "ko", currency="KRW"))["rows"][0]
    assert row["href"] == "training?lang=ko&currency=KRW&region=ap-northeast-2&name=job-00"
    assert row["id"] == "arn:job-00"


def test_what_nothing_stops_stands_out_and_exact_times_are_told_on_hover() -> None:
    first, last = table(drawn(2))["rows"]
    assert first["cells"][-1]["fill"] != last["cells"][-1]["fill"]
    assert first["cells"][-2]["title"] == "2026-11-23 13:00:00 UTC"
    assert "title" not in last["cells"][-2]


def test_a_narrow_screen_keeps_name_rate_and_what_stops_it() -> None:
    columns = table(drawn(1))["columns"]
    assert [each["label"] for each in columns if not each["aside"]] == ["Name", "Rate (USD/h)", "Stopped by"]
    assert [each["label"] for each in columns if each["figure"]] == ["Rate (USD/h)"]


def test_cells_read_as_their_kind() -> None:
    cells = {
        Kind.YES_NO: (True, "✓"),
        Kind.SHARE: (0.5, "50%"),
        Kind.NUMBER: (1234, "1,234"),
        Kind.DURATION: (timedelta(hours=9), "9.0"),
        Kind.TEXT: ("word", "word"),
    }
    for kind, (value, said) in cells.items():
        column = Column("x", "tables.duration", kind, value=lambda row: row)
        assert text(column, value, [value], NOON) == said, (kind, header(column, [value]))
