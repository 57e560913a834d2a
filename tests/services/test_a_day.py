"""A day in an account: a notebook, an endpoint and a training job live, are watched now and then, and end.

What the services read of it, and what the meter makes of it, is held against what the account itself says.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest

from services import endpoints, inventory, logs, meter, metrics, notebooks, rates, trainings
from services.cloud import Cloud
from services.endpoint_plans import plan_delete
from services.endpoint_plans import plan_stop as stop_endpoint
from services.errors import InvalidRequest, NotFound
from services.history import History
from services.known import Inventory
from services.launches import carry_out
from services.ledger import Action, Ledger, State
from services.notebook_plans import plan_resize, plan_start
from services.notebook_plans import plan_stop as stop_notebook
from services.notebooks import NotebookStatus
from services.plans import Plan
from services.training_plans import plan_stop as stop_training
from services.witnesses import happened
from tests.support.deck_wishes import (
    KIM,
    SCHEDULER,
    cloud_of,
    endpoint_plan,
    notebook_plan,
    put_echo_model,
    surroundings,
    training_plan,
    training_wish,
)
from tests.support.practice_account import Account, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy

TRAIN = """
import os, pathlib
for epoch in range(3):
    print(f"epoch={epoch} loss={1 / (epoch + 1):.4f}", flush=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text("trained")
"""
WAIT = """
import time
print("waiting to be stopped", flush=True)
time.sleep(600)
"""
METRICS = (("loss", "loss=([0-9.]+)"),)


@dataclass
class Day:
    """An account, and the deck that watches it."""

    practice: Account
    cloud: Cloud
    ledger: Ledger
    history: History

    def do(self, plan: Plan) -> Action:
        """Carry a plan out, which must succeed."""
        action = carry_out(self.cloud, self.ledger, plan, KIM)
        assert (action.state, action.error) == (State.DONE, None)
        return action

    def look(self) -> Inventory:
        """As a page's read does."""
        key = self.cloud.account.key
        seen = inventory.take(self.cloud, self.history.last(key, self.cloud.region))
        assert seen.failures == {}
        self.history.observe(key, seen, self.ledger.actions(key))
        return seen

    def notebook(self) -> notebooks.Notebook:
        return notebooks.get_notebook(self.cloud, "lab")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """The day, lived to its end."""
    home = tmp_path_factory.mktemp("day")
    ledger, history = Ledger(home / "ledger.sqlite3"), History(home / "history.sqlite3")
    for account in running(home / "practice"):
        lived = Day(account, cloud_of(account), ledger, history)
        put_echo_model(account)
        morning(lived, home)
        evening(lived)
        yield lived
    ledger.close()
    history.close()


def morning(day: Day, folder: Path) -> None:
    cloud = day.cloud
    day.do(notebook_plan(cloud, "lab", auto_stop_hours=None))
    day.do(endpoint_plan(cloud, "echo", instance_count=2, auto_stop_hours=48.0))
    day.do(training_plan(cloud, training_wish(folder, "fit", TRAIN, metrics=METRICS)))
    day.do(training_plan(cloud, training_wish(folder, "long", WAIT)))
    day.look()
    day.practice.advance(30)
    eventually(day.notebook, status=NotebookStatus.IN_SERVICE)
    eventually(partial(endpoints.get_endpoint, cloud, "echo"), until=lambda row: row.can_invoke)
    for number in range(3):
        endpoints.invoke(cloud, "echo", str(number).encode(), "text/plain", KIM)
    day.look()
    eventually(partial(trainings.get_training_job, cloud, "fit"), until=lambda job: not job.runs, timeout=120)
    day.look()


def evening(day: Day) -> None:
    cloud = day.cloud
    day.practice.advance(5 * 3600)
    day.do(stop_notebook(day.notebook()))
    day.do(stop_training(trainings.get_training_job(cloud, "long")))
    day.practice.advance(60)
    eventually(day.notebook, status=NotebookStatus.STOPPED)
    eventually(partial(trainings.get_training_job, cloud, "long"), until=lambda job: not job.runs)
    day.look()
    day.do(plan_resize(day.notebook(), "ml.t3.large", 10, surroundings(cloud)))
    day.practice.advance(3600)
    day.look()
    day.do(plan_start(day.notebook(), surroundings(cloud), 2.0, SCHEDULER))
    day.practice.advance(60)
    eventually(day.notebook, status=NotebookStatus.IN_SERVICE)
    day.look()
    day.practice.advance(12 * 3600)  # the guard stops it meanwhile, and nobody looks
    eventually(day.notebook, status=NotebookStatus.STOPPED)
    day.do(stop_endpoint(endpoints.get_endpoint(cloud, "echo")))
    day.practice.advance(600)
    day.look()


def billed(day: Day) -> dict[str, dict[str, Any]]:
    """Name → what the account says that it billed."""
    return {row["name"]: row for row in day.practice.control("GET", "usage")["resources"]}


def metered(day: Day, now: datetime) -> dict[str, meter.ResourceCost]:
    found = meter.cost(day.history, day.cloud.account.key, now - timedelta(days=3), now)
    return {cost.resource.name: cost for cost in found}


def test_the_meter_and_the_accounts_own_bill_agree_to_the_cent(day: Day) -> None:
    day.look()
    theirs = billed(day)
    ours = metered(day, day.practice.clock())
    assert set(ours) == {"lab", "echo", "fit", "long"} == set(theirs)
    for name, cost in ours.items():
        assert abs(cost.usd - Decimal(theirs[name]["usd"])) < Decimal("0.005"), name
        for part in cost.parts:
            assert abs(float(part.hours) * 3600 - float(theirs[name]["parts"][part.what]["seconds"])) < 8, (name, part)
    assert ours["echo"].usd > Decimal("3.50")
    assert ours["lab"].usd > Decimal("0.40")


def test_a_job_is_not_charged_for_an_advance_of_the_clock(day: Day) -> None:
    (cost,) = [cost for name, cost in metered(day, day.practice.clock()).items() if name == "long"]
    assert all(part.hours * 3600 < 600 for part in cost.parts)
    job = trainings.get_training_job(day.cloud, "long")
    assert job.status is trainings.TrainingStatus.STOPPED
    assert job.billed_usd is not None
    assert abs(job.billed_usd - cost.usd) < Decimal("1e-18")


def test_every_state_is_known_with_its_evidence(day: Day) -> None:
    now = day.practice.clock()
    states: dict[str, list[str]] = {}
    for interval in day.history.intervals(day.cloud.account.key, now - timedelta(days=3), now):
        states.setdefault(interval.resource.name, []).append(interval.state)
    assert states["lab"][:2] == ["Pending", "InService"]
    assert states["lab"][-3:] == ["InService", "Stopping", "Stopped"]
    assert states["echo"][:2] == ["Creating", "InService"]
    assert "Training" in states["fit"]


def test_notebooks_are_listed_described_and_say_what_they_bill(day: Day) -> None:
    (listed,) = notebooks.list_notebooks(day.cloud)
    row = day.notebook()
    assert (listed.volume_gib, row.volume_gib, row.instance_type) == (None, 10, "ml.t3.large")
    assert (row.can_start, row.can_change, row.can_stop, row.can_open) == (True, True, False, False)
    storage = rates.storage_part("ap-northeast-2", 10)
    assert storage is not None
    assert row.burn == storage.usd_per_hour
    with pytest.raises(InvalidRequest, match="must be InService"):
        notebooks.open_url(day.cloud, "lab", KIM)
    with pytest.raises(NotFound):
        notebooks.get_notebook(day.cloud, "nobody")


def test_a_notebook_opens_without_further_sign_in(day: Day) -> None:
    plan = plan_start(day.notebook(), surroundings(day.cloud), None, SCHEDULER)
    assert not happened(day.cloud, plan.calls[-1])
    day.do(plan)
    assert happened(day.cloud, plan.calls[-1])
    day.practice.advance(60)
    eventually(day.notebook, status=NotebookStatus.IN_SERVICE)
    assert day.notebook().can_open
    opener = build_opener(ProxyHandler({}))
    with opener.open(notebooks.open_url(day.cloud, "lab", KIM), timeout=30) as page:
        assert page.status == 200
        assert b"JupyterLab" in page.read()
    day.do(stop_notebook(day.notebook()))
    day.practice.advance(60)
    eventually(day.notebook, status=NotebookStatus.STOPPED)


def test_what_became_of_a_resize_or_a_start_is_seen_on_the_notebook(day: Day) -> None:
    row, around = day.notebook(), surroundings(day.cloud)
    (done,) = plan_resize(row, "ml.t3.large", 10, around).calls
    (undone,) = plan_resize(row, "ml.t3.xlarge", 10, around).calls
    assert (happened(day.cloud, done), happened(day.cloud, undone)) == (True, False)
    gone = plan_start(replace(row, name="nobody"), around, None, SCHEDULER).calls[-1]
    assert not happened(day.cloud, gone)


def test_training_jobs_are_listed_in_full(day: Day) -> None:
    jobs = {job.name: job for job in trainings.list_training_jobs(day.cloud)}
    job = jobs["fit"]
    assert list(jobs) == ["long", "fit"]
    assert (job.status, job.instance_type, job.owner) == (trainings.TrainingStatus.COMPLETED, "ml.m5.large", "kim")
    assert job.can_deploy
    assert not job.can_stop
    assert job.model_uri.startswith("s3://")
    assert job.metrics == {"loss": pytest.approx(1 / 3, abs=1e-4)}
    assert [phase.status for phase in job.phases][-1] == "Completed"
    assert job.burn == 0
    described = trainings.get_training_job(day.cloud, "fit")
    assert (described.owner, described.phases, described.billable_seconds) == (
        *(job.owner, job.phases, job.billable_seconds),
    )


def test_logs_are_read_from_the_head_page_by_page_and_from_the_tail(day: Day) -> None:
    group, prefix = logs.place("training", "fit")
    (stream,) = logs.streams(day.cloud, group, prefix)
    assert stream.startswith("fit/algo-1-")
    lines, token = logs.read(day.cloud, group, stream)
    said = [line.text for line in lines]
    assert [text for text in said if text.startswith("epoch=")] == [
        "epoch=0 loss=1.0000",
        "epoch=1 loss=0.5000",
        "epoch=2 loss=0.3333",
    ]
    assert all(earlier.at <= later.at for earlier, later in pairwise(lines))
    assert logs.read(day.cloud, group, stream, token) == ((), token)
    assert [line.text for line in logs.tail(day.cloud, group, stream, 2)] == said[-2:]


@pytest.mark.parametrize(("kind", "name"), [("notebook", "lab"), ("endpoint", "echo")])
def test_notebooks_and_endpoints_have_logs_too(day: Day, kind: str, name: str) -> None:
    group, prefix = logs.place(kind, name)
    streams = logs.streams(day.cloud, group, prefix)
    assert streams
    assert logs.tail(day.cloud, group, streams[0])


def test_what_never_logged_has_no_lines(day: Day) -> None:
    group, prefix = logs.place("endpoint", "nobody")
    assert logs.streams(day.cloud, group, prefix) == ()
    assert logs.tail(day.cloud, group, "stream") == ()
    assert logs.read(day.cloud, group, "stream") == ((), "")


def test_training_metrics_over_time(day: Day) -> None:
    (loss,) = metrics.READS["training"](day.cloud, "fit")
    assert loss.name == "loss"
    assert loss.points
    assert list(loss.points) == sorted(loss.points)
    job = trainings.get_training_job(day.cloud, "fit")
    assert job.started
    assert job.ended
    assert all(job.started - timedelta(minutes=1) <= at <= job.ended for at, _ in loss.points)
    assert metrics.training_metrics(day.cloud, "long") == ()
    with pytest.raises(NotFound):
        metrics.training_metrics(day.cloud, "nobody")


def test_a_stopped_endpoint_is_restorable_and_can_be_deleted_for_good(day: Day) -> None:
    assert endpoints.list_endpoints(day.cloud) == ()
    (left,) = endpoints.list_restorable(day.cloud, ())
    assert (left.name, left.variants[0].instance_count) == ("echo", 2)
    with pytest.raises(NotFound):
        endpoints.get_endpoint(day.cloud, "echo")
    day.do(plan_delete(left))
    assert endpoints.list_restorable(day.cloud, ()) == ()


def test_the_usage_of_the_account_is_for_its_owner_alone(day: Day) -> None:
    opener = build_opener(ProxyHandler({}))
    with pytest.raises(OSError, match="403"):
        opener.open(f"{day.practice.url}/_practice/usage", timeout=10)
    assert json.dumps(billed(day))
