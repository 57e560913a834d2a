"""A training job as Describe, List and Search show it."""

from datetime import datetime
from typing import Any

from practice.listing import reply
from practice.sagemaker import training_phases as phases
from practice.world import Resource, World

_AS_ASKED = (
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "VpcConfig",
    "StoppingCondition",
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "DebugHookConfig",
    "ExperimentConfig",
    "DebugRuleConfigurations",
    "TensorBoardOutputConfig",
    "ProfilerConfig",
    "Environment",
    "RetryStrategy",
)
_DESCRIBED_ONLY = ("ProfilerRuleConfigurations", "RemoteDebugConfig", "InfraCheckConfig")


def described(world: World, row: Resource) -> dict[str, Any]:
    """The reply of DescribeTrainingJob."""
    request = row.document["Request"]
    more = {key: request[key] for key in _DESCRIBED_ONLY if key in request}
    return {**whole(world, row), **more, **history(world, row)}


def history(world: World, row: Resource) -> dict[str, Any]:
    """The part that is read from the job's events."""
    return {"SecondaryStatusTransitions": phases.transitions(world.history(row.uid))}


def whole(world: World, row: Resource) -> dict[str, Any]:
    """All but the history: what Search filters by."""
    document = row.document
    running = row.state in ("InProgress", "Stopping")
    spent = phases.times(world, row) if running else {key: document.get(key) for key in _SPENT}
    return reply(
        {
            **{key: document["Request"].get(key) for key in _AS_ASKED},
            **summary(row),
            "LastModifiedTime": row.modified,
            "ModelArtifacts": {"S3ModelArtifacts": document.get("Model", "")},
            "FailureReason": document.get("FailureReason"),
            "TrainingStartTime": _moment(document.get("TrainingStartTime")),
            "FinalMetricDataList": _metrics(document) or None,
            **spent,
        }
    )


def summary(row: Resource) -> dict[str, Any]:
    """The job in a listing."""
    return reply(
        {
            "TrainingJobName": row.name,
            "TrainingJobArn": row.arn,
            "CreationTime": row.created,
            "TrainingEndTime": _moment(row.document.get("TrainingEndTime")),
            "LastModifiedTime": row.modified,
            "TrainingJobStatus": row.state,
            "SecondaryStatus": row.document["SecondaryStatus"],
        }
    )


_SPENT = ("TrainingTimeInSeconds", "BillableTimeInSeconds")


def _metrics(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"MetricName": name, "Value": value, "Timestamp": _moment(at)}
        for name, (value, at) in document.get("Metrics", {}).items()
    ]


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
