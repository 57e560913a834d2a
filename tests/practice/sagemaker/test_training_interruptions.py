"""Managed spot training whose capacity is taken back: SIGTERM, Interrupted, and on again from its checkpoints."""

import json
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from practice import capacities, spot_interruptions
from practice.sagemaker.training_endings import AWAY
from practice.usage import usage
from tests.practice.sagemaker.training_helpers import BUCKET, WAIT, Trainings
from tests.support.local_account import Local
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy

SEOUL = "ap-northeast-2"
COUNTING = """
import signal, sys
from pathlib import Path
state = Path("/opt/ml/checkpoints/step.txt")
step = int(state.read_text()) if state.exists() else 0
def taken(number, frame):
    state.write_text(str(step + 7))
    print("told", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, taken)
print(f"from step {step}", flush=True)
if step == 0:
    signal.pause()
Path("/opt/ml/model/model.txt").write_text(f"trained from {step}")
"""
SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
}
CHECKPOINTS = {"CheckpointConfig": {"S3Uri": f"s3://{BUCKET}/checkpoints"}}


@pytest.fixture
def trainings(local: Local) -> Trainings:
    return Trainings(local)


def take_back(local: Local, **body: Any) -> tuple[int, dict[str, Any]]:
    """What the control door answers."""
    connection = HTTPConnection(local.world.door.url.removeprefix("http://"), timeout=60)
    key = {"X-Practice-Key": local.world.door.access_key}
    connection.request("POST", "/_practice/interruptions", json.dumps(body), key)
    reply = connection.getresponse()
    answer: dict[str, Any] = json.load(reply)
    connection.close()
    return reply.status, answer


def interrupted(trainings: Trainings, name: str, script: str = WAIT, **more: Any) -> dict[str, Any]:
    """A spot job that ran, once its capacity has been taken back."""
    trainings.begin(name, script, **{**SPOT, **more})
    trainings.saying(name, "waiting" if script is WAIT else "from step 0")
    status, answer = take_back(trainings.local, region=SEOUL, training_job=name)
    assert (status, answer) == (200, {"interrupted": name})
    return eventually(lambda: trainings.describe(name), until=lambda job: job["SecondaryStatus"] == "Interrupted")


def statuses(job: dict[str, Any]) -> list[str]:
    return [each["Status"] for each in job["SecondaryStatusTransitions"]]


def said(trainings: Trainings, name: str) -> list[str]:
    """All that a job's first host said, over all of its streams."""
    logs = trainings.client("logs")
    found = logs.filter_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{name}/algo-1-")
    return [event["message"] for event in found["events"]]


def test_a_job_goes_on_from_what_it_saved_when_it_was_told(trainings: Trainings) -> None:
    job = interrupted(trainings, "goes-on", COUNTING, **CHECKPOINTS)
    assert job["TrainingJobStatus"] == "InProgress"
    assert trainings.keys("checkpoints/") == ["checkpoints/step.txt"]
    trainings.local.advance(seconds=AWAY.total_seconds() + 1)
    job = trainings.ended("goes-on")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    first, second = ["Starting", "Downloading", "Training"], ["Starting", "Downloading", "Training", "Uploading"]
    assert statuses(job) == [*first, "Interrupted", *second, "Completed"]
    assert [line for line in said(trainings, "goes-on") if "step" in line] == ["from step 0", "from step 7"]
    assert trainings.unpacked("output/goes-on/output/model.tar.gz") == {"model.txt": "trained from 7"}


def test_without_checkpoints_it_begins_anew(trainings: Trainings) -> None:
    interrupted(trainings, "anew", COUNTING)
    trainings.local.advance(seconds=AWAY.total_seconds() + 1)
    trainings.training("anew")
    eventually(lambda: said(trainings, "anew").count("from step 0") == 2)
    trainings.sagemaker.stop_training_job(TrainingJobName="anew")
    assert trainings.ended("anew")["TrainingJobStatus"] == "Stopped"


def test_the_time_without_instances_is_neither_trained_nor_billed(trainings: Trainings) -> None:
    before = interrupted(trainings, "gap", COUNTING, **CHECKPOINTS)
    trainings.local.world.clock.set_speed(20)
    trainings.local.world.notify()
    later = eventually(
        lambda: trainings.describe("gap"), until=lambda job: len(statuses(job)) > 4 or "TrainingEndTime" in job
    )
    trainings.local.world.clock.set_speed(1)
    assert later["SecondaryStatusTransitions"][3]["Status"] == "Interrupted"
    job = trainings.ended("gap")
    gap = job["SecondaryStatusTransitions"][4]["StartTime"] - job["SecondaryStatusTransitions"][3]["StartTime"]
    whole = job["TrainingEndTime"] - job["TrainingStartTime"]
    assert gap >= AWAY
    assert before["TrainingTimeInSeconds"] <= job["TrainingTimeInSeconds"]
    assert timedelta(seconds=job["TrainingTimeInSeconds"]) <= whole - gap + timedelta(seconds=2)
    assert job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]
    [billed] = [each for each in usage(trainings.local.world) if each["name"] == "gap"]
    assert float(billed["parts"]["instance"]["seconds"]) == job["BillableTimeInSeconds"]
    assert before["TrainingStartTime"] == job["TrainingStartTime"]


def test_it_waits_for_capacity_as_long_as_it_may_and_no_longer(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = interrupted(trainings, "waits", COUNTING, **CHECKPOINTS)
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 1.0),)})
    trainings.local.advance(minutes=90)
    waiting = trainings.describe("waits")
    assert (waiting["TrainingJobStatus"], waiting["SecondaryStatus"]) == ("InProgress", "Starting")
    assert waiting["SecondaryStatusTransitions"][-1]["StatusMessage"].startswith("Insufficient capacity")
    assert waiting["TrainingTimeInSeconds"] == job["TrainingTimeInSeconds"]
    trainings.local.advance(minutes=40)
    job = trainings.describe("waits")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert statuses(job)[-2:] == ["Stopping", "MaxWaitTimeExceeded"]
    assert job["TrainingEndTime"] > job["TrainingStartTime"]


def test_a_spot_job_that_never_gets_capacity_is_stopped_and_bills_nothing(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 1.0),)})
    trainings.create("never", **SPOT)
    trainings.local.advance(minutes=60)
    assert trainings.describe("never")["SecondaryStatus"] == "Starting"
    trainings.local.advance(minutes=61)
    job = trainings.describe("never")
    assert statuses(job) == ["Starting", "Stopping", "MaxWaitTimeExceeded"]
    assert (job["TrainingJobStatus"], "BillableTimeInSeconds" in job) == ("Stopped", False)


def test_what_it_waited_counts_when_it_runs_again(trainings: Trainings) -> None:
    stopping = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
    interrupted(trainings, "counts", WAIT, StoppingCondition=stopping)
    trainings.local.advance(minutes=50)
    trainings.training("counts")
    trainings.local.world.clock.set_speed(200)
    job = trainings.ended("counts")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert job["TrainingTimeInSeconds"] < 3600 - AWAY.total_seconds() + 120


def test_a_stop_while_it_waits_ends_it_at_once(trainings: Trainings) -> None:
    before = interrupted(trainings, "stopped")
    trainings.sagemaker.stop_training_job(TrainingJobName="stopped")
    job = trainings.ended("stopped")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert job["BillableTimeInSeconds"] == before["BillableTimeInSeconds"]
    assert job["TrainingEndTime"] >= job["TrainingStartTime"]
    trainings.local.advance(hours=1)
    assert statuses(trainings.describe("stopped")) == statuses(job)


def test_it_waits_over_a_restart(trainings: Trainings) -> None:
    interrupted(trainings, "restarts", COUNTING, **CHECKPOINTS)
    trainings.restart()
    assert trainings.describe("restarts")["SecondaryStatus"] == "Interrupted"
    trainings.local.advance(seconds=AWAY.total_seconds() + 1)
    job = trainings.ended("restarts")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_a_draw_takes_capacity_back_by_itself(trainings: Trainings, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def lasts(region: str, instance_type: str, instances: int, name: str) -> timedelta:
        drawn.append(f"{region} {instance_type} {instances} {name.rpartition('/')[2]}")
        return timedelta(seconds=1) if len(drawn) == 1 else timedelta(days=1)

    monkeypatch.setattr(spot_interruptions, "lasts", lasts)
    trainings.begin("drawn", COUNTING, **SPOT, **CHECKPOINTS)
    eventually(lambda: trainings.describe("drawn"), until=lambda job: job["SecondaryStatus"] == "Interrupted")
    trainings.local.advance(seconds=AWAY.total_seconds() + 1)
    assert "Interrupted" in statuses(trainings.ended("drawn"))
    assert drawn == [f"{SEOUL} ml.m5.large 1 0", f"{SEOUL} ml.m5.large 1 1"]


def test_what_has_no_spot_capacity_cannot_lose_it(trainings: Trainings) -> None:
    trainings.begin("demand", WAIT)
    trainings.saying("demand", "waiting")
    for body, words in (
        ({"region": SEOUL, "training_job": "demand"}, "has no spot capacity now: InProgress, Training"),
        ({"region": SEOUL, "training_job": "nobody"}, "there is no training job nobody in ap-northeast-2"),
        ({"training_job": 3}, 'give {"region"'),
    ):
        status, answer = take_back(trainings.local, **body)
        assert status == 400
        assert words in answer["message"]
    trainings.sagemaker.stop_training_job(TrainingJobName="demand")
    assert trainings.ended("demand")["TrainingJobStatus"] == "Stopped"
    assert take_back(trainings.local, region=SEOUL, training_job="demand")[0] == 400
