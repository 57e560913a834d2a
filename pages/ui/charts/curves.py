"""What a month costs by the hours used in it: a line for each way to pay, and where the cheapest one changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.ui import show
from pages.ui.charts.figures import HOVER, Chart, EmptyChart, sentence, template
from pages.ui.palette import INK, MUTED, PURCHASE_OPTION_COLOURS, SURFACES, PurchaseOption, Theme

DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
STEPS = 73


@dataclass(frozen=True, slots=True)
class Curve:
    """A straight line from no hours to `most_hours`."""

    name: str
    option: PurchaseOption
    fixed_usd: float
    usd_per_hour: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A point that has a name: a break-even, or the hours planned."""

    hours: float
    label: str
    usd: float | None = None
    """None: a line from bottom to top."""


def cost_curves(
    curves: Sequence[Curve],
    marks: Sequence[Mark],
    *,
    title: str,
    axis: tuple[str, str],
    most_hours: int,
    hover: str = "{name}: {money} / {hours:.0f} h",
    theme: Theme | None = None,
) -> Chart:
    """Dollars over hours; `axis` names hours and dollars. Raises `EmptyChart` without curves."""
    if not curves:
        raise EmptyChart(title)
    theme = theme or show.theme()
    colours = PURCHASE_OPTION_COLOURS[theme]
    xs = [most_hours * step / STEPS for step in range(STEPS + 1)]
    figure = go.Figure(layout=_layout(axis, most_hours, theme))
    for at, curve in enumerate(curves):
        ys = [curve.fixed_usd + curve.usd_per_hour * hours for hours in xs]
        figure.add_trace(
            go.Scatter(
                name=curve.name,
                x=xs,
                y=ys,
                mode="lines",
                line={"color": colours[curve.option], "width": 2.5, "dash": DASHES[_same(curves, at) % len(DASHES)]},
                customdata=[
                    sentence(hover.format(name=curve.name, money=show.money(usd), hours=hours))
                    for hours, usd in zip(xs, ys, strict=True)
                ],
                hovertemplate=HOVER,
            )
        )
    for mark in marks:
        _draw_mark(figure, mark, theme)
    said = "; ".join(f"{mark.label}" for mark in marks)
    return Chart(figure, title, f"{title}. {said}" if said else title)


def _same(curves: Sequence[Curve], at: int) -> int:
    """How many before it have its colour: those are told apart by their dashes."""
    return sum(curve.option is curves[at].option for curve in curves[:at])


def _draw_mark(figure: go.Figure, mark: Mark, theme: Theme) -> None:
    label = {
        "text": mark.label,
        "showarrow": False,
        "bgcolor": SURFACES[theme][0],
        "opacity": 0.9,
        "font": {"color": INK[theme], "size": 12},
        "x": mark.hours,
    }
    if mark.usd is None:
        figure.add_vline(mark.hours, line={"color": MUTED[theme], "dash": "dot", "width": 1.5})
        figure.add_annotation(**label, y=1, yref="paper", yanchor="bottom")
        return
    figure.add_trace(
        go.Scatter(
            x=[mark.hours],
            y=[mark.usd],
            mode="markers",
            marker={"color": INK[theme], "size": 10, "symbol": "diamond"},
            hovertemplate=HOVER,
            customdata=[sentence(mark.label)],
            showlegend=False,
        )
    )
    figure.add_annotation(**label, y=mark.usd, yanchor="top", yshift=-8)


def _layout(axis: tuple[str, str], most_hours: int, theme: Theme) -> dict[str, object]:
    return {
        "template": template(theme),
        "height": 380,
        "margin": {"l": 8, "r": 16, "t": 24, "b": 8},
        "xaxis": {"title": {"text": axis[0]}, "range": [0, most_hours], "nticks": 8},
        "yaxis": {
            "title": {"text": axis[1]},
            "rangemode": "tozero",
            "nticks": 6,
            "tickprefix": "$",
            "tickformat": ",.0f",
        },
        "legend": {"orientation": "h", "y": -0.22, "yanchor": "top", "x": 0, "xanchor": "left"},
    }
