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


def started(world: World) -> dict[str, Any]:
    """The change that begins a job's billed time."""
    return {"TrainingStartTime": world.clock.now().isoformat(), "LivedStart": lived_seconds(world)}


def times(world: World, resource: Resource, until_lived: float | None = None) -> dict[str, int]:
    """TrainingTimeInSeconds and BillableTimeInSeconds to date; none before it started.

    Wall run time at the clock's speed: an advance of the clock is not charged. Managed spot bills fewer seconds, by
    what spot capacity costs less: that is how SageMaker shows the saving.
    """
    document = resource.document
    if "LivedStart" not in document:
        return {}
    until = lived_seconds(world) if until_lived is None else until_lived
    seconds = math.ceil(max(until - document["LivedStart"], 0))
    request = document["Request"]
    share = 1.0
    if request["EnableManagedSpotTraining"]:
        share = float(figures.spot_share(resource.region, request["ResourceConfig"]["InstanceType"]))
    return {"TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": math.ceil(seconds * share)}


def ended(world: World, resource: Resource, until_lived: float | None = None) -> dict[str, Any]:
    """The change that ends a job's billed time; nothing for one that never started."""
    spent = times(world, resource, until_lived)
    return {**spent, "TrainingEndTime": world.clock.now().isoformat()} if spent else {}
