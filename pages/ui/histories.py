"""What states a resource was in: as bars, and to the second with how that is known."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import streamlit as st

from pages.ui import charts, reads, session, show
from pages.ui.charts.timelines import Bar, lifecycle_timeline
from pages.ui.columns import Column, Kind
from pages.ui.formats import Language
from pages.ui.palette import Theme
from pages.ui.states import state
from pages.ui.tables import every
from pages.ui.text import language, plain, t
from services.cloud import Cloud
from services.history import Interval
from services.known import Inventory
from services.sightings import UNSEEN, Evidence

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
    chart = lifecycle_timeline(bars(intervals), title=title, since=since, now=known.at)
    charts.draw(chart, key=f"history_{arn}")
    every(intervals[-1 : -MOST_STATES - 1 : -1], _history_columns(known.at), what=title)


def draw_last_day(known: Inventory) -> None:
    """The bars of all that lived in the region in the 24 hours before the inventory; nothing where nothing did."""
    found = reads.reckoned(known).last_day
    if found:
        minute = known.at.replace(second=0, microsecond=0)
        chart = _day_chart(hash(found), minute, language(), show.theme(), str(show.zone()), found, known.at)
        charts.draw(chart, key="timeline")


@st.cache_resource(max_entries=64, show_spinner=False)
def _day_chart(
    states: int,
    minute: datetime,
    spoken: Language,
    theme: Theme,
    zone: str,
    _found: tuple[Interval, ...],
    _at: datetime,
) -> charts.Chart:
    """Drawn once a minute, and when a state changes, for each language, theme and time zone: it takes as long as the
    rest of Overview."""
    title = plain("overview.timeline", count=len({each.resource for each in _found}))
    return lifecycle_timeline(bars(_found), title=title, since=_at - reads.DAY, now=_at)


def _history_columns(now: datetime) -> tuple[Column, ...]:
    """Times to the second: what a bill is argued with."""
    known_by = _evidence_words()
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
            value=lambda each: evidence(each, known_by),
        ),
    )


def state_words(name: str) -> str:
    """AWS's word for a state; ours for a time in which nobody looked."""
    return plain("details.unseen") if name == UNSEEN else name


def evidence(interval: Interval, known_by: Mapping[Evidence, str]) -> str:
    """How its start is known, and its end where that is known otherwise."""
    start = known_by[interval.started_by]
    if interval.ended_by is None or interval.ended_by == interval.started_by:
        return start
    return plain("details.evidence_both", start=start, end=known_by[interval.ended_by])


def bars(intervals: Sequence[Interval]) -> list[Bar]:
    """Intervals as bars of a timeline; how each is known is told on hover."""
    known_by = _evidence_words()
    return [
        Bar(each.resource.name, state_words(each.state), each.start, each.end, evidence(each, known_by))
        for each in intervals
    ]


def _evidence_words() -> dict[Evidence, str]:
    return {each: plain(f"details.evidence_{each}") for each in Evidence}
