"""The state machine of a notebook instance, and what starts and ends with each state.

States: docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeNotebookInstance.html (NotebookInstanceStatus).
On AWS a start takes some three minutes; here ten seconds, short enough to show.
"""

import shutil
from datetime import datetime, timedelta

from practice import capacities, logs
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.sagemaker.notebook_machines import NotebookMachine, scripts_of, volume
from practice.world import Resource, World

KIND = "notebook-instance"
START_SECONDS = 10
STOP_SECONDS = 5
UPDATE_SECONDS = 5
DELETE_SECONDS = 5
NO_CAPACITY = (
    "InsufficientInstanceCapacity: Unable to provision requested ML compute capacity for {kind}. Please retry using a "
    "different ML instance type or after some time."
)
"""Nobody publishes what a notebook instance says; an endpoint's words are AWS's."""


def _start(world: World, resource: Resource) -> None:
    first_start = not resource.document.get("Started", False)
    _run(world, resource, scripts_of(world, resource, first_start=first_start))


def _run(world: World, resource: Resource, scripts: list[tuple[str, str]]) -> None:
    def ended(failure: str | None) -> None:
        logs.flush(world)  # the reason names a log stream: it is there when the state is seen
        world.move(resource, "fail", {"FailureReason": failure or "The notebook server ended."})
        world.notify()

    world.running[resource.uid] = NotebookMachine(world, resource, scripts, ended)


def _started(world: World, resource: Resource) -> datetime | None:
    """InService once JupyterLab answers; a start that takes longer than its ten seconds is looked at every second."""
    kind = str(resource.document["InstanceType"])
    if not capacities.has(resource.region, kind, world.clock.now()):
        world.move(resource, "fail", {"FailureReason": NO_CAPACITY.format(kind=kind)})
        return None

    def settled() -> bool:
        machine: NotebookMachine | None = world.running.get(resource.uid)
        current = world.by_uid(resource.uid)
        return current is None or current.state != "Pending" or (machine is not None and machine.ready)

    if not world.settle(settled):
        return world.clock.now() + timedelta(seconds=1)
    world.move(resource, "started", {"Started": True})
    return None


def _end(world: World, resource: Resource) -> None:
    machine: NotebookMachine | None = world.running.pop(resource.uid, None)
    if machine is not None:
        machine.close()


def _erase(world: World, resource: Resource) -> None:
    _end(world, resource)
    shutil.rmtree(volume(world, resource), ignore_errors=True)


def _resume(world: World, resource: Resource) -> None:
    if resource.state == "Pending":
        _start(world, resource)
    elif resource.state == "InService":
        # The account's machine went down and came back: the instance did not, so its start scripts do not run again.
        _run(world, resource, [])


NOTEBOOK = register(
    Lifecycle(
        KIND,
        (
            Transition("Pending", "started", "InService", after_seconds=START_SECONDS),
            Transition("Pending", "fail", "Failed"),
            Transition("InService", "fail", "Failed"),
            Transition("InService", "stop", "Stopping"),
            Transition("Stopping", "stopped", "Stopped", after_seconds=STOP_SECONDS),
            Transition("Stopped", "start", "Pending"),
            Transition("Failed", "start", "Pending"),
            Transition("Stopped", "update", "Updating"),
            Transition("Failed", "update", "Updating"),
            Transition("Updating", "updated", "Stopped", after_seconds=UPDATE_SECONDS),
            Transition("Stopped", "delete", "Deleting"),
            Transition("Failed", "delete", "Deleting"),
            Transition("Deleting", "deleted", GONE, after_seconds=DELETE_SECONDS),
        ),
        bills={
            "Pending": ("storage",),
            "InService": ("instance", "storage"),
            "Stopping": ("storage",),
            "Stopped": ("storage",),
            "Updating": ("storage",),
            "Failed": ("storage",),
        },
        enter={"Pending": _start, "Stopping": _end, "Failed": _end, GONE: _erase},
        due={"started": _started},
        resume=_resume,
    )
)
