"""A practice account with something in it, made by the calls that anyone would make."""

from typing import Any

from bench.accounts import (
    BUCKET,
    ROLE,
    SKLEARN_IMAGE,
    UNKNOWN_IMAGE,
    await_training,
    create_training_job,
    make_bucket,
    upload_source,
)
from tests.support.practice_account import Account
from tests.support.waiting import eventually

NOTEBOOK = "market-research"
STOPPED_NOTEBOOK = "old-experiments"
JOB = "surveillance-weekly"
FAILED_JOB = "surveillance-trial"
ENDPOINT = "surveillance"
OWNER = [{"Key": "Owner", "Value": "minji.kim"}]
DETAILS = ()
START_SECONDS = 120
SOME_HOURS = 3 * 3600


def fill(account: Account) -> None:
    """A notebook in service and a stopped one, a completed and a failed training job, an endpoint, three hours old."""
    make_bucket(account)
    _notebooks(account)
    _training(account)
    _endpoint(account)
    account.advance(SOME_HOURS)


def _notebooks(account: Account) -> None:
    sagemaker = account.client("sagemaker")
    for name in (NOTEBOOK, STOPPED_NOTEBOOK):
        sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE, VolumeSizeInGB=50, Tags=OWNER
        )
        _notebook_becomes(sagemaker, name, "InService")
    sagemaker.stop_notebook_instance(NotebookInstanceName=STOPPED_NOTEBOOK)
    _notebook_becomes(sagemaker, STOPPED_NOTEBOOK, "Stopped")


def _notebook_becomes(sagemaker: Any, name: str, status: str) -> None:
    eventually(
        lambda: sagemaker.describe_notebook_instance(NotebookInstanceName=name),
        until=lambda notebook: notebook["NotebookInstanceStatus"] == status,
        timeout=START_SECONDS,
    )


def _training(account: Account) -> None:
    source, sagemaker = upload_source(account), account.client("sagemaker")
    create_training_job(sagemaker, JOB, source)
    create_training_job(sagemaker, FAILED_JOB, source, image=UNKNOWN_IMAGE)
    ended = await_training(sagemaker, [JOB, FAILED_JOB])
    assert ended == {JOB: "Completed", FAILED_JOB: "Failed"}, ended


def _endpoint(account: Account) -> None:
    sagemaker = account.client("sagemaker")
    job = sagemaker.describe_training_job(TrainingJobName=JOB)
    container = {
        "Image": SKLEARN_IMAGE,
        "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": f"s3://{BUCKET}/source/sklearn_surveillance/sourcedir.tar.gz",
        },
    }
    sagemaker.create_model(ModelName=ENDPOINT, PrimaryContainer=container, ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": ENDPOINT,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT, Tags=OWNER)
    eventually(
        lambda: sagemaker.describe_endpoint(EndpointName=ENDPOINT),
        until=lambda endpoint: endpoint["EndpointStatus"] == "InService",
        timeout=START_SECONDS,
    )
