"""How a training job's run ends: for good, or because its spot capacity was taken back."""

from datetime import timedelta

from practice import spot_interruptions
from practice.sagemaker import training_phases as phases
from practice.world import Resource, World

AWAY = timedelta(minutes=5)
"""How long after an interruption SageMaker looks for spot capacity again: an assumption, AWS publishes no figure."""


def settle(world: World, resource: Resource, failure: str | None, model: str) -> None:
    """Move a job whose run has ended to its last state; one that was deleted meanwhile is left alone."""
    with world.store.transaction():
        current = world.by_uid(resource.uid)
        if current is None:
            return
        changes = phases.ended(world, current)
        if failure is not None:
            world.move(current, "fail", {**changes, **phases.phase("Failed"), "FailureReason": failure})
        elif current.state == "Stopping":
            world.move(current, "stopped", {**changes, **phases.stopped(current), "Model": model})
        else:
            world.move(current, "complete", {**changes, **phases.phase("Completed"), "Model": model})


def taken_at(world: World, resource: Resource) -> float | None:
    """When the spot capacity that a job has got now is taken back, in the seconds that processes live on; None of one
    on demand. Drawn once for each time that it gets capacity."""
    request = resource.document["Request"]
    if not request["EnableManagedSpotTraining"]:
        return None
    resources, before = request["ResourceConfig"], resource.document.get("Interruptions", 0)
    name = f"{resource.arn}/{resource.created.isoformat()}/{before}"
    lasts = spot_interruptions.lasts(resource.region, resources["InstanceType"], resources["InstanceCount"], name)
    return phases.lived_seconds(world) + lasts.total_seconds()


def wait_again(world: World, resource: Resource) -> None:
    """Its instances are gone: a job that is not being stopped meanwhile is Interrupted, and looks for capacity later.

    Its run leaves `world.running` in the same transaction, so that a stop finds either the run or a job that waits.
    """
    with world.store.transaction():
        world.running.pop(resource.uid, None)
        current = world.by_uid(resource.uid)
        if current is None:
            return
        if current.state == "Stopping":
            world.move(current, "stopped", {**phases.ended(world, current), **phases.stopped(current)})
            return
        world.update(current, "interrupt", phases.interrupted(world, current))
        world.set_timer(current.uid, "begin", world.clock.now() + AWAY, "InProgress")
