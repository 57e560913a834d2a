"""The state machine of a training job, and what starts and ends with each state.

States: docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html (TrainingJobStatus). On AWS it
takes minutes until instances are there; here two seconds, when the machine has a free place.
"""

import shutil
from collections.abc import Iterable
from datetime import datetime

from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.sagemaker import training_phases as phases
from practice.sagemaker.limits import USES, Use
from practice.sagemaker.training_limits import noted_time
from practice.sagemaker.training_runs import Run
from practice.sagemaker.training_specs import folder_of
from practice.world import Resource, World

KIND = "training-job"
START_SECONDS = 2
ENDED = ("Completed", "Failed", "Stopped")
CUT = (
    "InternalServerError: The practice account went down while this training job ran, and the job with it. "
    "Start it again under another name."
)


def _begin(world: World, resource: Resource) -> datetime | None:
    with world.store.transaction():
        current = world.by_uid(resource.uid)
        if current is None or current.state != "InProgress" or resource.uid in world.running:
            return None
        run = Run(world, world.update(current, "begin", {"Begun": True}, touch=False))
        # Within the transaction: a stop that comes now finds it.
        world.running[resource.uid] = run
    run.begin()
    return None


def _stop(world: World, resource: Resource) -> None:
    run: Run | None = world.running.get(resource.uid)
    if run is not None:
        run.stop()
    else:
        world.move(resource, "stopped", phases.phase("Stopped"))


def _resume(world: World, resource: Resource) -> None:
    """The account was down: what ran is cut, what waited waits again."""
    if resource.state in ENDED:
        return
    shutil.rmtree(folder_of(world, resource), ignore_errors=True)
    if "LivedStart" in resource.document:
        spent = phases.ended(world, resource, max(noted_time(world), resource.document["LivedStart"]))
        world.move(resource, "fail", {**spent, **phases.phase("Failed"), "FailureReason": CUT})
    elif resource.state == "Stopping":
        world.move(resource, "stopped", phases.phase("Stopped"))
    elif "Begun" in resource.document:
        world.set_timer(resource.uid, "begin", world.clock.now(), "InProgress")


register(
    Lifecycle(
        KIND,
        (
            Transition("InProgress", "begin", "InProgress", after_seconds=START_SECONDS),
            Transition("InProgress", "complete", "Completed"),
            Transition("InProgress", "fail", "Failed"),
            Transition("InProgress", "stop", "Stopping"),
            Transition("InProgress", "overrun", "Stopping"),
            Transition("Stopping", "stopped", "Stopped"),
            Transition("Stopping", "fail", "Failed"),
            *(Transition(state, "delete", GONE) for state in ENDED),
        ),
        # From TrainingStartTime on, for BillableTimeInSeconds and not for the clock's time.
        bills={"InProgress": ("instance", "storage"), "Stopping": ("instance", "storage")},
        enter={"Stopping": _stop},
        due={"begin": _begin},
        resume=_resume,
    )
)


def _uses(row: Resource) -> Iterable[Use]:
    if row.state in ENDED:
        return []
    request = row.document["Request"]
    usage = "spot_training" if request["EnableManagedSpotTraining"] else "training"
    resources = request["ResourceConfig"]
    return [Use(usage, resources["InstanceType"], resources["InstanceCount"])]


USES[KIND] = _uses
