"""Flightdeck: the entry point. Page settings, the guard, the head of every page, navigation."""

import streamlit as st

from pages.ui import accounts, actions, dialogs, guard, looks
from pages.ui.deck import draw_header
from pages.ui.navigation import navigation

st.set_page_config(page_title="Flightdeck", page_icon="static/icon.png", layout="wide")
guard.enter()

page = navigation()
draw_header()
accounts.run(page.run)
dialogs.draw_open()
actions.say_what_was_done()
looks.follow()
