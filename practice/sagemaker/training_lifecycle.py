"""The state machine of a training job, and what starts and ends with each state.

States: docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html (TrainingJobStatus). On AWS it
takes minutes until instances are there; here two seconds, when the machine has a free place.
"""

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta

from practice import capacities
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.sagemaker import training_phases as phases
from practice.sagemaker.limits import USES, Use
from practice.sagemaker.training_limits import may_wait, noted_time, waited
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


NO_CAPACITY = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)
"""docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html and what users report."""
LOOKING = "Insufficient capacity error from EC2 while launching instances, retrying!"
PATIENCE = timedelta(minutes=15)
"""How long SageMaker looks for instances; AWS publishes no figure."""
LOOK_AGAIN = timedelta(minutes=1)


def _begin(world: World, resource: Resource) -> datetime | None:
    if not capacities.has(resource.region, _instance_type(resource), world.clock.now()):
        return _look_again(world, resource)
    with world.store.transaction():
        current = world.by_uid(resource.uid)
        if current is None or current.state != "InProgress" or resource.uid in world.running:
            return None
        begun = {"Begun": True, **waited(world, current)}
        run = Run(world, world.update(current, "begin", begun, touch=False))
        # Within the transaction: a stop that comes now finds it.
        world.running[resource.uid] = run
    run.begin()
    return None


def _look_again(world: World, resource: Resource) -> datetime | None:
    """A job on demand gives up in the end; a spot job waits as long as it may.

    docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training-status.html
    """
    now = world.clock.now()
    if resource.document["Request"]["EnableManagedSpotTraining"]:
        if not may_wait(world, resource):
            world.move(resource, "overrun", {"StopReason": "MaxWaitTimeExceeded", **phases.phase("Stopping")})
            return None
    elif now - resource.created >= PATIENCE:
        world.move(resource, "fail", {**phases.phase("Failed"), "FailureReason": NO_CAPACITY})
        return None
    if resource.document.get("StatusMessage") != LOOKING:
        world.update(resource, "look for capacity", phases.phase("Starting", LOOKING))
    return now + LOOK_AGAIN


def _instance_type(resource: Resource) -> str:
    return str(resource.document["Request"]["ResourceConfig"]["InstanceType"])


def _stop(world: World, resource: Resource) -> None:
    run: Run | None = world.running.get(resource.uid)
    if run is not None:
        run.stop()
    else:
        _stopped(world, resource)


def interrupt(world: World, region: str, name: str) -> None:
    """Take the spot capacity of a job back now. Raises ValueError, whose text says why there is none to take."""
    resource = world.get(KIND, region, name)
    if resource is None:
        raise ValueError(f"there is no training job {name} in {region}")
    run: Run | None = world.running.get(resource.uid)
    if run is None or not run.interrupt():
        status = f"{resource.state}, {resource.document['SecondaryStatus']}"
        raise ValueError(f"the training job {name} has no spot capacity now: {status}")


def _stopped(world: World, resource: Resource) -> None:
    """A job that has no instances is stopped at once."""
    world.move(resource, "stopped", {**phases.ended(world, resource), **phases.stopped(resource)})


def _resume(world: World, resource: Resource) -> None:
    """The account was down: what ran is cut, what waited waits again."""
    if resource.state in ENDED:
        return
    shutil.rmtree(folder_of(world, resource), ignore_errors=True)
    document = resource.document
    if "LivedStart" in document and document.get("LivedPaused") is None:
        spent = phases.ended(world, resource, max(noted_time(world), document["LivedStart"]))
        world.move(resource, "fail", {**spent, **phases.phase("Failed"), "FailureReason": CUT})
    elif resource.state == "Stopping":
        _stopped(world, resource)
    elif document.get("Begun"):
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
