"""The job that the planner's spot view plans, and the market it is planned on."""

import streamlit as st

from pages.ui import session
from pages.ui.text import explain, language, plain, t
from pages.ui.urls import choice, number, switch
from services import catalogue, spot_rates
from services.csv_rows import MOST_MIB
from services.spot_jobs import Checkpoint, Job
from services.spot_markets import Market, hazard_per_hour, shipped_market
from services.spot_traces import REQUIRED, read_market

FIRST_TYPE = "g5.xlarge"
MINUTES = 60
NO_REGION = "none"
OFTEN = ("1", "2", "5", "10")
BANDS = ("<5%", "5-10%", "10-15%", "15-20%", ">20%")


def ask() -> tuple[Job, float]:
    """The job, and the minutes between its checkpoints that were asked for; 0: its interval is still to be found."""
    names = [
        spec.instance_type
        for spec in catalogue.instance_types(session.region(), "ec2")
        if len(spot_rates.spot_history(session.region(), spec.instance_type)) > 1
    ]
    first = st.grid(4, min_column_width=150)
    with first.container():
        name = choice(
            t("planner.instance_type"),
            names,
            key="spot_type",
            default=FIRST_TYPE if FIRST_TYPE in names else names[0],
            format_func=str,
            labelled=True,
            help=explain("instance_type"),
        )
    with first.container():
        instances = number(t("planner.instances"), 1, 1_000, 4, key="instances", help=t("planner.instances_help"))
    with first.container():
        work = number(t("planner.work"), 1, 744, 48, key="work")
    with first.container():
        deadline = number(t("planner.deadline"), 1, 2_000, 72, key="deadline", help=t("planner.deadline_help"))
    checkpoint, minutes = _checkpoint()
    return Job(name, int(instances), work, deadline, checkpoint), minutes


def _checkpoint() -> tuple[Checkpoint | None, float]:
    has = switch(
        t("planner.checkpoint"),
        ("yes", "no"),
        key="checkpoint",
        format_func=lambda each: plain(f"planner.checkpoint_{each}"),
        help=t("planner.checkpoint_help"),
    )
    if has == "no":
        return None, 0
    second = st.grid(4, min_column_width=150)
    with second.container():
        gib = number(t("planner.gib"), 0.1, 10_000, 20, key="gib", step=0.1)
    with second.container():
        speed = number(t("planner.speed"), 1, 100_000, 200, key="mibps", help=t("planner.speed_help"))
    with second.container():
        starts = number(t("planner.starts"), 0, 240, 5, key="starts", help=t("planner.starts_help"))
    with second.container():
        minutes = number(t("planner.interval"), 0, 44_640, 0, key="every", help=t("planner.interval_help"))
    moved_hours = gib * 1024 / speed / 3600
    interval_hours = minutes / MINUTES if minutes else 1.0
    return Checkpoint(interval_hours, moved_hours, moved_hours + starts / MINUTES), minutes


def ask_market(job: Job) -> tuple[tuple[object, ...], Market] | None:
    """The market and what tells it from others; None while a file is waited for.

    Raises: InvalidRequest for a file that cannot be used, NotFound where nothing is known.
    """
    what_if = st.grid(3, min_column_width=220)
    with what_if.container():
        source = switch(
            t("planner.prices"),
            ("shipped", "uploaded"),
            key="prices",
            format_func=lambda each: plain(f"planner.prices_{each}"),
            help=t("planner.prices_help"),
        )
    with what_if.container():
        often = float(
            choice(
                t("planner.often"),
                OFTEN,
                key="often",
                default="1",
                format_func=lambda each: plain("planner.often_times", count=int(each)),
                labelled=True,
                help=t("planner.often_help"),
            )
        )
    if source == "uploaded":
        return _uploaded(job, often)
    with what_if.container():
        other = _other_region(job)
    regions = (session.region(), *([other] if other != NO_REGION else []))
    return (regions, job.instance_type, often), shipped_market(job.instance_type, regions, times_as_often=often)


def _other_region(job: Job) -> str:
    known = [
        each.name
        for each in catalogue.regions()
        if each.name != session.region()
        and len(spot_rates.spot_history(each.name, job.instance_type)) > 1
        and (offered := catalogue.offering(each.name, job.instance_type)) is not None
        and offered.zones
    ]
    return choice(
        t("planner.other_region"),
        (NO_REGION, *known),
        key="other",
        default=NO_REGION,
        format_func=lambda each: plain("planner.no_region") if each == NO_REGION else each,
        labelled=True,
        help=f"{explain('region')} {t('planner.other_region_help')}",
    )


def _uploaded(job: Job, often: float) -> tuple[tuple[object, ...], Market] | None:
    band = choice(
        t("planner.band"),
        BANDS,
        key="band",
        default=">20%",
        format_func=str,
        labelled=True,
        width=220,
        help=t("planner.band_help"),
    )
    columns = ", ".join(REQUIRED)
    given = st.file_uploader(
        t("planner.prices_upload"),
        type="csv",
        max_upload_size=MOST_MIB,
        key=f"planner_prices_{language()}",
        help=t("planner.prices_format", columns=columns),
    )
    if given is None:
        st.info(t("planner.prices_none", columns=columns), icon=":material/upload_file:")
        return None
    content = given.getvalue()
    hazard = hazard_per_hour(band) * often
    return (given.name, content, hazard), read_market(given.name, content, job.instance_type, hazard)
