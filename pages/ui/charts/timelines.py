"""Which resource was in which state when: a row each, coloured by what the state means."""

from collections.abc import Sequence
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
    local,
    sentence,
    template,
)
from pages.ui.palette import MUTED, PATTERNS, STATE_COLOURS, SURFACES, Theme, Tone, ink_on
from pages.ui.states import state
from pages.ui.text import plain

ROW_PX, NOW_PX = 30, 20
"""A row, and the word for now above them."""
MOST_ROWS = 25
LONGEST_NAME = 26
NARROWEST = 240
"""A state of seconds in a chart of a day is still drawn: this part of the chart wide."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One state of one resource, from `start` to `end`; an `end` of None means that it still holds."""

    resource: str
    state: str
    start: datetime
    end: datetime | None = None
    note: str = ""
    """More for the hover: what it cost, and how we know."""


def lifecycle_timeline(
    bars: Sequence[Bar],
    *,
    title: str,
    since: datetime,
    now: datetime,
    zone: tzinfo | None = None,
    theme: Theme | None = None,
) -> Chart:
    """A row per resource in the order given, at most 25, from `since` to `now`, which is marked on the right edge.

    Raises `EmptyChart` when no bar reaches into that time.
    """
    seen = [bar for bar in bars if (bar.end or now) > since and bar.start < now]
    if not seen:
        raise EmptyChart(title)
    names = list(dict.fromkeys(bar.resource for bar in seen))
    rows, zone, theme = names[:MOST_ROWS], zone or show.zone(), theme or show.theme()
    drawn = [bar for bar in seen if bar.resource in set(rows)][:MOST_POINTS]
    figure = go.Figure(layout=_layout(rows, since, now, zone, theme))
    for tone in Tone:
        same = [bar for bar in drawn if state(bar.state).tone is tone]
        if same:
            figure.add_trace(_trace(tone, same, since, now, zone, theme))
    left_out = len(names) - len(rows)
    alt = f"{title}. " + "; ".join(dict.fromkeys(_last(bar, now) for bar in drawn if bar.end is None))
    note = plain("charts.more_rows", count=left_out) if left_out else None
    return Chart(figure, title, alt, note)


def _last(bar: Bar, now: datetime) -> str:
    return f"{bar.resource}: {bar.state}, {show.duration(now - bar.start)}"


def _trace(tone: Tone, bars: Sequence[Bar], since: datetime, now: datetime, zone: tzinfo, theme: Theme) -> go.Bar:
    fill = SURFACES[theme][1] if tone is Tone.GONE else STATE_COLOURS[theme][tone]
    starts = [max(bar.start, since) for bar in bars]
    ends = [min(bar.end or now, now) for bar in bars]
    wide, narrowest = (now - since) / 9, (now - since) / NARROWEST
    labels = [bar.state if end - start > wide else "" for bar, start, end in zip(bars, starts, ends, strict=True)]
    return go.Bar(
        orientation="h",
        name=plain(f"tones.{tone}"),
        y=[bar.resource for bar in bars],
        base=[local(start, zone) for start in starts],
        x=[max(end - start, narrowest) / timedelta(milliseconds=1) for start, end in zip(starts, ends, strict=True)],
        text=labels,
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        insidetextfont={"color": ink_on(fill), "size": 12},
        customdata=[_hover(bar, now) for bar in bars],
        hovertemplate=HOVER,
        marker=_marker(tone, theme),
    )


def _marker(tone: Tone, theme: Theme) -> dict[str, Any]:
    """Filled, with a pattern as the second channel; what is gone is an outline."""
    colour = STATE_COLOURS[theme][tone]
    if tone is Tone.GONE:
        return {"color": SURFACES[theme][1], "line": {"color": colour, "width": 1}}
    pattern = {"shape": PATTERNS[tone], "fillmode": "overlay", "fgcolor": ink_on(colour), "fgopacity": 0.22, "size": 8}
    return {"color": colour, "line": {"color": SURFACES[theme][0], "width": 1}, "pattern": pattern | {"solidity": 0.15}}


def _hover(bar: Bar, now: datetime) -> str:
    end = bar.end or now
    text = plain(
        "charts.bar",
        resource=bar.resource,
        state=bar.state,
        start=show.exact(bar.start),
        end=show.exact(bar.end) if bar.end else plain("common.now"),
        duration=show.duration(end - bar.start),
    )
    return sentence(f"{text}. {bar.note}" if bar.note else text)


def _layout(rows: Sequence[str], since: datetime, now: datetime, zone: tzinfo, theme: Theme) -> dict[str, Any]:
    edge = now + (now - since) * 0.01
    return {
        "template": template(theme),
        "barmode": "overlay",
        "height": 96 + NOW_PX + ROW_PX * len(rows),
        # Above the word for now, which a second line of it would run into on a narrow screen.
        "legend": {"y": 1 + NOW_PX / (ROW_PX * len(rows))},
        "uniformtext": {"minsize": 11, "mode": "hide"},
        "xaxis": {
            "type": "date",
            "range": [local(since, zone), local(edge, zone)],
            "showgrid": True,
            "nticks": 7,
            "tickformatstops": TIME_TICKS,
        },
        "yaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": list(rows),
            "autorange": "reversed",
            "showgrid": False,
            "tickmode": "array",
            "tickvals": list(rows),
            "ticktext": [_short(name) for name in rows],
        },
        "showlegend": True,
        "shapes": [
            {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1}
            | {"line": {"color": MUTED[theme], "width": 1.5, "dash": "dot"}}
            for at in (local(now, zone),)
        ],
        "annotations": [
            {
                "x": local(now, zone),
                "y": 1,
                "yref": "paper",
                "yanchor": "bottom",
                "xanchor": "right",
                "showarrow": False,
                "text": f"{plain('common.now')} {now.astimezone(zone):%H:%M}",
                "font": {"color": MUTED[theme], "size": 12},
            }
        ],
    }


def _short(name: str) -> str:
    """Both ends of a long name: AWS names begin alike and end in what tells them apart."""
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME // 2 - 1]}…{name[-LONGEST_NAME // 2 :]}"
