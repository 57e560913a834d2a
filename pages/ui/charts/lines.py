"""Numbers over time: losses, latencies, invocations, the burn rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import plotly.graph_objects as go

from pages.ui import show
from pages.ui.charts.figures import (
    HOVER,
    MOST_POINTS,
    TIME_TICKS,
    Chart,
    EmptyChart,
    Limit,
    Point,
    draw_limit,
    local,
    sentence,
    template,
    thin,
)
from pages.ui.palette import MUTED, SERIES_COLOURS, Theme
from pages.ui.text import plain

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
LABEL_GAP = 0.085
MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its points in time order, None where nothing was reported."""

    name: str
    points: Sequence[Point]
    forecast: bool = False
    """Dashed, in the colour of the series before it."""


def metric_lines(
    series: Sequence[Series],
    *,
    title: str,
    unit: str,
    value_text: Callable[[float], str] = "{:,.4g}".format,
    limit: Limit | None = None,
    step: timedelta | None = None,
    now: datetime | None = None,
    zone: tzinfo | None = None,
    theme: Theme | None = None,
) -> Chart:
    """Lines named at their right end, at most 1,000 points together; `unit` is on the axis, `value_text` in the hover.

    With `step` a silence longer than 1.5 steps is drawn as a gap. Raises `EmptyChart` when no series has a value.
    """
    full = [one for one in series if any(value is not None for _, value in one.points)]
    if not full:
        raise EmptyChart(title)
    zone, theme = zone or show.zone(), theme or show.theme()
    lines = [thin(_with_gaps(one.points, step), MOST_POINTS // len(full)) for one in full]
    values = [value for line in lines for _, value in line if value is not None]
    low, high = _range([*values, limit.value] if limit else values)
    figure = go.Figure(layout=_layout(unit, low, high, theme, longest=_longest(full)))
    figure.update_xaxes(nticks=_ticks(lines))
    colours = _colours(full, theme)
    for at, (one, line) in enumerate(zip(full, lines, strict=True)):
        figure.add_trace(_trace(one, line, colours[at], DASHES[at % len(DASHES)], value_text, zone))
    if len(full) > 1:
        figure.update_layout(annotations=_labels(full, lines, colours, low, high))
    if limit:
        draw_limit(figure, limit, theme)
    if now:
        figure.add_vline(local(now, zone), line={"color": MUTED[theme], "dash": "dot", "width": 1.5})
    last = (f"{one.name}: {value_text(_last(line))}" for one, line in zip(full, lines, strict=True))
    return Chart(figure, title, f"{title}. {'; '.join(last)}")


def _ticks(lines: Sequence[Sequence[Point]]) -> int:
    """Times on the axis are told to the second: more ticks than seconds would repeat them."""
    times = [when for line in lines for when, _ in line]
    return max(2, min(MOST_TICKS, int((max(times) - min(times)).total_seconds())))


def _last(points: Sequence[Point]) -> float:
    return next(value for _, value in reversed(points) if value is not None)


def _with_gaps(points: Sequence[Point], step: timedelta | None) -> list[Point]:
    if step is None:
        return list(points)
    filled: list[Point] = []
    for point in points:
        if filled and point[0] - filled[-1][0] > step * 1.5:
            filled.append((filled[-1][0] + step, None))
        filled.append(point)
    return filled


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Zero is on the axis unless the values stay far from it and would be drawn flat."""
    low, high = min(values), max(values)
    if low > 0 and low < high * 0.7:
        low = 0
    pad = (high - low or abs(high) or 1) * 0.06
    return (low if low == 0 else low - pad, high + pad)


def _colours(series: Sequence[Series], theme: Theme) -> list[str]:
    colours: list[str] = []
    for one in series:
        fresh = len(set(colours)) % len(SERIES_COLOURS[theme])
        colours.append(colours[-1] if one.forecast and colours else SERIES_COLOURS[theme][fresh])
    return colours


def _trace(
    one: Series, line: Sequence[Point], colour: str, dash: str, value_text: Callable[[float], str], zone: tzinfo
) -> go.Scatter:
    key = "charts.point"
    return go.Scatter(
        name=one.name,
        x=[local(when, zone) for when, _ in line],
        y=[value for _, value in line],
        mode="lines+markers" if len(line) <= 30 else "lines",
        line={"color": colour, "width": 2, "dash": "dash" if one.forecast else dash},
        marker={"size": 5},
        connectgaps=False,
        customdata=[
            "" if value is None else sentence(plain(key, name=one.name, value=value_text(value), when=show.exact(when)))
            for when, value in line
        ],
        hovertemplate=HOVER,
    )


def _label(one: Series) -> str:
    return one.name if len(one.name) <= 16 else f"{one.name[:15]}…"


def _longest(series: Sequence[Series]) -> int:
    """Characters to keep free on the right; a single line is named by the title."""
    return max(len(_label(one)) for one in series) if len(series) > 1 else 0


def _labels(
    series: Sequence[Series], lines: Sequence[Sequence[Point]], colours: Sequence[str], low: float, high: float
) -> list[dict[str, Any]]:
    """Names beside the last points, pushed apart where they would overlap."""
    wanted = sorted((((_last(line) - low) / (high - low)), at) for at, line in enumerate(lines))
    places: dict[int, float] = {}
    floor = 0.0
    for share, at in wanted:
        places[at] = max(share, floor)
        floor = places[at] + LABEL_GAP
    return [
        {
            "text": _label(one),
            "x": 1.01,
            "xref": "paper",
            "xanchor": "left",
            "y": places[at],
            "yref": "paper",
            "yanchor": "middle",
            "showarrow": False,
            "font": {"color": colours[at], "size": 12},
        }
        for at, one in enumerate(series)
    ]


def _layout(unit: str, low: float, high: float, theme: Theme, *, longest: int) -> dict[str, Any]:
    return {
        "template": template(theme),
        "height": 280,
        "showlegend": False,
        "margin": {"l": 8, "r": 16 + 7 * longest, "t": 20, "b": 8},
        "xaxis": {"type": "date", "tickformatstops": TIME_TICKS},
        "yaxis": {"title": {"text": unit}, "range": [low, high], "nticks": 5},
    }
