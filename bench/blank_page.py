"""The floor that the deck's pages are measured against: an empty Streamlit page."""

import streamlit as st

st.title("Empty")
