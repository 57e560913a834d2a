"""What CreateTrainingJob refuses, in SageMaker's words, and that nothing is left of what it refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.practice.sagemaker.training_helpers import BUCKET, IMAGE, Trainings, channel, request
from tests.support.local_account import Local

EFS = {"FileSystemId": "fs-0123456789", "FileSystemAccessMode": "ro", "FileSystemType": "EFS", "DirectoryPath": "/"}


@pytest.fixture
def trainings(local: Local) -> Trainings:
    return Trainings(local)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trainings]:
    """One account for all that is refused: nothing is left of it."""
    local = Local(tmp_path_factory.mktemp("refusals") / "home")
    yield Trainings(local)
    local.account.close()


def refused(trainings: Trainings, asked: dict[str, Any]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        trainings.sagemaker.create_training_job(**asked)
    assert trainings.local.world.all("training-job", "ap-northeast-2") == []
    answer = caught.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"algorithm": {"AlgorithmName": "own"}}, "exactly one of TrainingImage and AlgorithmName"),
        ({"RoleArn": "arn:aws:iam::999999999999:role/Other"}, "Cross-account pass role is not allowed"),
        ({"RoleArn": "arn:aws:iam::123456789012:user/No"}, "at 'roleArn' failed to satisfy constraint"),
        ({"resources": {"InstanceCount": 0}}, "Value '0' at 'resourceConfig.instanceCount'"),
        ({"resources": {"VolumeSizeInGB": 0}}, "greater than or equal to 1"),
        ({"resources": {"VolumeSizeInGB": 20_000}}, "less than or equal to 16384"),
        ({"resources": {"InstanceType": "ml.none.large"}}, "Member must satisfy enum value set"),
        ({"StoppingCondition": {"MaxRuntimeInSeconds": 2_419_201}}, "Invalid MaxRuntimeInSeconds"),
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds. It must be present"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 30},
            },
            "greater than or equal to MaxRuntimeInSeconds",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
            "for jobs with EnableManagedSpotTraining only",
        ),
        ({"hyperparameters": {"long": "x" * 2501}}, "less than or equal to 2500"),
        ({"hyperparameters": {f"key-{n}": "1" for n in range(100)}}, "less than or equal to 100"),
        ({"algorithm": {"MetricDefinitions": [{"Name": "m", "Regex": "("}]}}, "Invalid metric definition m"),
        ({"OutputDataConfig": {"S3OutputPath": "https://elsewhere/x"}}, "must start with s3://"),
        ({"CheckpointConfig": {"S3Uri": "https://elsewhere/x"}}, "must start with s3://"),
        ({"Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}, "Tag keys must be unique"),
        ({"channels": [channel("train", "d"), channel("train", "d")]}, "Channel names must be unique"),
        ({"channels": [channel("train", "d", S3Uri="https://elsewhere/x")]}, "must start with s3://"),
        ({"channels": [channel("train", "d", S3DataType="AugmentedManifestFile")]}, "input mode is Pipe"),
        ({"channels": [channel("train", "nothing/here")]}, "No S3 objects found under S3 URL"),
        ({"channels": [channel("train", "", S3Uri="s3://no-such-bucket/x")]}, "No S3 objects found under S3 URL"),
        ({"channels": [channel("train", "", S3Uri="s3://no bucket/x")]}, "No S3 objects found under S3 URL"),
    ],
)
def test_what_sagemaker_forbids_is_a_validation_exception(
    untouched: Trainings, changes: dict[str, Any], words: str
) -> None:
    code, message, status = refused(untouched, request("job", **changes))
    assert (code, status) == ("ValidationException", 400)
    assert words in message


def test_a_missing_part_is_named(untouched: Trainings) -> None:
    asked = request("job")
    for member, path in (("InstanceType", "instanceType"), ("InstanceCount", "instanceCount")):
        resources = {key: value for key, value in asked["ResourceConfig"].items() if key != member}
        code, message, _ = refused(untouched, {**asked, "ResourceConfig": resources})
        assert code == "ValidationException"
        assert f"Value null at 'resourceConfig.{path}'" in message


def test_an_algorithm_of_the_marketplace_does_not_exist_here(untouched: Trainings) -> None:
    asked = request("job")
    algorithm = {"AlgorithmName": "xgboost", "TrainingInputMode": "File"}
    code, message, _ = refused(untouched, {**asked, "AlgorithmSpecification": algorithm})
    assert (code, message) == ("ValidationException", "Algorithm xgboost does not exist.")


def test_the_refusal_of_missing_data_names_bucket_region_and_role(trainings: Trainings) -> None:
    trainings.put(folder__="")
    _, message, _ = refused(trainings, request("job", channels=[channel("train", "folder")]))
    assert message == (
        f'No S3 objects found under S3 URL "s3://{BUCKET}/folder" given in input data source. Please ensure that the '
        "bucket exists in the selected region (ap-northeast-2), that objects exist under that S3 prefix, and that the "
        'role "arn:aws:iam::123456789012:role/Trainer" has "s3:ListBucket" permissions on bucket "training-data".'
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"resources": {"KeepAlivePeriodInSeconds": 60}}, "warm pool"),
        ({"channels": [channel("train", "d", InputMode="Pipe")]}, "input mode Pipe"),
        ({"channels": [channel("train", "d", S3DataType="Converse")]}, "S3DataType Converse"),
        ({"channels": [{"ChannelName": "train", "DataSource": {"FileSystemDataSource": EFS}}]}, "FileSystemDataSource"),
        ({"MlflowConfig": {"MlflowResourceArn": "arn:aws:sagemaker:x:123456789012:mlflow-app/a"}}, "MlflowConfig"),
    ],
)
def test_what_this_account_does_not_have_is_named(untouched: Trainings, changes: dict[str, Any], words: str) -> None:
    code, message, status = refused(untouched, request("job", **changes))
    assert (code, status) == ("NotImplemented", 501)
    assert words in message


def test_a_name_is_taken_once_in_a_region_whatever_its_case(trainings: Trainings) -> None:
    trainings.create("Taken")
    for name in ("Taken", "taken"):
        with pytest.raises(ClientError) as caught:
            trainings.sagemaker.create_training_job(**request(name))
        assert caught.value.response["Error"]["Code"] == "ResourceInUse"
        assert caught.value.response["Error"]["Message"] == (
            "Training job names must be unique within an AWS account and region, and a training job with this name "
            "already exists (arn:aws:sagemaker:ap-northeast-2:123456789012:training-job/taken)"
        )
    elsewhere = trainings.local.client("sagemaker", "us-east-1")
    elsewhere.create_training_job(**request("Taken"))
    assert len(elsewhere.list_training_jobs()["TrainingJobSummaries"]) == 1


def test_instances_beyond_a_quota_are_refused_and_an_ended_job_gives_its_own_back(trainings: Trainings) -> None:
    code, message, _ = refused(trainings, request("many", resources={"InstanceCount": 21}))
    assert code == "ResourceLimitExceeded"
    assert "request delta of 21 Instances" in message
    trainings.create("most", resources={"InstanceCount": 19})
    with pytest.raises(ClientError, match="current utilization of 19 Instances"):
        trainings.create("more", resources={"InstanceCount": 2})
    trainings.sagemaker.stop_training_job(TrainingJobName="most")
    trainings.create("more", resources={"InstanceCount": 2})


def test_spot_and_on_demand_are_counted_apart(trainings: Trainings) -> None:
    trainings.create("all", resources={"InstanceCount": 20})
    spot = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    resources = {"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 2}
    trainings.create("spot", resources=resources, EnableManagedSpotTraining=True, StoppingCondition=spot)
    trainings.create("dear", resources={"InstanceType": "ml.g4dn.xlarge"})


def test_a_type_that_the_region_does_not_offer_is_refused_whatever_its_quota(trainings: Trainings) -> None:
    asked = request("job", resources={"InstanceType": "ml.p3.2xlarge"})
    assert refused(trainings, asked)[0] == "ResourceLimitExceeded"
    trainings.client("service-quotas").request_service_quota_increase(
        ServiceCode="sagemaker", QuotaCode="L-D438008E", DesiredValue=1
    )
    trainings.local.advance(hours=48)
    code, message, _ = refused(trainings, asked)
    assert code == "ValidationException"
    assert message == "The instance type ml.p3.2xlarge is not offered for training in ap-northeast-2."


def test_defaults_are_described_as_sagemaker_fills_them_in(trainings: Trainings) -> None:
    asked = request("plain")
    del asked["StoppingCondition"]
    trainings.sagemaker.create_training_job(**asked)
    job = trainings.describe("plain")
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86400}
    assert job["AlgorithmSpecification"] == {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    flags = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
    assert [job[flag] for flag in flags] == [False, False, False]
    assert {"VpcConfig", "CheckpointConfig", "InputDataConfig", "Environment"}.isdisjoint(job)
