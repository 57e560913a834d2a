"""What was spent by day, stacked by purchase option or by kind."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from pages.ui import formats, show
from pages.ui.charts.figures import (
    HOVER,
    MOST_POINTS,
    TIME_TICKS,
    Chart,
    EmptyChart,
    Limit,
    draw_limit,
    sentence,
    template,
)
from pages.ui.palette import (
    FORECAST_PATTERN,
    MUTED,
    PURCHASE_OPTION_COLOURS,
    SERIES_COLOURS,
    SURFACES,
    PurchaseOption,
    Theme,
)
from pages.ui.text import language, plain

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class CostBar:
    """One day's dollars and what they went to."""

    day: date
    parts_usd: Mapping[Any, Decimal]
    """By `PurchaseOption`, or by any other name."""
    forecast: bool = False


def cost_bars(
    bars: Sequence[CostBar],
    *,
    title: str,
    today: date,
    limit: Limit | None = None,
    theme: Theme | None = None,
) -> Chart:
    """A bar a day with today marked; a day without figures stays empty; a forecast is hatched in its own hue.

    Purchase options keep their colour and order, other names are ordered by what they cost. `limit` is in dollars.
    Raises `EmptyChart` without bars and `ValueError` for more than 1,000 parts: sum them to months first.
    """
    if not any(bar.parts_usd for bar in bars):
        raise EmptyChart(title)
    if sum(len(bar.parts_usd) for bar in bars) > MOST_POINTS:
        raise ValueError("more parts than can be told apart on a screen")
    theme = theme or show.theme()
    ordered = sorted(bars, key=lambda bar: bar.day)
    labels = {bar.day: formats.day(bar.day, language(), this_year=today.year) for bar in ordered}
    figure = go.Figure(layout=_layout(theme))
    for name, colour in colours(ordered, theme).items():
        figure.add_trace(_trace(name, colour, ordered, labels, theme))
    if limit:
        draw_limit(figure, limit, theme)
    if ordered[0].day <= today <= ordered[-1].day:
        figure.add_annotation(_today(today, theme))
    spent = sum((sum(bar.parts_usd.values()) for bar in ordered if not bar.forecast), Decimal(0))
    alt = f"{title}. {labels[ordered[0].day]} – {labels[ordered[-1].day]}: {show.money(spent)}"
    return Chart(figure, title, alt)


def colours(bars: Sequence[CostBar], theme: Theme) -> dict[str, str]:
    """What the bars are made of → its colour: purchase options in their order and colour, other names by what they
    cost."""
    totals: dict[str, Decimal] = {}
    for bar in bars:
        for name, cost in bar.parts_usd.items():
            totals[name] = totals.get(name, Decimal(0)) + cost
    options = {str(option): PURCHASE_OPTION_COLOURS[theme][option] for option in PurchaseOption if option in totals}
    others = sorted((name for name in totals if name not in options), key=lambda name: -totals[name])
    spare = SERIES_COLOURS[theme]
    return options | {name: spare[at % len(spare)] for at, name in enumerate(others)}


def _trace(name: str, colour: str, bars: Sequence[CostBar], labels: Mapping[date, str], theme: Theme) -> go.Bar:
    mine = [bar for bar in bars if name in bar.parts_usd]
    shown = plain(f"options.{name}") if name in set(PurchaseOption) else name
    return go.Bar(
        # Plotly reads tags in a legend, and a tag's value may be anything.
        name=html.escape(shown, quote=False),
        x=[bar.day.isoformat() for bar in mine],
        width=DAY_MS * 0.7,
        y=[float(bar.parts_usd[name]) for bar in mine],
        customdata=[_hover(shown, bar, bar.parts_usd[name], labels) for bar in mine],
        hovertemplate=HOVER,
        marker={
            "color": colour,
            "line": {"color": SURFACES[theme][0], "width": 1},
            "pattern": {
                "shape": [FORECAST_PATTERN if bar.forecast else "" for bar in mine],
                "fillmode": "replace",
                "size": 6,
                "solidity": 0.45,
            },
        },
    )


def _hover(name: str, bar: CostBar, cost: Decimal, labels: Mapping[date, str]) -> str:
    key = "charts.cost_forecast" if bar.forecast else "charts.cost"
    return sentence(plain(key, name=name, value=show.money(cost), when=labels[bar.day]))


def _today(today: date, theme: Theme) -> dict[str, Any]:
    return {
        "text": plain("common.today"),
        "x": today.isoformat(),
        "xanchor": "center",
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": MUTED[theme], "size": 12},
    }


def _layout(theme: Theme) -> dict[str, Any]:
    return {
        "template": template(theme),
        "barmode": "relative",
        "height": 320,
        "showlegend": True,
        "legend": {"y": 1.08, "traceorder": "normal"},
        "xaxis": {"type": "date", "nticks": 8, "tickformatstops": TIME_TICKS},
        "yaxis": {
            "title": {"text": "USD"},
            "rangemode": "tozero",
            "tickprefix": "$",
            "nticks": 5,
            "separatethousands": True,
        },
    }
