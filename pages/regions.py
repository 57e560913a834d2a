"""Regions: which of them have what is on a shopping list, at what price and with what quota; and why not here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.ui import guard, market_reads, offer_words, session, show, tables, urls
from pages.ui.columns import Column, Kind
from pages.ui.formats import day
from pages.ui.layout import empty_state, page_header
from pages.ui.text import explain, has, language, plain, t
from services import availability, catalogue
from services.availability import Item, ItemKind, Place

guard.require_entry()

FIRST = {
    "types": "ml.g5.xlarge,ml.g6.xlarge,ml.g6e.xlarge,ml.p4d.24xlarge,ml.p5.48xlarge,ml.trn1.32xlarge",
    "images": "pytorch,huggingface-vllm",
    "services": "jumpstart,bedrock,kendra",
}
"""What the list holds until somebody changes it: what teams ask about first."""
FIELDS = {
    "types": (ItemKind.INSTANCE_TYPE,),
    "images": (ItemKind.IMAGE,),
    "services": (ItemKind.MODELS, ItemKind.SERVICE),
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One item in all regions."""

    item: Item
    places: tuple[Place, ...]

    def at(self, region: str) -> Place:
        return next(place for place in self.places if place.region == region)


def _ask() -> list[Item]:
    chosen: list[Item] = []
    if not any(key in st.query_params for key in FIELDS) and "regions_asked" not in st.session_state:
        for key, first in FIRST.items():
            st.query_params[key] = first
    st.session_state["regions_asked"] = True
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for key, kinds in FIELDS.items():
            options = [item.name for kind in kinds for item in availability.items(kind)]
            names = urls.choices(
                t(f"regions.{key}"), options, key=key, format_func=_name, placeholder=plain(f"regions.{key}")
            )
            chosen += [availability.find_item(name) for name in names]
    return chosen


def _name(name: str) -> str:
    key = f"regions.name_{name}"
    return plain(key) if has(key) else name


def _sentence(rows: Sequence[_Row]) -> str:
    if not rows:
        return t("regions.sentence_none")
    counts = {region.name: sum(row.at(region.name).offered for row in rows) for region in catalogue.regions()}
    here = session.region()
    best = max(counts, key=lambda region: counts[region])
    city = offer_words.city(here)
    if counts[here] == len(rows):
        return t("regions.sentence_all", city=city, count=len(rows))
    if counts[here] == counts[best]:
        return t("regions.sentence_first", city=city, has=counts[here], count=len(rows))
    most = offer_words.city(best)
    return t("regions.sentence_some", city=city, has=counts[here], count=len(rows), best=most, most=counts[best])


def _cell(region: str, rooms: dict[tuple[str, str], int], row: _Row) -> str:
    place = row.at(region)
    if not place.offered:
        return "✕ " + plain("regions.lacks")
    if place.usd_per_hour is None:
        return "✓ " + (place.version or plain("regions.has"))
    rate, left = show.rate(place.usd_per_hour), rooms.get((region, place.item.name))
    return "✓ " + (rate if left is None else plain("regions.left", rate=rate, count=left))


def _columns() -> list[Column]:
    rooms = {(one.region, one.instance_type): one.left for one in market_reads.rooms() if one.usage == "training"}
    here = session.region()
    ordered = sorted((region.name for region in catalogue.regions()), key=lambda region: region != here)
    return [
        Column("item", "regions.item", Kind.NAME, value=lambda row: _name(row.item.name)),
        *(Column(region, f"regions.city_{region}", value=partial(_cell, region, rooms)) for region in ordered),
    ]


def _draw_reasons(rows: Sequence[_Row]) -> None:
    """What this region lacks, and where it is."""
    here = session.region()
    missing = [row for row in rows if not row.at(here).offered]
    if not missing:
        return
    city = offer_words.city(here)
    st.header(t("regions.why", city=city), anchor=False, help=explain("region"))
    for row in missing:
        key = "regions.why_type" if row.item.kind is ItemKind.INSTANCE_TYPE else "regions.why_other"
        st.markdown(f"- {t(key, name=_name(row.item.name), city=city, elsewhere=_elsewhere(row))}")
    st.caption(t("regions.because"))


def _elsewhere(row: _Row) -> str:
    there = [place for place in row.places if place.offered]
    if not there:
        return plain("regions.nowhere")
    cities = ", ".join(offer_words.city(place.region) for place in there)
    priced = [(place.usd_per_hour, place.region) for place in there if place.usd_per_hour is not None]
    if not priced:
        return plain("regions.elsewhere", cities=cities)
    usd, cheapest = min(priced)
    return plain("regions.elsewhere_priced", cities=cities, rate=show.rate(usd), cheapest=offer_words.city(cheapest))


def draw() -> None:
    """All of the page."""
    head = st.container()
    with session.shown_errors():
        rows = [_Row(item, availability.places(item)) for item in _ask()]
        with head:
            page_header(t("regions.title"), _sentence(rows), help=explain("region"))
        if not rows:
            empty_state(":material/travel_explore:", t("regions.none"))
            return
        tables.every(rows, _columns(), what=plain("regions.table"))
        _draw_reasons(rows)
        dated = catalogue.offering("us-east-1", "m5.large")
        st.caption(t("regions.evidence", day=day(dated.as_of, language()) if dated else ""))


draw()
