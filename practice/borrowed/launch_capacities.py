"""RunInstances where there is no capacity: AWS answers 500, which clients try again by themselves.

A Spot Instance request waits for capacity instead of failing, so RequestSpotInstances is not refused here.
docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-capacity
"""

from practice import capacities
from practice.borrowed import launches
from practice.borrowed.calls import Call
from practice.borrowed.launches import SPOT
from practice.errors import ServiceError
from practice.world import World


def check(world: World, call: Call, operation: str) -> None:
    """Raises: ServiceError InsufficientInstanceCapacity when no zone that was asked for has capacity."""
    if operation != "RunInstances":
        return
    for launch in launches.asked(call, operation):
        if not capacities.share_without(call.region, launch.instance_type):
            return
        there = capacities.zones_with(call.region, launch.instance_type, world.clock.now())
        if not there or launch.zone not in ("", *there):
            words = _words(launch.instance_type, launch.zone, there, spot=launch.market == SPOT)
            raise ServiceError("InsufficientInstanceCapacity", words)


def _words(kind: str, wanted: str, there: tuple[str, ...], *, spot: bool) -> str:
    """As AWS says it."""
    if spot:
        return "There is no Spot capacity available that matches your request."
    if not there:
        return (
            f"We currently do not have sufficient {kind} capacity in zones with support for '{kind}'. Our system will "
            "be working on provisioning additional capacity."
        )
    return (
        f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({wanted}). Our "
        f"system will be working on provisioning additional capacity. You can currently get {kind} capacity by not "
        f"specifying an Availability Zone in your request or choosing {', '.join(there)}."
    )
