"""How long a training job may take, and to when it bills should the account be killed."""

from datetime import datetime
from typing import Any

from practice.sagemaker.training_phases import lived_seconds, trained_seconds
from practice.world import Resource, World

LIVED_KEY = "training-jobs-lived"


def limits(world: World, resource: Resource) -> list[tuple[float, str]]:
    """(seconds left, the status that it ends with) of each limit that holds now; none once it is being stopped.

    docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
    """
    current = world.by_uid(resource.uid)
    if current is None or current.state != "InProgress":
        return []
    stopping, lived, found = current.document["Request"]["StoppingCondition"], lived_seconds(world), []
    if "LivedStart" in current.document:
        left = stopping["MaxRuntimeInSeconds"] - trained_seconds(world, current)
        found.append((left, "MaxRuntimeExceeded"))
    if "MaxWaitTimeInSeconds" in stopping:
        end = current.document["LivedCreated"] + stopping["MaxWaitTimeInSeconds"]
        found.append((end - lived, "MaxWaitTimeExceeded"))
    return found


def may_wait(world: World, resource: Resource) -> bool:
    """Whether a managed spot job that has no instances may wait on: its MaxWaitTimeInSeconds is not over."""
    document = resource.document
    waited = lived_seconds(world) - document["LivedCreated"] + _jumped(world, resource)
    return bool(waited < document["Request"]["StoppingCondition"]["MaxWaitTimeInSeconds"])


def waited(world: World, resource: Resource) -> dict[str, Any]:
    """The change of a job that has waited for capacity and gets it: jumps of the clock count while it waits."""
    now, lived = world.clock.now(), lived_seconds(world)
    created = resource.document["LivedCreated"] - _jumped(world, resource)
    return {"LivedCreated": created, "Waiting": [now.isoformat(), lived]}


def _jumped(world: World, resource: Resource) -> float:
    """Seconds that jumps of the clock have added to how long a job has waited."""
    since, lived = resource.document.get("Waiting") or (
        resource.created.isoformat(),
        resource.document["LivedCreated"],
    )
    shown = (world.clock.now() - datetime.fromisoformat(since)).total_seconds()
    return float(max(shown - (lived_seconds(world) - lived), 0))


def note_time(world: World) -> None:
    """Note the time to which running jobs have lived: should the account be killed now, they bill to here."""
    world.store.set_meta(LIVED_KEY, str(lived_seconds(world)))


def noted_time(world: World) -> float:
    """The last time noted by `note_time`."""
    return float(world.store.get_meta(LIVED_KEY) or 0)
