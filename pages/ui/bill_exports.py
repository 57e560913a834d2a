"""The account's own exports of its bill: what was delivered, and reading what is new of it."""

import streamlit as st

from pages.ui import formats, reads, session, show
from pages.ui.bill_reads import folder
from pages.ui.text import t
from services import clocks
from services.bills import cost_explorer, exports
from services.bills.exports import Delivered, Export
from services.cloud import AccountKind, Cloud

KEPT = "bills.kept"
"""Session key: what was done, to be said at the top of the page drawn next."""
MOST_MONTHS = 13
"""Cost Explorer keeps as many besides the current one."""
PULSE = "1s"
Listed = tuple[tuple[Export, tuple[Delivered, ...]], ...]
"""Each export with what it delivered."""


def _listed(key: str, role: str, _cloud: Cloud) -> Listed:
    return tuple((export, exports.list_months(_cloud, export)) for export in exports.list_exports(_cloud))


_listings = {
    kind: st.cache_data(ttl=seconds, max_entries=32, show_spinner=False)(_listed)
    for kind, seconds in reads.FRESH_SECONDS.items()
}


def _list(cloud: Cloud) -> Listed:
    return _listings[cloud.account.kind](cloud.account.key, session.actor().role, cloud)


def draw() -> None:
    """Each export of the session's account with a way to read it; without one, Cost Explorer."""
    cloud = session.cloud()
    practice = cloud.account.kind is AccountKind.PRACTICE
    if practice and not _list(cloud):
        exports.ensure(session.desk().supervisor.owner())
        _listings[AccountKind.PRACTICE].clear()
    found = _list(cloud)
    for export, delivered in found:
        with st.container(border=True), session.shown_errors():
            _draw(cloud, export, delivered)
            if practice and not delivered:
                _await_files(cloud, export)
    if not found:
        with st.container(border=True), session.shown_errors():
            _draw_explorer(cloud)


@st.fragment(run_every=PULSE)
def _await_files(cloud: Cloud, export: Export) -> None:
    """A practice account delivers within seconds: the page follows by itself."""
    with session.shown_errors():
        if exports.list_months(cloud, export):
            _listings[AccountKind.PRACTICE].clear()
            st.rerun(scope="app")
        st.caption(f":material/schedule: {t('bills.practice_waits')}")


def _draw_explorer(cloud: Cloud) -> None:
    """What it costs stands on the button: each request is billed."""
    st.markdown(t("bills.no_export"))
    now = clocks.account_time(cloud.account)
    count = int(st.number_input(t("bills.months"), 1, MOST_MONTHS, 3, key="explorer_months", width=140))
    months = cost_explorer.months_before(now.date(), count)
    usd = cost_explorer.USD_A_REQUEST * cost_explorer.REQUESTS_A_MONTH * len(months)
    words = t("bills.ask_explorer", usd=formats.usd(usd))
    if st.button(words, key="ask_explorer", icon=":material/payments:", help=t("bills.ask_explorer_help")):
        with st.spinner(t("bills.asking_explorer")):
            read = cost_explorer.take(cloud, folder(), months, now, session.actor())
        st.session_state[KEPT] = t("bills.was_read", count=read, name=cost_explorer.NAME)
        st.rerun()


def _draw(cloud: Cloud, export: Export, delivered: tuple[Delivered, ...]) -> None:
    new = exports.unread(folder(), export, delivered)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        with st.container(gap="xxsmall", width="content"):
            st.markdown(t("bills.export", name=export.name, source=export.source))
            st.caption(_said(cloud, delivered, new))
        words = t("bills.read", count=len(new))
        if new and st.button(words, key=f"read_{export.name}", icon=":material/sync:", type="primary"):
            _refresh(cloud, export)


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
    st.session_state[KEPT] = t("bills.was_read", count=read, name=export.name) if read else t("bills.was_empty")
    st.rerun()


def say_kept() -> None:
    """Once, what was done in the run before."""
    kept = st.session_state.pop(KEPT, None)
    if kept:
        st.success(kept, icon=":material/check_circle:")
