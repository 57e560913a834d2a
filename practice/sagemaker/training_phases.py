"""A training job's secondary statuses and times, as changes of its document, and read back from its events.

docs.aws.amazon.com/sagemaker/latest/APIReference/API_SecondaryStatusTransition.html
"""

import math
from collections.abc import Sequence
from typing import Any

from practice import figures
from practice.world import Event, Resource, World

MESSAGES = {
    "Starting": "Starting the training job",
    "Pending": "Waiting for a free place on this machine",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Spot capacity was taken back; waiting for capacity to go on",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job runtime exceeded MaxWaitTimeInSeconds provided",
}
ENDED = ("Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded")


def phase(status: str, message: str | None = None) -> dict[str, Any]:
    """The change of a job's document that enters a secondary status."""
    return {"SecondaryStatus": status, "StatusMessage": message or MESSAGES[status]}


def transitions(events: Sequence[Event]) -> list[dict[str, Any]]:
    """SecondaryStatusTransitions of a job's events."""
    shown: list[dict[str, Any]] = []
    for event in events:
        status, message = event.changes.get("SecondaryStatus"), event.changes.get("StatusMessage")
        if status is None:
            continue
        if shown and shown[-1]["Status"] == status:
            shown[-1]["StatusMessage"] = message
            continue
        if shown:
            shown[-1]["EndTime"] = event.at
        shown.append({"Status": status, "StartTime": event.at, "StatusMessage": message})
    if shown and shown[-1]["Status"] in ENDED:
        shown[-1]["EndTime"] = shown[-1]["StartTime"]
    return shown


def lived_seconds(world: World) -> float:
    """The clock without its jumps: what a real process lives on."""
    return world.clock.lived().total_seconds()


def started(world: World, resource: Resource) -> dict[str, Any]:
    """The change that begins a job's billed time, or goes on with it after an interruption."""
    document, lived = resource.document, lived_seconds(world)
    if "LivedStart" not in document:
        return {"TrainingStartTime": world.clock.now().isoformat(), "LivedStart": lived}
    # As if it had started later: the time without instances is none of its own.
    return {"LivedStart": lived - trained_seconds(world, resource), "LivedPaused": None}


def interrupted(world: World, resource: Resource) -> dict[str, Any]:
    """The change that stops a job's billed time until it has instances again."""
    lived = lived_seconds(world)
    return {
        **phase("Interrupted"),
        "LivedPaused": lived,
        "Waiting": [world.clock.now().isoformat(), lived],
        "Begun": False,
        "Interruptions": resource.document.get("Interruptions", 0) + 1,
    }


def stopped(resource: Resource) -> dict[str, Any]:
    """The change that says why a job was stopped."""
    return phase(resource.document.get("StopReason", "Stopped"))


def trained_seconds(world: World, resource: Resource, until_lived: float | None = None) -> float:
    """How long a job that has started had instances, to date: interruptions are not counted."""
    document = resource.document
    until = lived_seconds(world) if until_lived is None else until_lived
    paused: float | None = document.get("LivedPaused")
    return max((until if paused is None else paused) - float(document["LivedStart"]), 0)


def times(world: World, resource: Resource, until_lived: float | None = None) -> dict[str, int]:
    """TrainingTimeInSeconds and BillableTimeInSeconds to date; none before it started.

    Wall run time at the clock's speed: an advance of the clock is not charged. Managed spot bills fewer seconds, by
    what spot capacity costs less: that is how SageMaker shows the saving.
    """
    document = resource.document
    if "LivedStart" not in document:
        return {}
    seconds = math.ceil(trained_seconds(world, resource, until_lived))
    request = document["Request"]
    share = 1.0
    if request["EnableManagedSpotTraining"]:
        share = float(figures.spot_share(resource.region, request["ResourceConfig"]["InstanceType"]))
    return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": math.ceil(seconds * share)}


def ended(world: World, resource: Resource, until_lived: float | None = None) -> dict[str, Any]:
    """The change that ends a job's billed time; nothing for one that never started."""
    spent = times(world, resource, until_lived)
    return {**spent, "TrainingEndTime": world.clock.now().isoformat()} if spent else {}
