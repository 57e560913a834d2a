"""Preflight: what this identity can and cannot do in this account before anything is tried, and what mends the rest."""

from datetime import UTC, datetime
from decimal import Decimal

import streamlit as st

from pages.ui import guard, preflights, session, show
from pages.ui.layout import Figure, empty_state, figures, page_header
from pages.ui.states import BADGES
from pages.ui.text import escape, explain, plain, t
from services.caches import Cache
from services.capabilities import BY_KEY, CAPABILITIES, GROUPS, most_usd
from services.cloud import AccountKind, Cloud
from services.preflights import Answer, Report, fly
from services.probes import FREE
from services.redactions import shared
from services.refusals import Verdict

guard.require_entry()

WANTED = "preflight_wanted"
KEPT = 64
"""Reports that are remembered; one for each account, region and role."""


@st.cache_resource(show_spinner=False)
def reports() -> Cache[Report | None]:
    """The last report of each account, region and role, until the deck ends."""
    return Cache(KEPT)


def last(cloud: Cloud) -> Report | None:
    return reports().get(_key(cloud), lambda: None)


def _key(cloud: Cloud) -> tuple[str, str, str]:
    return cloud.account.key, cloud.region, session.actor().role


def draw(cloud: Cloud) -> None:
    report = last(cloud)
    if report is None:
        page_header(t("preflight.title"), t("preflight.sentence_first"))
        offer = t("preflight.offer", count=len(CAPABILITIES), usd=show.money(most_usd()))
        with empty_state(":material/fact_check:", f"{t('preflight.none')} {offer}"):
            _run_button(t("preflight.run"))
    else:
        now = datetime.now(UTC)
        allowed = preflights.counted(report.answers)[Verdict.ALLOWED]
        words = t(
            "preflight.sentence",
            allowed=allowed,
            count=len(report.answers),
            region=report.region,
            when=show.ago(report.at, now),
            seconds=show.duration(max(report.seconds, 1.0)),
        )
        with page_header(t("preflight.title"), words):
            _run_button(t("preflight.run_again", usd=show.money(_most_usd(cloud))))
    if st.session_state.pop(WANTED, False):
        _run(cloud)
    if report is not None:
        _draw_report(cloud, report)


def _most_usd(cloud: Cloud) -> Decimal:
    return most_usd() if cloud.account.kind is AccountKind.REAL else FREE


def _run_button(label: str) -> None:
    st.button(label, key="run_preflight", type="primary", icon=":material/fact_check:", on_click=_want)


def _want() -> None:
    st.session_state[WANTED] = True


def _run(cloud: Cloud) -> None:
    """Ask everything, saying how far it is, and draw the page anew."""
    done = 0
    with st.status(t("preflight.running", done=done, count=len(CAPABILITIES)), expanded=True) as status:

        def seen(answer: Answer) -> None:
            nonlocal done
            done += 1
            status.update(label=t("preflight.running", done=done, count=len(CAPABILITIES)))
            st.markdown(f"{_chip(answer)} {preflights.name(answer)}")

        report = fly(preflights.question(cloud), seen)
    reports().put(_key(cloud), report)
    st.rerun()


def _draw_report(cloud: Cloud, report: Report) -> None:
    counts = preflights.counted(report.answers)
    figures(
        [
            Figure(plain("preflight.verdict_allowed"), f"{counts[Verdict.ALLOWED]}/{len(report.answers)}"),
            Figure(plain("preflight.verdict_denied"), str(counts[Verdict.DENIED])),
            Figure(plain("preflight.to_do"), str(counts[Verdict.NOT_ENABLED] + counts[Verdict.NOT_READY])),
            Figure(plain("preflight.cost"), show.money(report.usd), help=plain("preflight.cost_help")),
        ]
    )
    if report.ready:
        st.success(t("preflight.ready"), icon=":material/check_circle:")
    else:
        st.error(t("preflight.not_ready"), icon=":material/block:")
    for group in GROUPS:
        st.header(t(f"preflight.group_{group}"), anchor=False)
        for answer in report.answers:
            if BY_KEY[answer.capability].group == group:
                _draw_answer(answer, report)
    st.download_button(
        t("preflight.share"),
        data=lambda: shared(report, cloud.account),
        file_name="flightdeck-preflight.json",
        mime="application/json",
        icon=":material/download:",
        help=t("preflight.share_help"),
        on_click="ignore",
    )


def _chip(answer: Answer) -> str:
    colour = BADGES[preflights.TONES[answer.verdict]]
    return f":{colour}-badge[{preflights.ICONS[answer.verdict]} {preflights.verdict(answer)}]"


def _draw_answer(answer: Answer, report: Report) -> None:
    """One line; opened, it says what it is for, why it is as it is, and what mends it."""
    why = preflights.why(answer)
    needed = f" · {t('preflight.needed')}" if preflights.is_needed(answer) else ""
    label = f"{_chip(answer)} **{preflights.name(answer)}**{needed}" + (f" · {why}" if why else "")
    with st.expander(label):
        st.markdown(t(f"preflight.use_{answer.capability}"), help=preflights.explained(answer))
        if answer.reason:
            st.markdown(preflights.remedy(answer))
        if said := preflights.statement(answer, report.roles):
            st.caption(t("preflight.statement"), help=explain("iam_policy"))
            st.code(said, language=None)
        else:
            st.caption(f"{t('preflight.asks')}: {escape(', '.join(BY_KEY[answer.capability].actions))}")
        if address := preflights.switch(answer):
            st.link_button(t("preflight.console"), address, icon=":material/open_in_new:")
        if answer.message:
            st.caption(f"{t('preflight.said')}: {escape(answer.message)}")


with session.shown_errors():
    draw(session.cloud())
