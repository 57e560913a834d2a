"""The account's own exports of its bill: what was delivered, and reading what is new of it."""

import streamlit as st

from pages.ui import formats, session, show
from pages.ui.bill_reads import folder
from pages.ui.text import t
from services import clocks
from services.bills import exports
from services.bills.exports import Delivered, Export
from services.cloud import AccountKind, Cloud

KEPT = "bills.kept"
"""Session key: what was done, to be said at the top of the page drawn next."""
SECONDS = 30
"""How old a list of exports may be: on AWS they change once a day."""


@st.cache_data(ttl=SECONDS, max_entries=32, show_spinner=False)
def _exports(key: str, role: str, _cloud: Cloud) -> tuple[Export, ...]:
    return exports.list_exports(_cloud)


def draw() -> None:
    """Each export of the session's account with a way to read it."""
    cloud = session.cloud()
    for export in _exports(cloud.account.key, session.actor().role, cloud):
        with st.container(border=True), session.shown_errors():
            _draw(cloud, export)


def _draw(cloud: Cloud, export: Export) -> None:
    delivered = exports.list_months(cloud, export)
    new = exports.unread(folder(), export, delivered)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xxsmall", width="content"):
            st.markdown(t("bills.export", name=export.name, source=export.source))
            st.caption(_said(cloud, delivered, new))
        words = t("bills.read", count=len(new))
        if new and st.button(words, key=f"read_{export.name}", icon=":material/sync:", type="primary"):
            _refresh(cloud, export)
    if cloud.account.kind is AccountKind.PRACTICE and not delivered:
        st.caption(f":material/schedule: {t('bills.practice_waits')}")


def _said(cloud: Cloud, delivered: tuple[Delivered, ...], new: tuple[Delivered, ...]) -> str:
    if not delivered:
        return t("bills.nothing_delivered")
    latest = max(each.modified for each in delivered)
    return t(
        "bills.delivered",
        count=len(delivered),
        size=formats.size(sum(each.size for each in delivered)),
        when=show.ago(latest, clocks.account_time(cloud.account)),
        new=len(new),
    )


def _refresh(cloud: Cloud, export: Export) -> None:
    bar = st.progress(0.0, text=t("bills.keeping"))

    def say(done: int, of: int) -> None:
        bar.progress(done / of, text=t("bills.keeping"))

    read = exports.refresh(cloud, export, folder(), clocks.account_time(cloud.account), session.actor(), say)
    st.session_state[KEPT] = t("bills.was_read", count=read, name=export.name)
    st.rerun()


def say_kept() -> None:
    """Once, what was done in the run before."""
    kept = st.session_state.pop(KEPT, None)
    if kept:
        st.success(kept, icon=":material/check_circle:")
