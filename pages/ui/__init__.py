"""What screens share. A page reads:

    guard.require_entry()                                                     # its first line, before any other import
    with page_header(t("notebooks.title"), t("notebooks.now", count=3)):      # layout: noun, sentence, action
        st.button(t("notebooks.launch"), type="primary")
    figures([Figure(t("overview.burn"), show.rate(usd), help=explain("burn_rate"))])          # layout: at most four
    chosen = pick_one(rows, COLUMNS, key="notebook", what=plain("notebooks.title"))           # tables: row in the URL
    states.chip(row.status)                                                   # word, icon, colour, hover
    with empty_state(":material/laptop_mac:", t("notebooks.none")): ...       # layout: instead of an empty table
    draw(lifecycle_timeline(bars, title=..., since=..., now=...), key="timeline")             # charts: last on the page

Words: `t` where Markdown is drawn, `plain` where it is not; a name or an amount outside `t` goes through `text.escape`.
Amounts and times: `show.money`, `show.rate`, `show.duration`, `show.ago` with `show.exact` as its hover.
"""
