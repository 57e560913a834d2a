"""Buttons that change something: the plan is shown with its consequence, and on yes carried out once."""

from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from pages.ui import dialogs, reads, session
from pages.ui.plan_view import act_words, draw_checks, draw_effect, draw_money, draw_requests, is_destructive
from pages.ui.text import escape, plain, t
from services import launches
from services.cloud import Cloud
from services.errors import DeckError
from services.ledger import Action, State
from services.plans import Act, Plan

_SAID = "actions.said"
LOOK_SECONDS = 0.3
"""How often the ledger is asked how far a launch is."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button for an act: its key, the key of its words, its icon, and the key of the title of what it asks."""

    key: str
    words: str
    icon: str
    asks: str
    primary: bool = False


def ask(cloud: Cloud, make_plan: Callable[[], Plan], button: Button) -> None:
    """A button that shows the plan and asks; the plan is made when it is pressed, with what is true then."""
    ask_with(button, _confirm_made, cloud, make_plan)


def ask_with(button: Button, draw: Callable[..., None], *arguments: Any) -> None:
    """A button that opens a dialog of choices, which ends in `confirm`; none where nothing may be changed."""
    if session.read_only():
        return
    kind: Literal["primary", "secondary"] = "primary" if button.primary else "secondary"
    if st.button(t(button.words), key=button.key, icon=button.icon, type=kind):
        dialogs.show(plain(button.asks), draw, *arguments)


def _confirm_made(cloud: Cloud, make_plan: Callable[[], Plan]) -> None:
    confirm(cloud, dialogs.once(make_plan))


def confirm(cloud: Cloud, plan: Plan) -> None:
    """The inside of a dialog: the consequence in money and data, and yes or no."""
    plan = plan.with_intent(dialogs.intent())
    st.markdown(f"**{escape(plan.name)}** · {plan.region}")
    if plan.act in (Act.START, Act.RESIZE):
        draw_money(plan)
    draw_checks(plan.checks)
    draw_effect(plan)
    draw_requests(plan)
    with st.container(horizontal=True, horizontal_alignment="right"):
        refuse = st.button(t("common.cancel"), key="confirm_no")
        icon = ":material/delete_forever:" if is_destructive(plan) else None
        agreed = not plan.refused and st.button(act_words(plan), key="confirm_yes", type="primary", icon=icon)
    if refuse:
        dialogs.close()
    if agreed:
        action = send(cloud, plan)
        if action is not None and action.state is State.DONE:
            dialogs.close()
        if action is not None and action.state is State.FAILED:
            dialogs.renew()


def send(cloud: Cloud, plan: Plan) -> Action | None:
    """Carry the plan out and say what came of it; None when it was refused before anything was sent.

    The work goes on when the tab is closed meanwhile; sending the same plan again returns the first one's result.
    """
    try:
        action = _watched(cloud, plan)
    except DeckError as error:
        session.show_error(error)
        return None
    reads.forget()
    if action.state is State.DONE:
        st.session_state[_SAID] = t(f"actions.done_{action.act}", name=action.name)
    else:
        key = "actions.unknown" if action.state is State.UNKNOWN else "actions.failed"
        st.error(t(key, name=action.name, error=action.error or ""), icon=":material/error:")
    return action


def _watched(cloud: Cloud, plan: Plan) -> Action:
    """Show the calls as they are made, from the ledger."""
    ledger, count = session.desk().ledger, len(plan.calls)
    sending = launches.submit(cloud, ledger, plan, session.actor())
    place = st.empty()
    while not wait([sending], timeout=LOOK_SECONDS).done:
        done = sum(step.state is State.DONE for step in ledger.by_intent(plan.intent).steps)
        place.progress(min(1.0, done / count), t("actions.sending", name=plan.name, done=done, calls=count))
    place.empty()
    return sending.result()


def say_what_was_done() -> None:
    """A toast for the action before this run; called once by the entry point."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(said, icon=":material/check_circle:")
