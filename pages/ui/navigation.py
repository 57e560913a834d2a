"""The pages, in the order in which the navigation shows them."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui.text import plain

PAGES = (
    ("overview", ":material/dashboard:"),
    ("launch", ":material/rocket_launch:"),
    ("notebooks", ":material/laptop_mac:"),
    ("training", ":material/model_training:"),
    ("endpoints", ":material/api:"),
    ("spend", ":material/payments:"),
    ("bills", ":material/receipt_long:"),
    ("prices", ":material/sell:"),
    ("compare", ":material/compare_arrows:"),
    ("planner", ":material/savings:"),
    ("quotas", ":material/speed:"),
    ("regions", ":material/travel_explore:"),
    ("others", ":material/category:"),
    ("activity", ":material/history:"),
    ("accounts", ":material/switch_account:"),
    ("preflight", ":material/fact_check:"),
)


def navigation(*, shown: bool) -> StreamlitPage:
    """The page that the visitor's address names; the others are named beside it where they are to be `shown`."""
    pages = [
        st.Page(f"pages/{name}.py", title=plain(f"{name}.title"), icon=icon, url_path=name) for name, icon in PAGES
    ]
    return st.navigation(pages, position="sidebar" if shown else "hidden")
