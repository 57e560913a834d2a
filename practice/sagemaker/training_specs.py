"""From a training job's request to what its machines need to know."""

from pathlib import Path
from typing import Any

from practice.clients import environment
from practice.machines.job_specs import JobSpec, MetricPattern
from practice.sagemaker.training_inputs import channel_of, fetch
from practice.sagemaker.training_outputs import Checkpoints
from practice.world import Resource, World


def spec_of(world: World, resource: Resource, checkpoints: Checkpoints) -> JobSpec:
    """The job as practice.machines runs it."""
    request: dict[str, Any] = resource.document["Request"]
    algorithm, resources = request["AlgorithmSpecification"], request["ResourceConfig"]
    mode, role, region = algorithm["TrainingInputMode"], request["RoleArn"], resource.region
    kept = request.get("CheckpointConfig", {})
    return JobSpec(
        name=resource.name,
        arn=resource.arn,
        region=region,
        image=algorithm["TrainingImage"],
        instance_type=resources["InstanceType"],
        folder=folder_of(world, resource),
        images_folder=world.home / "images",
        host_count=resources["InstanceCount"],
        hyperparameters=request.get("HyperParameters", {}),
        channels=tuple(channel_of(world, region, config, mode, role) for config in request.get("InputDataConfig", [])),
        entrypoint=tuple(algorithm.get("ContainerEntrypoint", ())),
        arguments=tuple(algorithm.get("ContainerArguments", ())),
        environment=request.get("Environment", {}),
        aws=environment(world, region),
        metrics=tuple(MetricPattern(one["Name"], one["Regex"]) for one in algorithm.get("MetricDefinitions", [])),
        checkpoints=checkpoints.restore if kept else None,
        checkpoint_path=kept.get("LocalPath", "/opt/ml/checkpoints").rstrip("/"),
        fetch_source=lambda uri, target: fetch(world, region, uri, target),
    )


def differences(request: dict[str, Any]) -> list[str]:
    """What this account does otherwise than SageMaker for such a request, as lines for the job's log."""
    usual = request["AlgorithmSpecification"]["TrainingInputMode"]
    channels = request.get("InputDataConfig", [])
    fast = [one["ChannelName"] for one in channels if one.get("InputMode", usual) == "FastFile"]
    said = [f"Input mode FastFile is treated as File here: {', '.join(fast)} downloaded in full."] if fast else []
    if request["EnableNetworkIsolation"]:
        said.append("EnableNetworkIsolation is not enforced here: the script can reach the network.")
    return said


def folder_of(world: World, resource: Resource) -> Path:
    """Where a job's hosts have their `/opt/ml`, while it runs."""
    return world.home / "training-jobs" / resource.uid
