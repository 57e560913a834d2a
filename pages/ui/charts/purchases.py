"""What runs in each hour, stacked by how it is paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any

import plotly.graph_objects as go

from pages.ui import show
from pages.ui.charts.figures import HOVER, MOST_POINTS, TIME_TICKS, Chart, EmptyChart, local, sentence, template
from pages.ui.palette import FORECAST_PATTERN, PURCHASE_OPTION_COLOURS, SURFACES, PurchaseOption, Theme
from pages.ui.text import plain

HOUR = timedelta(hours=1)
STACK = (PurchaseOption.RESERVED, PurchaseOption.SAVINGS_PLAN, PurchaseOption.SPOT, PurchaseOption.ON_DEMAND)
"""From the bottom up: what is committed lies under what comes and goes."""


@dataclass(frozen=True, slots=True)
class _Step:
    """From `at` on it is so, until the next step."""

    at: datetime
    counts: Mapping[PurchaseOption, float]


def purchase_areas(
    start: datetime,
    hours: Sequence[Mapping[PurchaseOption, float]],
    *,
    title: str,
    unpublished: frozenset[PurchaseOption] = frozenset(),
    zone: tzinfo | None = None,
    theme: Theme | None = None,
) -> Chart:
    """Instances by hour from `start`, an area for each purchase option that there is; `unpublished` rates are hatched.

    Where there are more steps than can be seen, each one drawn is the mean of some hours, and a note says of how many.
    Raises `EmptyChart` without hours in which anything runs.
    """
    present = [option for option in STACK if any(hour.get(option) for hour in hours)]
    if not present:
        raise EmptyChart(title)
    zone, theme = zone or show.zone(), theme or show.theme()
    steps, block = _steps(start, hours, MOST_POINTS // len(present) - 1)
    end = start + HOUR * len(hours)
    figure = go.Figure(layout=_layout(theme))
    for option in present:
        figure.add_trace(_area(option, steps, end, zone, theme, option in unpublished))
    totals = {option: sum(hour.get(option, 0.0) for hour in hours) for option in present}
    shares = (f"{plain(f'options.{option}')}: {totals[option] / sum(totals.values()):.0%}" for option in present)
    note = plain("charts.averaged", count=block) if block > 1 else None
    return Chart(figure, title, f"{title}. {'; '.join(shares)}", note)


def _steps(start: datetime, hours: Sequence[Mapping[PurchaseOption, float]], most: int) -> tuple[list[_Step], int]:
    """Only the hours in which something changes; if those are too many, means of blocks of hours, and their length."""
    changes = [at for at, hour in enumerate(hours) if not at or hour != hours[at - 1]]
    if len(changes) <= most:
        return [_Step(start + HOUR * at, hours[at]) for at in changes], 1
    block = -(-len(hours) // most)
    return [_Step(start + HOUR * at, _mean(hours[at : at + block])) for at in range(0, len(hours), block)], block


def _mean(hours: Sequence[Mapping[PurchaseOption, float]]) -> dict[PurchaseOption, float]:
    return {option: sum(hour.get(option, 0.0) for hour in hours) / len(hours) for option in STACK}


def _area(
    option: PurchaseOption, steps: Sequence[_Step], end: datetime, zone: tzinfo, theme: Theme, hatched: bool
) -> go.Scatter:
    name = plain(f"options.{option}")
    colour = PURCHASE_OPTION_COLOURS[theme][option]
    counts = [step.counts.get(option, 0.0) for step in steps]
    pattern = {"shape": FORECAST_PATTERN, "fgcolor": SURFACES[theme][0], "fillmode": "overlay", "size": 7}
    return go.Scatter(
        name=plain("charts.unpublished", name=name) if hatched else name,
        x=[*(local(step.at, zone) for step in steps), local(end, zone)],
        y=[*counts, counts[-1]],
        mode="lines",
        line={"shape": "hv", "width": 0.5, "color": colour},
        stackgroup="hours",
        fillcolor=colour,
        fillpattern=pattern | {"solidity": 0.2, "fgopacity": 0.6} if hatched else None,
        customdata=[
            sentence(plain("charts.point", name=name, value=f"{count:,.4g}", when=show.exact(step.at)))
            for count, step in zip(counts, steps, strict=True)
        ]
        + [""],
        hovertemplate=HOVER,
    )


def _layout(theme: Theme) -> dict[str, Any]:
    return {
        "template": template(theme),
        "height": 320,
        "showlegend": True,
        "legend": {"y": 1.04, "traceorder": "normal"},
        "xaxis": {"type": "date", "nticks": 8, "tickformatstops": TIME_TICKS},
        "yaxis": {"title": {"text": plain("charts.instances")}, "rangemode": "tozero", "nticks": 5},
    }
