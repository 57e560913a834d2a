"""What the launch forms share: the type with price and quota in sight, auto-stop, and sending the plan once."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui import reads, session, show
from pages.ui.actions import Button, ask_with, confirm, send
from pages.ui.plan_view import draw_plan
from pages.ui.text import escape, language, t
from pages.ui.urls import choice
from services import clocks, inventory, profiles, quotas, stagings
from services.cloud import AccountKind, Cloud
from services.errors import InvalidRequest
from services.ledger import State
from services.planning import Surroundings
from services.plans import Act, Plan, Quota, new_intent
from services.profiles import LaunchProfile, Tags
from services.quota_increases import Increase, plan_increases

INTENT = "intent"
SEND = "launch_now"
AUTO_STOP_HOURS = ("1", "4", "8", "24", "72")
DEFAULT_AUTO_STOP_HOURS = "8"
TEMPLATES = Path(__file__).parents[2] / "deploy"
INCREASE = Button("increase", "plans.act_request_quota", ":material/trending_up:", "plans.act_request_quota")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a form launches, and as whom. `intent` lives in the URL: a tab that is duplicated is the same wish."""

    cloud: Cloud
    profile: LaunchProfile
    intent: str

    @property
    def suffix(self) -> str:
        """For names that are proposed."""
        return self.intent[:6]


def desk() -> Desk:
    """Raises: NotConnected."""
    cloud = session.cloud()
    return Desk(cloud, profile(cloud), _intent(cloud))


def _intent(cloud: Cloud) -> str:
    """The wish in the URL, or a new one when it was settled before: a form that is seen again is another wish, but a
    click is never one."""
    intent = st.query_params.get(INTENT, "")
    wished = len(intent) == len(new_intent()) and intent.isalnum()
    if not wished or (not st.session_state.get(SEND) and _settled(cloud, intent)):
        intent = st.query_params[INTENT] = new_intent()
    return intent


def _settled(cloud: Cloud, intent: str) -> bool:
    rows = session.desk().ledger.actions(cloud.account.key)
    return any(row.intent == intent and row.state in (State.DONE, State.FAILED) for row in rows)


def link(kind: str, *, place: str = "head", **chosen: str) -> None:
    """The button that opens the launch form of a kind, with what is `chosen` already in its URL; none where nothing may
    be launched."""
    if session.read_only():
        return
    key = f"launch_{kind}_{place}"
    if st.button(t(f"launch.open_{kind}"), type="primary", icon=":material/rocket_launch:", key=key):
        st.switch_page("pages/launch.py", query_params={"kind": kind, **chosen})


def auto_stop() -> float | None:
    """Hours until AWS stops it by itself, in the URL; None when the user switched that off."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.toggle(t("launch.auto_stop"), value=True, key="auto_stop", help=t("launch.auto_stop_help"))
        hours = choice(
            t("launch.auto_stop_after"),
            AUTO_STOP_HOURS,
            key="stop_after_hours",
            default=DEFAULT_AUTO_STOP_HOURS,
            format_func=_hours,
            labelled=True,
            disabled=not wanted,
        )
    return float(hours) if wanted else None


def ask_auto_stop() -> float | None:
    """The same inside a dialog, which is nothing to link to."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.toggle(t("launch.auto_stop"), value=True, key="ask_auto_stop", help=t("launch.auto_stop_help"))
        hours = st.selectbox(
            t("launch.auto_stop_after"),
            AUTO_STOP_HOURS,
            index=AUTO_STOP_HOURS.index(DEFAULT_AUTO_STOP_HOURS),
            format_func=_hours,
            key=f"ask_stop_after_{language()}",
            disabled=not wanted,
        )
    return float(hours) if wanted else None


def _hours(hours: str) -> str:
    return show.duration(float(hours) * 3600)


def surroundings(cloud: Cloud, usage: str, instance_type: str, needs: int, tags: Tags = ()) -> Surroundings:
    """What the plan needs to know; `tags` are those of `ask_tags`. Raises: NotConnected, InvalidRequest."""
    known = reads.current(cloud)
    quota = quotas.tightest(known.limits, inventory.in_use(known), usage, instance_type, needs)
    now = clocks.read_clock(cloud.account).now
    owner = session.actor().name
    return Surroundings(now, cloud.account.account_id, owner, quota, profile(cloud), tags, reads.launch_facts(cloud))


def profile(cloud: Cloud) -> LaunchProfile:
    """Roles, bucket and limits of launches in this account. Raises: InvalidRequest when a real one has none."""
    if cloud.account.kind is AccountKind.PRACTICE:
        return profiles.practice_profile(cloud.account.account_id, cloud.region)
    if cloud.account.launch is None:
        raise InvalidRequest("there is no launch profile", resource=cloud.account.alias, code="NoLaunchProfile")
    return cloud.account.launch


def ask_tags(cloud: Cloud) -> Tags:
    """A field for each tag that whoever launches has to give."""
    asked = (
        (name, st.text_input(escape(name), key=f"tag_{name}", max_chars=256)) for name in profile(cloud).asked_tags
    )
    return tuple((name, value.strip()) for name, value in asked)


def possible() -> bool:
    """Whether the form may be drawn; else what is missing is said in its place."""
    real = session.chosen()
    if not session.may(Act.LAUNCH):
        st.info(t("launch.viewer", name=session.actor().name), icon=":material/lock:")
        return False
    if real is None or (real.changes and real.launch is not None):
        return True
    if real.read_only:
        st.info(t("launch.read_only", setting=f"accounts.{real.name}.changes"), icon=":material/lock:")
    else:
        st.info(t("launch.no_profile", setting=f"accounts.{real.name}.launch"), icon=":material/assignment:")
        _offer_templates()
    return False


def _offer_templates() -> None:
    """CloudFormation that makes what a launch profile names, where this deck ships it."""
    for path in sorted(TEMPLATES.glob("**/*.yaml")):
        text = path.read_text(encoding="utf-8")
        if "AWSTemplateFormatVersion" in text:
            label = t("launch.template", name=path.name)
            st.download_button(label, text, path.name, "application/yaml", icon=":material/download:")


def review_and_send(where: Desk, plan: Plan, opens: str) -> None:
    """The plan beside its button; when it was sent, the page that shows what was launched."""
    draw_plan(plan)
    label = t(f"plans.act_launch_{plan.kind}")
    if plan.quota is not None and any(check.code == "quota_exceeded" for check in plan.checks):
        ask_with(INCREASE, _request_increase, where.cloud, plan.quota)
        if st.button(t("quotas.raise"), key="see_quota", icon=":material/speed:", type="tertiary"):
            st.switch_page("pages/quotas.py", query_params={"quota": f"{plan.region}/{plan.quota.code}"})
    if plan.refused:
        st.caption(t("launch.refused"))
    pressed = st.button(label, type="primary", icon=":material/rocket_launch:", key=SEND)
    if not pressed or plan.refused:
        return
    action = send(where.cloud, plan)
    if action is not None and action.state is State.DONE:
        # The first to send this wish named it: this click may be another tab's.
        st.switch_page(opens, query_params={"name": action.name})


def _request_increase(cloud: Cloud, quota: Quota) -> None:
    """The inside of a dialog: how many are wanted."""
    st.markdown(t("launch.increase", name=quota.name, used=quota.used, limit=quota.limit))
    least = quota.limit + 1
    wanted = st.number_input(
        t("launch.increase_to"), least, least + 1000, max(least, quota.used + quota.needs), key="increase_to"
    )
    confirm(cloud, plan_increases([Increase(cloud.region, quota, int(wanted))]))


def staged(content: bytes, name: str) -> tuple[Path, str]:
    """Keep what is to be uploaded until the launch's worker has sent it: (file, its SHA-256). Raises: DeckError."""
    return stagings.stage(session.desk().home, content, name, session.actor())
