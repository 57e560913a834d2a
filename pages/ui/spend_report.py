"""A month of the bill on one page, for those who pay and do not open the deck: a file that needs nothing else.

The same numbers as the screen, in its language and currency; printed from a browser it is a PDF.
"""

import html
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import bill_words, formats, show, spend_costs
from pages.ui.charts.costs import CostBar, colours
from pages.ui.palette import GRID, INK, MUTED
from pages.ui.spend_costs import Costs
from pages.ui.text import language, plain, t, unescape
from services.bills.shape import PURCHASE_OPTIONS

if TYPE_CHECKING:
    from datetime import date

MOST_ROWS = 12
WIDTH, HEIGHT, BASE = 720, 190, 160
_STYLE = f"""
@page {{ size: A4; margin: 16mm; }}
body {{ font: 14px/1.45 Pretendard, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", system-ui, sans-serif;
  color: {INK["light"]}; max-width: {WIDTH}px; margin: 32px auto; font-variant-numeric: tabular-nums; }}
h1 {{ font-size: 24px; margin: 0 0 4px; }} h2 {{ font-size: 15px; margin: 24px 0 8px; }}
p {{ margin: 4px 0; }} .quiet {{ color: {MUTED["light"]}; font-size: 12px; }}
.figures {{ display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 16px 0; }}
.figures div {{ border: 1px solid {GRID["light"]}; border-radius: 6px; padding: 8px 12px; }}
.figures b {{ display: block; font-size: 20px; }}
table {{ margin: 20px 0 12px; border-collapse: collapse; width: 100%; }}
th, td {{ padding: 4px 8px; text-align: right; border-bottom: 1px solid {GRID["light"]}; }}
th:first-child, td:first-child {{ text-align: left; }}
.key span {{ display: inline-block; margin-right: 16px; }} .key i {{ display: inline-block; width: 11px; height: 11px;
  margin-right: 6px; }}
"""


def download(costs: Costs) -> None:
    """The button; the page is made when it is asked for."""
    st.download_button(
        t("spend.report"),
        data=lambda: page(costs).encode(),
        file_name=f"flightdeck-{costs.shown.period:%Y-%m}.html",
        mime="text/html",
        key="spend_report",
        icon=":material/description:",
        help=t("spend.report_help"),
        on_click="ignore",
    )


def page(costs: Costs) -> str:
    """The page as HTML."""
    bars = spend_costs.bars(costs)
    unusual = spend_costs.unusual(costs)
    return "\n".join(
        [
            f'<!doctype html><html lang="{language()}"><head><meta charset="utf-8">',
            f"<title>{_text(plain('spend.report_title'))}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_text(plain('spend.report_title'))}</h1><p>{_said(spend_costs.sentence(costs))}</p>",
            *_narrowed(costs),
            *_figures(costs),
            f"<h2>{_text(spend_costs.chart_title(costs, bars))}</h2>",
            *_chart(bars),
            *_table(costs),
            *([f"<h2>{_text(plain('spend.unusual'))}</h2>"] if unusual else []),
            *(f"<p>{_said(each)}</p>" for each in unusual),
            f'<p class="quiet">{_said(spend_costs.source(costs.shown))}',
            f"{_said(t(f'spend.{costs.shown.measure}_help'))}{_won()}</p></body></html>",
        ]
    )


def _narrowed(costs: Costs) -> Iterator[str]:
    for name, values in costs.shown.only:
        said = ", ".join(bill_words.value(name, each) for each in values)
        yield f"<p>{_text(bill_words.dimension(costs.shown.book, name))}: {_text(said)}</p>"


def _figures(costs: Costs) -> Iterator[str]:
    yield '<div class="figures">'
    for figure in spend_costs.figures_of(costs):
        change = f'<span class="quiet">{_text(figure.change)}</span>' if figure.change else ""
        yield f"<div>{_text(figure.label)}<b>{_text(figure.value)}</b>{change}</div>"
    yield "</div>"


def _chart(bars: Sequence[CostBar]) -> Iterator[str]:
    """Stacked bars of what was billed; what is expected is hatched. What takes off (credits) is left to the table."""
    paint = colours(bars, "light")
    highest = max(sum(max(part, Decimal(0)) for part in bar.parts_usd.values()) for bar in bars) or Decimal(1)
    ordered = sorted(bars, key=lambda bar: bar.day)
    first, days = ordered[0].day, (ordered[-1].day - ordered[0].day).days + 1
    step = WIDTH / days
    yield f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-hidden="true">'
    yield (
        '<defs><pattern id="ahead" width="5" height="5" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">'
        f'<rect width="2" height="5" fill="{MUTED["light"]}"/></pattern></defs>'
    )
    tops: dict[date, float] = {}
    for bar in ordered:
        for name, part in bar.parts_usd.items():
            height = float(max(part, Decimal(0)) / highest) * (BASE - 10)
            top = tops.get(bar.day, float(BASE)) - height
            tops[bar.day] = top
            fill = "url(#ahead)" if bar.forecast else paint[str(name)]
            at = (bar.day - first).days * step
            yield f'<rect x="{at:.1f}" y="{top:.1f}" width="{step * 0.75:.1f}" height="{height:.1f}" fill="{fill}"/>'
    yield f'<line x1="0" y1="{BASE}" x2="{WIDTH}" y2="{BASE}" stroke="{MUTED["light"]}"/>'
    for day, anchor, at in ((first, "start", 0), (ordered[-1].day, "end", WIDTH)):
        label = _text(formats.day(day, language(), this_year=first.year))
        yield f'<text x="{at}" y="{BASE + 18}" text-anchor="{anchor}" font-size="12">{label}</text>'
    yield '</svg><p class="key">'
    for name, colour in paint.items():
        ahead = name == plain("spend.forecast")
        filled = f"repeating-linear-gradient(45deg, {MUTED['light']} 0 2px, #fff 2px 5px)" if ahead else colour
        shown = plain(f"options.{name}") if name in PURCHASE_OPTIONS else name
        yield f'<span><i style="background: {filled}"></i>{_text(shown)}</span>'
    yield "</p>"


def _table(costs: Costs) -> Iterator[str]:
    head = ("spend.column_cost", "spend.column_share", "spend.column_change")
    dimension = bill_words.dimension(costs.shown.book, costs.shown.split)
    yield f"<table><tr><th>{_text(dimension)}</th>"
    yield "".join(f"<th>{_text(plain(each))}</th>" for each in head) + "</tr>"
    for row in costs.rows[:MOST_ROWS]:
        cells = (
            show.money(row.cost),
            formats.percent(row.share, 1),
            "" if row.change is None else show.money(row.change),
        )
        yield f"<tr><td>{_text(row.name)}</td>{''.join(f'<td>{_text(each)}</td>' for each in cells)}</tr>"
    rest = costs.rows[MOST_ROWS:]
    if rest:
        cost = sum((row.cost for row in rest), Decimal(0))
        name = plain("spend.others", count=len(rest))
        yield f"<tr><td>{_text(name)}</td><td>{_text(show.money(cost))}</td><td></td><td></td></tr>"
    yield "</table>"


def _won() -> str:
    rate = show.won_rate()
    return f" {_text(show.stated(rate))}" if rate else ""


def _said(words: str) -> str:
    """Markdown of ours, which escapes what it shows."""
    return _text(unescape(words))


def _text(words: str) -> str:
    return html.escape(words)
