"""Flightdeck: the entry point. Page settings, the guard, the head of every page, navigation."""

import streamlit as st

from pages.ui import accounts, actions, dialogs, guard, looks
from pages.ui.deck import draw_header
from pages.ui.text import plain

st.set_page_config(page_title="Flightdeck", page_icon="static/icon.png", layout="wide")
guard.enter()

PAGES = (
    ("overview", ":material/dashboard:"),
    ("launch", ":material/rocket_launch:"),
    ("notebooks", ":material/laptop_mac:"),
    ("training", ":material/model_training:"),
    ("endpoints", ":material/api:"),
    ("others", ":material/category:"),
    ("activity", ":material/history:"),
    ("accounts", ":material/switch_account:"),
    ("preflight", ":material/fact_check:"),
)

page = st.navigation(
    [st.Page(f"pages/{name}.py", title=plain(f"{name}.title"), icon=icon, url_path=name) for name, icon in PAGES]
)
draw_header()
accounts.run(page.run)
dialogs.draw_open()
actions.say_what_was_done()
looks.follow()
