"""Notebooks: what runs in this region, what it costs, and a way to open, stop, start, resize and delete it."""

import streamlit as st

from pages.ui import guard, launching, reads, session, show
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.notebook_detail import draw_notebook
from pages.ui.tables import open_one
from pages.ui.text import plain, t
from services.inventory import Inventory

guard.require_entry()

CHOSEN = "name"
COLUMNS = (
    Column("name", "tables.name", Kind.NAME),
    Column("status", "tables.state", Kind.STATE),
    Column("instance_type", "tables.instance_type"),
    Column("burn", "tables.usd_per_hour", Kind.USD_PER_HOUR, help="notebooks.burn_help"),
    Column("volume_gib", "notebooks.volume", Kind.NUMBER),
    Column("owner", "tables.owner"),
    Column("changed", "tables.changed", Kind.TIME),
)


@st.fragment(run_every="3s")
def draw_list() -> None:
    """What there is; drawn anew by itself."""
    with session.shown_errors():
        known = reads.current(session.cloud())
        session.show_failures(known, "notebooks")
        if not known.notebooks:
            with empty_state(":material/laptop_mac:", t("notebooks.none")):
                launching.link("notebook")
            return
        _draw_figures(known)
        opened = open_one(known.notebooks, COLUMNS, key="notebooks", what=plain("notebooks.title"))
        if opened is not None:
            st.query_params[CHOSEN] = opened.name
            st.rerun(scope="app")


def _draw_figures(known: Inventory) -> None:
    running = [row for row in known.notebooks if row.can_stop]
    unguarded = [row for row in running if row.arn not in known.guards]
    figures(
        [
            Figure(plain("notebooks.burn"), show.rate(sum(row.burn for row in known.notebooks)), help=plain("notebooks.burn_help")),
            Figure(plain("notebooks.running"), plain("notebooks.of", count=len(running), total=len(known.notebooks))),
            Figure(plain("notebooks.unguarded"), str(len(unguarded)), help=plain("notebooks.unguarded_help")),
        ]
    )


chosen = st.query_params.get(CHOSEN)
if chosen:
    draw_notebook(chosen)
else:
    with page_header(t("notebooks.title"), t("notebooks.sentence")):
        launching.link("notebook")
    draw_list()
