"""Training by boto3 alone: the script as the archive that the hyperparameter `sagemaker_submit_directory` names."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

BUCKET = "submitted-sources"
ROLE = "arn:aws:iam::123456789012:role/Practice"
IMAGE = f"366743142698.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
ENDED = ("Completed", "Failed", "Stopped")


def submit(
    account: Account,
    name: str,
    source: bytes,
    hyperparameters: Mapping[str, str],
    *,
    program: str = "train.py",
    quoted: bool = False,
    **changes: Any,
) -> None:
    """Create the training job `name` from a packed source.

    `quoted` sends every hyperparameter as JSON, as version 2 of the SageMaker SDK does. `changes` replace members of
    the request.
    """
    s3 = account.client("s3")
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    key = f"{name}/source/sourcedir.tar.gz"
    s3.put_object(Bucket=BUCKET, Key=key, Body=source)
    sent = {
        "sagemaker_submit_directory": f"s3://{BUCKET}/{key}",
        "sagemaker_program": program,
        "sagemaker_job_name": name,
        "sagemaker_region": REGION,
        **hyperparameters,
    }
    request = {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {key: json.dumps(value) for key, value in sent.items()} if quoted else sent,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }
    account.client("sagemaker").create_training_job(**{**request, **changes})


def ended(account: Account, name: str, timeout: float = 120) -> dict[str, Any]:
    """The job's description once it has ended, however it did."""
    client = account.client("sagemaker")
    described: dict[str, Any] = eventually(
        lambda: client.describe_training_job(TrainingJobName=name),
        until=lambda found: found["TrainingJobStatus"] in ENDED,
        timeout=timeout,
    )
    return described


def log_of(account: Account, name: str) -> list[str]:
    """What all hosts of a job said, stream after stream."""
    logs = account.client("logs")
    group = "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/")["logStreams"]
    pages = [
        logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
        for stream in streams
    ]
    return [event["message"] for page in pages for event in page["events"]]
