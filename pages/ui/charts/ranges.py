"""How far something may turn out: a bar from the 5th to the 95th of a hundred, with the middle marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from pages.ui import show
from pages.ui.charts.figures import HOVER, Chart, EmptyChart, Limit, sentence, template
from pages.ui.palette import (
    FORECAST_PATTERN,
    INK,
    PURCHASE_OPTION_COLOURS,
    SURFACES,
    PurchaseOption,
    Theme,
)
from pages.ui.text import plain

ROW_PX = 46
ROOM_BEFORE = 0.4
"""From this part of the axis on, an amount fits before its bar on a narrow screen too."""


@dataclass(frozen=True, slots=True)
class Range:
    """One way and how it turns out; one value alone is a mark."""

    name: str
    option: PurchaseOption
    p5: float
    p50: float
    p95: float


def range_bars(
    ranges: Sequence[Range],
    *,
    title: str,
    unit: str,
    value_text: Callable[[float], str],
    limit: Limit | None = None,
    theme: Theme | None = None,
) -> Chart:
    """A row for each way, in order; `limit` is a labelled line across. Ranges are hatched: they are simulated.

    Raises `EmptyChart` without ranges.
    """
    if not ranges:
        raise EmptyChart(title)
    theme = theme or show.theme()
    figure = go.Figure(layout=_layout(ranges, unit, limit, theme))
    for one in ranges:
        figure.add_trace(_bar(one, value_text, theme))
    figure.add_trace(_middles(ranges, value_text, theme))
    highest = _highest(ranges, limit)
    figure.update_layout(annotations=[_label(one, highest, value_text, theme) for one in ranges])
    if limit:
        _draw_limit(figure, limit, theme)
    said = "; ".join(_said(one, value_text) for one in ranges)
    return Chart(figure, title, f"{title}. {said}")


def _said(one: Range, value_text: Callable[[float], str]) -> str:
    if one.p5 == one.p95:
        return plain("charts.range_one", name=one.name, value=value_text(one.p50))
    low, middle, high = map(value_text, (one.p5, one.p50, one.p95))
    return plain("charts.range", name=one.name, low=low, middle=middle, high=high)


def _bar(one: Range, value_text: Callable[[float], str], theme: Theme) -> go.Bar:
    colour = PURCHASE_OPTION_COLOURS[theme][one.option]
    pattern = {"shape": FORECAST_PATTERN, "fgcolor": SURFACES[theme][0], "fillmode": "overlay", "size": 7}
    return go.Bar(
        orientation="h",
        y=[one.name],
        base=[one.p5],
        x=[one.p95 - one.p5],
        width=0.42,
        customdata=[sentence(_said(one, value_text))],
        hovertemplate=HOVER,
        marker={"color": colour, "pattern": pattern | {"solidity": 0.2, "fgopacity": 0.6}},
    )


def _middles(ranges: Sequence[Range], value_text: Callable[[float], str], theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[one.p50 for one in ranges],
        y=[one.name for one in ranges],
        mode="markers",
        customdata=[sentence(_said(one, value_text)) for one in ranges],
        hovertemplate=HOVER,
        marker={
            "symbol": "diamond",
            "size": 11,
            "color": [PURCHASE_OPTION_COLOURS[theme][one.option] for one in ranges],
            "line": {"color": INK[theme], "width": 1.5},
        },
    )


def _label(one: Range, highest: float, value_text: Callable[[float], str], theme: Theme) -> dict[str, Any]:
    """The middle in words, before its bar where there is room, else behind it."""
    before = one.p5 > highest * ROOM_BEFORE
    return {
        "text": value_text(one.p50),
        "x": one.p5 if before else one.p95,
        "y": one.name,
        "xanchor": "right" if before else "left",
        "xshift": -10 if before else 10,
        "showarrow": False,
        "font": {"color": INK[theme], "size": 12},
    }


def _draw_limit(figure: go.Figure, limit: Limit, theme: Theme) -> None:
    figure.add_vline(limit.value, line={"color": INK[theme], "dash": "dash", "width": 1.5})
    figure.add_annotation(
        text=limit.label,
        x=limit.value,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right",
        showarrow=False,
        font={"color": INK[theme], "size": 12},
    )


def _highest(ranges: Sequence[Range], limit: Limit | None) -> float:
    return max([one.p95 for one in ranges] + ([limit.value] if limit else []))


def _layout(ranges: Sequence[Range], unit: str, limit: Limit | None, theme: Theme) -> dict[str, Any]:
    shown = _highest(ranges, limit) * 1.3 or 1
    return {
        "template": template(theme),
        "height": 90 + ROW_PX * len(ranges),
        "showlegend": False,
        "barmode": "overlay",
        "xaxis": {
            "title": {"text": unit},
            "range": [0, shown],
            "nticks": 5,
            "showgrid": True,
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": [one.name for one in ranges],
            "autorange": "reversed",
            "showgrid": False,
        },
    }
