"""What the launch forms share: the type with price and quota in sight, auto-stop, and sending the plan once."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.ui import reads, session, show
from pages.ui.actions import send
from pages.ui.plan_view import draw_plan
from pages.ui.text import plain, t
from services import catalogue, clocks, inventory, profiles, quotas, rates
from services.catalogue import InstanceSpec
from services.cloud import Cloud
from services.planning import Surroundings
from services.plans import Plan, Quota, new_intent
from services.profiles import LaunchProfile

INTENT = "intent"
AUTO_STOP_HOURS = (1.0, 4.0, 8.0, 24.0, 72.0)
DEFAULT_AUTO_STOP_HOURS = 8.0


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
    intent = st.query_params.get(INTENT, "")
    if len(intent) != len(new_intent()) or not intent.isalnum():
        intent = st.query_params[INTENT] = new_intent()
    return Desk(cloud, profiles.practice_profile(cloud.account, cloud.region), intent)


def link(kind: str, *, place: str = "head", **chosen: str) -> None:
    """The button that opens the launch form of a kind, with what is `chosen` already in its URL."""
    key = f"launch_{kind}_{place}"
    if st.button(t(f"launch.open_{kind}"), type="primary", icon=":material/rocket_launch:", key=key):
        st.switch_page("pages/launch.py", query_params={"kind": kind, **chosen})


def instance_type(where: Desk, component: str, usage: str, default: str) -> str:
    """The instance type, each with its hardware, price and what its quota leaves."""
    known = reads.current(where.cloud)
    in_use = inventory.in_use(known)
    specs = {spec.instance_type: spec for spec in catalogue.instance_types(where.cloud.region, component)}

    def words(name: str) -> str:
        left = quotas.tightest(known.limits, in_use, usage, name, 1)
        return _type_words(where.cloud.region, specs[name], component, left)

    names = sorted(specs, key=lambda name: (not _has_room(known, in_use, usage, name), _price(where, name, component)))
    asked = st.query_params.get("type", default)
    return st.selectbox(
        t("launch.instance_type"),
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=words,
        key=f"{usage}_type",
        help=t("launch.instance_type_help"),
    )


def auto_stop() -> float | None:
    """Hours until AWS stops it by itself; None when the user switched that off."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.toggle(t("launch.auto_stop"), value=True, key="auto_stop", help=t("launch.auto_stop_help"))
        hours = st.selectbox(
            t("launch.auto_stop_after"),
            AUTO_STOP_HOURS,
            index=AUTO_STOP_HOURS.index(DEFAULT_AUTO_STOP_HOURS),
            format_func=lambda hours: show.duration(hours * 3600),
            key="auto_stop_hours",
            disabled=not wanted,
        )
    return hours if wanted else None


def surroundings(where: Desk, usage: str, instance_type: str, needs: int) -> Surroundings:
    """What the plan needs to know. Raises: NotConnected."""
    known = reads.current(where.cloud)
    quota = quotas.tightest(known.limits, inventory.in_use(known), usage, instance_type, needs)
    now = clocks.read_clock(where.cloud.account).now
    return Surroundings(now, where.cloud.account.account_id, session.actor().name, quota)


def review_and_send(where: Desk, plan: Plan, opens: str) -> None:
    """The plan beside its button; when it was sent, the page that shows what was launched."""
    draw_plan(plan)
    label = t(f"plans.act_launch_{plan.kind}")
    pressed = st.button(label, type="primary", icon=":material/rocket_launch:", key="launch_now")
    if pressed and not plan.refused and send(where.cloud, plan) is not None:
        # The wish is done: coming back to the form is a new one.
        st.query_params.pop(INTENT, None)
        st.switch_page(opens, query_params={"name": plan.name})


def staged(content: bytes, name: str) -> tuple[Path, str]:
    """Keep what is to be uploaded on this machine until the launch's worker has sent it: (file, its SHA-256)."""
    digest = hashlib.sha256(content).hexdigest()
    folder = session.desk().home / "staged" / digest
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = folder / f"{name}.{os.getpid()}.draft"
        draft.write_bytes(content)
        draft.replace(path)
    return path, digest


def _has_room(known: inventory.Inventory, in_use: quotas.InUse, usage: str, name: str) -> bool:
    quota = quotas.tightest(known.limits, in_use, usage, name, 1)
    return quota is None or quota.left > 0


def _price(where: Desk, name: str, component: str) -> float:
    part = rates.instance_part(where.cloud.region, name, component)
    return float(part.usd_per_hour) if part else float("inf")


def _type_words(region: str, spec: InstanceSpec, component: str, quota: Quota | None) -> str:
    part = rates.instance_part(region, spec.instance_type, component)
    gpu = plain("launch.gpus", count=spec.gpu_count, name=spec.gpu_name or "") if spec.gpu_count else ""
    pieces = [
        spec.instance_type,
        plain("launch.hardware", vcpu=spec.vcpu, memory=f"{spec.memory_gib:g}"),
        gpu,
        show.rate(part.usd_per_hour) if part else plain("launch.no_price"),
        plain("launch.left", left=str(max(0, quota.left))) if quota else plain("launch.left_unknown"),
    ]
    return " · ".join(piece for piece in pieces if piece)


Form = Callable[[Desk], None]
