"""Service quotas at work: how many instances are in use, and the refusal of a request that would go past a quota."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from practice import quotas
from practice.errors import ServiceError, validation_error
from practice.operations import Context
from practice.world import Resource, World


@dataclass(frozen=True, slots=True)
class Use:
    """Instances that a resource holds now. `usage` is the figures' word: `training`, `endpoint`, `notebook`, ..."""

    usage: str
    instance_type: str
    count: int


USES: dict[str, Callable[[Resource], Iterable[Use]]] = {}
"""Kind → the instances that a resource of it holds in its present state. Each kind enters itself, at import."""


def in_use(world: World, region: str, usage: str, instance_type: str | None = None) -> int:
    """Instances held for `usage` in the region: of one type, or of all types when none is given."""
    return total(uses(world, region), usage, instance_type)


def check_instance_quota(context: Context, usage: str, instance_type: str, count: int) -> None:
    """Refuse `count` more instances when the type's quota, the usage's total or one resource's maximum is too small.

    Raises: ServiceError ResourceLimitExceeded, in AWS's words; ValidationException for a type that has no such quota.
    """
    check_instance_quotas(context, usage, {instance_type: count})


def check_instance_quotas(context: Context, usage: str, counts: Mapping[str, int], *, had: int = 0) -> None:
    """The same for one request of several types. The resource that asks holds `had` instances already.

    Raises: ServiceError.
    """
    world, region = context.world, context.region
    held, asked_in_all = list(uses(world, region)), sum(counts.values())
    for instance_type, count in counts.items():
        counted = list(quotas.for_usage(usage, instance_type))
        if not any(quota.instance_type for quota in counted):
            raise validation_error(f"The instance type {instance_type} is not supported for {usage.replace('_', ' ')}.")
        for quota in counted:
            used = had if quota.scope == "resource" else total(held, usage, quota.instance_type)
            asked = count if quota.instance_type else asked_in_all
            limit = quotas.in_force(world, region, quota)
            if limit is not None and used + asked > limit:
                raise _exceeded(quota.name, limit, used, asked)


def uses(world: World, region: str) -> Iterator[Use]:
    """The instances that every resource of the region holds now."""
    for kind, used_by in USES.items():
        for resource in world.all(kind, region):
            yield from used_by(resource)


def total(held: Iterable[Use], usage: str, instance_type: str | None) -> int:
    """How many of the instances held are of a usage: of one type, or of all types."""
    return sum(use.count for use in held if use.usage == usage and instance_type in (None, use.instance_type))


def _exceeded(name: str, limit: float, used: int, asked: int) -> ServiceError:
    # repost.aws/knowledge-center/sagemaker-resource-limit-exceeded-error quotes the reply.
    return ServiceError(
        "ResourceLimitExceeded",
        f"The account-level service limit '{name}' is {limit:g} Instances, with current utilization of {used} "
        f"Instances and a request delta of {asked} Instances. Please use AWS Service Quotas to request an increase for "
        "this quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this "
        "quota.",
    )
