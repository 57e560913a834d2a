"""Whose prices a page shows and how old they are, and the way to the account's own."""

from datetime import datetime

import streamlit as st

from pages.ui import market_reads, session, show
from pages.ui.text import plain, t
from services import catalogue, clocks
from services.errors import DeckError, NotConnected
from services.price_files import LivePrices


def draw() -> None:
    """One line with a button; while AWS is asked, how far that is."""
    market_reads.say_own_rates()
    known = market_reads.live()
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if known is None:
            st.caption(t("prices.source_shipped"), width="content")
        else:
            when = show.ago(known.read_at, _now(known.read_at))
            st.caption(t("prices.source_account", when=when), help=show.exact(known.read_at), width="content")
        pressed = st.button(
            t("prices.refresh"), key="refresh_prices", icon=":material/sync:", type="tertiary",
            help=t("prices.refresh_help", regions=len(catalogue.regions())),
        )  # fmt: skip
    if known is not None:
        _draw_gaps(known)
    if pressed:
        _refresh()


def _draw_gaps(known: LivePrices) -> None:
    """What could not be read: what stands in its place, and since when."""
    missing = ", ".join(
        (*(name for name in known.unread if name not in known.kept), *filter(None, (known.passed_over,)))
    )
    if missing:
        st.caption(f":material/visibility_off: {t('prices.unread', lists=missing)}")
    if known.kept:
        oldest = min(known.kept.values())
        when = show.ago(oldest, _now(oldest))
        said = t("prices.kept", lists=", ".join(known.kept), when=when)
        st.caption(
            f":material/history: {said}", help="; ".join(dict.fromkeys(known.unread[name] for name in known.kept))
        )


def _now(read_at: datetime) -> datetime:
    """The account's time; while it is away, no time has passed."""
    try:
        return clocks.account_time(session.account())
    except NotConnected:
        return read_at


def _refresh() -> None:
    place = st.empty()

    def told(done: int, total: int) -> None:
        place.progress(done / total, plain("prices.refreshing", done=done, total=total))

    told(0, 1)
    try:
        market_reads.refresh_live(told)
    except DeckError as error:
        place.empty()
        session.show_error(error)
        return
    st.rerun()
