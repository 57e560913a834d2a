"""Floor B: a title, four metrics, a plotly chart and a table of 300 rows, with nothing behind them."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

st.title("Full")
grid = st.grid(4, min_column_width=150)
for number in range(4):
    grid.metric(f"Figure {number}", f"${number}.00", border=True)
st.dataframe(pd.DataFrame({name: [f"{name}-{row}" for row in range(300)] for name in "abcdef"}), height=580)
st.plotly_chart(go.Figure(go.Bar(x=[f"day {day}" for day in range(30)], y=list(range(30)))))
