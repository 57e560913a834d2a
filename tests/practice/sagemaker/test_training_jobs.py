"""Training jobs through boto3: what a user's script sees and leaves, and the states it goes through."""

from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.lifecycles import LIFECYCLES
from practice.sagemaker.training_queue import Queue
from tests.practice.sagemaker.training_helpers import BUCKET, ENDED, WAIT, Trainings
from tests.support.local_account import Local
from tests.support.waiting import eventually

EPOCHS = """
import json, os, sys
from pathlib import Path
print("arguments", *sys.argv[1:])
print("flavour", os.environ["FLAVOUR"], os.environ["SM_HP_RATE"])
print(json.loads(Path("/opt/ml/input/config/hyperparameters.json").read_text())["rate"])
for epoch in range(3):
    print(f"epoch={epoch} loss={1 / (epoch + 1):.4f}", flush=True)
import boto3
print("own job:", boto3.client("sagemaker").describe_training_job(
    TrainingJobName=os.environ["TRAINING_JOB_NAME"])["TrainingJobStatus"])
Path("/opt/ml/model/model.txt").write_text("weights")
Path("/opt/ml/output/data/report.txt").write_text("report")
"""
IGNORES = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ignoring", flush=True)
time.sleep(300)
"""
FAILS = """
print("about to fail", flush=True)
raise ValueError("the data make no sense")
"""


@pytest.fixture
def trainings(local: Local) -> Trainings:
    return Trainings(local)


def refused(call: Any, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def test_a_script_runs_as_on_sagemaker_and_leaves_its_model(trainings: Trainings) -> None:
    metrics = {"MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]}
    job = trainings.run(
        "first", EPOCHS, hyperparameters={"rate": "0.1"}, algorithm=metrics, Environment={"FLAVOUR": "vanilla"}
    )
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed", job.get("FailureReason")
    assert "FailureReason" not in job
    said = trainings.said("first")
    for line in ("arguments --rate 0.1", "flavour vanilla 0.1", "0.1", "epoch=2 loss=0.3333", "own job: InProgress"):
        assert line in said
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": f"s3://{BUCKET}/output/first/output/model.tar.gz"}
    assert trainings.unpacked("output/first/output/model.tar.gz") == {"model.txt": "weights"}
    assert trainings.unpacked("output/first/output/output.tar.gz") == {"report.txt": "report"}
    (loss,) = job["FinalMetricDataList"]
    assert (loss["MetricName"], round(loss["Value"], 4)) == ("loss", 0.3333)
    assert job["CreationTime"] < loss["Timestamp"] < job["LastModifiedTime"]
    eventually(lambda: not list((trainings.local.home / "training-jobs").iterdir()))


def test_a_job_goes_through_the_statuses_that_sagemaker_documents(trainings: Trainings) -> None:
    trainings.create("states")
    job = trainings.describe("states")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("InProgress", "Starting")
    assert {"TrainingStartTime", "TrainingEndTime", "TrainingTimeInSeconds"}.isdisjoint(job)
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": ""}
    trainings.local.advance(seconds=2)
    job = trainings.ended("states")
    steps = job["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert all(before["EndTime"] == after["StartTime"] for before, after in pairwise(steps))
    assert steps[-1]["EndTime"] == steps[-1]["StartTime"]
    assert all(step["StatusMessage"] for step in steps)
    assert job["CreationTime"] < job["TrainingStartTime"] < job["TrainingEndTime"] <= job["LastModifiedTime"]
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] >= 1


def test_values_over_time_reach_cloudwatch(trainings: Trainings) -> None:
    metrics = {"MetricDefinitions": [{"Name": "validation:loss", "Regex": "loss=([0-9.]+)"}]}
    job = trainings.run(
        "metrics", EPOCHS, hyperparameters={"rate": "1"}, algorithm=metrics, Environment={"FLAVOUR": ""}
    )
    dimensions = [{"Name": "TrainingJobName", "Value": "metrics"}]
    metric = {"Namespace": "/aws/sagemaker/TrainingJobs", "MetricName": "validation:loss", "Dimensions": dimensions}
    (found,) = trainings.client("cloudwatch").get_metric_statistics(
        **metric,
        StartTime=job["CreationTime"] - timedelta(minutes=2),
        EndTime=job["LastModifiedTime"] + timedelta(minutes=2),
        Period=3600,
        Statistics=["SampleCount", "Minimum", "Maximum"],
    )["Datapoints"]
    assert (found["SampleCount"], found["Maximum"], round(found["Minimum"], 4)) == (3, 1, 0.3333)


def test_a_script_that_fails_is_told_with_its_reason_and_keeps_its_output(trainings: Trainings) -> None:
    job = trainings.run("fails", FAILS)
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert job["FailureReason"].startswith("AlgorithmError: ")
    assert "ValueError: the data make no sense" in job["FailureReason"]
    assert "exit code: 1" in job["FailureReason"]
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": ""}
    assert job["BillableTimeInSeconds"] >= 1
    assert trainings.keys("output/") == []


def test_an_image_that_nobody_knows_fails_and_bills_nothing(trainings: Trainings) -> None:
    job = trainings.run("unknown", algorithm={"TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/own:1"})
    assert job["TrainingJobStatus"] == "Failed"
    assert "own:1" in job["FailureReason"]
    assert [step["Status"] for step in job["SecondaryStatusTransitions"]] == ["Starting", "Failed"]
    assert {"TrainingStartTime", "BillableTimeInSeconds"}.isdisjoint(job)


def test_stopping_leaves_time_to_save(trainings: Trainings) -> None:
    trainings.begin("stopped", WAIT)
    trainings.saying("stopped", "waiting")
    trainings.sagemaker.stop_training_job(TrainingJobName="stopped")
    code, message = refused(trainings.sagemaker.stop_training_job, TrainingJobName="stopped")
    assert code == "ValidationException"
    assert message.startswith("The request was rejected because the training job is in status Stop")
    job = trainings.ended("stopped")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
    steps = [step["Status"] for step in job["SecondaryStatusTransitions"]]
    assert steps == ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"]
    assert trainings.unpacked("output/stopped/output/model.tar.gz") == {"saved.txt": "saved in time"}
    assert job["ModelArtifacts"]["S3ModelArtifacts"].endswith("/model.tar.gz")
    assert "FailureReason" not in job


def test_a_job_that_is_stopped_before_it_began_never_bills(trainings: Trainings) -> None:
    trainings.create("early")
    trainings.sagemaker.stop_training_job(TrainingJobName="early")
    job = trainings.describe("early")
    assert job["TrainingJobStatus"] == "Stopped"
    assert {"TrainingStartTime", "TrainingEndTime", "BillableTimeInSeconds"}.isdisjoint(job)
    trainings.local.advance(minutes=1)
    assert trainings.describe("early")["TrainingJobStatus"] == "Stopped"


def test_a_job_ends_at_its_longest_runtime(trainings: Trainings) -> None:
    trainings.begin("long", WAIT, StoppingCondition={"MaxRuntimeInSeconds": 60})
    trainings.saying("long", "waiting")
    trainings.local.world.clock.set_speed(60)
    job = trainings.ended("long")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert 60 <= job["TrainingTimeInSeconds"] < 600
    assert trainings.unpacked("output/long/output/model.tar.gz") == {"saved.txt": "saved in time"}


def test_an_advance_of_the_clock_is_not_charged(trainings: Trainings) -> None:
    trainings.begin("jump", WAIT, StoppingCondition={"MaxRuntimeInSeconds": 3600})
    trainings.saying("jump", "waiting")
    before = trainings.describe("jump")
    trainings.local.advance(days=2)
    running = trainings.describe("jump")
    assert running["TrainingJobStatus"] == "InProgress"
    assert running["BillableTimeInSeconds"] - before["BillableTimeInSeconds"] < 60
    trainings.sagemaker.stop_training_job(TrainingJobName="jump")
    job = trainings.ended("jump")
    assert job["TrainingEndTime"] - job["TrainingStartTime"] > timedelta(days=2)
    assert job["BillableTimeInSeconds"] == job["TrainingTimeInSeconds"] < 60


def test_the_clocks_speed_is_charged(trainings: Trainings) -> None:
    trainings.local.world.clock.set_speed(600)
    trainings.create("fast", "import time; time.sleep(0.5)")
    assert trainings.ended("fast")["BillableTimeInSeconds"] >= 300


def test_managed_spot_bills_fewer_seconds(trainings: Trainings) -> None:
    spot = {"MaxRuntimeInSeconds": 86400, "MaxWaitTimeInSeconds": 86400}
    trainings.local.world.clock.set_speed(600)
    trainings.create("spot", "import time; time.sleep(0.5)", EnableManagedSpotTraining=True, StoppingCondition=spot)
    job = trainings.ended("spot")
    assert job["TrainingJobStatus"] == "Completed"
    saved = 1 - job["BillableTimeInSeconds"] / job["TrainingTimeInSeconds"]
    assert 0.5 < saved < 0.9


def test_a_spot_job_ends_at_its_longest_wait(trainings: Trainings) -> None:
    spot = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 3600}
    trainings.begin("waits", WAIT, EnableManagedSpotTraining=True, StoppingCondition=spot)
    trainings.saying("waits", "waiting")
    trainings.local.world.clock.set_speed(3600)
    job = trainings.ended("waits")
    assert job["TrainingJobStatus"] == "Stopped"
    assert job["SecondaryStatus"] in ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")


def test_a_job_cut_by_a_restart_fails_with_a_clear_reason(trainings: Trainings) -> None:
    trainings.begin("cut", WAIT)
    trainings.saying("cut", "waiting")
    trainings.run("ended")
    trainings.create("not-begun")
    trainings.restart()
    job = trainings.describe("cut")
    assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Failed"
    assert "went down while this training job ran" in job["FailureReason"]
    assert 0 <= job["BillableTimeInSeconds"] < 30
    trainings.local.advance(seconds=2)
    assert trainings.ended("not-begun")["TrainingJobStatus"] == "Completed"
    assert trainings.describe("ended")["TrainingJobStatus"] == "Completed"


def test_a_job_that_waits_for_a_place_says_so_and_waits_again_after_a_restart(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("practice.sagemaker.training_runs.QUEUE", Queue(1))
    trainings.begin("runs", IGNORES)
    trainings.saying("runs", "ignoring")

    def pending(name: str) -> bool:
        return bool(trainings.describe(name)["SecondaryStatus"] == "Pending")

    for name in ("next", "not-needed"):
        trainings.begin(name)
        eventually(partial(pending, name))
        assert "BillableTimeInSeconds" not in trainings.describe(name)
    for name in ("runs", "not-needed"):
        trainings.sagemaker.stop_training_job(TrainingJobName=name)
    assert trainings.describe("not-needed")["TrainingJobStatus"] == "Stopped"
    assert trainings.describe("runs")["TrainingJobStatus"] == "Stopping"
    trainings.restart()
    assert trainings.describe("runs")["TrainingJobStatus"] == "Failed"
    assert trainings.ended("next")["TrainingJobStatus"] == "Completed"


def test_a_stop_that_a_kill_cut_short_is_finished(trainings: Trainings) -> None:
    trainings.create("stopping")
    trainings.local.world.store.write("UPDATE resources SET state = 'Stopping' WHERE name = 'stopping'")
    trainings.restart()
    assert trainings.describe("stopping")["TrainingJobStatus"] == "Stopped"
    world = trainings.local.world
    stopped = world.get("training-job", "ap-northeast-2", "stopping")
    LIFECYCLES["training-job"].due["begin"](world, stopped)
    assert world.running == {}


def test_metrics_that_cloudwatch_does_not_take_do_not_fail_the_job(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("practice.sagemaker.training_metrics.NAMESPACE", "")
    metrics = {"MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]}
    job = trainings.run("unmeasured", "print('loss=0.5')", algorithm=metrics, EnableNetworkIsolation=True)
    assert job["TrainingJobStatus"] == "Completed"
    assert [metric["Value"] for metric in job["FinalMetricDataList"]] == [0.5]
    assert "metrics of unmeasured did not reach CloudWatch" in caplog.text
    assert any("EnableNetworkIsolation is not enforced here" in line for line in trainings.said("unmeasured"))


def test_hosts_work_together_and_all_have_a_log(trainings: Trainings) -> None:
    script = """
    import os
    from pathlib import Path
    host = os.environ["SM_CURRENT_HOST"]
    print("I am", host, "of", os.environ["SM_HOSTS"])
    Path(f"/opt/ml/model/{host}.txt").write_text(host)
    """
    job = trainings.run("hosts", script, resources={"InstanceCount": 2})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    for host in (1, 2):
        assert any(line.startswith(f"I am algo-{host}") for line in trainings.said("hosts", host))
    model = trainings.unpacked("output/hosts/output/model.tar.gz")
    assert model == {"algo-1.txt": "algo-1", "algo-2.txt": "algo-2"}


def test_jobs_are_listed_filtered_sorted_and_paged(trainings: Trainings) -> None:
    for name in ("b-one", "a-two", "c-three"):
        trainings.create(name)
    trainings.sagemaker.stop_training_job(TrainingJobName="a-two")

    def names(**asked: Any) -> list[str]:
        answer = trainings.sagemaker.list_training_jobs(**asked)
        return [job["TrainingJobName"] for job in answer["TrainingJobSummaries"]]

    assert names() == ["b-one", "a-two", "c-three"]
    assert names(SortOrder="Descending") == ["c-three", "a-two", "b-one"]
    assert names(SortBy="Name") == ["a-two", "b-one", "c-three"]
    assert names(StatusEquals="Stopped") == ["a-two"]
    assert names(NameContains="THREE") == ["c-three"]
    created = trainings.describe("a-two")["CreationTime"]
    assert names(CreationTimeAfter=created) == ["c-three"]
    assert names(CreationTimeBefore=created) == ["b-one"]
    assert names(WarmPoolStatusEquals="Available") == []
    paginator = trainings.sagemaker.get_paginator("list_training_jobs")
    pages = list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["TrainingJobSummaries"]) for page in pages] == [2, 1]
    summary = trainings.sagemaker.list_training_jobs(NameContains="b-one")["TrainingJobSummaries"][0]
    assert summary["TrainingJobArn"] == "arn:aws:sagemaker:ap-northeast-2:123456789012:training-job/b-one"
    assert (summary["TrainingJobStatus"], summary["SecondaryStatus"]) == ("InProgress", "Starting")
    assert refused(trainings.sagemaker.list_training_jobs, NextToken="none")[0] == "ValidationException"


def test_an_ended_job_can_be_deleted_and_its_name_used_again(trainings: Trainings) -> None:
    trainings.create("again")
    code, message = refused(trainings.sagemaker.delete_training_job, TrainingJobName="again")
    assert (code, "is in status InProgress" in message) == ("ValidationException", True)
    trainings.sagemaker.stop_training_job(TrainingJobName="again")
    trainings.sagemaker.delete_training_job(TrainingJobName="again")
    assert refused(trainings.sagemaker.describe_training_job, TrainingJobName="again") == (
        "ValidationException",
        "Requested resource not found.",
    )
    trainings.create("again")


def test_tags_are_kept_with_the_job(trainings: Trainings) -> None:
    arn = trainings.create("tagged", Tags=[{"Key": "owner", "Value": "kim"}])
    assert trainings.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "owner", "Value": "kim"}]
    assert "Tags" not in trainings.describe("tagged")


def test_jobs_beyond_the_machines_places_wait_and_all_complete(trainings: Trainings) -> None:
    names = [f"job-{number:02}" for number in range(20)]
    for name in names:
        trainings.create(name, "print('done')")
    trainings.local.advance(seconds=2)

    def all_ended() -> bool:
        found = trainings.sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
        return all(job["TrainingJobStatus"] in ENDED for job in found)

    eventually(all_ended, timeout=120)
    jobs = [trainings.describe(name) for name in names]
    assert {job["TrainingJobStatus"] for job in jobs} == {"Completed"}
    waited = [job for job in jobs if "Pending" in {step["Status"] for step in job["SecondaryStatusTransitions"]}]
    assert waited
    for job in waited:
        pending = next(step for step in job["SecondaryStatusTransitions"] if step["Status"] == "Pending")
        assert job["TrainingStartTime"] >= pending["EndTime"]
