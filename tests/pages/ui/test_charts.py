"""Charts say in their sentence, their alternative text and their hovers what they draw, and never draw nothing."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.charts import (
    Bar,
    Chart,
    CostBar,
    EmptyChart,
    Limit,
    Range,
    Series,
    cost_bars,
    lifecycle_timeline,
    metric_lines,
    purchase_areas,
    range_bars,
    template,
    thin,
)
from pages.ui.charts.region_tables import Place, region_table
from pages.ui.palette import FORECAST_PATTERN, PURCHASE_OPTION_COLOURS, STATE_COLOURS, PurchaseOption, Tone, contrast

SEOUL = ZoneInfo("Asia/Seoul")
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def timeline(*bars: Bar) -> Chart:
    return lifecycle_timeline(bars, title="Two run", since=NOW - DAY, now=NOW, zone=SEOUL, theme="light")


def traces(chart: Chart) -> dict[str, Any]:
    return {trace.name: trace for trace in chart.figure.data}


def texts(chart: Chart) -> list[str]:
    return [annotation.text for annotation in chart.figure.layout.annotations]


def test_a_timeline_has_a_row_for_each_resource_coloured_by_what_the_state_means() -> None:
    chart = timeline(
        Bar("nb-1", "Pending", hours_ago(5), hours_ago(4.9)),
        Bar("nb-1", "InService", hours_ago(4.9)),
        Bar("job-1", "InProgress", hours_ago(30), hours_ago(2)),
        Bar("job-1", "Failed", hours_ago(2), note="It cost $4.20, says CloudTrail."),
    )
    by_tone = traces(chart)
    assert list(by_tone) == ["Running", "On its way", "Failed"]
    assert by_tone["Running"].marker.color == STATE_COLOURS["light"][Tone.HEALTHY]
    assert set(by_tone["Running"].y) == {"nb-1", "job-1"}
    assert by_tone["Failed"].marker.pattern.shape == "x"
    assert chart.figure.layout.yaxis.categoryarray == ("nb-1", "job-1")


def test_a_bar_is_cut_to_the_time_shown_and_tells_its_whole_story() -> None:
    chart = timeline(Bar("job-1", "InProgress", hours_ago(30), hours_ago(12), note="It cost $4.20."))
    trace = chart.figure.data[0]
    assert trace.base == ("2026-11-22T14:00:00",)
    assert trace.x == (12 * 3_600_000,)
    hover = trace.customdata[0].replace("<br>", " ")
    assert hover == ("job-1: InProgress from 2026-11-21 23:00:00 UTC to 2026-11-22 17:00:00 UTC, 18 h. It cost $4.20.")


def test_now_is_marked_and_what_still_holds_is_said_without_seeing() -> None:
    chart = timeline(Bar("nb-1", "InService", hours_ago(3)))
    assert "now 14:00" in texts(chart)
    assert chart.figure.layout.shapes[0].x0 == "2026-11-23T14:00:00"
    assert chart.alt == "Two run. nb-1: InService, 3 h"


def test_what_a_name_contains_is_never_markup() -> None:
    chart = timeline(Bar("<b>nb</b>", "InService", hours_ago(3)))
    assert "<b>" not in chart.figure.data[0].customdata[0]


def test_rows_beyond_what_can_be_read_are_counted() -> None:
    chart = timeline(*(Bar(f"nb-{at:03}", "InService", hours_ago(3)) for at in range(300)))
    assert len(chart.figure.layout.yaxis.categoryarray) == 25
    assert chart.note == "275 more are not drawn; the table has them all."


@pytest.mark.parametrize(
    "bars",
    [(), (Bar("nb-1", "Stopped", hours_ago(50), hours_ago(40)),), (Bar("nb-1", "Stopped", NOW + DAY),)],
)
def test_an_empty_timeline_is_never_drawn(bars: tuple[Bar, ...]) -> None:
    with pytest.raises(EmptyChart):
        timeline(*bars)


def loss(count: int, name: str = "train:loss", factor: float = 1.0) -> Series:
    return Series(name, [(NOW - timedelta(minutes=count - at), factor / (at + 1)) for at in range(count)])


def lines(*series: Series, limit: Limit | None = None, step: timedelta | None = None) -> Chart:
    return metric_lines(series, title="Loss fell", unit="loss", limit=limit, step=step, zone=SEOUL, theme="dark")


def test_lines_are_named_where_they_end_and_their_limit_on_itself() -> None:
    chart = lines(loss(9), loss(9, "validation:loss", 1.2), limit=Limit(0.5, "goal 0.5"))
    assert texts(chart) == ["train:loss", "validation:loss", "goal 0.5"]
    assert chart.figure.layout.yaxis.title.text == "loss"
    assert chart.figure.layout.yaxis.range[0] == 0
    assert chart.alt.startswith("Loss fell. train:loss: 0.1111")


def test_names_that_would_overlap_are_pushed_apart() -> None:
    chart = lines(*(loss(9, f"series-{at}") for at in range(5)))
    places = sorted(annotation.y for annotation in chart.figure.layout.annotations)
    assert all(above - below > 0.08 for below, above in pairwise(places))


def test_a_gap_in_the_data_is_a_gap() -> None:
    points: list[tuple[datetime, float | None]] = [
        (hours_ago(4), 1.0),
        (hours_ago(3), 2.0),
        (hours_ago(1), 3.0),
        (NOW, None),
    ]
    trace = lines(Series("cpu", points), step=timedelta(hours=1)).figure.data[0]
    assert trace.y == (1.0, 2.0, None, 3.0, None)
    assert trace.connectgaps is False
    assert trace.x[2] == "2026-11-23T12:00:00"


def test_together_no_more_points_than_a_screen_has() -> None:
    chart = lines(loss(30_000), loss(30_000, "validation:loss"), loss(5, "short"))
    assert sum(len(trace.x) for trace in chart.figure.data) <= 1_000


def test_lines_without_a_value_are_never_drawn() -> None:
    for series in ((), (Series("cpu", []),), (Series("cpu", [(NOW, None)]),)):
        with pytest.raises(EmptyChart):
            lines(*series)


def test_a_forecast_is_dashed_in_the_colour_of_its_series() -> None:
    drawn = lines(loss(9), Series("forecast", [(NOW, 0.1), (NOW + DAY, 0.1)], forecast=True)).figure.data
    assert drawn[0].line.color == drawn[1].line.color
    assert (drawn[0].line.dash, drawn[1].line.dash) == ("solid", "dash")


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=4_000), st.integers(30, 1_000))
def test_thinning_keeps_extremes_gaps_and_order(values: list[float | None], most: int) -> None:
    points = [(NOW + timedelta(seconds=at), value) for at, value in enumerate(values)]
    kept = thin(points, most)
    assert len(kept) <= most
    assert kept == sorted(set(kept), key=lambda point: point[0])
    assert set(kept) <= set(points)
    real = [value for value in values if value is not None]
    if real:
        assert {min(real), max(real)} <= {value for _, value in kept}
    assert (None in values) == any(value is None for _, value in kept)


def spent(*days: int, forecast: bool = False) -> list[CostBar]:
    parts = {PurchaseOption.SPOT: Decimal("3.005"), PurchaseOption.ON_DEMAND: Decimal(10)}
    return [CostBar(TODAY + timedelta(days=day), parts, forecast) for day in days]


def costs(bars: list[CostBar], limit: Limit | None = None) -> Chart:
    return cost_bars(bars, title="Spot is cheap", today=TODAY, limit=limit, theme="light")


def test_purchase_options_keep_their_order_and_colour() -> None:
    chart = costs(spent(-2, -1, 0))
    colours = PURCHASE_OPTION_COLOURS["light"]
    assert [(trace.name, trace.marker.color) for trace in chart.figure.data] == [
        ("On-demand", colours[PurchaseOption.ON_DEMAND]),
        ("Spot", colours[PurchaseOption.SPOT]),
    ]
    assert chart.alt == "Spot is cheap. Nov 21 – Nov 23: $39.02"


def test_what_is_forecast_is_hatched_and_left_out_of_what_was_spent() -> None:
    chart = costs([*spent(-1), *spent(1, forecast=True)], Limit(12, "budget $12.00 a day"))
    assert chart.figure.data[0].marker.pattern.shape == ("", FORECAST_PATTERN)
    assert chart.figure.data[0].customdata[1].replace("<br>", " ") == "On-demand: $10.00 expected, Nov 24"
    assert chart.alt.endswith("$13.01")
    assert texts(chart) == ["budget $12.00 a day", "today"]


def test_other_names_are_ordered_by_what_they_cost() -> None:
    chart = costs([CostBar(TODAY, {"notebook": Decimal(1), "training": Decimal(5), "endpoint": Decimal(3)})])
    assert [trace.name for trace in chart.figure.data] == ["training", "endpoint", "notebook"]


def test_costs_are_never_drawn_from_nothing_nor_beyond_telling_apart() -> None:
    for bars in ([], [CostBar(TODAY, {})]):
        with pytest.raises(EmptyChart):
            costs(bars)
    with pytest.raises(ValueError, match="told apart"):
        costs(spent(*range(-600, 0)))


def test_there_is_one_template_in_two_lights() -> None:
    light, dark = template("light").layout, template("dark").layout
    assert light.font.family == dark.font.family
    assert contrast(light.font.color, "#FFFFFF") > 7
    assert contrast(dark.font.color, "#0F151C") > 7
    for chart in (timeline(Bar("nb", "InService", hours_ago(1))), costs(spent(0))):
        assert chart.figure.layout.template.layout.font.color == light.font.color


def areas(*hours: dict[PurchaseOption, float], **options: Any) -> Chart:
    return purchase_areas(NOW, hours, title="Half is reserved", zone=SEOUL, theme="light", **options)


def test_areas_are_stacked_in_the_colours_of_their_purchase_options() -> None:
    busy = {PurchaseOption.ON_DEMAND: 2.0, PurchaseOption.RESERVED: 2.0}
    chart = areas(busy, busy, {PurchaseOption.RESERVED: 2.0}, unpublished=frozenset({PurchaseOption.RESERVED}))
    by_name = traces(chart)
    assert list(by_name) == ["Reserved (rate not published)", "On-demand"]
    reserved, on_demand = by_name.values()
    assert reserved.fillcolor == PURCHASE_OPTION_COLOURS["light"][PurchaseOption.RESERVED]
    assert reserved.fillpattern.shape == FORECAST_PATTERN
    assert on_demand.fillpattern.shape is None
    assert on_demand.x == ("2026-11-23T14:00:00", "2026-11-23T16:00:00", "2026-11-23T17:00:00")
    assert on_demand.y == (2, 0, 0)
    assert on_demand.customdata[0].replace("<br>", " ") == "On-demand: 2 at 2026-11-23 05:00:00 UTC"
    assert chart.alt == "Half is reserved. Reserved: 60%; On-demand: 40%"
    assert chart.note is None


def test_more_steps_than_can_be_seen_are_means_and_say_so() -> None:
    hours = [{PurchaseOption.ON_DEMAND: float(at % 7), PurchaseOption.SPOT: float(at % 5)} for at in range(744)]
    chart = areas(*hours)
    assert sum(len(trace.x) for trace in chart.figure.data) <= 1_000
    assert chart.note == "Each step drawn is the mean of 2 hours."
    spot = traces(chart)["Spot"]
    assert spot.y[:3] == (0.5, 2.5, 2.0)


def test_areas_of_nothing_are_not_drawn() -> None:
    with pytest.raises(EmptyChart):
        areas({PurchaseOption.ON_DEMAND: 0.0})


def ranges(limit: Limit | None = None) -> Chart:
    rows = [
        Range("on demand", PurchaseOption.ON_DEMAND, 48, 48, 48),
        Range("spot", PurchaseOption.SPOT, 10, 12, 30),
    ]
    return range_bars(rows, title="It ends", unit="hours", value_text="{:g} h".format, limit=limit, theme="dark")


def test_a_range_is_a_bar_with_its_middle_and_the_limit_a_named_line() -> None:
    chart = ranges(Limit(72, "deadline 72 h"))
    always, spot, middles = chart.figure.data
    assert (always.base, always.x) == ((48,), (0,))
    assert (spot.base, spot.x, middles.x) == ((10,), (20,), (48, 12))
    assert spot.marker.color == PURCHASE_OPTION_COLOURS["dark"][PurchaseOption.SPOT]
    assert texts(chart) == ["48 h", "12 h", "deadline 72 h"]
    assert chart.figure.layout.shapes[0].x0 == 72
    assert chart.figure.layout.xaxis.range[1] > 72
    assert chart.alt == "It ends. on demand: always 48 h; spot: 12 h in the middle, 10 h to 30 h in 90 of 100 runs"


def test_an_amount_stands_before_its_bar_where_there_is_room() -> None:
    late, early = ranges().figure.layout.annotations
    assert (late.xanchor, late.x) == ("right", 48)
    assert (early.xanchor, early.x) == ("left", 30)


def test_no_ranges_are_not_drawn() -> None:
    with pytest.raises(EmptyChart):
        range_bars([], title="", unit="", value_text=str)


GREEN, NAVY = "#CFEFD8", "#1E3A5F"
PLACES = {
    ("Seoul", "G5"): Place("2/2", NAVY, "G5 in Seoul: 2 of 2"),
    ("Oregon", "P5"): Place("0/8", GREEN, "P5 <b> in Oregon"),
}


def test_a_region_table_has_a_place_for_each_that_is_known_in_their_order() -> None:
    chart = region_table(["Oregon", "Seoul"], ["G5", "P5"], PLACES, title="Quotas", said=["full"], marked="Seoul")
    (bars,) = chart.figure.data
    assert list(bars.x) == [0, 1]
    assert [round(base + height / 2) for base, height in zip(bars.base, bars.y, strict=True)] == [1, 0]
    assert list(bars.text) == ["2/2", "0/8"]
    assert list(bars.marker.color) == [NAVY, GREEN]
    assert all(contrast(ink, fill) >= 4.5 for ink, fill in zip(bars.textfont.color, bars.marker.color, strict=True))
    assert list(bars.customdata) == ["G5 in Seoul: 2 of 2", "P5 &lt;b&gt; in Oregon"]
    assert list(chart.figure.layout.yaxis.ticktext) == ["Oregon", "<b>▸ Seoul</b>"]
    assert chart.figure.layout.yaxis.range == (1.5, -0.5), "the first row is at the top"
    assert chart.alt == "Quotas. full"


def test_long_names_of_many_columns_are_slanted() -> None:
    def angle(*columns: str) -> float:
        places = {("Seoul", column): Place("1", GREEN, "one") for column in columns}
        chart = region_table(["Seoul"], columns, places, title="Rates")
        return float(chart.figure.layout.xaxis.tickangle)

    assert angle("ml.g5.xlarge", "ml.g6.xlarge") == 0
    assert angle("G4DN", "G5", "G6", "G6E", "P4D", "P5") == 0
    assert angle(*(f"ml.g5.{size}xlarge" for size in (1, 2, 4, 8, 12))) == 30


def test_a_region_table_of_nothing_is_not_drawn() -> None:
    with pytest.raises(EmptyChart):
        region_table(["Seoul"], ["G5"], {}, title="Quotas")


def test_a_name_is_text_in_the_legend_of_costs() -> None:
    """A cost allocation tag may hold anything, and plotly makes links of it."""
    name = '<a href="https://evil.example">team</a>'
    chart = cost_bars([CostBar(TODAY, {name: Decimal(1)})], title="By team", today=TODAY, theme="light")
    (trace,) = chart.figure.data
    assert trace.name == '&lt;a href="https://evil.example"&gt;team&lt;/a&gt;'
    assert "<a" not in trace.customdata[0]
