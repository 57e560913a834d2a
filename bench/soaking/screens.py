"""Screens: while AWS hangs they draw what is known, and a service that is denied takes no other panel with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st
from streamlit.testing.v1 import AppTest

from bench.harness import Figure, seconds
from bench.soaking.reads import JOB, fill
from pages.ui import market_reads, session
from services.launches import carry_out
from services.ledger import State
from tests.support.deck_wishes import KIM, cloud_of, notebook_plan
from tests.support.fault_proxy import Proxy, running
from tests.support.faults import Fault
from tests.support.practice_account import Account
from tests.support.screens import deck_at, entry_first, opened
from tests.support.waiting import eventually

Place = tuple[str, dict[str, str]]
PLACES: tuple[Place, ...] = (
    ("overview", {}),
    ("launch", {"kind": "notebook"}),
    ("launch", {"kind": "training"}),
    ("launch", {"kind": "endpoint"}),
    ("notebooks", {}),
    ("notebooks", {"name": "lab"}),
    ("training", {}),
    ("training", {"name": JOB}),
    ("endpoints", {}),
    ("activity", {}),
    ("prices", {}),
    ("planner", {}),
    ("quotas", {}),
    ("quotas", {"usage": "ec2"}),
    ("regions", {}),
    ("others", {}),
    ("accounts", {}),
    ("preflight", {}),
)
SERVICES = (
    *("sagemaker", "scheduler", "service-quotas", "logs", "cloudwatch"),
    *("ec2", "cloudtrail", "resourcegroupstaggingapi", "iam", "s3"),
)
"""Those that pages read."""
OWN = {("quotas", ""): ("sagemaker", "service-quotas"), ("quotas", "ec2"): ("ec2", "service-quotas")}
"""Page and use → the services that all of it is about."""
FIRST_PAINT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A deck whose calls pass a proxy, in this process."""

    desk: session.Desk
    proxy: Proxy
    account: Account


@contextmanager
def stage() -> Iterator[Stage]:
    """A deck with a notebook instance, a failed training job, a model to restore and logs; all of it was seen."""
    with TemporaryDirectory() as folder, running() as proxy, entry_first():
        home = Path(folder) / "home"
        with deck_at(home, proxy.url) as desk:
            desk.supervisor.account()
            account = Account(home / "practice")
            account.attach()
            fill(account)
            cloud = cloud_of(account)
            assert carry_out(cloud, desk.ledger, notebook_plan(cloud, "lab"), KIM).state is State.DONE
            sagemaker = account.client("sagemaker")
            eventually(
                lambda: sagemaker.describe_notebook_instance(NotebookInstanceName="lab")["NotebookInstanceStatus"],
                until=lambda status: status == "InService",
                timeout=120,
            )
            yield Stage(desk, proxy, account)


def figures(rounds: int) -> Iterator[Figure]:
    """`rounds` is how many of the PLACES are visited."""
    with stage() as at:
        yield first_paint(at)
        yield denied(at, PLACES[:rounds])


def denied(at: Stage, places: tuple[Place, ...]) -> Figure:
    """Every page with every service denied in turn: how many have fewer panels than with all of them."""
    whole = {str(place): _panels(opened(place[0], **place[1])) for place in places}
    poorer = []
    for service in SERVICES:
        at.proxy.faults = [Fault("denied", service)]
        for place in places:
            forget()
            panels = _panels(opened(place[0], **place[1]))
            if panels < whole[str(place)] and not _is_of(service, place):
                poorer.append((service, place, panels, whole[str(place)]))
    at.proxy.faults = ()
    for each in poorer:
        print("        ", *each)
    return Figure("panels lost to the denial of another service", len(poorer), "pages", at_most=0)


def _is_of(service: str, place: Place) -> bool:
    """A page of one resource is SageMaker's own, as the quotas of a use are of their service."""
    page, query = place
    own = service == "sagemaker" and "name" in query
    return own or service in OWN.get((page, query.get("usage", "")), ())


def forget() -> None:
    """The next pages ask AWS again."""
    st.cache_data.clear()
    market_reads.forget()


def _panels(screen: AppTest) -> tuple[int, int, int]:
    return len(screen.title), len(screen.metric), len(screen.dataframe)


def first_paint(at: Stage) -> Figure:
    """Nothing answers, and this process has read nothing yet: the slowest page that knows something from before,
    against the same pages when everything was just read."""
    places = [place for place, query in PLACES if not query]
    for place in places:
        opened(place)
    floor = max(_opening(place) for place in places)
    at.proxy.faults = [Fault("hang")]
    took = []
    for place in places:
        st.cache_data.clear()
        took.append(_opening(place))
    at.proxy.faults = ()
    return Figure("first paint while AWS hangs", max(took), "s", at_most=FIRST_PAINT_SECONDS, floor=floor)


def _opening(place: str) -> float:
    return seconds(lambda: opened(place))
