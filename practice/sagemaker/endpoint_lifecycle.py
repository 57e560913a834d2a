"""The state machine of an endpoint, and the servers that start and end with each state.

States: docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (EndpointStatus). On AWS an endpoint
takes some minutes; here ten seconds of the clock, and as long as its servers need to answer `/ping`.
"""

import shutil
from collections.abc import Iterator

from practice import capacities
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.sagemaker import limits
from practice.sagemaker.fleets import Fleet, folder_of
from practice.sagemaker.hosting import START_SECONDS, UPDATE_SECONDS, Hosting, awaited, consider, give_up
from practice.sagemaker.limits import Use
from practice.world import Resource, World

KIND = "endpoint"
DELETE_SECONDS = 5


def _host(world: World, endpoint: Resource) -> None:
    hosting = Hosting(world, endpoint.uid)
    with hosting.lock:
        world.running[endpoint.uid] = hosting
        hosting.current = Fleet(world, endpoint, endpoint.document["Variants"], hosting.changed)
    hosting.changed()


def _host_pending(world: World, endpoint: Resource) -> None:
    """The version that serves goes on serving until the new one is healthy."""
    hosting: Hosting | None = world.running.get(endpoint.uid)
    pending = endpoint.document["Pending"]
    if hosting is None or not pending["Replaces"]:
        return
    with hosting.lock:
        hosting.pending = Fleet(world, endpoint, pending["Variants"], hosting.changed)
    hosting.changed()


def _swap(world: World, endpoint: Resource) -> None:
    hosting: Hosting | None = world.running.get(endpoint.uid)
    if hosting is not None and hosting.pending is not None and hosting.current is not None:
        hosting.current.stop()
        hosting.current, hosting.pending = hosting.pending, None


def _stop(world: World, endpoint: Resource) -> None:
    hosting: Hosting | None = world.running.pop(endpoint.uid, None)
    for fleet in (hosting.current, hosting.pending) if hosting is not None else ():
        if fleet is not None:
            fleet.stop()


def _erase(world: World, endpoint: Resource) -> None:
    _stop(world, endpoint)
    shutil.rmtree(folder_of(world, endpoint.uid), ignore_errors=True)


NO_CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. Please retry using a "
    "different ML instance type or after some time."
)
"""As AWS says it: repost.aws/knowledge-center/sagemaker-insufficient-capacity-error."""


def _due(world: World, endpoint: Resource) -> None:
    hosting: Hosting | None = world.running.get(endpoint.uid)
    if hosting is not None and _is_short(world, endpoint):
        with hosting.lock:
            give_up(world, endpoint, hosting, NO_CAPACITY)
        world.notify()
        return

    def settled() -> bool:
        hosting: Hosting | None = world.running.get(endpoint.uid)
        fleet = hosting and awaited(endpoint, hosting)
        return not fleet or fleet.ready or fleet.failed is not None

    world.settle(settled)
    consider(world, endpoint.uid)


def _is_short(world: World, endpoint: Resource) -> bool:
    """Whether there is no capacity for what is being made."""
    pending = endpoint.document.get("Pending") or {}
    variants = pending["Variants"] if pending.get("Replaces") else endpoint.document["Variants"]
    now = world.clock.now()
    return any(not capacities.has(endpoint.region, each["InstanceType"], now) for each in variants)


def _revive(world: World, endpoint: Resource) -> None:
    hosting: Hosting | None = world.running.get(endpoint.uid)
    if hosting is not None and hosting.current is not None:
        with hosting.lock:
            hosting.current.revive()


def _resume(world: World, endpoint: Resource) -> None:
    shutil.rmtree(folder_of(world, endpoint.uid), ignore_errors=True)
    if endpoint.state in ("Creating", "InService", "Updating"):
        _host(world, endpoint)
    if endpoint.state == "Updating":
        _host_pending(world, endpoint)


def _uses(endpoint: Resource) -> Iterator[Use]:
    if endpoint.state not in ("Creating", "InService", "Updating"):
        return
    pending = endpoint.document.get("Pending") or {}
    for variant in endpoint.document["Variants"]:
        yield Use("endpoint", variant["InstanceType"], variant["DesiredCount"])
    if pending.get("Replaces"):
        for variant in pending["Variants"]:
            yield Use("endpoint", variant["InstanceType"], variant["DesiredCount"])


limits.USES[KIND] = _uses

register(
    Lifecycle(
        KIND,
        (
            Transition("Creating", "created", "InService", after_seconds=START_SECONDS),
            Transition("Creating", "fail", "Failed"),
            Transition("InService", "update", "Updating"),
            Transition("Updating", "updated", "InService", after_seconds=UPDATE_SECONDS),
            Transition("Updating", "roll back", "InService"),
            Transition("InService", "delete", "Deleting"),
            Transition("Failed", "delete", "Deleting"),
            Transition("Deleting", "deleted", GONE, after_seconds=DELETE_SECONDS),
        ),
        bills={"InService": ("instance", "storage"), "Updating": ("instance", "storage")},
        enter={
            "Creating": _host,
            "Updating": _host_pending,
            "InService": _swap,
            "Failed": _stop,
            "Deleting": _stop,
            GONE: _erase,
        },
        due={"created": _due, "updated": _due, "revive": _revive},
        resume=_resume,
    )
)
