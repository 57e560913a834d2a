"""A past that the deck never saw: notebook instances and endpoints live and end before it first looks.

CloudTrail is read, and what becomes of it is held against what the account itself says of its resources.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from services import backfills, inventory, meter
from services.cloud import Cloud
from services.history import History, Interval
from services.sightings import Evidence
from tests.support.deck_wishes import BUCKET, ECHO, EXECUTION, SCHEDULER, cloud_of, put_echo_model
from tests.support.practice_account import Account, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy

HOUR = 3600
SECOND = timedelta(seconds=1)
KINDS = {"notebook-instance": "notebook", "endpoint": "endpoint"}
ENDING = {"Deleting", "(gone)"}
"""Nothing bills in it, and nobody sees how long it lasts: to the deck what is deleted ends with that call."""


@dataclass
class Past:
    """An account with a past, and the deck after its first look and its reading of CloudTrail."""

    practice: Account
    cloud: Cloud
    history: History

    @property
    def key(self) -> str:
        return self.cloud.account.key

    def look(self) -> None:
        last = self.history.last(self.key, self.cloud.region)
        self.history.observe(self.key, inventory.take(self.cloud, last))

    def read(self) -> None:
        while backfills.step(self.cloud, self.history, self.practice.clock()):
            pass

    def intervals(self, now: datetime) -> dict[tuple[str, datetime], list[Interval]]:
        """(name, second of creation) → its states."""
        found: dict[tuple[str, datetime], list[Interval]] = {}
        for each in self.history.intervals(self.key, now - timedelta(days=3), now):
            born = each.resource.created.replace(microsecond=0)
            found.setdefault((each.resource.name, born), []).append(each)
        return found


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    home = tmp_path_factory.mktemp("past")
    for account in running(home / "practice"):
        live(account)
        seen = Past(account, cloud_of(account), History(home / "history.sqlite3"))
        seen.look()
        seen.read()
        yield seen
        seen.history.close()


def live(account: Account) -> None:
    """Two days of it: stops, a resize, an auto-stop, a name that is used again, and calls that are refused."""
    sagemaker = account.client("sagemaker")
    put_echo_model(account)
    make_configs(sagemaker)
    create_notebook(sagemaker, "lab", Tags=[{"Key": "flightdeck:owner", "Value": "kim"}])
    create_notebook(sagemaker, "gone", InstanceType="ml.t3.large", VolumeSizeInGB=20)
    sagemaker.create_endpoint(EndpointName="echo", EndpointConfigName="one")
    account.advance(60)
    settle(account, lab="InService", gone="InService")
    account.advance(3 * HOUR)
    for name in ("lab", "gone"):
        sagemaker.stop_notebook_instance(NotebookInstanceName=name)
    account.advance(60)
    sagemaker.delete_notebook_instance(NotebookInstanceName="gone")
    sagemaker.delete_endpoint(EndpointName="echo")
    account.advance(HOUR)
    with pytest.raises(sagemaker.exceptions.ClientError):
        sagemaker.stop_notebook_instance(NotebookInstanceName="lab")
    sagemaker.update_notebook_instance(NotebookInstanceName="lab", InstanceType="ml.t3.large", VolumeSizeInGB=10)
    sagemaker.create_endpoint(EndpointName="echo", EndpointConfigName="two")
    account.advance(10 * HOUR)
    sagemaker.start_notebook_instance(NotebookInstanceName="lab")
    account.advance(60)
    settle(account, lab="InService")
    stop_later(account, "lab", timedelta(hours=2))
    account.advance(24 * HOUR)
    settle(account, lab="Stopped")
    sagemaker.update_notebook_instance(NotebookInstanceName="lab", VolumeSizeInGB=20)
    for name in ("fresh", "idle"):
        create_notebook(sagemaker, name)
    account.advance(2 * HOUR)
    settle(account, fresh="InService", idle="InService")
    sagemaker.stop_notebook_instance(NotebookInstanceName="idle")
    account.advance(60)


def make_configs(sagemaker: Any) -> None:
    model = {"Image": ECHO, "ModelDataUrl": f"s3://{BUCKET}/echo/model.tar.gz"}
    sagemaker.create_model(ModelName="echo", ExecutionRoleArn=EXECUTION, PrimaryContainer=model)
    for config, count in (("one", 1), ("two", 2)):
        variant = {
            "VariantName": "v",
            "ModelName": "echo",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": count,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])


def create_notebook(sagemaker: Any, name: str, **settings: Any) -> None:
    asked = {"InstanceType": "ml.t3.medium", "RoleArn": EXECUTION, **settings}
    sagemaker.create_notebook_instance(NotebookInstanceName=name, **asked)


def settle(account: Account, **states: str) -> None:
    describe = account.client("sagemaker").describe_notebook_instance
    for name, state in states.items():
        eventually(partial(describe, NotebookInstanceName=name), partial(_is, state))


def _is(state: str, row: Mapping[str, Any]) -> bool:
    return bool(row["NotebookInstanceStatus"] == state)


def stop_later(account: Account, name: str, after: timedelta) -> None:
    account.client("scheduler").create_schedule(
        Name="stop",
        ScheduleExpression=f"at({account.clock() + after:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance",
            "RoleArn": SCHEDULER,
            "Input": json.dumps({"NotebookInstanceName": name}),
        },
    )


def own_history(account: Account) -> dict[tuple[str, datetime], list[tuple[str, datetime]]]:
    """(name, second of creation) → (state, when it began), as the account's own events have it."""
    file = sqlite3.connect(f"file:{account.home / 'account.sqlite3'}?mode=ro", uri=True)
    rows = file.execute("SELECT uid, kind, name, at_us, state FROM events ORDER BY id").fetchall()
    file.close()
    by_uid: dict[str, list[tuple[str, datetime]]] = {}
    named: dict[str, str] = {}
    for uid, kind, name, at_us, state in rows:
        states = by_uid.setdefault(uid, [])
        if kind in KINDS and (not states or states[-1][0] != state):
            states.append((state, datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at_us)))
            named[uid] = name
    return {(named[uid], by_uid[uid][0][1].replace(microsecond=0)): by_uid[uid] for uid in named}


def test_the_timeline_is_the_accounts_own_history_to_the_second(past: Past) -> None:
    told, own = past.intervals(past.practice.clock()), own_history(past.practice)
    assert set(told) == set(own)
    assert len(own) == 6, "the endpoint's name was used twice"
    for key, states in own.items():
        lived = [(state, began) for state, began in states if state not in ENDING]
        assert [each.state for each in told[key]] == [state for state, _ in lived], key
        for each, (state, began) in zip(told[key], lived, strict=True):
            known = began if each.started_by is not Evidence.ASSUMED else each.start
            assert abs(each.start - known) <= SECOND, (key, state, each.start, began)
        for passing, each in pairwise(told[key]):
            if each.started_by is Evidence.ASSUMED:
                took = durations(own, passing.state)
                assert min(took) - SECOND <= each.start - passing.start <= max(took) + SECOND, (key, each.state, took)


def durations(own: Mapping[Any, list[tuple[str, datetime]]], passing: str) -> list[timedelta]:
    """How long the account's resources really were in a state: servers start as quickly as the machine lets them, and
    what nobody saw is taken to have lasted as long as the others' did."""
    return [then - began for states in own.values() for (name, began), (_, then) in pairwise(states) if name == passing]


def test_the_meter_is_the_accounts_own_bill_to_the_cent(past: Past) -> None:
    now = past.practice.clock()
    rows = past.practice.control("GET", "usage")["resources"]
    theirs = {(row["name"], datetime.fromisoformat(row["created"]).replace(microsecond=0)): row for row in rows}
    costs = meter.cost(past.history, past.key, now - timedelta(days=3), now)
    ours = {(each.resource.name, each.resource.created.replace(microsecond=0)): each for each in costs}
    assert set(ours) == set(theirs)
    for key, cost in ours.items():
        assert cost.complete
        assert abs(cost.usd - Decimal(theirs[key]["usd"])) < Decimal("0.005"), key
    assert meter.total(costs) > Decimal(9)


def test_every_state_says_how_it_is_known(past: Past) -> None:
    now = past.practice.clock()
    told = past.intervals(now)
    (lab,) = (each for (name, _), each in told.items() if name == "lab")
    by = {(each.state, each.started_by) for each in lab}
    assert ("Stopping", Evidence.CLOUDTRAIL) in by
    assert ("Pending", Evidence.CLOUDTRAIL) in by
    assert (lab[-1].state, lab[-1].started_by, lab[-1].end) == ("Stopped", Evidence.DESCRIBED, None)
    assert {each.started_by for each in lab if each.state == "InService"} == {Evidence.ASSUMED}, (
        "as long as others took"
    )
    for each in told.values():
        assert [one.end for one in each[:-1]] == [two.start for two in each[1:]], "no gap and no overlap"


def test_owners_are_those_of_the_tag_else_who_created_it(past: Past) -> None:
    creators = past.history.deeds.creators(past.key, past.cloud.region)
    found = inventory.take(past.cloud, creators=creators)
    present = [(row.name, row.arn) for row in found.notebooks] + [(row.name, row.arn) for row in found.endpoints]
    named = {name: found.owners[arn] for name, arn in present}
    assert named == {"lab": "kim", "fresh": "practice", "idle": "practice", "echo": "practice"}
    told = past.intervals(past.practice.clock())
    assert {each[0].resource.owner for (name, _), each in told.items() if name == "gone"} == {"practice"}


def test_nothing_is_asked_twice_and_a_further_reading_changes_nothing(past: Past) -> None:
    now = past.practice.clock()
    before = past.intervals(now)
    assert past.history.deeds.progress(past.key, past.cloud.region).complete
    assert not backfills.step(past.cloud, past.history, now + timedelta(minutes=4))
    past.history.merge(past.key, past.cloud.region)
    assert past.intervals(now) == before


def test_what_happens_after_the_first_reading_is_told_too(past: Past) -> None:
    past.practice.client("sagemaker").delete_endpoint(EndpointName="echo")
    deleted = past.practice.clock()
    past.practice.advance(HOUR)
    past.look()
    past.read()
    echoes = [each for (name, _), each in past.intervals(past.practice.clock()).items() if name == "echo"]
    last = echoes[-1][-1]
    assert (last.state, last.ended_by) == ("InService", Evidence.CLOUDTRAIL)
    assert last.end == last.resource.gone
    assert last.end is not None
    assert timedelta(0) <= deleted - last.end < timedelta(seconds=2)
