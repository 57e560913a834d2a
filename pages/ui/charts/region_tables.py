"""Tables of colours: a row for each region, and in every place a word or two on a fill that says how good it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from pages.ui import show
from pages.ui.charts.figures import HOVER, Chart, EmptyChart, sentence, template
from pages.ui.palette import Theme, ink_on

ROW_PX, HEAD_PX, SLANTED_PX = 34, 66, 12
LONGEST_LEVEL = 8
"""Characters of a column's name that still fit side by side on a phone."""
GAP = 0.04
"""Between two places, of the size of one, on each side."""


@dataclass(frozen=True, slots=True)
class Place:
    """One column of one region."""

    text: str
    fill: str
    said: str
    """The sentence of its hover."""


def region_table(
    rows: Sequence[str],
    columns: Sequence[str],
    places: Mapping[tuple[str, str], Place],
    *,
    title: str,
    said: Sequence[str] = (),
    marked: str = "",
    theme: Theme | None = None,
) -> Chart:
    """`places` by row and column, in whose order a click counts them; the row that is `marked` is set in bold, and the
    sentences that are `said` stand for the picture to those who do not see it. Raises `EmptyChart` without places."""
    if not places:
        raise EmptyChart(title)
    theme = theme or show.theme()
    slanted = len(columns) > 4 and max(map(len, columns)) > LONGEST_LEVEL
    # Bars and not a heat map: of these a click can choose one.
    bars = go.Bar(
        x=[columns.index(column) for _, column in places],
        base=[rows.index(row) - 0.5 + GAP for row, _ in places],
        y=[1 - 2 * GAP] * len(places),
        width=1 - 2 * GAP,
        marker={"color": [place.fill for place in places.values()], "line": {"width": 0}},
        text=[place.text for place in places.values()],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        constraintext="none",
        textfont={"size": 12, "color": [ink_on(place.fill) for place in places.values()]},
        customdata=[sentence(place.said) for place in places.values()],
        hovertemplate=HOVER,
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
    )
    names = [f"<b>▸ {row}</b>" if row == marked else row for row in rows]
    layout = {
        # Slanted names end at their column: to the left there is room for the first one.
        "template": template(theme),
        "height": HEAD_PX + ROW_PX * len(rows) + SLANTED_PX * slanted,
        "margin": {"l": 8, "r": 8, "t": 32 + SLANTED_PX * slanted, "b": 8},
        "xaxis": _axis(columns) | {"side": "top", "tickangle": 30 if slanted else 0},
        "yaxis": _axis(names) | {"range": [len(rows) - 0.5, -0.5]},
    }
    return Chart(go.Figure(bars, layout), title, ". ".join((title, *said)))


def _axis(names: Sequence[str]) -> dict[str, object]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [-0.5, len(names) - 0.5],
        "showgrid": False,
        "zeroline": False,
    }
