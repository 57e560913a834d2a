"""What all charts share: the template, the frame around a figure, hover sentences, and fewer points than pixels."""

import html
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache, partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from pages.ui.palette import GRID, INK, MUTED, SERIES_COLOURS, SURFACES, Theme
from pages.ui.text import escape

FONT = "Flightdeck Sans, sans-serif"
MOST_POINTS = 1_000
HOVER = "%{customdata}<extra></extra>"
TIME_TICKS = (
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 43_200_000], "value": "%H:%M<br>%m-%d"},
    {"dtickrange": [43_200_000, "M1"], "value": "%m-%d"},
    {"dtickrange": ["M1", None], "value": "%Y-%m"},
)
"""Numbers only, so that an axis reads the same in both languages."""

Point = tuple[datetime, float | None]


class EmptyChart(ValueError):
    """There is nothing to draw: show an empty state that says what would fill it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with the sentence above it, the text for those who cannot see it, and what was left out."""

    figure: go.Figure
    title: str
    alt: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget, a quota or a break-even, named on its line."""

    value: float
    label: str


def draw_limit(figure: go.Figure, limit: Limit, theme: Theme) -> None:
    """The dashed line and, at its right end, its name."""
    figure.add_hline(limit.value, line={"color": INK[theme], "dash": "dash", "width": 1.5})
    figure.add_annotation(
        text=limit.label,
        x=1,
        xref="paper",
        xanchor="right",
        y=limit.value,
        yanchor="bottom",
        showarrow=False,
        bgcolor=SURFACES[theme][0],
        opacity=0.9,
        font={"color": INK[theme], "size": 12},
    )


@cache
def template(theme: Theme) -> go.layout.Template:
    """The one template, `flightdeck`, in its light or dark form."""
    axis: dict[str, Any] = {
        "gridcolor": GRID[theme],
        "linecolor": GRID[theme],
        "zerolinecolor": GRID[theme],
        "tickfont": {"color": MUTED[theme], "size": 12},
        "title": {"font": {"color": MUTED[theme], "size": 12}, "standoff": 8},
        "automargin": True,
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": INK[theme]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(SERIES_COLOURS[theme]),
            "margin": {"l": 8, "r": 12, "t": 36, "b": 8},
            "xaxis": axis | {"showgrid": False},
            "yaxis": axis,
            "legend": {
                "orientation": "h",
                "x": 0,
                "y": 1,
                "xanchor": "left",
                "yanchor": "bottom",
                "title": {"text": ""},
            },
            "hoverlabel": {
                "bgcolor": SURFACES[theme][1],
                "bordercolor": MUTED[theme],
                "font": {"family": FONT, "size": 13, "color": INK[theme]},
                "align": "left",
            },
            "hovermode": "closest",
            "dragmode": False,
            "bargap": 0.3,
        }
    )


CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}


def draw(chart: Chart, *, key: str) -> None:
    """Put the chart on the page: its sentence, the figure, and what was left out."""
    st.markdown(f"**{escape(chart.title)}**")
    st.plotly_chart(chart.figure, theme=None, key=key, alt=chart.alt, config=CONFIG)
    if chart.note:
        st.caption(escape(chart.note))


def pick(chart: Chart, *, key: str) -> int | None:
    """As `draw`, but a point can be clicked: returns the index of the one that was, in the run of that click alone."""
    st.markdown(f"**{escape(chart.title)}**")
    picked: int | None = st.session_state.pop(f"{key}_picked", None)
    widget = f"{key}_{st.session_state.get(f'{key}_picks', 0)}"
    st.plotly_chart(
        chart.figure,
        theme=None,
        key=widget,
        alt=chart.alt,
        config=CONFIG,
        on_select=partial(_pick, key, widget),
        selection_mode="points",
    )
    return picked


def _pick(key: str, widget: str) -> None:
    points = st.session_state[widget]["selection"]["point_indices"]
    if points:
        st.session_state[f"{key}_picked"] = points[0]
        # Another widget has nothing selected: the same point can be clicked again.
        st.session_state[f"{key}_picks"] = st.session_state.get(f"{key}_picks", 0) + 1


def local(when: datetime, zone: tzinfo) -> str:
    """A time as plotly takes it: it knows no zones and draws what it is given."""
    return when.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def sentence(text: str) -> str:
    """Hover text: plotly reads tags in it and never wraps."""
    return "<br>".join(html.escape(line) for line in textwrap.wrap(text, 44)) or html.escape(text)


def thin(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` points that keep the shape: of each stretch its lowest, its highest and its gap, in time order."""
    if len(points) <= most:
        return list(points)
    buckets = max(most // 3, 1)
    size = -(-len(points) // buckets)
    kept: list[Point] = []
    for start in range(0, len(points), size):
        stretch = points[start : start + size]
        values = [(value, at) for at, (_, value) in enumerate(stretch) if value is not None]
        chosen = {min(values)[1], max(values)[1]} if values else set()
        gap = next((at for at, (_, value) in enumerate(stretch) if value is None), None)
        kept.extend(stretch[at] for at in sorted(chosen | ({gap} if gap is not None else set())))
    return kept[:most]
