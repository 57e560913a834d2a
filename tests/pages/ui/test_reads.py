"""What is read for one user is never shown to another, and what is known is drawn while AWS is silent."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bench.soaking.reads import GROUP, JOB, fill
from pages.ui import reads, session
from services.cloud import Cloud
from services.errors import AccessDenied, Unavailable
from tests.support.deck_wishes import cloud_of
from tests.support.fault_proxy import Proxy, cloud_through, running
from tests.support.faults import Fault
from tests.support.practice_account import Account
from tests.support.screens import deck_at
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy


def cached_functions() -> dict[str, Any]:
    """Every function of `pages.ui.reads` that Streamlit keeps answers of."""
    named = dict(vars(reads))
    for name, each in vars(reads).items():
        if isinstance(each, dict):
            named |= {f"{name}[{key}]": value for key, value in each.items()}
    made_here = {name: each for name, each in named.items() if getattr(each, "__module__", "") == reads.__name__}
    return {name: each for name, each in made_here.items() if hasattr(each, "clear") and hasattr(each, "__wrapped__")}


@pytest.mark.parametrize("name", sorted(cached_functions()))
def test_every_cached_read_is_kept_by_account_and_region(name: str) -> None:
    """The account's key is another one for each identity. What begins with `_` is no part of Streamlit's key."""
    parameters = list(inspect.signature(cached_functions()[name].__wrapped__).parameters)
    assert parameters[:2] == ["key", "region"]
    assert "_cloud" not in parameters or parameters[-1] == "_cloud"


def test_there_are_cached_reads_to_look_at() -> None:
    assert len(cached_functions()) >= 8


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[session.Desk]:
    with deck_at(tmp_path_factory.mktemp("reads") / "home") as opened:
        fill(account_of(opened))
        yield opened


def account_of(desk: session.Desk) -> Account:
    desk.supervisor.account()
    account = Account(desk.home / "practice")
    account.attach()
    return account


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with running() as opened:
        yield opened


READS: dict[str, Callable[[Cloud], Any]] = {
    "current": lambda cloud: reads.current(cloud).trainings,
    "metrics": lambda cloud: reads.metric_series(cloud, "training", JOB),
    "streams": lambda cloud: reads.log_streams(cloud, "endpoint", "soaked"),
    "tail": lambda cloud: reads.log_tail(cloud, GROUP, "one"),
}


@pytest.mark.parametrize("name", READS)
def test_who_may_not_read_is_not_given_what_another_read(desk: session.Desk, proxy: Proxy, name: str) -> None:
    """Two identities of one account: the first may read everything, the second nothing."""
    operator = cloud_of(account_of(desk))
    assert READS[name](operator) is not None
    proxy.faults = [Fault("denied")]
    denied = cloud_through(proxy, account_of(desk))
    viewer = replace(denied, account=replace(denied.account, profile="viewer"))
    try:
        shown = READS[name](viewer)
    except AccessDenied:
        return
    assert shown == ()
    assert name == "current"
    assert {type(error) for error in reads.current(viewer).failures.values()} == {AccessDenied}


def forgotten() -> None:
    """No answer of AWS is at hand; the history still has what it saw."""
    for cached in reads._inventories.values():
        cached.clear()


def test_what_was_known_is_given_while_aws_is_silent_and_the_truth_when_it_speaks(
    desk: session.Desk, proxy: Proxy
) -> None:
    cloud = cloud_through(proxy, account_of(desk))
    assert {job.name for job in reads.fresh(cloud).trainings} == {JOB}
    forgotten()
    proxy.faults = [Fault("hang")]
    known = reads.current(cloud)
    assert {job.name for job in known.trainings} == {JOB}
    assert isinstance(known.failures["account"], Unavailable)
    proxy.faults = ()
    proxy.closing.set()
    eventually(lambda: reads.current(cloud).failures, until=lambda failures: not failures)


def test_a_first_look_is_given_what_was_read_last_and_asks_for_nothing(
    desk: session.Desk, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = cloud_through(proxy, account_of(desk))
    monkeypatch.setattr(session, "cloud", lambda: cloud)
    read = reads.fresh(cloud)
    forgotten()
    proxy.met.clear()
    assert reads.known_here() is read
    assert not proxy.met
    monkeypatch.setattr(reads, "FRESH_SECONDS", dict.fromkeys(reads.FRESH_SECONDS, 0))
    assert reads.known_here() is not read


def test_after_a_change_aws_is_waited_for(desk: session.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PATIENCE_SECONDS", 0.0)
    cloud = cloud_of(account_of(desk))
    forgotten()
    reads.forget()
    assert not reads.current(cloud).failures
