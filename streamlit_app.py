"""Flightdeck: the entry point. Page settings, the door, the head of every page, navigation."""

import streamlit as st

from pages.ui import deck, sign_in
from pages.ui.text import plain

st.set_page_config(page_title="Flightdeck", page_icon="static/icon.png", layout="wide")

signed_in = sign_in.settled()

PAGES = (
    ("overview", ":material/dashboard:"),
    ("launch", ":material/rocket_launch:"),
    ("notebooks", ":material/laptop_mac:"),
    ("training", ":material/model_training:"),
    ("endpoints", ":material/api:"),
    ("others", ":material/category:"),
    ("activity", ":material/history:"),
    ("accounts", ":material/switch_account:"),
)

pages = [st.Page(f"pages/{name}.py", title=plain(f"{name}.title"), icon=icon, url_path=name) for name, icon in PAGES]
page = st.navigation(pages, position="sidebar" if signed_in else "hidden")
if signed_in:
    deck.draw(page)
