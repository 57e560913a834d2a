"""What runs, each with its rate and its end: the costliest as a table of the page, all of them on demand."""

from datetime import datetime

import streamlit as st

from pages.ui import session, top_rows
from pages.ui.columns import Column, Kind
from pages.ui.palette import Tone
from pages.ui.tables import open_one
from pages.ui.text import plain, t
from services.inventory import StopAhead
from services.overviews import StoppedBy

MOST = 10
ASIDE = frozenset({"kind", "owner", "at"})
"""Columns that a narrow screen and a first look do without."""
OTHERS = "pages/others.py"
PAGES = {"notebook": "pages/notebooks.py", "training": "pages/training.py", "endpoint": "pages/endpoints.py"}
BY_TONES = {
    StoppedBy.GUARD: Tone.HEALTHY,
    StoppedBy.LIMIT: Tone.HEALTHY,
    StoppedBy.NOTHING: Tone.FAILED,
    StoppedBy.UNKNOWN: Tone.MOVING,
}


def draw(ahead: tuple[StopAhead, ...], now: datetime, *, first_look: bool = False) -> None:
    """The costliest, which say most of it and at a first look are text; all of them to search and sort, on demand."""
    every = False
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if len(ahead) > MOST:
            st.header(t("overview.costliest", most=MOST, count=len(ahead)), anchor=False, width="content")
            every = st.toggle(t("overview.every"), key="running_every", bind="query-params")
        else:
            st.header(t("overview.runs"), anchor=False)
    costliest = sorted(ahead, key=lambda row: row.usd_per_hour, reverse=True)[:MOST]
    if first_look and not every:
        top_rows.as_text(costliest, [column for column in _columns(ahead) if column.key not in ASIDE], now)
        return
    opened = (
        open_one(
            ahead, _columns(ahead), key="running", what=plain("overview.running"), sort="-usd_per_hour", row_id=_arn
        )
        if every
        else top_rows.open_one(
            costliest,
            _columns(ahead),
            key="costliest",
            what=plain("overview.running"),
            now=now,
            row_id=_arn,
            href=_address,
            aside=ASIDE,
        )
    )
    if opened is not None:
        page, params = _place(opened)
        st.switch_page(page, query_params=params)


def _arn(row: StopAhead) -> str:
    return row.arn


def _place(row: StopAhead) -> tuple[str, dict[str, str]]:
    page = PAGES.get(row.kind)
    return (page, {"name": row.name}) if page else (OTHERS, {"others_q": row.name})


def _address(row: StopAhead) -> str:
    page, params = _place(row)
    return session.address(page, **params)


def _columns(ahead: tuple[StopAhead, ...]) -> tuple[Column, ...]:
    """Words are looked up once, not once a row: whose language it is costs more than a cell."""
    kinds = {kind: plain(f"launch.kind_{kind}") for kind in {row.kind for row in ahead}}
    by, no_owner = {each: plain(f"overview.by_{each}") for each in StoppedBy}, plain("overview.no_owner")
    return (
        Column("name", "tables.name", Kind.NAME),
        Column("kind", "tables.kind", value=lambda row: kinds[row.kind]),
        Column("owner", "tables.owner", value=lambda row: row.owner or no_owner),
        Column("usd_per_hour", "tables.usd_per_hour", Kind.USD_PER_HOUR),
        Column("at", "overview.stops_at", Kind.TIME, help="overview.stops_at_help"),
        Column(
            "by",
            "overview.stopped_by",
            Kind.STATE,
            help="glossary.guarded",
            value=lambda row: by[row.by],
            tone=lambda row: BY_TONES[row.by],
        ),
    )
