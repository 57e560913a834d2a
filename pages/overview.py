"""Overview: what bills now, what it cost, what runs, what stops by itself, which quota is nearly used up."""

from datetime import timedelta

import streamlit as st

from pages.ui import charts, details, guard, launching, reads, session, show
from pages.ui.charts.timelines import lifecycle_timeline
from pages.ui.columns import Column, Kind
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.tables import open_one
from pages.ui.text import escape, plain, t
from services import inventory, meter, quotas
from services.inventory import StopAhead
from services.known import Inventory

guard.require_entry()

REFRESH = "3s"
DAY = timedelta(hours=24)
PAGES = {"notebook": "pages/notebooks.py", "training": "pages/training.py", "endpoint": "pages/endpoints.py"}
COLUMNS = (
    Column("name", "tables.name", Kind.NAME),
    Column("kind", "tables.kind", value=lambda row: plain(f"launch.kind_{row.kind}")),
    Column("owner", "tables.owner", value=lambda row: row.owner or plain("overview.no_owner")),
    Column("usd_per_hour", "tables.usd_per_hour", Kind.USD_PER_HOUR),
    Column("at", "overview.stops_at", Kind.TIME, help="overview.stops_at_help"),
    Column("by", "overview.stopped_by", value=lambda row: plain(f"overview.by_{row.by}")),
)


@st.fragment(run_every=REFRESH)
def draw() -> None:
    """All of the page; drawn anew by itself."""
    with session.shown_errors():
        known = reads.current(session.cloud())
        ahead = inventory.stops_ahead(known)
        with page_header(t("overview.title"), _sentence(known, ahead)):
            launching.link("notebook")
        session.show_failures(known, *known.failures)
        _draw_figures(known)
        if ahead:
            _draw_running(ahead)
        else:
            with empty_state(":material/bedtime:", t("overview.none")):
                for kind in PAGES:
                    launching.link(kind, place="empty")
        left, right = st.columns(2, gap="large")
        with left:
            _draw_quotas(known)
        with right:
            _draw_activity()
        _draw_timeline(known)


def _sentence(known: Inventory, ahead: tuple[StopAhead, ...]) -> str:
    unguarded = [row for row in ahead if not row.guarded]
    if unguarded:
        return t("overview.sentence_unguarded", count=len(ahead), unguarded=len(unguarded))
    return t("overview.sentence", count=len(ahead)) if ahead else t("overview.sentence_quiet")


def _draw_figures(known: Inventory) -> None:
    history, key = session.desk().history, session.account().key
    today = meter.today(history, key, known.at, region=known.region)
    month = meter.this_month(history, key, known.at, region=known.region)
    runs = inventory.running(known)
    owners = len({row.owner for row in runs})
    figures(
        [
            Figure(plain("overview.burn"), show.rate(inventory.burn(known)), help=plain("overview.burn_help")),
            Figure(plain("overview.today"), show.money(meter.total(today)), help=plain("overview.meter_help")),
            Figure(plain("overview.month"), show.money(meter.total(month)), help=plain("overview.meter_help")),
            Figure(
                plain("overview.running"),
                str(sum(row.count for row in runs)),
                help=plain("overview.running_help", owners=owners),
            ),
        ]
    )


def _draw_running(ahead: tuple[StopAhead, ...]) -> None:
    opened = open_one(ahead, COLUMNS, key="running", what=plain("overview.running"))
    if opened is not None:
        st.switch_page(PAGES[opened.kind], query_params={"name": opened.name})


def _draw_quotas(known: Inventory) -> None:
    st.subheader(t("overview.quotas"), anchor=False, help=t("overview.quotas_help"))
    rows = [row for row in quotas.list_applied(known.limits, inventory.in_use(known)) if row.used][:5]
    if not rows:
        st.caption(t("overview.quotas_unused"))
    for row in rows:
        words = t("overview.quota_row", name=row.name, used=row.used, limit=row.limit)
        st.progress(
            min(1.0, row.used / row.limit) if row.limit else 1.0, f":red[{words}]" if row.nearly_used_up else words
        )


def _draw_activity() -> None:
    st.subheader(t("overview.latest"), anchor=False)
    actions = session.desk().ledger.actions(session.account().key, limit=5)
    if not actions:
        st.caption(t("activity.none"))
    icons = {"done": "check_circle", "failed": "error", "unknown": "help", "running": "pending"}
    for action in actions:
        what = t(f"plans.act_{action.act}_{action.kind}")
        icon = f":material/{icons[action.state]}:"
        st.markdown(f"{icon} {what} · **{escape(action.name)}** · {escape(action.actor)}", help=show.exact(action.at))


def _draw_timeline(known: Inventory) -> None:
    """Last, since the chart's script is heavy: what is read first must not wait for it."""
    since = known.at - DAY
    found = session.desk().history.intervals(session.account().key, since, known.at, region=known.region)
    if not found:
        return
    title = plain("overview.timeline", count=len({each.resource for each in found}))
    chart = lifecycle_timeline([details.bar(each) for each in found], title=title, since=since, now=known.at)
    charts.draw(chart, key="timeline")


draw()
