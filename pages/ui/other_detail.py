"""One other resource in a dialog: what it is, what it bills, whether it is used; and a Studio app's stop."""

import streamlit as st

from pages.ui import details, reads, show, uses
from pages.ui.actions import Button, ask
from pages.ui.plan_view import parts_help
from pages.ui.states import chip
from pages.ui.text import explain, plain, t
from services import app_plans
from services.cloud import Cloud
from services.known import Inventory
from services.spenders import Spender, SpenderKind

STOP = Button("stop_app", "others.stop", ":material/stop_circle:", "plans.act_stop_app")


def draw_other(cloud: Cloud, arn: str) -> None:
    """The row as it is now."""
    known = reads.current(cloud)
    row = next((row for row in known.others if row.arn == arn), None)
    if row is None:
        details.missing(arn.rpartition("/")[2])
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{t(f'launch.kind_{row.kind}')}**", help=explain(row.kind), width="content")
        chip(row.status)
    st.markdown(_rate(row), help=parts_help(row.parts()))
    details.draw_configuration(_facts(known, row))
    if row.can_stop:
        ask(cloud, lambda: app_plans.plan_stop(row, _space(known, row)), STOP)
    elif row.kind not in (SpenderKind.APP, SpenderKind.WARM_POOL):
        st.caption(t("others.look_only"))


def _rate(row: Spender) -> str:
    words = t(f"others.billing_{row.billing}")
    return words if row.usd_per_hour is None else t("tables.with_unit", label=show.rate(row.burn), unit=words)


def _facts(known: Inventory, row: Spender) -> dict[str, str]:
    return {
        plain("tables.owner"): row.owner,
        plain("others.place"): row.place,
        plain("tables.instance_type"): ", ".join(f"{name} × {count}" for name, count in row.instances),
        plain("launch.volume"): str(row.volume_gib or ""),
        plain("others.upfront"): row.upfront,
        plain("uses.column"): uses.words(known.idle(row.arn), known.at) if row.runs else "",
        plain("tables.created"): show.exact(row.created) if row.created else "",
        "ARN": row.arn,
    }


def _space(known: Inventory, app: Spender) -> Spender | None:
    """The space that the app runs in."""
    spaces = (row for row in known.others if row.kind is SpenderKind.SPACE)
    return next((space for space in spaces if space.place == app.place), None)
