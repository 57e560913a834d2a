"""What CreateTrainingJob checks before a job exists, with SageMaker's own refusals.

Limits: docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and the data types it links.
"""

import re
from collections.abc import Iterable
from typing import Any

from practice import figures
from practice.errors import not_implemented, validation_error
from practice.operations import Context, Request
from practice.sagemaker.training_inputs import any_object, nothing_found
from practice.shapes import constraint

DEFAULT_MAX_RUNTIME_SECONDS = 24 * 3600
MAX_RUNTIME_SECONDS = 28 * 24 * 3600
MAX_VOLUME_GIB = 16384

_MISSING = ("ServerlessJobConfig", "MlflowConfig", "ModelPackageConfig")
_MISSING_RESOURCES = ("InstanceGroups", "InstancePreferences", "TrainingPlanArn", "InstancePlacementConfig")


def check_request(context: Context, request: Request) -> None:
    """Everything that can be said without looking elsewhere. Raises ServiceError."""
    _check_supported(request)
    algorithm = request["AlgorithmSpecification"]
    if ("TrainingImage" in algorithm) == ("AlgorithmName" in algorithm):
        raise validation_error("You must specify exactly one of TrainingImage and AlgorithmName.")
    if "AlgorithmName" in algorithm:
        raise validation_error(f"Algorithm {algorithm['AlgorithmName']} does not exist.")
    _check_role(context, request["RoleArn"])
    _check_metrics(algorithm.get("MetricDefinitions", []))
    _check_resources(request.get("ResourceConfig", {}))
    _check_stopping(request.get("StoppingCondition", {}), spot=request.get("EnableManagedSpotTraining", False))
    _check_unique("Channel name", (channel["ChannelName"] for channel in request.get("InputDataConfig", [])))
    _check_unique("Tag key", (tag["Key"] for tag in request.get("Tags", [])))
    for channel in request.get("InputDataConfig", []):
        _check_channel(channel, algorithm["TrainingInputMode"])
    checkpoints = [request["CheckpointConfig"]["S3Uri"]] if "CheckpointConfig" in request else []
    for uri in (request["OutputDataConfig"]["S3OutputPath"], *checkpoints):
        _check_uri(uri)


def check_offered(context: Context, instance_type: str) -> None:
    """Raises ServiceError when the region has no such training instances."""
    if instance_type not in figures.instance_types(context.region, "training"):
        raise validation_error(f"The instance type {instance_type} is not offered for training in {context.region}.")


def check_inputs(context: Context, request: Request) -> None:
    """Every channel's data exist, as SageMaker looks before it creates the job. Raises ServiceError."""
    for channel in request.get("InputDataConfig", []):
        source = channel["DataSource"]["S3DataSource"]
        if not any_object(context.world, context.region, source["S3Uri"]):
            raise validation_error(nothing_found(source["S3Uri"], context.region, request["RoleArn"]))


def with_defaults(request: Request) -> dict[str, Any]:
    """The request as the job keeps it."""
    stopping = {"MaxRuntimeInSeconds": DEFAULT_MAX_RUNTIME_SECONDS, **request.get("StoppingCondition", {})}
    flags = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")
    kept = {key: value for key, value in request.items() if key not in ("TrainingJobName", "Tags")}
    return {**dict.fromkeys(flags, False), **kept, "StoppingCondition": stopping}


def _check_supported(request: Request) -> None:
    resources = request.get("ResourceConfig", {})
    asked = [name for name in _MISSING if name in request]
    asked += [f"ResourceConfig.{name}" for name in _MISSING_RESOURCES if resources.get(name)]
    if resources.get("KeepAlivePeriodInSeconds"):
        asked.append("a warm pool (ResourceConfig.KeepAlivePeriodInSeconds)")
    if asked:
        raise not_implemented("sagemaker", f"CreateTrainingJob with {' and '.join(asked)}")


def _check_role(context: Context, role: str) -> None:
    if role.split(":")[4] != context.account:
        raise validation_error("RoleArn: Cross-account pass role is not allowed.")


def _check_metrics(definitions: Iterable[dict[str, str]]) -> None:
    for definition in definitions:
        try:
            re.compile(definition["Regex"])
        except re.error as exc:
            raise validation_error(
                f"Invalid metric definition {definition['Name']}: its regex is not one: {exc}"
            ) from exc


def _check_resources(resources: dict[str, Any]) -> None:
    for member, low, high in (
        ("InstanceType", None, None),
        ("InstanceCount", 1, None),
        ("VolumeSizeInGB", 1, MAX_VOLUME_GIB),
    ):
        value = resources.get(member)
        path = f"resourceConfig.{member[0].lower()}{member[1:]}"
        if value is None:
            if member != "VolumeSizeInGB":
                raise constraint(None, path, "Member must not be null")
        elif low is not None and value < low:
            raise constraint(value, path, f"Member must have value greater than or equal to {low}")
        elif high is not None and value > high:
            raise constraint(value, path, f"Member must have value less than or equal to {high}")


def _check_stopping(stopping: dict[str, int], *, spot: bool) -> None:
    longest = stopping.get("MaxRuntimeInSeconds", DEFAULT_MAX_RUNTIME_SECONDS)
    if longest > MAX_RUNTIME_SECONDS:
        raise validation_error(f"Invalid MaxRuntimeInSeconds. It must be at most {MAX_RUNTIME_SECONDS} seconds.")
    wait = stopping.get("MaxWaitTimeInSeconds")
    if spot and (wait is None or wait < longest):
        raise validation_error(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds."
        )
    if wait is not None and not spot:
        raise validation_error("Invalid MaxWaitTimeInSeconds. It is for jobs with EnableManagedSpotTraining only.")


def _check_unique(what: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise validation_error(f"{what}s must be unique; {name} is given twice.")
        seen.add(name)


def _check_channel(channel: dict[str, Any], usual_mode: str) -> None:
    mode, source = channel.get("InputMode", usual_mode), channel["DataSource"]
    if set(source) != {"S3DataSource"}:
        raise not_implemented("sagemaker", f"CreateTrainingJob with a channel from {' and '.join(source) or 'nowhere'}")
    kind = source["S3DataSource"]["S3DataType"]
    if kind == "AugmentedManifestFile" and mode != "Pipe":
        raise validation_error("AugmentedManifestFile can only be used if the Channel's input mode is Pipe.")
    if mode == "Pipe":
        raise not_implemented("sagemaker", "CreateTrainingJob with input mode Pipe")
    if kind not in ("S3Prefix", "ManifestFile"):
        raise not_implemented("sagemaker", f"CreateTrainingJob with S3DataType {kind}")
    _check_uri(source["S3DataSource"]["S3Uri"])


def _check_uri(uri: str) -> None:
    if not uri.startswith("s3://"):
        raise validation_error(f"Invalid S3 URI {uri}: it must start with s3://.")
