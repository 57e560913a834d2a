"""Quotas: used and granted for every use, region by region, coloured by what is left; and the way to more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui import dialogs, guard, market_reads, offer_words, quota_detail, quota_grid, region_filter, session, urls
from pages.ui.columns import Column, Kind
from pages.ui.layout import empty_state, figures, page_header
from pages.ui.tables import open_one
from pages.ui.text import explain, plain, t
from services import quota_grids
from services.errors import NotConnected, NotFound
from services.quota_uses import ALL, HeadRoom, QuotaUse, RegionQuotas

guard.require_entry()

USAGES = (
    *("training", "spot_training", "notebook", "endpoint", "processing", "transform"),
    *("studio_jupyterlab", "warm_pool", "cluster", "ec2", "ec2_spot"),
)
SHOWN = ("granted", "used", "full", "all")
COLUMNS = (
    Column("name", "quotas.column_quota", Kind.NAME, help="glossary.service_quota"),
    Column("region", "prices.column_region", value=lambda row: offer_words.place(row.region), help="glossary.region"),
    Column(
        "room",
        "quotas.column_room",
        Kind.STATE,
        value=lambda row: _room(row),
        tone=lambda row: quota_grid.TONES[row.room],
    ),
    Column("used", "quotas.column_used", Kind.NUMBER),
    Column("limit", "quotas.column_limit", Kind.NUMBER),
    Column("default", "quotas.column_default", Kind.NUMBER, help="quotas.column_default_help"),
)


def _family(name: str) -> str:
    return plain("quotas.all_types") if name == ALL else quota_grid.family_name(name)


def _room(row: QuotaUse) -> str:
    return plain(f"quotas.room_{row.room}")


@dataclass(frozen=True, slots=True)
class _Asked:
    usage: str
    shown: str
    regions: tuple[str, ...]
    families: tuple[str, ...]


def _ask() -> _Asked:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        usage = urls.choice(
            t("quotas.usage"),
            USAGES,
            key="usage",
            default="training",
            format_func=lambda each: plain(f"quotas.usage_{each}"),
            labelled=True,
            width=230,
        )
        shown = urls.choice(
            t("quotas.show"),
            SHOWN,
            key="show",
            default="granted",
            format_func=lambda each: plain(f"quotas.show_{each}"),
            labelled=True,
            width=210,
        )
        regions = region_filter.choose()
        families = urls.choices(
            t("quotas.families"),
            quota_grid.in_order(quota_grids.families(usage)),
            key="family",
            format_func=_family,
            placeholder=plain("quotas.all_families"),
            width=230,
        )
    return _Asked(usage, shown, regions, families)


def _kept(rows: Sequence[QuotaUse], shown: str) -> list[QuotaUse]:
    match shown:
        case "all":
            return list(rows)
        case "full":
            return [row for row in rows if row.room is HeadRoom.FULL]
        case "used":
            return [row for row in rows if row.used]
        case _:
            return [row for row in rows if row.room is not HeadRoom.NONE]


def _say_unread(known: Mapping[str, RegionQuotas]) -> None:
    for region, each in known.items():
        for what, error in each.failures.items():
            city = offer_words.city(region)
            words = t("quotas.unread", city=city, what=plain(f"quotas.what_{what}"), reason=session.error_words(error))
            st.caption(f":material/visibility_off: {words}")


def _link() -> tuple[str, str]:
    """(region, code) of the quota that a link names; of the session's region where it names none."""
    region, _, code = st.query_params.get(quota_detail.PARAM, "").rpartition("/")
    return region or session.region(), code


def _show_use_of_link() -> None:
    """A link to a quota shows the use that it counts behind it."""
    usage = quota_grids.usage_of(_link()[1])
    if usage in USAGES and "usage" not in st.query_params:
        st.query_params["usage"] = usage


def _open_link(known: Mapping[str, RegionQuotas]) -> None:
    region, code = _link()
    if not code or dialogs.is_open():
        return
    try:
        there = known.get(region, RegionQuotas(region))
        quota_detail.open_quotas(there, [there.find(code)])
    except NotFound as error:
        st.query_params.pop(quota_detail.PARAM)
        session.show_error(error)


def _draw_table(known: Mapping[str, RegionQuotas], rows: Sequence[QuotaUse]) -> None:
    opened = open_one(
        rows,
        COLUMNS,
        key="quotas",
        what=plain("quotas.table"),
        sort="-used",
        row_id=lambda row: f"{row.region}/{row.code}",
    )
    if opened is not None:
        quota_detail.open_quotas(known[opened.region], [opened])


def _draw_grid(known: Mapping[str, RegionQuotas], rows: Sequence[QuotaUse], asked: _Asked) -> None:
    regions = [region for region in known if not asked.regions or region in asked.regions]
    picked = quota_grid.draw(rows, asked.usage, regions, asked.families)
    if picked:
        first = picked[0]
        title = f"{quota_grid.family_name(first.family)} · {offer_words.city(first.region)}" if len(picked) > 1 else ""
        quota_detail.open_quotas(known[first.region], picked, title)


def draw() -> None:
    """All of the page."""
    head = st.container()
    with session.shown_errors():
        _show_use_of_link()
        asked = _ask()
        try:
            known = market_reads.quotas()
        except NotConnected:
            with head:
                page_header(t("quotas.title"), "", help=explain("service_quota"))
            raise
        with head:
            page_header(t("quotas.title"), quota_grid.sentence(known), help=explain("service_quota"))
        _open_link(known)
        figures(quota_grid.summary(known, asked.usage))
        _say_unread(known)
        rows = [
            row
            for region, each in known.items()
            if not asked.regions or region in asked.regions
            for row in each.rows
            if row.usage == asked.usage and (not asked.families or row.family in asked.families)
        ]
        if not rows:
            empty_state(":material/speed:", t("quotas.none_of_family" if asked.families else "quotas.none_known"))
            return
        _draw_grid(known, rows, asked)
        kept = _kept(rows, asked.shown)
        if kept:
            _draw_table(known, kept)
            return
        with empty_state(
            ":material/speed:", t("quotas.none" if asked.shown == "granted" else f"quotas.none_{asked.shown}")
        ):
            st.button(t("quotas.show_them"), key="quotas_show_all", on_click=_show_all)


def _show_all() -> None:
    st.query_params["show"] = "all"
    for key in [key for key in st.session_state if str(key).startswith("show_")]:
        del st.session_state[key]


draw()
