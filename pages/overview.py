"""Overview: what bills now, what it cost, what runs, what stops by itself, which quota is nearly used up."""

from decimal import Decimal

import streamlit as st

from pages.ui import guard, histories, launching, reads, running, session, show
from pages.ui.formats import MINUS
from pages.ui.layout import Figure, empty_state, figures, is_first_look, look_again, page_header
from pages.ui.reads import Reckoned
from pages.ui.text import escape, explain, plain, t
from services import meter
from services.known import Inventory
from services.ledger import State
from services.overviews import Running
from services.quotas import Applied

guard.require_entry()

REFRESH = "3s"
MOST_ROWS = 5
ICONS = {
    State.DONE: ":gray[:material/check_circle:]",
    State.FAILED: ":red[:material/error:]",
    State.UNKNOWN: ":orange[:material/help:]",
    State.RUNNING: ":orange[:material/pending:]",
}


@st.fragment(run_every=REFRESH)
def draw() -> None:
    """All of the page; drawn anew by itself."""
    with session.shown_errors():
        first = is_first_look()
        known = reads.known_here() if first else reads.here()
        sums = reads.reckoned(known)
        with page_header(t("overview.title"), _sentence(known, sums)):
            if not first:
                launching.link("notebook")
        session.show_failures(known, *known.failures)
        _draw_progress()
        _draw_figures(known, sums, first)
        if sums.ahead:
            running.draw(sums.ahead, known.at, first_look=first)
        else:
            with empty_state(":material/bedtime:", t("overview.none")):
                for kind in running.PAGES:
                    launching.link(kind, place="empty")
        if first:
            look_again()
        else:
            _draw_cards(known, sums)
            histories.draw_last_day(known)


def _draw_progress() -> None:
    """A quiet line while the past is being read."""
    progress = session.past_progress()
    if progress is not None:
        words = t("overview.reading_past", read=progress.days_read, days=progress.days)
        st.caption(f":material/history: {words}", help=t("overview.reading_past_help"))


def _sentence(known: Inventory, sums: Reckoned) -> str:
    count, unguarded = len(sums.ahead), sum(not row.guarded for row in sums.ahead)
    if not count:
        return t("overview.sentence_quiet")
    if unguarded:
        said = t("overview.sentence_unguarded", count=count, unguarded=unguarded)
    else:
        said = t("overview.sentence", count=count)
    if sums.idle is None:
        return said
    idle = t("overview.sentence_idle", count=sums.idle.count, time=show.duration(known.at - sums.idle.since))
    return f"{said} {idle}"


def _draw_figures(known: Inventory, sums: Reckoned, first_look: bool) -> None:
    figures(
        [
            Figure(
                plain("overview.burn"),
                show.rate(sums.usd_per_hour),
                help=t("overview.burn_help"),
                change=_change(sums.usd_per_hour - reads.burn_a_day_ago(known)),
            ),
            Figure(plain("overview.today"), show.money(meter.total(sums.today)), help=_meter_help(sums.today)),
            Figure(plain("overview.month"), show.money(meter.total(sums.month)), help=_meter_help(sums.month)),
            Figure(
                plain("overview.running"),
                str(sum(row.count for row in sums.runs)),
                help=t("overview.running_help", count=len({row.owner for row in sums.runs})),
            ),
        ],
        first_look=first_look,
    )


def _change(by: Decimal) -> str | None:
    """Against the same hour of the day before."""
    sign = MINUS if by < 0 else "+"
    return plain("overview.in_a_day", change=f"{sign}{show.rate(abs(by))}") if by else None


def _meter_help(costs: tuple[meter.ResourceCost, ...]) -> str:
    kinds = [
        f"- {t(f'launch.kind_{kind}')}: {escape(show.money(usd))}" for kind, usd in meter.by_kind(costs).items() if usd
    ]
    return "\n".join([t("overview.meter_help"), *kinds])


def _draw_cards(known: Inventory, sums: Reckoned) -> None:
    grid = st.grid(3 if sums.runs else 2, min_column_width=280, gap="large")
    if sums.runs:
        with grid.container():
            _draw_by_kind(sums.runs)
    with grid.container():
        _draw_quotas(sums.quotas[:MOST_ROWS])
    with grid.container():
        _draw_activity(known)


def _draw_by_kind(runs: tuple[Running, ...]) -> None:
    st.header(t("overview.by_kind"), anchor=False)
    for row in runs[:MOST_ROWS]:
        owner = escape(row.owner) if row.owner else t("overview.no_owner")
        kind = t("overview.kind_row", kind=plain(f"launch.kind_{row.kind}"), count=row.count)
        st.markdown(f"**{escape(show.rate(row.usd_per_hour))}** · {kind} · {owner}")


def _draw_quotas(rows: tuple[Applied, ...]) -> None:
    st.header(t("overview.quotas"), anchor=False, help=f"{explain('service_quota')} {t('overview.quotas_help')}")
    if not rows:
        st.caption(t("overview.quotas_unused"))
    for row in rows:
        words = t("overview.quota_row", name=row.name, used=row.used, limit=row.limit)
        share = min(1.0, row.used / row.limit) if row.limit else 1.0
        st.progress(share, f":red[:material/warning: {words}]" if row.nearly_used_up else words)


def _draw_activity(known: Inventory) -> None:
    st.header(t("overview.latest"), anchor=False)
    actions = session.desk().ledger.actions(session.account_key(), limit=MOST_ROWS)
    if not actions:
        st.caption(t("activity.none"))
        return
    for action in actions:
        what = t(f"plans.act_{action.act}_{action.kind}")
        when = escape(show.ago(action.at, known.at))
        with st.container(gap=None):
            st.markdown(f"{ICONS[action.state]} {what} **{escape(action.name)}**")
            st.caption(f"{escape(action.actor)} · {when}")
    st.page_link("pages/activity.py", label=t("overview.all_activity"), icon=":material/history:")


draw()
