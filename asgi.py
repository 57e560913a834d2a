"""What `streamlit run` serves: the entry point's script behind the deck's headers, its account up with the server."""

import streamlit as st

from pages.ui.server import MIDDLEWARE, lifespan

app = st.App("streamlit_app.py", lifespan=lifespan, middleware=MIDDLEWARE)
