"""A plan as a reader sees it: dollars, quota, what speaks against it, and the exact requests."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from pages.ui import show
from pages.ui.layout import Figure, figures, tabs
from pages.ui.text import Safe, escape, explain, plain, t
from services.plans import Act, Check, Plan, PricePart, Quota, Severity, as_boto3, as_cli

_LISTED = "listed"


def draw_plan(plan: Plan) -> None:
    """Everything to know before the click; a plan that is refused says why."""
    draw_money(plan)
    draw_checks(plan.checks)
    draw_effect(plan)
    draw_requests(plan)


def draw_money(plan: Plan) -> None:
    """Per hour, per day, at most; and the quota."""
    effect = plan.effect
    row = [
        Figure(plain("plans.per_hour"), _rate(effect.adds_usd_per_hour, plan), help=parts_help(plan.prices)),
        Figure(
            plain("plans.per_day"),
            show.money(effect.adds_usd_per_hour * 24) if plan.prices else plain("common.unknown"),
        ),
    ]
    if plan.act is not Act.RESIZE:
        # It is stopped while it is resized: how long it will run is said when it is started.
        row.append(
            Figure(plain("plans.worst_case"), _worst_case(plan), help=f"{explain('worst_case')} {_worst_help(plan)}")
        )
    if plan.quota is not None:
        row.append(_quota_figure(plan.quota))
    figures(row)
    if plan.stops_at is not None:
        st.markdown(t("plans.stops_at", when=show.exact(plan.stops_at)))


def draw_checks(checks: tuple[Check, ...]) -> None:
    """What was found while planning, the gravest first."""
    draw = {Severity.REFUSAL: st.error, Severity.WARNING: st.warning, Severity.NOTE: st.info}
    icons = {
        Severity.REFUSAL: ":material/block:",
        Severity.WARNING: ":material/warning:",
        Severity.NOTE: ":material/info:",
    }
    for severity in (Severity.REFUSAL, Severity.WARNING, Severity.NOTE):
        for check in checks:
            if check.severity is severity:
                draw[severity](t(f"plans.check_{check.code}", spoken=None, **_shown(check)), icon=icons[severity])


def draw_effect(plan: Plan) -> None:
    """The consequence in money and data, in one line each."""
    effect = plan.effect
    if effect.saves_usd_per_hour:
        st.markdown(t("plans.saves", rate=show.rate(effect.saves_usd_per_hour)))
    if effect.goes_on_usd_per_hour:
        st.markdown(t("plans.goes_on", per_day=show.money(effect.goes_on_usd_per_hour * 24)))
    for code in effect.keeps:
        st.markdown(f":material/inventory_2: {t(f'plans.keeps_{code}')}")
    for code in effect.loses:
        st.markdown(f":material/delete: {t(f'plans.loses_{code}')}")


def draw_requests(plan: Plan) -> None:
    """The exact requests, as Python and for the command line."""
    with st.expander(t("plans.requests", count=len(plan.calls)), icon=":material/code:"):
        python, shell = tabs(["boto3", "AWS CLI"])
        with python:
            st.code("\n".join(as_boto3(call, plan.region) for call in plan.calls), language="python")
        with shell:
            st.code("\n".join(as_cli(call, plan.region) for call in plan.calls), language="bash")


def act_words(plan: Plan) -> Safe:
    """What the button says: `Stop notebook`."""
    return t(f"plans.act_{plan.act}_{plan.kind}")


def is_destructive(plan: Plan) -> bool:
    return plan.act is Act.DELETE


def _rate(usd_per_hour: Decimal, plan: Plan) -> str:
    return show.rate(usd_per_hour) if plan.prices else plain("common.unknown")


def _worst_case(plan: Plan) -> str:
    worst = plan.effect.worst_case_usd
    return plain("plans.no_end") if worst is None else show.money(worst)


def _worst_help(plan: Plan) -> Safe:
    return t("plans.worst_case_help" if plan.effect.worst_case_usd is not None else "plans.check_no_auto_stop")


def _quota_figure(quota: Quota) -> Figure:
    value = plain("plans.quota_left", left=str(quota.left), limit=str(quota.limit))
    explained = t(
        "plans.quota_help", name=quota.name, used=str(quota.used), limit=str(quota.limit), needs=str(quota.needs)
    )
    return Figure(plain("plans.quota"), value, help=f"{explain('service_quota')} {explained}")


def parts_help(parts: Sequence[PricePart]) -> str | None:
    """What a rate is made of, a line a part with date and source, for a hover."""
    lines = [
        f"- {t(f'plans.part_{part.what}')}: {escape(show.rate(part.usd_per_hour))} · {_evidence(part)}"
        for part in parts
    ]
    return "\n".join(lines) or None


def _evidence(part: PricePart) -> Safe:
    words = t("plans.price_source", source=part.source, day=part.as_of)
    if part.confidence == _LISTED:
        return words
    return Safe(f"{words} · **{t(f'plans.confidence_{part.confidence}')}**")


def _shown(check: Check) -> dict[str, str]:
    """Values as the reader's words: money as money, the rest as it is."""
    return {name: _value(name, value) for name, value in check.values.items()}


def _value(name: str, value: Any) -> str:
    return show.money(value) if name.startswith("usd_") else f"{value:g}" if isinstance(value, float) else str(value)
