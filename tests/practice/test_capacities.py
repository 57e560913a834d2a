"""Capacity: scarce GPUs in Seoul are missing at times, the same times for everybody; t3 and m5 never are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import capacities
from tests.practice.sagemaker.training_helpers import Trainings
from tests.support.local_account import Local
from tests.support.served_models import create_config, create_model, put_model_data, register_image, status
from tests.support.waiting import eventually

SEOUL = "ap-northeast-2"
BORN = datetime(2026, 11, 26, tzinfo=UTC)
YEAR = [BORN + capacities.SPELL * number for number in range(8 * 365)]
SCRIPT = "print('trained', flush=True)"


@pytest.mark.parametrize("name", ["p5.48xlarge", "ml.p4d.24xlarge", "g6e.xlarge", "ml.g5.12xlarge"])
def test_scarce_types_are_missing_for_about_their_share_of_time(name: str) -> None:
    missing = sum(not capacities.has(SEOUL, name, at) for at in YEAR) / len(YEAR)
    assert missing == pytest.approx(capacities.share_without(SEOUL, name), abs=0.05)


@pytest.mark.parametrize("name", ["t3.medium", "ml.m5.large", "m5.24xlarge", "g5.xlarge", "g6.xlarge", "g4dn.xlarge"])
def test_what_everybody_runs_is_always_there(name: str) -> None:
    assert all(capacities.has(SEOUL, name, at) for at in YEAR)
    assert len(capacities.zones_with(SEOUL, name, BORN)) >= 1


def test_only_seoul_is_scarce_and_what_a_region_has_not_is_no_matter_of_capacity() -> None:
    assert all(capacities.has("us-east-1", "p5.48xlarge", at) for at in YEAR)
    assert capacities.zones_with(SEOUL, "trn1.32xlarge", BORN) == ()


def test_which_zone_has_it_differs_in_time_and_is_the_same_for_everybody() -> None:
    seen = {capacities.zones_with(SEOUL, "g5.48xlarge", at) for at in YEAR}
    alone = {zones[0] for zones in seen if len(zones) == 1}
    assert () in seen
    assert len(alone) > 1
    assert max(map(len, seen)) > 1
    assert [capacities.zones_with(SEOUL, "p5.48xlarge", at) for at in YEAR[::-1]] == [
        capacities.zones_with(SEOUL, "p5.48xlarge", at) for at in YEAR
    ][::-1]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A region without a type that every account may run, so that no quota is in the way."""
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 1.0),)})
    return monkeypatch


def run(local: Local, **more: Any) -> Any:
    ec2 = local.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    return ec2.run_instances(ImageId=image, InstanceType="m5.large", MinCount=1, MaxCount=1, **more)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "sufficient m5.large capacity in zones with support"),
        ({"InstanceMarketOptions": {"MarketType": "spot"}}, "no Spot capacity available"),
    ],
)
def test_ec2_answers_that_it_has_none(local: Local, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ClientError) as refused:
        run(local, **more)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (
        "InsufficientInstanceCapacity",
        500,
    )
    assert said in answer["Error"]["Message"]
    assert local.client("ec2").describe_instances()["Reservations"] == []


def test_a_zone_without_capacity_names_those_that_have_it(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 0.5),)})
    monkeypatch.setattr(capacities, "_drawn", lambda text: 0.99 if text.endswith("zone") else 0.7)
    (there,) = capacities.zones_with(SEOUL, "m5.large", local.world.clock.now())
    subnets = local.client("ec2").describe_subnets()["Subnets"]
    elsewhere = next(each for each in subnets if each["AvailabilityZone"] != there)
    for place in (
        {"Placement": {"AvailabilityZone": elsewhere["AvailabilityZone"]}},
        {"SubnetId": elsewhere["SubnetId"]},
    ):
        with pytest.raises(ClientError, match=f"or choosing {there}"):
            run(local, **place)
    assert run(local, Placement={"AvailabilityZone": there})["Instances"]
    assert run(local)["Instances"]


def test_a_training_job_looks_for_capacity_and_fails_in_aws_words(local: Local, short: pytest.MonkeyPatch) -> None:
    trainings = Trainings(local)
    trainings.create("scarce", SCRIPT)
    sagemaker = local.client("sagemaker")

    def job() -> dict[str, Any]:
        return dict(sagemaker.describe_training_job(TrainingJobName="scarce"))

    eventually(lambda: job()["SecondaryStatusTransitions"][-1]["StatusMessage"].startswith("Insufficient capacity"))
    assert job()["TrainingJobStatus"] == "InProgress"
    local.advance(minutes=20)
    assert job()["TrainingJobStatus"] == "Failed"
    assert job()["FailureReason"].startswith("CapacityError: Unable to provision")
    assert "BillableTimeInSeconds" not in job()


@pytest.mark.heavy
def test_a_training_job_starts_when_capacity_comes_back(local: Local, short: pytest.MonkeyPatch) -> None:
    trainings = Trainings(local)
    trainings.create("patient", SCRIPT)
    local.advance(minutes=3)
    short.setattr(capacities, "SCARCE", {})
    local.advance(minutes=2)
    assert trainings.ended("patient")["TrainingJobStatus"] == "Completed"


def test_a_notebook_instance_without_capacity_fails(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("t3.medium", 1.0),)})
    sagemaker = local.client("sagemaker")
    role = "arn:aws:iam::123456789012:role/r"
    sagemaker.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=role)
    local.advance(seconds=30)
    found = sagemaker.describe_notebook_instance(NotebookInstanceName="n")
    assert found["NotebookInstanceStatus"] == "Failed"
    assert "Unable to provision requested ML compute capacity for ml.t3.medium" in found["FailureReason"]
    monkeypatch.setattr(capacities, "SCARCE", {})
    sagemaker.delete_notebook_instance(NotebookInstanceName="n")
    local.advance(seconds=30)
    assert sagemaker.list_notebook_instances()["NotebookInstances"] == []


@pytest.mark.heavy
def test_an_endpoint_without_capacity_fails_and_an_update_goes_back(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    sagemaker = local.client("sagemaker")
    register_image(local)
    create_model(local, "a", ModelDataUrl=put_model_data(local, "weights"))
    create_config(local, "c", "a")
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 1.0),)})
    sagemaker.create_endpoint(EndpointName="none", EndpointConfigName="c")
    local.advance(seconds=15)
    found = sagemaker.describe_endpoint(EndpointName="none")
    assert (found["EndpointStatus"], "InsufficientInstanceCapacity" in found["FailureReason"]) == ("Failed", True)
    monkeypatch.setattr(capacities, "SCARCE", {})
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    local.advance(seconds=15)
    assert status(local, "e") == "InService"
    create_config(local, "next", "a")
    monkeypatch.setattr(capacities, "SCARCE", {SEOUL: (("m5.large", 1.0),)})
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="next")
    local.advance(seconds=15)
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "c")
    assert "InsufficientInstanceCapacity" in found["FailureReason"]


def test_spells_begin_at_the_same_moments_everywhere() -> None:
    assert BORN.timestamp() % capacities.SPELL.total_seconds() == 0
    later = BORN + capacities.SPELL - timedelta(seconds=1)
    assert capacities.zones_with(SEOUL, "p5.48xlarge", BORN) == capacities.zones_with(SEOUL, "p5.48xlarge", later)
