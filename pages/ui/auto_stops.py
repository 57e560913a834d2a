"""Another time for the auto-stop of what runs: later for work that goes on, sooner for what is nearly done."""

import streamlit as st

from pages.ui import dialogs, launching, show
from pages.ui.actions import Button, ask_with, confirm
from pages.ui.text import language, t
from services import clocks, guard_plans, schedules
from services.cloud import Cloud
from services.guard_plans import Guarded


def offer(cloud: Cloud, target: Guarded) -> None:
    """The button; what is there now is asked when it is pressed."""
    button = Button("auto_stop", "details.change_auto_stop", ":material/timer:", f"plans.act_guard_{target.kind}")
    ask_with(button, _choose, cloud, target)


def _choose(cloud: Cloud, target: Guarded) -> None:
    guard = dialogs.once(lambda: schedules.find_guard(cloud, target.arn))
    if guard is not None:
        st.markdown(t("plans.stops_at", when=show.exact(guard.stops_at)))
    hours = st.selectbox(
        t("details.from_now"),
        launching.AUTO_STOP_HOURS,
        index=launching.AUTO_STOP_HOURS.index(launching.DEFAULT_AUTO_STOP_HOURS),
        format_func=lambda hours: show.duration(float(hours) * 3600),
        key=f"from_now_{language()}",
    )
    now = clocks.read_clock(cloud.account).now
    plan = guard_plans.plan_guard(target, guard, float(hours), now, launching.profile(cloud))
    if plan.effect.worst_case_usd is not None:
        st.markdown(t("details.at_most", amount=show.money(plan.effect.worst_case_usd)))
    confirm(cloud, plan)
