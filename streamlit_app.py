"""Flightdeck: the entry point. Page settings, sign-in, navigation, and the page in its frame."""

import streamlit as st

from pages.ui import deck, sign_in
from pages.ui.navigation import navigation

st.set_page_config(page_title="Flightdeck", page_icon="static/icon.png", layout="wide")

signed_in = sign_in.settled()
page = navigation(shown=signed_in)
if signed_in:
    deck.draw(page)
