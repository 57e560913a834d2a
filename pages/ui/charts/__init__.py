"""Charts of one look. Build one from data, then draw it after the page's figures and table:

    chart = lifecycle_timeline(bars, title=plain("overview.timeline", ...), since=yesterday, now=now)
    draw(chart, key="timeline")

Each takes the sentence that says what to see. An empty input raises `EmptyChart`: an empty state is drawn instead.
"""

from pages.ui.charts.costs import CostBar, cost_bars
from pages.ui.charts.figures import Chart, EmptyChart, Limit, draw, pick, template, thin
from pages.ui.charts.lines import Series, metric_lines
from pages.ui.charts.purchases import purchase_areas
from pages.ui.charts.ranges import Range, range_bars
from pages.ui.charts.timelines import Bar, lifecycle_timeline

__all__ = [
    "Bar",
    "Chart",
    "CostBar",
    "EmptyChart",
    "Limit",
    "Range",
    "Series",
    "cost_bars",
    "draw",
    "lifecycle_timeline",
    "metric_lines",
    "pick",
    "purchase_areas",
    "range_bars",
    "template",
    "thin",
]
