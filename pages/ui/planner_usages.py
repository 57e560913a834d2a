"""Where the planner's month of usage comes from: drawn, seen by this deck, or uploaded."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from pages.ui import reads, session, show
from pages.ui.layout import empty_state
from pages.ui.text import explain, language, plain, t
from pages.ui.urls import choice, number, switch
from services import catalogue
from services.caches import Cache
from services.csv_rows import MOST_MIB
from services.errors import NotConnected
from services.usage_pasts import observed
from services.usage_traces import DEFAULT_COMPONENT, OPTIONAL, REQUIRED, read_usage
from services.usages import PATTERNS, Line, Usage, draw

SOURCES = ("drawn", "seen", "uploaded")
FIRST_TYPE = "g5.xlarge"
MOST_INSTANCES = 1_000
KEPT = 8
EXAMPLE = "\r\n".join(
    [
        "hour,instance_type,count,component",
        "2026-11-02T00:00Z,m5.xlarge,2,",
        "2026-11-02T00:00Z,ml.g5.xlarge,1,hosting",
        "2026-11-02T01:00Z,m5.xlarge,3,",
        "2026-11-02T01:00Z,ml.g5.xlarge,1,hosting",
        "",
    ]
)


@st.cache_resource(show_spinner=False)
def _read() -> Cache[Usage]:
    """The last files: each is read once, and not at every click."""
    return Cache(KEPT)


def ask() -> Usage | None:
    """The usage that was chosen; None while there is none, and why is on the screen.

    Raises: InvalidRequest for a file that cannot be used.
    """
    source = switch(
        t("planner.usage"),
        SOURCES,
        key="usage",
        format_func=lambda each: plain(f"planner.usage_{each}"),
        help=t("planner.usage_help"),
    )
    return {"drawn": _drawn, "seen": _seen, "uploaded": _uploaded}[source]()


def _drawn() -> Usage:
    region = session.region()
    names = [spec.instance_type for spec in catalogue.instance_types(region, "ec2")]
    names += [spec.instance_type for spec in catalogue.instance_types(region, DEFAULT_COMPONENT)]
    row = st.grid(4, min_column_width=150)
    with row.container():
        name = choice(
            t("planner.instance_type"),
            names,
            key="type",
            default=FIRST_TYPE if FIRST_TYPE in names else names[0],
            format_func=str,
            labelled=True,
            help=explain("instance_type"),
        )
    with row.container():
        pattern = choice(
            t("planner.pattern"),
            ("office", *(each for each in PATTERNS if each != "office")),
            key="pattern",
            default="office",
            format_func=lambda each: plain(f"planner.pattern_{each}"),
            labelled=True,
            help=t("planner.pattern_help"),
        )
    with row.container():
        peak = int(number(t("planner.peak"), 1, MOST_INSTANCES, 10, key="peak", help=t("planner.peak_help")))
    with row.container():
        base = int(number(t("planner.base"), 0, MOST_INSTANCES, 2, key="base", help=t("planner.base_help")))
    line = Line(region, name, DEFAULT_COMPONENT if name.startswith("ml.") else "")
    monday = _monday(datetime.now(UTC))
    # A base above the peak is a steady one.
    return draw(pattern, line, base=min(base, peak), peak=peak, start=monday, zone=show.zone())


def _monday(now: datetime) -> datetime:
    """The midnight, by the reader's clock, that began this week."""
    here = now.astimezone(show.zone())
    return (here - timedelta(days=here.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)


def _seen() -> Usage | None:
    now = datetime.now(UTC)
    try:
        now = reads.known_here().at
    except NotConnected as error:
        session.show_error(error)
    found = observed(session.desk().history, session.account_key(), session.region(), now)
    if found is None:
        with empty_state(":material/history:", t("planner.seen_none")):
            st.page_link("pages/launch.py", label=t("planner.seen_launch"), icon=":material/rocket_launch:")
        return None
    st.caption(t("planner.seen", count=len(found.lines), hours=found.hours, since=show.exact(found.start)))
    return found


def _uploaded() -> Usage | None:
    given = st.file_uploader(
        t("planner.upload"),
        type="csv",
        max_upload_size=MOST_MIB,
        key=f"planner_usage_{language()}",
        help=t("planner.upload_help", columns=", ".join(REQUIRED), optional=", ".join(OPTIONAL)),
    )
    if given is not None:
        name, content, region = given.name, given.getvalue(), session.region()
        return _read().get((name, content, region), lambda: read_usage(name, content, region))
    with empty_state(":material/upload_file:", t("planner.upload_none")):
        st.download_button(
            t("planner.upload_example"),
            data=EXAMPLE,
            file_name="flightdeck-usage-example.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    return None
