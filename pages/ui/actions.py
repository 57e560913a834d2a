"""Buttons that change something: the plan is shown with its consequence, and on yes carried out once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from pages.ui import dialogs, reads, session
from pages.ui.plan_view import act_words, draw_checks, draw_effect, draw_money, draw_requests, is_destructive
from pages.ui.text import escape, t
from services import launches
from services.cloud import Cloud
from services.errors import DeckError
from services.ledger import Action, State
from services.plans import Act, Plan

_SAID = "actions.said"


@dataclass(frozen=True, slots=True)
class Button:
    """A button for an act: its key, the key of its words, its icon."""

    key: str
    words: str
    icon: str
    primary: bool = False


def ask(cloud: Cloud, make_plan: Callable[[], Plan], button: Button) -> None:
    """A button that shows the plan and asks; the plan is made when it is pressed, with what is true then."""
    kind: Literal["primary", "secondary"] = "primary" if button.primary else "secondary"
    if st.button(t(button.words), key=button.key, icon=button.icon, type=kind):
        with session.shown_errors():
            plan = make_plan()
            dialogs.show(act_words(plan), confirm, cloud, plan)


def confirm(cloud: Cloud, plan: Plan) -> None:
    """The inside of a dialog: the consequence in money and data, and yes or no."""
    st.markdown(f"**{escape(plan.name)}** · {plan.region}")
    if plan.act in (Act.START, Act.RESIZE):
        draw_money(plan)
    draw_checks(plan.checks)
    draw_effect(plan)
    draw_requests(plan)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key="confirm_no"):
            dialogs.close()
        icon = ":material/delete_forever:" if is_destructive(plan) else None
        agreed = not plan.refused and st.button(act_words(plan), key="confirm_yes", type="primary", icon=icon)
        if agreed and send(cloud, plan) is not None:
            dialogs.close()


def send(cloud: Cloud, plan: Plan) -> Action | None:
    """Carry the plan out and say what came of it; None when it was refused before anything was sent.

    The work goes on when the tab is closed meanwhile; sending the same plan again returns the first one's result.
    """
    with st.spinner(t("actions.sending", name=plan.name)):
        try:
            action = launches.carry_out(cloud, session.desk().ledger, plan, session.actor())
        except DeckError as error:
            session.show_error(error)
            return None
    reads.forget()
    if action.state is State.DONE:
        st.session_state[_SAID] = t(f"actions.done_{plan.act}", name=plan.name)
        return action
    key = "actions.unknown" if action.state is State.UNKNOWN else "actions.failed"
    st.error(t(key, name=plan.name, error=action.error or ""), icon=":material/error:")
    return None


def say_what_was_done() -> None:
    """A toast for the action before this run; called once by the entry point."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(said, icon=":material/check_circle:")
