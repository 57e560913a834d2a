"""The reading of CloudTrail: page by page, each kept before the next, and taken up again where it was cut off."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services import backfills, deeds
from services.cloud import Cloud
from services.deeds import LATE, Reading
from services.errors import InvalidRequest
from services.history import History
from services.sightings import Evidence
from services.trails import EVENTS, KEPT, Deed, Page, read_page
from tests.support.deck_rows import ACCOUNT, REGION, at, notebook, taken
from tests.support.deck_wishes import EXECUTION, cloud_of
from tests.support.practice_account import Account, running

MODELS = 120
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account in which 120 endpoint configurations were made, one of them refused."""
    for account in running(tmp_path_factory.mktemp("busy") / "practice"):
        sagemaker = account.client("sagemaker")
        sagemaker.create_model(ModelName="m", ExecutionRoleArn=EXECUTION, PrimaryContainer={"Image": IMAGE})
        variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        for number in range(MODELS):
            sagemaker.create_endpoint_config(EndpointConfigName=f"c{number}", ProductionVariants=[variant])
        with pytest.raises(sagemaker.exceptions.ClientError):
            sagemaker.create_endpoint_config(EndpointConfigName="c0", ProductionVariants=[variant])
        yield account


IMAGE = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/x:1"


class Asked:
    """The lookups that leave for an account: (event, whether it went on from a token)."""

    def __init__(self, cloud: Cloud) -> None:
        self.lookups: list[tuple[str, bool]] = []
        events = cloud.client("cloudtrail").meta.events
        events.register("before-parameter-build.cloudtrail.LookupEvents", self._note, unique_id=f"asked-{id(self)}")

    def _note(self, params: dict[str, Any], **_: Any) -> None:
        self.lookups.append((params["LookupAttributes"][0]["AttributeValue"], "NextToken" in params))


def read_all(cloud: Cloud, history: History, now: datetime) -> int:
    steps = 1
    while backfills.step(cloud, history, now):
        steps += 1
    return steps


def test_a_reading_that_was_cut_off_goes_on_and_asks_for_nothing_twice(busy: Account, tmp_path: Path) -> None:
    cloud, now, asked = cloud_of(busy), busy.clock() + timedelta(seconds=1), Asked(cloud_of(busy))
    for _ in range(len(EVENTS) + 1):  # a deck that is ended after every page
        history = History(tmp_path / "history.sqlite3")
        backfills.step(cloud, history, now)
        assert not history.deeds.progress(cloud.account.key, cloud.region).complete
        history.close()
    history = History(tmp_path / "history.sqlite3")
    assert read_all(cloud, history, now) == 1
    assert len(asked.lookups) == len(set(asked.lookups)) + 1 == len(EVENTS) + 2
    assert asked.lookups.count(("CreateEndpointConfig", True)) == 2
    with history._database.reading() as db:
        kept = deeds.told(db, cloud.account.key, cloud.region)
    assert len(kept) == MODELS
    assert kept[0].actor == "practice"
    assert history.deeds.progress(cloud.account.key, cloud.region).complete
    assert not backfills.step(cloud, history, now + backfills.AGAIN_AFTER - timedelta(seconds=1))
    assert read_all(cloud, history, now + HOUR) == len(EVENTS) + 2, "events may turn up late"
    assert read_all(cloud, history, now + 2 * HOUR) == len(EVENTS), "later only what came since is looked up"
    history.close()


def test_days_are_counted_as_they_are_read(tmp_path: Path) -> None:
    history = History(tmp_path / "history.sqlite3")
    reading = history.deeds.next_reading(ACCOUNT, REGION, at(0), HOUR)
    assert reading is not None
    history.deeds.keep(ACCOUNT, REGION, reading, Page((), at(0) - KEPT / 2, "more"))
    assert history.deeds.progress(ACCOUNT, REGION).days_read == 45 // len(EVENTS)
    going_on = history.deeds.next_reading(ACCOUNT, REGION, at(5), HOUR)
    assert going_on is not None
    assert (going_on.token, going_on.until, going_on.reached) == ("more", at(0), at(0) - KEPT / 2)
    history.deeds.keep(ACCOUNT, REGION, going_on, Page((), None, None))
    assert history.deeds.progress(ACCOUNT, REGION).days_read == 90 // len(EVENTS)
    history.close()


def test_a_token_that_is_spent_is_not_the_end(busy: Account, tmp_path: Path) -> None:
    cloud, now = cloud_of(busy), busy.clock() + timedelta(seconds=1)
    history = History(tmp_path / "history.sqlite3")
    key = cloud.account.key
    begin = now - KEPT
    spent = Reading("CreateEndpointConfig", begin, begin, now, now, "spent")
    history.deeds.keep(key, cloud.region, spent, Page((), now, "spent"))
    assert read_all(cloud, history, now) > len(EVENTS)
    with history._database.reading() as db:
        assert len(deeds.told(db, key, cloud.region)) == MODELS
    with pytest.raises(InvalidRequest):
        read_page(cloud, "CreateEndpoint", now, now - HOUR, None)
    history.close()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path / "history.sqlite3")
    yield opened
    opened.close()


def tell(history: History, until: float, *told: Deed) -> None:
    """CloudTrail told this, and nothing else, of the 90 days until that hour and of the quarter of an hour after."""
    for name in EVENTS:
        begin, now = at(until) + LATE - KEPT, at(until) + LATE
        page = Page(tuple(each for each in told if each.name == name), None, None)
        history.deeds.keep(ACCOUNT, REGION, Reading(name, begin, begin, now, now), page)
    history.merge(ACCOUNT, REGION)


def deed(hours: float, what: str, **request: Any) -> Deed:
    arn = notebook().arn
    return Deed(f"{what}{hours}", at(hours), f"{what}NotebookInstance", "notebook", "n", arn, "lee", request)


def known(history: History, until: float) -> list[tuple[str, datetime, Evidence]]:
    found = history.intervals(ACCOUNT, at(-9999), at(until))
    return [(each.state, each.start, each.started_by) for each in found]


CREATED = deed(0, "Create", instanceType="ml.t3.medium")


def test_what_the_deck_took_to_be_so_goes_where_cloudtrail_tells(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.1),)))
    history.observe(ACCOUNT, taken(9, notebooks=(notebook("InService", 7),)))
    assert ("Unseen", Evidence.OBSERVED) in {(state, by) for state, _, by in known(history, 9)}
    tell(history, 9, CREATED, deed(3, "Stop"), deed(6.9, "Start"))
    assert known(history, 9) == [
        ("Pending", at(0), Evidence.CLOUDTRAIL),
        ("InService", at(0.1), Evidence.DESCRIBED),
        ("Stopped", at(3), Evidence.ASSUMED),
        ("Pending", at(6.9), Evidence.CLOUDTRAIL),
        ("InService", at(7), Evidence.DESCRIBED),
    ]
    history.observe(ACCOUNT, taken(10, notebooks=(notebook("Stopped", 9.5),)))
    assert known(history, 10)[-1] == ("Stopped", at(9.5), Evidence.DESCRIBED)


def test_what_cloudtrail_cannot_tell_yet_stands(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.1),)))
    history.observe(ACCOUNT, taken(9, notebooks=()))
    before = known(history, 9)
    tell(history, 5, CREATED)
    assert [state for state, _, _ in known(history, 9)] == ["Pending", "InService"]
    (gone,) = {each.resource.gone for each in history.intervals(ACCOUNT, at(-9), at(9))}
    assert (gone, before[-1][0]) == (at(9), "InService")


def test_what_happened_after_the_last_look_waits_for_the_next(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.1),)))
    tell(history, 5, CREATED, deed(3, "Stop"), deed(4, "Delete"))
    assert known(history, 5)[-1] == ("InService", at(0.1), Evidence.DESCRIBED)


def test_a_resource_without_a_look_and_without_an_end_waits_too(history: History) -> None:
    tell(history, 5, CREATED)
    assert known(history, 5) == []
    assert history.deeds.creators(ACCOUNT, REGION) == {CREATED.arn: "lee"}


def test_nothing_is_written_before_all_was_read(history: History) -> None:
    begin = at(5) - KEPT
    reading = Reading("CreateNotebookInstance", begin, begin, at(5), at(5))
    history.deeds.keep(ACCOUNT, REGION, reading, Page((CREATED,), None, None))
    history.merge(ACCOUNT, REGION)
    with history._database.reading() as db:
        assert isinstance(db, sqlite3.Connection)
        assert deeds.span_known(db, ACCOUNT, REGION) is None
    assert known(history, 5) == []


def test_what_is_older_than_cloudtrails_memory_is_known_from_there_on(history: History) -> None:
    old = at(0) - KEPT - 10 * HOUR
    history.observe(ACCOUNT, taken(9, notebooks=(notebook("Stopped", 3.01, created=old),)))
    tell(history, 9, deed(3, "Stop"))
    states = known(history, 9)
    assert [state for state, _, _ in states] == ["Unseen", "InService", "Stopping", "Stopped"]
    assert states[1][1] == at(9) + LATE - KEPT
    gone = deed(2, "Delete")
    tell(history, 9, deed(3, "Stop"), Deed("x", gone.at, gone.name, gone.kind, "other", "arn:other", "lee", {}))
    others = [each for each in history.intervals(ACCOUNT, at(-9999), at(9)) if each.resource.name == "other"]
    assert [(each.state, each.end, each.holding.instances) for each in others] == [("Stopped", at(2), ())]
