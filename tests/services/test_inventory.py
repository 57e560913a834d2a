"""The inventory asks for everything side by side; what fails fails alone, and stands on what was known."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from services import inventory
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud
from services.errors import AccessDenied, NotConnected
from services.history import History
from services.launches import carry_out
from services.ledger import Ledger, State
from services.meter import today
from tests.support.deck_wishes import ACCOUNT_ID, KIM, cloud_of, endpoint_plan, put_echo_model, unserved_plan
from tests.support.ports import free_port
from tests.support.practice_account import REGION, Account, running
from tests.support.tampering import denied
from tests.support.waiting import eventually

SOURCES = {
    *("notebooks", "trainings", "endpoints", "restorables", "spenders"),
    *("guards", "limits", "owners", "invocations", "activity"),
}


def counted(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations that the deck's clients call from now on."""
    calls: list[str] = []
    for service in ("sagemaker", "scheduler", "service-quotas", "resourcegroupstaggingapi"):
        cloud.client(service).meta.events.register(
            "before-call", lambda model, **_: calls.append(model.name), unique_id=f"counted-{id(calls)}-{service}"
        )
    return calls


@pytest.mark.heavy
def test_everything_that_is_there_with_owners_and_guards(
    practice: Account, ledger: Ledger, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = cloud_of(practice)
    put_echo_model(practice)
    plan = endpoint_plan(cloud, "echo")
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    assert carry_out(cloud, ledger, unserved_plan(cloud, "left"), KIM).state is State.DONE
    seen = inventory.take(cloud)
    assert seen.failures == {}
    assert set(seen.read_at) == SOURCES
    assert {seen.age(source) for source in SOURCES} == {timedelta(0)}
    (row,) = seen.endpoints
    assert (row.name, row.variants[0].instance_type, seen.owners[row.arn]) == ("echo", "ml.m5.large", "kim")
    assert seen.guards[row.arn].stops_at == plan.stops_at
    assert [left.name for left in seen.restorables] == ["left"]
    assert seen.limits
    calls = counted(cloud, monkeypatch)
    again = inventory.take(cloud, seen)
    assert not {"DescribeEndpoint", "DescribeEndpointConfig", "ListTags", "GetSchedule"} & set(calls)
    assert calls.count("GetResources") == 1
    assert "ListServiceQuotas" not in calls
    assert replace(again, at=seen.at, read_at={}) == replace(seen, read_at={})
    practice.advance(60)
    eventually(lambda: inventory.take(cloud).endpoints[0].can_invoke)
    later = inventory.take(cloud, again)
    history.observe(cloud.account.key, later)
    assert inventory.take(cloud, later, owner_tag="team").owners == {}
    creators = {row.arn: "lee"}
    assert inventory.take(cloud, later, creators=creators, owner_tag="team").owners == creators
    assert inventory.take(cloud, later, creators=creators).owners == seen.owners
    assert inventory.burn(later) == later.endpoints[0].burn > 0
    assert [cost.resource.name for cost in today(history, cloud.account.key, practice.clock())] == ["echo"]
    practice.advance(600)
    calls.clear()
    assert inventory.take(cloud, later).read_at["limits"] > later.at
    assert "ListServiceQuotas" in calls


def test_an_account_that_is_away_leaves_what_was_known_with_its_age(practice: Account) -> None:
    cloud = cloud_of(practice)
    seen = inventory.take(cloud)
    practice.kill()
    blind = inventory.take(cloud, replace(seen, read_at=dict.fromkeys(SOURCES, seen.at - timedelta(hours=1))))
    assert set(blind.failures) >= {"clock", "notebooks", "trainings", "endpoints", "limits", "guards"}
    assert all(isinstance(error, NotConnected) for error in blind.failures.values())
    assert (blind.limits, blind.at) == (seen.limits, seen.at)
    assert blind.age("notebooks") == timedelta(hours=1)
    assert blind.age("nothing") is None


def test_a_first_look_at_nothing_is_empty_and_says_why() -> None:
    away = DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", f"http://127.0.0.1:{free_port()}", "key", "secret")
    blind = inventory.take(Cloud(away, REGION))
    assert (blind.notebooks, blind.endpoints, blind.limits) == ((), (), {})
    assert "clock" in blind.failures


@pytest.fixture(scope="module")
def echoing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An account with one guarded endpoint, which is being created or serves."""
    home = tmp_path_factory.mktemp("echoing")
    ledger = Ledger(home / "ledger.sqlite3")
    for account in running(home / "practice"):
        put_echo_model(account)
        cloud = cloud_of(account)
        assert carry_out(cloud, ledger, endpoint_plan(cloud, "echo"), KIM).state is State.DONE
        account.advance(60)
        eventually(partial(inventory.take, cloud), until=lambda seen: seen.endpoints[0].can_invoke)
        yield cloud
    ledger.close()


@pytest.mark.parametrize(
    ("service", "operation", "source"),
    [
        ("sagemaker", "ListNotebookInstances", "notebooks"),
        ("sagemaker", "Search", "trainings"),
        ("sagemaker", "ListEndpoints", "endpoints"),
        ("sagemaker", "ListEndpointConfigs", "restorables"),
        ("scheduler", "ListSchedules", "guards"),
        ("service-quotas", "ListServiceQuotas", "limits"),
        ("resourcegroupstaggingapi", "GetResources", "owners"),
    ],
)
def test_each_source_fails_alone(shared_cloud: Cloud, service: str, operation: str, source: str) -> None:
    with denied(shared_cloud, service, operation):
        seen = inventory.take(shared_cloud)
    assert set(seen.failures) == {source}
    assert isinstance(seen.failures[source], NotConnected | AccessDenied)
    assert set(seen.read_at) == SOURCES - {source}


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("service", "operation", "source"),
    [
        ("sagemaker", "DescribeEndpoint", "descriptions"),
        ("resourcegroupstaggingapi", "GetResources", "owners"),
        ("scheduler", "GetSchedule", "guards"),
    ],
)
def test_what_cannot_be_described_stays_as_it_was_listed(
    echoing: Cloud, service: str, operation: str, source: str
) -> None:
    cloud = echoing
    with denied(cloud, service, operation):
        seen = inventory.take(cloud)
    assert set(seen.failures) == {source}
    (row,) = seen.endpoints
    assert row.name == "echo"
    assert (row.variants == ()) == (operation == "DescribeEndpoint")
    assert (seen.owners == {}) == (operation == "GetResources")
    assert (seen.guards == {}) == (operation == "GetSchedule")
    whole = inventory.take(cloud, seen)
    assert whole.failures == {}
    assert whole.endpoints[0].variants
    assert whole.owners
    assert whole.guards
