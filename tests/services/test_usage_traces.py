"""What an uploaded CSV may hold, and the row that is named when it holds something else."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import csv_rows
from services.errors import InvalidRequest, NotFound
from services.spot_traces import read_market
from services.usage_traces import read_usage
from services.usages import Line, Usage, draw

SEOUL = "ap-northeast-2"
HEAD = "hour,instance_type,count"


def usage(*lines: str, head: str = HEAD) -> Usage:
    return read_usage("usage.csv", "\n".join([head, *lines]).encode(), SEOUL)


def refusal(*lines: str, head: str = HEAD) -> str:
    with pytest.raises(InvalidRequest) as caught:
        usage(*lines, head=head)
    return caught.value.message


def test_a_file_is_a_table_of_hours() -> None:
    found = usage(
        "2026-11-02T05:00Z,m5.large,3",
        "2026-11-02T05:00Z,ml.g5.xlarge,0",
        "2026-11-02T06:00:00+00:00,ml.g5.xlarge,1.5",
        "2026-11-02T06:00Z,m5.large,2",
        "",
    )
    assert found.start == datetime(2026, 11, 2, 5, tzinfo=UTC)
    assert found.lines == (Line(SEOUL, "m5.large"), Line(SEOUL, "ml.g5.xlarge", "training"))
    assert found.counts == ((Decimal(3), Decimal(0)), (Decimal(2), Decimal("1.5")))


def test_a_component_and_a_region_may_be_named() -> None:
    found = usage(
        "2026-11-02T05:00Z,ml.g5.xlarge,3,hosting,us-east-1",
        "2026-11-02T05:00Z,ml.g5.xlarge,3,,",
        head=f"\ufeff{HEAD.upper()},component,region",
    )
    assert found.lines == (Line("us-east-1", "ml.g5.xlarge", "hosting"), Line(SEOUL, "ml.g5.xlarge", "training"))


ROW = "2026-11-02T05:00Z,m5.large,3"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((ROW, "2026-11-02T07:00Z,m5.large,3"), "Row 3: no row between 2026-11-02T05:00Z and 2026-11-02T07:00Z"),
        ((ROW, ROW), "Row 3: ap-northeast-2 m5.large is there twice for 2026-11-02T05:00Z"),
        ((ROW, "2026-11-02T04:00Z,m5.large,3"), "Row 3: 2026-11-02T04:00Z comes after 2026-11-02T05:00Z"),
        ((ROW, "2026-11-02T05:00Z,g5.xlarge,1", "2026-11-02T06:00Z,g5.xlarge,1"), "Row 4: 2026-11-02T06:00Z ends here"),
        ((ROW, "2026-11-02T06:00Z,g5.xlarge,1"), "Row 3: ap-northeast-2 g5.xlarge begins only here"),
        (("2026-11-02T05:00Z,m9.giant,3",), "Row 2: there are no figures for instance type 'm9.giant'"),
        (("2026-11-02T05:00Z,m5.large,-1",), "Row 2: count -1 is negative"),
        (("2026-11-02T05:00Z,m5.large,NaN",), "Row 2: count 'NaN' is not a number"),
        (("2026-11-02T05:00Z,m5.large,Infinity",), "Row 2: count 'Infinity' is not a number"),
        (("2026-11-02T05:00Z,m5.large,three",), "Row 2: count 'three' is not a number"),
        (("2026-11-02T05:00Z,m5.large,",), "Row 2: count '' is not a number"),
        (("2026-11-02T05:00Z,m5.large,1e999",), "Row 2: count 1e999 is more than 100,000"),
        (("2026-11-02T05:30Z,m5.large,1",), "Row 2: hour '2026-11-02T05:30Z' is not a full hour"),
        (("2026-11-02T05:00,m5.large,1",), "Row 2: hour '2026-11-02T05:00' does not say that it is UTC"),
        (("2026-11-02T05:00+09:00,m5.large,1",), "does not say that it is UTC"),
        (("yesterday,m5.large,1",), "Row 2: hour 'yesterday' is no time"),
        (("2026-11-02T05:00Z,m5.large",), "Row 2: has 2 cells for 3 columns"),
        (("2026-11-02T05:00Z,m5.large,1,2",), "Row 2: has 4 cells for 3 columns"),
        ((f"2026-11-02T05:00Z,{'m' * 65},1",), "Row 2: has a cell of more than 64 characters"),
        (("9999-12-31T23:00Z,m5.large,1", "2026-11-02T05:00Z,m5.large,1"), "Row 3: 2026-11-02T05:00Z comes after"),
    ],
)
def test_a_bad_row_is_named(lines: tuple[str, ...], said: str) -> None:
    assert said in refusal(*lines)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-11-02T05:00Z,m5.large,1,training,", "m5.large is an EC2 type and has no component"),
        ("2026-11-02T05:00Z,ml.g5.xlarge,1,canvas,", "ml.g5.xlarge has no component 'canvas'"),
        ("2026-11-02T05:00Z,m5.large,1,,mars-north-1", "no figures for region 'mars-north-1'"),
    ],
)
def test_a_component_and_a_region_must_be_known(row: str, said: str) -> None:
    assert said in refusal(row, head=f"{HEAD},component,region")


def test_more_than_a_month_is_refused_at_its_first_hour() -> None:
    hours = [f"2026-{10 + at // 744:02}-{at % 744 // 24 + 1:02}T{at % 24:02}:00Z,m5.large,1" for at in range(745)]
    assert usage(*hours[:744]).hours == 744
    assert refusal(*hours) == "Row 746: is more than 744 hours after the first one."


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("usage.csv", b"", "is empty"),
        ("usage.csv", b" \n", "is empty"),
        ("usage.csv", b"\x00\x01", "is not text"),
        ("usage.csv", b"\xff\xfe\xfa", "is not UTF-8 text"),
        ("usage.csv", HEAD.encode(), "has no row below its header"),
        ("usage.csv", b"hour,count\n1,2", "has no column instance_type"),
        ("usage.csv", f"{HEAD},count\n".encode(), "has the column 'count' twice"),
        ("usage.csv", f"{HEAD},=cmd()\n1,2,3,4".encode(), "has a column '=cmd()' that nothing is known of"),
        ("usage.csv", f'{HEAD}\n"1"2,3,4'.encode(), "is not CSV: line 2"),
        ("usage.csv", f'{HEAD}\n"1,2,3'.encode(), "is not CSV: line 2"),
        ("usage.csv", f'{HEAD}\n"{"x" * 200_000}",2,3'.encode(), "is not CSV: line 2"),
        ("usage.csv", b"x" * ((csv_rows.MOST_MIB << 20) + 1), "is larger than 8 MiB"),
        ("../../usage.csv", HEAD.encode(), "leads outside"),
        ("a/usage.csv", HEAD.encode(), "is not a plain file name"),
        ("", HEAD.encode(), "is not a plain file name"),
    ],
)
def test_a_file_that_is_no_table_is_refused(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InvalidRequest, match=r".") as caught:
        read_usage(name, content, SEOUL)
    assert said in caught.value.message


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MOST_ROWS", 3)
    assert refusal(*[ROW] * 4) == "usage.csv has more than 3 rows."


@given(st.binary(max_size=400))
def test_no_bytes_end_in_anything_but_a_table_or_a_refusal(content: bytes) -> None:
    with suppress(InvalidRequest):
        assert read_usage("usage.csv", HEAD.encode() + b"\n" + content, SEOUL).hours


def test_what_was_drawn_reads_back_as_it_was() -> None:
    drawn = draw("office", Line(SEOUL, "m5.large"), base=1, peak=4, start=datetime(2026, 11, 2, tzinfo=UTC))
    rows = [
        f"2026-11-{at // 24 + 2:02}T{at % 24:02}:00Z,m5.large,{count}" for at, (count,) in enumerate(drawn.counts[:600])
    ]
    assert usage(*rows).counts == drawn.counts[:600]


PRICES = "time,zone,usd_per_hour"


def market_refusal(*lines: str) -> str:
    with pytest.raises(InvalidRequest) as caught:
        read_market("prices.csv", "\n".join([PRICES, *lines]).encode(), "g5.xlarge", 0.01)
    return caught.value.message


def test_a_users_own_prices_are_a_market() -> None:
    content = "\n".join(
        [
            PRICES,
            *(f"2026-11-02T0{h}:00Z,ap-northeast-2{z},0.{h + 1}{at}" for h in range(3) for at, z in enumerate("ac")),
        ]
    )
    found = read_market("prices.csv", content.encode(), "g5.xlarge", 0.01)
    assert [zone.name for zone in found.zones] == ["ap-northeast-2a", "ap-northeast-2c"]
    assert {zone.hazard_per_hour for zone in found.zones} == {0.01}
    assert found.usd_per_hour.tolist() == [[0.1, 0.11], [0.2, 0.21], [0.3, 0.31]]
    assert (found.source, found.assumed, found.as_of.isoformat()) == ("prices.csv", False, "2026-11-02")
    assert found.zones[0].on_demand.usd_per_hour == Decimal("1.237")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("2026-11-02T00:00Z,ap-northeast-2a,-0.1",), "Row 2: usd_per_hour -0.1 is negative"),
        (("2026-11-02T00:00Z,ap-northeast-2a,free",), "Row 2: usd_per_hour 'free' is not a number"),
        (("2026-11-02T00:00Z,ap-northeast-2,1",), "Row 2: zone 'ap-northeast-2' is in no region"),
        (("2026-11-02T00:00Z,moon-1a,1",), "Row 2: zone 'moon-1a' is in no region"),
        (
            ("2026-11-02T00:00Z,ap-northeast-2a,1", "2026-11-02T00:00Z,us-east-1a,1"),
            "Row 3: zone us-east-1a is in us-east-1 and the first row in ap-northeast-2",
        ),
        (
            ("2026-11-02T00:00Z,ap-northeast-2a,1", "2026-11-02T02:00Z,ap-northeast-2a,1"),
            "Row 3: no row between 2026-11-02T00:00Z and 2026-11-02T02:00Z",
        ),
        (("2026-11-02T00:00Z,ap-northeast-2a,1",) * 2, "Row 3: ap-northeast-2a is there twice"),
    ],
)
def test_bad_prices_are_named_with_their_row(lines: tuple[str, ...], said: str) -> None:
    assert said in market_refusal(*lines)


def test_prices_of_a_type_without_an_on_demand_rate_are_of_no_use() -> None:
    with pytest.raises(NotFound):
        read_market("prices.csv", f"{PRICES}\n2026-11-02T00:00Z,ap-northeast-2a,1".encode(), "m9.giant", 0.01)


def test_hours_without_cells_are_none() -> None:
    with pytest.raises(ValueError, match="no cells"):
        csv_rows.hourly([], most_hours=1)
