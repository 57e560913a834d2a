"""`python -m bench.growth`: how the deck grows with what an account holds, measured and drawn to docs/growth.svg."""

import statistics
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import plotly.graph_objects as go
from playwright.sync_api import Browser
from plotly.subplots import make_subplots

from bench.browsers import chromium
from bench.deck import CLICKS, MANY, counted, memory, readable, seconds_to_redraw, seed, visit
from bench.decks import fresh_deck
from bench.visitors import seconds_a_click

COUNTS = (10, 30, 100, 300, 1_000, 3_000, MANY)
PICTURE = Path(__file__).parents[1] / "docs" / "growth.svg"
WIDTH, HEIGHT = 960, 560
INK, LINE, GRID = "#334155", "#0f766e", "#e2e8f0"


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured with `count` training jobs in the account."""

    count: int
    first_paint_seconds: float
    """Of the training page in a browser that has never been there; the account is known."""
    click_seconds: float
    """A click on that page, until all of it is drawn anew."""
    rerun_seconds: float
    """The server's time for a rerun of Overview, alone."""
    memory_mib: float
    """The deck and its practice account together."""


PANELS = (
    ("first_paint_seconds", "First paint, s"),
    ("click_seconds", "A click drawn, s"),
    ("rerun_seconds", "Server's time of a rerun, s"),
    ("memory_mib", "Memory of deck and practice account, MiB"),
)


def measured(count: int) -> Size:
    """In a deck of its own."""
    with fresh_deck(prepare=partial(seed, count=count)) as deck:
        address = f"{deck.url}/training"
        with chromium() as browser:
            visit(browser, address, partial(counted, count=count))
            paint = statistics.median(visit(browser, address, readable) for _ in range(3))
            click = seconds_to_redraw(browser, address)
        # The browser's own event loop has ended: the visitors need one.
        rerun = statistics.median(seconds_a_click(deck.url, 1, CLICKS))
        return Size(count, paint, click, rerun, memory(deck).value)


def drawn(sizes: list[Size]) -> go.Figure:
    """Four small charts over the number of jobs."""
    chart = make_subplots(2, 2, subplot_titles=[title for _, title in PANELS], vertical_spacing=0.16)
    counts = [size.count for size in sizes]
    for at, (name, _) in enumerate(PANELS):
        values = [getattr(size, name) for size in sizes]
        line = go.Scatter(x=counts, y=values, mode="lines+markers", line={"color": LINE}, showlegend=False)
        chart.add_trace(line, at // 2 + 1, at % 2 + 1)
    chart.update_xaxes(type="log", tickvals=counts, ticktext=[f"{count:,}" for count in counts], gridcolor=GRID)
    chart.update_yaxes(rangemode="tozero", gridcolor=GRID)
    for column in (1, 2):
        chart.update_xaxes(title_text="Training jobs in the account", row=2, col=column)
    chart.update_layout(template="plotly_white", font={"color": INK, "family": "sans-serif"}, margin={"t": 40, "b": 50})
    return chart


def write(browser: Browser, chart: go.Figure) -> None:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.set_content(chart.to_html(include_plotlyjs=True, div_id="chart"))
    svg = page.evaluate(
        "size => Plotly.toImage('chart', {format: 'svg', imageDataOnly: true, ...size})",
        {"width": WIDTH, "height": HEIGHT},
    )
    PICTURE.write_text(f"{svg}\n")
    page.close()


def main() -> None:
    sizes = []
    for count in COUNTS:
        sizes.append(measured(count))
        print(sizes[-1], flush=True)
    with chromium() as browser:
        write(browser, drawn(sizes))


if __name__ == "__main__":
    main()
