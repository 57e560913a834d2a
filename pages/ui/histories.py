"""What states a resource was in: as bars, and to the second with how that is known."""

from datetime import datetime, timedelta

import streamlit as st

from pages.ui import charts, session, show
from pages.ui.charts.timelines import Bar, lifecycle_timeline
from pages.ui.columns import Column, Kind
from pages.ui.states import state
from pages.ui.tables import every
from pages.ui.text import plain, t
from services.cloud import Cloud
from services.history import Interval
from services.known import Inventory
from services.sightings import UNSEEN

MOST_STATES = 50
SHORTEST_TIMELINE = timedelta(minutes=10)


def draw_history(cloud: Cloud, known: Inventory, arn: str, created: datetime) -> None:
    """Every state it was in: as bars, and with the exact times and how they are known."""
    since = max(created - timedelta(minutes=1), known.at - timedelta(days=30))
    intervals = [
        each
        for each in session.desk().history.intervals(cloud.account.key, since, known.at, region=cloud.region)
        if each.resource.arn == arn and each.resource.created == created
    ]
    if not intervals:
        st.info(t("details.no_history"), icon=":material/history:")
        return
    last, since = intervals[-1], min(since, known.at - SHORTEST_TIMELINE)
    key = "details.history_ended" if last.end else "details.history_title"
    title = plain(key, state=state_words(last.state), length=show.duration((last.end or known.at) - last.start))
    chart = lifecycle_timeline([bar(each) for each in intervals], title=title, since=since, now=known.at)
    charts.draw(chart, key=f"history_{arn}")
    every(intervals[-1 : -MOST_STATES - 1 : -1], _history_columns(known.at), what=title)


def _history_columns(now: datetime) -> tuple[Column, ...]:
    """Times to the second: what a bill is argued with."""
    return (
        Column(
            "state",
            "tables.state",
            Kind.STATE,
            value=lambda each: state_words(each.state),
            tone=lambda each: state(each.state).tone,
        ),
        Column("start", "details.from", value=lambda each: show.exact(each.start)),
        Column("end", "details.to", value=lambda each: show.exact(each.end) if each.end else plain("common.now")),
        Column("lasted", "details.lasted", value=lambda each: show.duration((each.end or now) - each.start)),
        Column(
            "known",
            "details.known_by",
            help="details.known_by_help",
            value=evidence,
        ),
    )


def state_words(name: str) -> str:
    """AWS's word for a state; ours for a time in which nobody looked."""
    return plain("details.unseen") if name == UNSEEN else name


def evidence(interval: Interval) -> str:
    """How its start is known, and its end where that is known otherwise."""
    start = plain(f"details.evidence_{interval.started_by}")
    if interval.ended_by in (None, interval.started_by):
        return start
    return plain("details.evidence_both", start=start, end=plain(f"details.evidence_{interval.ended_by}"))


def bar(interval: Interval) -> Bar:
    """One interval as a bar of a timeline; how it is known is told on hover."""
    return Bar(interval.resource.name, state_words(interval.state), interval.start, interval.end, evidence(interval))
