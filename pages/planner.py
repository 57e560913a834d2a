"""Planner: the cheapest way to pay for what runs, and what a job on spot would cost; nothing here buys anything."""

from pages.ui import guard, planner_mixes, planner_spot, session
from pages.ui.layout import page_header
from pages.ui.text import plain, t
from pages.ui.urls import switch

guard.require_entry()

VIEWS = {"mix": planner_mixes.draw, "spot": planner_spot.draw}

page_header(t("planner.title"), t("planner.sentence"))
view = switch(plain("planner.view"), tuple(VIEWS), key="view", format_func=lambda each: plain(f"planner.view_{each}"))
with session.shown_errors():
    VIEWS[view]()
