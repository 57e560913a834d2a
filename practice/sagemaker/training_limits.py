"""How long a training job may take, and to when it bills should the account be killed."""

from practice.sagemaker.training_phases import lived_seconds
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
        end = current.document["LivedStart"] + stopping["MaxRuntimeInSeconds"]
        found.append((end - lived, "MaxRuntimeExceeded"))
    if "MaxWaitTimeInSeconds" in stopping:
        end = current.document["LivedCreated"] + stopping["MaxWaitTimeInSeconds"]
        found.append((end - lived, "MaxWaitTimeExceeded"))
    return found


def note_time(world: World) -> None:
    """Note the time to which running jobs have lived: should the account be killed now, they bill to here."""
    world.store.set_meta(LIVED_KEY, str(lived_seconds(world)))


def noted_time(world: World) -> float:
    """The last time noted by `note_time`."""
    return float(world.store.get_meta(LIVED_KEY) or 0)
