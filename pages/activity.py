"""Activity: who did what, by which plan, and what came of it; the ledger as it is on disk."""

import json

import streamlit as st

from pages.ui import dialogs, formats, guard, launching, session, show
from pages.ui.columns import Column, Kind
from pages.ui.layout import empty_state, page_header
from pages.ui.palette import Tone
from pages.ui.states import badge
from pages.ui.tables import open_one
from pages.ui.text import escape, plain, t
from services import clocks
from services.ledger import Action, Ledger, State, Step

guard.require_entry()

REFRESH = "3s"
TONES = {
    State.RUNNING: Tone.MOVING,
    State.UNKNOWN: Tone.MOVING,
    State.DONE: Tone.STOPPED,
    State.FAILED: Tone.FAILED,
}
ICONS = {State.RUNNING: "pending", State.UNKNOWN: "help", State.DONE: "check_circle", State.FAILED: "error"}
COLUMNS = (
    Column("at", "activity.at", Kind.TIME),
    Column("what", "activity.what", value=lambda action: plain(f"plans.act_{action.act}_{action.kind}")),
    Column("name", "tables.name", Kind.NAME),
    Column(
        "state",
        "tables.state",
        Kind.STATE,
        value=lambda action: plain(f"activity.state_{action.state}"),
        tone=lambda action: TONES[action.state],
    ),
    Column("actor", "activity.actor"),
    Column("region", "tables.region", help="glossary.region"),
    Column("error", "activity.error"),
)


@st.fragment(run_every=REFRESH)
def draw_actions(ledger: Ledger) -> None:
    """The latest first."""
    with session.shown_errors():
        actions = ledger.actions(session.account_key())
        unsettled = sum(action.state in (State.RUNNING, State.UNKNOWN) for action in actions)
        page_header(t("activity.title"), t("activity.sentence", count=len(actions), unsettled=unsettled))
        if not actions:
            with empty_state(":material/history:", t("activity.none")):
                launching.link("notebook")
            _say_paid()
            return
        opened = open_one(
            actions, COLUMNS, key="activity", what=plain("activity.title"), sort="-at", row_id=lambda one: one.intent
        )
        if opened is not None:
            dialogs.show(plain("activity.detail"), draw_action, opened)
        _say_paid()


def _say_paid() -> None:
    """What the deck itself has spent today by asking."""
    spent = session.desk().paid_calls.today(session.account_key())
    words = t("activity.paid", usd=formats.usd(spent.usd), cap=formats.usd(spent.cap_usd), calls=spent.calls)
    st.caption(words, help=t("activity.paid_help"))


def draw_action(action: Action) -> None:
    """One row of the ledger in full."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t(f'plans.act_{action.act}_{action.kind}')}** · {escape(action.name)} · {action.region}")
        icon = f":material/{ICONS[action.state]}:"
        badge(plain(f"activity.state_{action.state}"), TONES[action.state], icon=icon)
    when = f"{show.exact(action.at)} ({show.ago(action.at, clocks.account_time(session.account()))})"
    st.markdown(t("activity.by", actor=action.actor, when=when))
    if action.error:
        st.error(escape(action.error), icon=":material/error:")
        _lead_to_quota(action)
    for step in action.steps:
        _draw_step(step)
    with st.expander(t("activity.plan"), icon=":material/code:"):
        st.json(json.loads(action.plan))


def _lead_to_quota(action: Action) -> None:
    """To the quota that AWS refused the action for: its words name it."""
    quota = json.loads(action.plan).get("quota")
    if not quota or quota["name"] not in (action.error or ""):
        return
    if st.button(t("quotas.raise"), key="see_quota", icon=":material/speed:"):
        session.move_to(action.region)
        dialogs.leave_for("pages/quotas.py", quota=quota["code"])


def _draw_step(step: Step) -> None:
    request = t("activity.request", id=step.request_id) if step.request_id else ""
    words = f":material/{ICONS[step.state]}: `{step.service}:{step.method}` {request}"
    st.markdown(f"{words} {escape(step.error or '')}")


draw_actions(session.desk().ledger)
