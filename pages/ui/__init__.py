"""What screens share. See each module; in a page:

guard.require_entry()                                          first line of every page
with page_header(t("notebooks.title"), t("notebooks.now", count=3)): st.button(...)      layout
figures([Figure(t("common.burn"), show.rate(usd), help=explain("burn_rate"))])           layout
chosen = pick_one(rows, COLUMNS, key="notebook", what=plain("notebooks.title"))          tables
states.chip(row.status)
draw(lifecycle_timeline(bars, title=..., since=..., now=...), key="timeline")            charts, last on the page
"""
