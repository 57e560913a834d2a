"""The vCPUs of running EC2 instances, and the refusal of a request that would go past a quota.

docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
"""

from collections.abc import Iterable

from practice import figures, quota_figures, quotas
from practice.borrowed import launches
from practice.borrowed.calls import Call
from practice.borrowed.launches import SPOT, Launch
from practice.errors import ServiceError
from practice.world import World

COUNTED = ("pending", "running")


def check(world: World, call: Call, operation: str) -> None:
    """Refuse what a call would run past a vCPU quota.

    Raises: ServiceError VcpuLimitExceeded, or MaxSpotInstanceCountExceeded of spot.
    """
    asked = launches.asked(call, operation)
    for market, name in {(each.market, quota_figures.ec2_class(each.instance_type, each.market)) for each in asked}:
        quota = next(
            (one for one in quota_figures.ec2_quotas() if (one.usage, one.instance_type) == (market, name)), None
        )
        limit = quotas.in_force(world, call.region, quota) if quota else None
        if limit is not None and in_use(call.region, market, name) + _vcpus(asked, market, name) > limit:
            raise _exceeded(market, limit)


def in_use(region: str, market: str, name: str | None) -> int:
    """vCPUs of the instances that run or are about to: of a market and a class of types."""
    running = (row for row in launches.instances(region) if row._state.name in COUNTED)
    return _vcpus((Launch(row.instance_type, launches.market_of(row), 1) for row in running), market, name)


def _vcpus(wanted: Iterable[Launch], market: str, name: str | None) -> int:
    return sum(
        figures.vcpus().get(each.instance_type, 0) * each.count
        for each in wanted
        if each.market == market and quota_figures.ec2_class(each.instance_type, market) == name
    )


def _exceeded(market: str, limit: float) -> ServiceError:
    if market == SPOT:
        return ServiceError("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
    # The words that the console and the CLI show.
    return ServiceError(
        "VcpuLimitExceeded",
        f"You have requested more vCPU capacity than your current vCPU limit of {limit:g} allows for the instance "
        "bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request "
        "to request an adjustment to this limit.",
    )
