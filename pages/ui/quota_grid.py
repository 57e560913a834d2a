"""The picture of quotas: regions by families, coloured by what is left; and what it says in figures."""

from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from pages.ui import charts, offer_words, session, show
from pages.ui.charts.region_tables import Place, region_table
from pages.ui.layout import Figure
from pages.ui.palette import CHIP_FILLS, Tone
from pages.ui.text import plain, t
from services.quota_uses import ALL, HeadRoom, QuotaUse, RegionQuotas, tightest_first

TONES = {
    HeadRoom.FREE: Tone.HEALTHY,
    HeadRoom.TIGHT: Tone.MOVING,
    HeadRoom.FULL: Tone.FAILED,
    HeadRoom.NONE: Tone.GONE,
}

OPEN_STATES = ("PENDING", "CASE_OPENED")
GPU_FAMILIES = ("g4dn", "g5", "g6", "g6e", "p4d", "p5", "p4de", "p3")
FAMILIES = (*GPU_FAMILIES[:6], "trn1", "inf2", *GPU_FAMILIES[6:], "inf1", "t3", "m5", "m6i", "m7i", "c5", "c6i", "r5")
CLASSES = ("standard", "g", "p", "p5", "inf", "trn")
MOST_FAMILIES = 8
"""Columns of the picture that a phone still shows readably: those with something granted or in use come first."""


def summary(known: Mapping[str, RegionQuotas], usage: str) -> list[Figure]:
    """The figures above the picture, of all regions, and of the GPU types for a use in the session's region."""
    rows = [row for each in known.values() for row in each.rows]
    waiting = sum(request.status in OPEN_STATES for each in known.values() for request in each.requests)
    here = known.get(session.region(), RegionQuotas(session.region()))
    gpus = [row for row in here.rows if row.usage == usage and row.family in (*GPU_FAMILIES, "g", "p")]
    city = offer_words.city(session.region())
    return [
        Figure(plain("quotas.full"), _count(rows, HeadRoom.FULL), help=plain("quotas.full_help")),
        Figure(plain("quotas.tight"), _count(rows, HeadRoom.TIGHT), help=plain("quotas.tight_help")),
        Figure(plain("quotas.open"), str(waiting), help=plain("quotas.open_help")),
        Figure(
            plain("quotas.granted"),
            str(sum(row.limit > 0 for row in gpus)),
            help=plain("quotas.granted_help", total=len(gpus), city=city),
        ),
    ]


def _count(rows: Sequence[QuotaUse], room: HeadRoom) -> str:
    return str(sum(row.room is room for row in rows))


def sentence(known: Mapping[str, RegionQuotas]) -> str:
    """What is true now, of all regions."""
    rows = [row for each in known.values() for row in each.rows]
    full = sum(row.room is HeadRoom.FULL for row in rows)
    tight = sum(row.room is HeadRoom.TIGHT for row in rows)
    if full or tight:
        return t("quotas.sentence", count=full, tight=tight, regions=len(known))
    return t("quotas.sentence_fine", regions=len(known))


def in_order(families: Iterable[str]) -> list[str]:
    """Families, the ones for which people ask most first, that over all types last."""
    first = (*FAMILIES, *CLASSES)
    return sorted(families, key=lambda name: (name == ALL, first.index(name) if name in first else len(first), name))


def draw(rows: Sequence[QuotaUse], usage: str, regions: Sequence[str], asked: Sequence[str]) -> list[QuotaUse]:
    """The picture of one use: regions by families, those `asked` for or else those with something granted. Returns the
    quotas of the place that was clicked, the tightest first, in the run of that click alone."""
    cells: dict[tuple[str, str], list[QuotaUse]] = {}
    for row in tightest_first(rows):
        cells.setdefault((row.region, row.family), []).append(row)
    columns = _columns(rows, asked)
    kept = {place: cell for place, cell in cells.items() if place[1] in columns}
    chart = region_table(
        [offer_words.city(region) for region in regions],
        [family_name(family) for family in columns],
        {
            (offer_words.city(region), family_name(family)): _place(usage, family, cell)
            for (region, family), cell in kept.items()
        },
        title=plain("quotas.grid_title", usage=plain(f"quotas.usage_{usage}")),
        said=[_said(usage, family, cell) for (_, family), cell in kept.items() if cell[0].room is HeadRoom.FULL][:5],
        marked=offer_words.city(session.region()),
    )
    picked = charts.pick(chart, key="headroom")
    st.caption(t("quotas.grid_note"))
    return list(kept.values())[picked] if picked is not None and picked < len(kept) else []


def _columns(rows: Sequence[QuotaUse], asked: Sequence[str]) -> list[str]:
    """What was asked for; else what is granted or in use, filled up to what a phone shows."""
    known = in_order({row.family for row in rows})
    if asked:
        return [family for family in known if family in asked]
    busy = {row.family for row in rows if row.room is not HeadRoom.NONE}
    return sorted(sorted(known, key=lambda family: family not in busy)[:MOST_FAMILIES], key=known.index)


def family_name(name: str) -> str:
    """`G5` of g5; EC2's standard class keeps its word."""
    if name == ALL:
        return plain("quotas.all")
    return plain("quotas.standard") if name == "standard" else name.upper()


def _place(usage: str, family: str, cell: Sequence[QuotaUse]) -> Place:
    first = cell[0]
    return Place(f"{first.used}/{first.limit}", CHIP_FILLS[show.theme()][TONES[first.room]], _said(usage, family, cell))


def _said(usage: str, family: str, cell: Sequence[QuotaUse]) -> str:
    """Of the tightest, and of how many more sizes have room."""
    first = cell[0]
    free = sum(row.left > 0 for row in cell)
    named = first.instance_type if len(cell) > 1 and first.instance_type else family_name(family)
    said = plain(
        "quotas.cell",
        usage=plain(f"quotas.usage_{usage}"),
        family=named,
        city=offer_words.city(first.region),
        used=first.used,
        limit=first.limit,
        room=plain(f"quotas.room_{first.room}"),
    )
    return said if len(cell) == 1 else f"{said}. {plain('quotas.sizes', free=free, count=len(cell))}"
