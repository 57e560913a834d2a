"""Compare: two to five offers side by side, what a month costs by the hours used, and from when on which is cheaper."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import charts, guard, market_reads, offer_words, session, show, tables
from pages.ui.charts.curves import Curve, Mark, cost_curves
from pages.ui.compared_rows import ComparedRow, row_of, telling
from pages.ui.formats import percent
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.offer_detail import COMPARED, MOST_COMPARED
from pages.ui.text import explain, plain, t
from services import comparisons
from services.comparisons import Band, Line
from services.errors import DeckError
from services.offer_rates import ON_DEMAND
from services.offers import HOURS_A_MONTH, Offer

guard.require_entry()


def _chosen() -> tuple[list[Offer], int]:
    """The offers that the URL names, and how many of it are not known."""
    named = [each for each in st.query_params.get(COMPARED, "").split(",") if each][:MOST_COMPARED]
    st.session_state[COMPARED] = ",".join(named)
    found = [offer for each in named if (offer := _find(each)) is not None]
    return found, len(named) - len(found)


def _find(identity: str) -> Offer | None:
    region, _, rest = identity.partition("/")
    _, _, rest = rest.partition("/")
    try:
        known = market_reads.all_offers().find(rest.partition("/")[0], region)
    except DeckError:
        return None
    return next((offer for offer in known if offer.id == identity), None)


def _names(compared: Sequence[Offer]) -> dict[str, str]:
    """Offer → what it is called here: how it is bought, and of the rest only what tells them apart."""
    parts: list[Callable[[Offer], str]] = [offer_words.option]
    if len({offer.instance_type for offer in compared}) > 1:
        parts.append(lambda one: one.instance_type)
    elif len({offer.component for offer in compared}) > 1:
        parts.append(offer_words.use)
    if len({offer.region for offer in compared}) > 1:
        parts.append(lambda one: offer_words.city(one.region))
    return {offer.id: " · ".join(part(offer) for part in parts) for offer in compared}


def _bands_said(bands: tuple[Band, ...], names: dict[str, str]) -> str:
    if len(bands) == 1:
        return plain("compare.always", name=names[bands[0].line.offer.id])
    first, *later = bands
    parts = [plain("compare.up_to", hours=f"{first.to_hours:.0f}", name=names[first.line.offer.id])]
    parts += [plain("compare.above", hours=f"{band.from_hours:.0f}", name=names[band.line.offer.id]) for band in later]
    return " ".join(parts)


def _ask() -> tuple[int, int, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hours = st.number_input(
            t("prices.hours"), 1, HOURS_A_MONTH, 200, key="hours", bind="query-params", width=150,
            help=t("prices.hours_help"),
        )  # fmt: skip
        count = st.number_input(
            t("compare.count"), 1, 1_000, 1, key="count", bind="query-params", width=150, help=explain("instance")
        )
        steady = st.toggle(
            t("compare.without_spot"), key="steady", bind="query-params", help=t("compare.without_spot_help")
        )
    return int(hours), int(count), steady


def _figures(rows: list[ComparedRow]) -> list[Figure]:
    best = min(rows, key=lambda row: row.month_usd)
    even = min((row.break_even for row in rows if row.break_even is not None), default=None)
    share = plain("compare.utilisation", share=percent(even / HOURS_A_MONTH)) if even is not None else None
    return [
        Figure(plain("prices.cheapest"), show.money(best.month_usd), help=best.name),
        Figure(
            plain("compare.break_even"),
            plain("compare.planned", hours=f"{even:.0f}") if even is not None else plain("compare.never"),
            help=" ".join(filter(None, (plain("compare.break_even_help"), share))),
        ),
    ]


def _draw_curves(rows: list[ComparedRow], bands: tuple[Band, ...], names: dict[str, str], hours: int) -> None:
    curves = [
        Curve(
            row.name,
            offer_words.COLOURS[row.line.offer.purchase_option],
            float(row.fixed_usd),
            float(row.usd_per_hour),
        )
        for row in rows
    ]
    marks = [Mark(hours, plain("compare.planned", hours=hours))]
    crossings = {(band.from_hours, band.line.month_usd(band.from_hours)) for band in bands[1:]}
    crossings |= {(row.break_even, row.fixed_usd) for row in rows if row.break_even is not None}
    marks += [Mark(float(at), plain("compare.planned", hours=f"{at:.0f}"), float(usd)) for at, usd in sorted(crossings)]
    chart = cost_curves(
        curves,
        marks,
        title=_bands_said(bands, names),
        axis=(plain("compare.axis_hours"), plain("compare.axis_usd")),
        most_hours=HOURS_A_MONTH,
    )
    charts.draw(chart, key="cost_curves")


def draw() -> None:
    """All of the page."""
    with session.shown_errors():
        chosen, unknown = _chosen()
        if not chosen:
            page_header(t("compare.title"), "")
            with empty_state(":material/compare_arrows:", t("compare.none")):
                if st.button(t("compare.open_prices"), type="primary", icon=":material/sell:"):
                    st.switch_page("pages/prices.py")
            return
        head = st.container()
        if unknown:
            st.warning(t("compare.unknown", count=unknown), icon=":material/help:")
        hours, count, steady = _ask()
        lines = [Line(offer, count) for offer in chosen]
        lines = [line for line in lines if not (steady and line.may_be_interrupted)] or lines
        bands = comparisons.bands(lines)
        names = _names([line.offer for line in lines])
        on_demand = next((line for line in lines if line.offer.purchase_option == ON_DEMAND), None)
        rows = [row_of(line, names[line.offer.id], hours, on_demand) for line in lines]
        best = min(rows, key=lambda row: row.month_usd)
        sentence = t("compare.sentence", hours=str(hours), name=best.name, money=show.money(best.month_usd))
        with head, page_header(t("compare.title"), sentence, help=explain("purchase_option")):
            if st.button(t("compare.clear"), icon=":material/clear_all:", key="compare_clear"):
                st.query_params.pop(COMPARED, None)
                st.rerun()
        figures(_figures(rows))
        _draw_curves(rows, bands, names, hours)
        tables.every(rows, telling(rows), what=plain("compare.table"))
        if any(line.offer.confidence == "assumption" for line in lines):
            st.caption(t("compare.assumed"))


draw()
