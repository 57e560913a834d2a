"""An endpoint's servers against its state: when they are ready it moves on, when they fail it gives up or revives."""

import threading
from datetime import timedelta
from typing import Any

from practice import logs
from practice.sagemaker.fleets import Fleet, Server
from practice.world import Resource, World

START_SECONDS = 10
UPDATE_SECONDS = 10
REVIVE_SECONDS = 10
WAITING = {"Creating": START_SECONDS, "Updating": UPDATE_SECONDS}
"""State → the least it takes, in seconds of the clock."""


class Hosting:
    """The handle of what runs for an endpoint: the fleet that serves, and the one that an update brings up."""

    def __init__(self, world: World, uid: str) -> None:
        self.lock = threading.RLock()
        self.current: Fleet | None = None
        self.pending: Fleet | None = None
        self._world, self._uid = world, uid

    def close(self) -> None:
        """Returns when every server has ended."""
        for fleet in (self.current, self.pending):
            if fleet is not None:
                fleet.close()

    def changed(self) -> None:
        """A server became ready or ended."""
        consider(self._world, self._uid)


def serving(world: World, endpoint: Resource, variant: str) -> Server | None:
    """The server that takes a variant's invocations now."""
    hosting: Hosting | None = world.running.get(endpoint.uid)
    fleet = hosting.current if hosting is not None else None
    return fleet.servers.get(variant) if fleet is not None else None


def consider(world: World, uid: str) -> None:
    """Move the endpoint on when its time has come and its servers are ready, or when one of them is gone."""
    hosting: Hosting | None = world.running.get(uid)
    if hosting is None:
        return
    with hosting.lock:
        endpoint = world.by_uid(uid)
        if endpoint is not None:
            _revive_later(world, endpoint, hosting)
            fleet = awaited(endpoint, hosting)
            if fleet is not None and fleet.failed is not None:
                give_up(world, endpoint, hosting, _not_up(fleet.failed))
            elif fleet is not None and fleet.ready and _time_has_come(world, endpoint):
                event = "created" if endpoint.state == "Creating" else "updated"
                world.move(endpoint, event, _settled(endpoint.document))
    world.notify()


def awaited(endpoint: Resource, hosting: Hosting) -> Fleet | None:
    """The servers that an endpoint which is being created or updated waits for."""
    if endpoint.state not in WAITING:
        return None
    return hosting.pending if (endpoint.document.get("Pending") or {}).get("Replaces") else hosting.current


def _not_up(server: Server) -> str:
    return (
        f"The primary container for production variant {server.name} did not come up: {server.failure}. "
        "Please check CloudWatch logs for this endpoint."
    )[:1024]


def give_up(world: World, endpoint: Resource, hosting: Hosting, reason: str) -> None:
    """Fail what is being created; what is being updated goes back to the version that serves."""
    logs.flush(world)  # the reason names the log: it is there when the state is seen
    if endpoint.state == "Creating":
        world.move(endpoint, "fail", {"FailureReason": reason})
    elif hosting.pending is not None:
        hosting.pending.stop()
        hosting.pending = None
        world.move(endpoint, "roll back", {"FailureReason": reason, "Pending": None})


def _revive_later(world: World, endpoint: Resource, hosting: Hosting) -> None:
    """A container that dies in service is started again, as on AWS."""
    if (
        endpoint.state in ("InService", "Updating")
        and hosting.current is not None
        and hosting.current.failed is not None
    ):
        world.cancel_timers(endpoint.uid, "revive")
        world.set_timer(endpoint.uid, "revive", world.clock.now() + timedelta(seconds=REVIVE_SECONDS))


def _time_has_come(world: World, endpoint: Resource) -> bool:
    return world.clock.now() >= endpoint.modified + timedelta(seconds=WAITING[endpoint.state])


def _settled(document: dict[str, Any]) -> dict[str, Any]:
    """The changes by which what was wanted becomes what is."""
    pending = document.get("Pending") or {}
    variants = pending.get("Variants", document["Variants"])
    return {
        "EndpointConfigName": pending.get("EndpointConfigName", document["EndpointConfigName"]),
        "Variants": [{**v, "Weight": v["DesiredWeight"], "Count": v["DesiredCount"]} for v in variants],
        "Pending": None,
        "FailureReason": None,
    }
