"""The lowest rate of an hour in each region, of the instance types that cost least.

The paler a place the cheaper; what is not to be had is empty.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.ui import charts, offer_words, session, show
from pages.ui.charts.region_tables import Place, region_table
from pages.ui.formats import percent
from pages.ui.palette import ACCENT, SURFACES
from pages.ui.text import plain, t
from services import catalogue
from services.offers import Offer

MOST_TYPES = 5
"""Columns of the picture that a phone still shows readably."""


def draw(cheapest: Sequence[Offer], asked: Sequence[str] = ()) -> None:
    """The picture with its sentence; `cheapest` are offers, the cheapest first. All regions, or those `asked` for."""
    types = list(dict.fromkeys(offer.instance_type for offer in cheapest))[:MOST_TYPES]
    best = {(one.region, one.instance_type): one for one in reversed(cheapest) if one.instance_type in types}
    shades, fills = _shades(best), (SURFACES[show.theme()][1], ACCENT[show.theme()])
    places = {
        (offer_words.city(region), name): Place(
            show.rate(one.effective_usd_per_hour).removesuffix("/h"), _mix(*fills, shades[region, name]), _said(one)
        )
        for (region, name), one in best.items()
    }
    least = min(best.values(), key=lambda one: one.effective_usd_per_hour, default=None)
    chart = region_table(
        [offer_words.city(region.name) for region in catalogue.regions() if not asked or region.name in asked],
        types,
        places,
        title=_map_title(best, types[0]),
        said=[_said(least)] if least is not None else [],
        marked=offer_words.city(session.region()),
    )
    charts.draw(chart, key="rates_by_region")
    st.caption(t("prices.map_note"))


def _shades(best: Mapping[tuple[str, str], Offer]) -> dict[tuple[str, str], float]:
    """0 for the cheapest to 1 for the dearest of each column: a column is one kind of hardware."""
    shades = {}
    for name in {column for _, column in best}:
        rates = {place: float(one.effective_usd_per_hour) for place, one in best.items() if place[1] == name}
        low, high = min(rates.values()), max(rates.values())
        for place, rate in rates.items():
            shades[place] = (rate - low) / (high - low) if high > low else 0.0
    return shades


def _mix(one: str, other: str, share: float) -> str:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(low + (high - low) * share):02X}" for low, high in pairs)


def _said(offer: Offer) -> str:
    return plain(
        "prices.map_cell",
        type=offer.instance_type,
        city=offer_words.city(offer.region),
        rate=show.rate(offer.effective_usd_per_hour),
        option=offer_words.option(offer),
    )


def _map_title(best: Mapping[tuple[str, str], Offer], first: str) -> str:
    """Of the cheapest type: where it costs least, and what is paid more at home."""
    rates = {region: one.effective_usd_per_hour for (region, name), one in best.items() if name == first}
    least = min(rates, key=lambda region: rates[region])
    home = session.region()
    if home not in rates or home == least:
        return plain("prices.map_title_home", cheapest=offer_words.city(least))
    more = percent(rates[home] / rates[least] - 1)
    return plain("prices.map_title", cheapest=offer_words.city(least), home=offer_words.city(home), share=more)
