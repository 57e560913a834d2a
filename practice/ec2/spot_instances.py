"""EC2's Spot Instances: each lasts as long as `practice.spot_interruptions` draws, then EC2 takes it back.

docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html. All are terminated: the other interruption
behaviours, and requests that are persistent, are not had here.
"""

from datetime import datetime
from typing import Any

from practice import ACCOUNT_ID, clients
from practice.borrowed import launches
from practice.headers import INTERRUPTION_HEADER
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.spot_interruptions import lasts
from practice.world import Resource, World

KIND = "spot-instance"
LAUNCHING = frozenset({"ec2", "autoscaling"})
"""Services whose calls may launch a Spot Instance."""
RUNNING = ("pending", "running")


def follow(world: World, region: str) -> None:
    """Draw for each Spot Instance that came to run until when it does, and forget those that their owner ended."""
    running = {each.id: each for each in launches.instances(region) if _runs(each)}
    with world.store.transaction():
        known = {each.name: each for each in world.all(KIND, region)}
        for name in known.keys() - running:
            world.move(known[name], "end")
        for name in running.keys() - known:
            arn = f"arn:aws:ec2:{region}:{ACCOUNT_ID}:instance/{name}"
            added = world.add(KIND, region, name, arn, {})
            until = world.clock.now() + lasts(region, running[name].instance_type, 1, name)
            world.set_timer(added.uid, "interrupt", until, added.state)


def interrupt(world: World, region: str, instance_id: str) -> None:
    """Take an instance back now. Raises: ValueError when no such Spot Instance runs in the region."""
    follow(world, region)
    found = world.get(KIND, region, instance_id)
    if found is None:
        raise ValueError(f"no Spot Instance {instance_id} runs in {region}")
    _take_back(world, found)


def _take_back(world: World, spot: Resource) -> datetime | None:
    """End it, unless a service that is not watched did: `follow`, which comes after each of EC2's calls, forgets it."""
    follow(world, spot.region)
    if world.by_uid(spot.uid) is not None:
        _ec2(world, spot.region).terminate_instances(InstanceIds=[spot.name])
    return None


def _ec2(world: World, region: str) -> Any:
    """A client whose calls are EC2's own doing."""
    return clients.client(world, "ec2", region, headers=((INTERRUPTION_HEADER, "spot"),))


def _runs(instance: Any) -> bool:
    return launches.market_of(instance) == launches.SPOT and instance._state.name in RUNNING


register(Lifecycle(KIND, (Transition("running", "end", GONE),), due={"interrupt": _take_back}))
