"""What the pages of single resources share: head, figures, history, live log, metrics."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar

import streamlit as st

from pages.ui import charts, reads, session, show
from pages.ui.charts.lines import Series, metric_lines
from pages.ui.layout import Figure, empty_state
from pages.ui.plan_view import parts_help
from pages.ui.resources import CHOSEN
from pages.ui.states import chip
from pages.ui.text import escape, plain, t
from services import meter
from services.cloud import Cloud
from services.known import Inventory
from services.plans import PricePart
from services.rates import total_of
from services.schedules import Guard


class Named(Protocol):
    """Any row with a name and AWS's status."""

    @property
    def name(self) -> str: ...

    @property
    def status(self) -> str: ...


Row = TypeVar("Row", bound=Named)
REFRESH = "2s"


def back_link(page: str) -> None:
    """To the list; its filters are in the URL still."""
    if st.button(t(f"{page}.back"), type="tertiary", icon=":material/arrow_back:", key="back"):
        del st.query_params[CHOSEN]
        st.rerun()


def head(name: str, status: str) -> None:
    """The resource's name and its state."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(escape(name), anchor=False, width="content")
        chip(status)


def missing(name: str) -> None:
    """For a link to what is no more, or not in this region; the way back is above."""
    empty_state(":material/search_off:", t("details.missing", name=name, region=session.region()))


def still(rows: Sequence[Row], name: str, status: str) -> Row | None:
    """The row as it is now. When its state is another than the page was drawn with, the whole page is drawn anew:
    other actions fit it."""
    row = next((row for row in rows if row.name == name), None)
    if row is not None and row.status != status:
        st.rerun(scope="app")
    return row


def burn_figure(burn: Decimal, parts: Sequence[PricePart]) -> Figure:
    return Figure(plain("details.burn"), show.rate(burn), help=parts_help(parts))


def to_date_figure(cloud: Cloud, known: Inventory, arn: str, created: datetime) -> Figure:
    """What it cost since it was created, by our own meter."""
    cost = meter.to_date(session.desk().history, cloud.account.key, arn, created, known.at)
    lines = [
        t(
            "details.meter_part",
            part=plain(f"plans.part_{part.what}"),
            hours=f"{part.hours:.2f}",
            usd=show.money(part.usd),
        )
        for part in (cost.parts if cost else ())
    ]
    explained = "\n".join([t("details.meter_help"), *(f"- {line}" for line in lines)])
    return Figure(plain("details.to_date"), show.money(cost.usd if cost else Decimal(0)), help=explained)


def when_stopped_figure(parts: Sequence[PricePart], *still: str) -> Figure:
    """What goes on billing a day when it is stopped: the parts named."""
    amount = total_of(parts, *still) * 24
    value = plain("details.a_day", amount=show.money(amount)) if amount else plain("details.nothing")
    return Figure(plain("details.when_stopped"), value, help=plain("details.when_stopped_help"))


def guard_figure(guard: Guard | None, known: Inventory, *, runs: bool) -> Figure:
    """When AWS stops it by itself; nothing does when there is no schedule."""
    if guard is None:
        value = plain("details.not_guarded") if runs else plain("details.needs_no_guard")
        return Figure(plain("details.auto_stop"), value, help=plain("details.auto_stop_help"))
    return Figure(
        plain("details.auto_stop"),
        show.ago(max(guard.stops_at, known.at), known.at),
        help=escape(show.exact(guard.stops_at)),
    )


def warn_unguarded(guard: Guard | None, *, runs: bool) -> None:
    """A running resource that nothing will stop is said so in red."""
    if runs and guard is None:
        st.error(t("details.unguarded"), icon=":material/gpp_bad:")


def draw_configuration(rows: Mapping[str, str]) -> None:
    """Settings and their values; those without a value are left out."""
    setting, value = plain("details.setting"), plain("details.value")
    st.table([{setting: escape(name), value: escape(said)} for name, said in rows.items() if said])


@st.fragment(run_every=REFRESH)
def draw_log(cloud: Cloud, kind: str, name: str) -> None:
    """The last lines of the newest or the chosen stream, as they come."""
    with session.shown_errors():
        group, streams = reads.log_streams(cloud, kind, name)
        if not streams:
            st.info(t("details.no_log"), icon=":material/article:")
            return
        stream = streams[0] if len(streams) == 1 else st.selectbox(t("details.stream"), streams, key=f"stream_{name}")
        lines = reads.log_tail(cloud, group, stream)
        st.code("\n".join(line.text for line in lines) or " ", language=None, height=360, wrap_lines=True)
        st.caption(escape(f"{group} · {stream}"))


@st.fragment(run_every=REFRESH)
def draw_metrics(cloud: Cloud, kind: str, name: str) -> None:
    """Each CloudWatch metric as a chart of its own scale."""
    with session.shown_errors():
        found = [metric for metric in reads.metric_series(cloud, kind, name) if metric.points]
        if not found:
            st.info(t("details.no_metrics"), icon=":material/monitoring:")
            return
        grid = st.grid(min(2, len(found)), min_column_width=320)
        for metric in found:
            title = t("details.metric_title", name=metric.name, value=f"{metric.points[-1][1]:,.4g}")
            with grid.container():
                charts.draw(
                    metric_lines([Series(metric.name, metric.points)], title=title, unit=metric.unit),
                    key=f"m_{metric.name}",
                )
