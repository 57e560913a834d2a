"""What the plans of all kinds share: price, quota and offering checks, and the auto-stop."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, overload

from services import catalogue, limits, quotas, rates, schedules
from services.errors import NotFound
from services.plans import Call, Check, Effect, Plan, PricePart, Quota, Severity, tags
from services.profiles import LaunchProfile, Tags

MAX_AUTO_STOP_HOURS = 24 * 30
DEEP_LEARNING_GPU_WARNING_USD = Decimal(5)
"""From this rate on the deck asks to look twice; an assumption of ours."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a plan needs to know and does not ask for itself: a plan is a pure function."""

    now: datetime
    """The account's time, aware UTC."""
    account_id: str
    owner: str
    quota: Quota | None
    """The tightest one for the type chosen, with what this plan needs."""
    profile: LaunchProfile | None = None
    """How launches are made in this account; None leaves AWS's defaults."""
    tags: Tags = ()
    """Values for the profile's asked tags."""
    facts: tuple[Check, ...] = ()
    """What AWS says of the profile's role, bucket, network and key."""


def within(plan: Plan, surroundings: Surroundings) -> Plan:
    """The plan of something that will run, with what speaks against it in this account."""
    beyond = limits.check_plan(plan, surroundings.profile, surroundings.now)
    return replace(plan, checks=(*plan.checks, *beyond, *surroundings.facts))


def marks(intent: str, surroundings: Surroundings, example: str = "") -> list[dict[str, str]]:
    """The deck's own tags and those that the account requires."""
    profile = surroundings.profile
    if profile is None:
        return tags(intent, surroundings.owner, example)
    owner = ((profile.owner_tag, surroundings.owner),) if profile.owner_tag else ()
    return tags(intent, surroundings.owner, example, (*profile.tags, *owner, *surroundings.tags))


def vpc_config(surroundings: Surroundings) -> dict[str, Any]:
    """The request member that puts hosts into the profile's network; empty when it has none."""
    profile = surroundings.profile
    if profile is None or not profile.subnets:
        return {}
    return {"VpcConfig": {"SecurityGroupIds": [*profile.security_groups], "Subnets": [*profile.subnets]}}


def volume_key(surroundings: Surroundings, instance_type: str) -> str:
    """The profile's key for the volume of a training or serving host; empty where AWS refuses one: disks that come
    with the host are encrypted by its hardware (VolumeKmsKeyId in API_ResourceConfig)."""
    key = surroundings.profile.kms_key if surroundings.profile else ""
    return "" if key and _has_local_storage(instance_type) else key


def check_volume_key(surroundings: Surroundings, instance_type: str) -> tuple[Check, ...]:
    """Says so where the profile's key cannot be used."""
    key = surroundings.profile.kms_key if surroundings.profile else ""
    if not key or volume_key(surroundings, instance_type):
        return ()
    return (Check(Severity.NOTE, "key_of_hardware", {"instance_type": instance_type}),)


def _has_local_storage(instance_type: str) -> bool:
    try:
        return catalogue.instance_type(instance_type).local_storage_gb > 0
    except NotFound:
        return False


def check_type(region: str, instance_type: str, component: str, surroundings: Surroundings) -> tuple[Check, ...]:
    """Whether the region offers the type, its quota allows it and its price is known."""
    checks: list[Check] = []
    values = {"instance_type": instance_type, "region": region}
    if not catalogue.is_offered(region, instance_type):
        checks.append(Check(Severity.WARNING, "not_offered", values))
    part = rates.instance_part(region, instance_type, component)
    if part is None:
        checks.append(Check(Severity.WARNING, "price_unknown", values))
    elif part.confidence == "estimated":
        checks.append(Check(Severity.NOTE, "price_estimated", values))
    if part is not None and part.usd_per_hour >= DEEP_LEARNING_GPU_WARNING_USD:
        checks.append(Check(Severity.WARNING, "expensive", {**values, "usd_per_day": part.usd_per_hour * 24}))
    return (*checks, *quotas.check_quota(surroundings.quota, instance_type))


def check_auto_stop(hours: float | None) -> tuple[Check, ...]:
    if hours is None:
        return (Check(Severity.WARNING, "no_auto_stop"),)
    if not 0 < hours <= MAX_AUTO_STOP_HOURS:
        return (Check(Severity.REFUSAL, "auto_stop_hours", {"hours": hours, "most": MAX_AUTO_STOP_HOURS}),)
    return ()


@overload
def stop_time(now: datetime, hours: float) -> datetime: ...
@overload
def stop_time(now: datetime, hours: float | None) -> datetime | None: ...
def stop_time(now: datetime, hours: float | None) -> datetime | None:
    """On the whole second: a schedule's expression has no finer unit."""
    return None if hours is None else (now + timedelta(hours=hours)).replace(microsecond=0)


def guard_calls(
    kind: str, name: str, arn: str, stops_at: datetime | None, role_arn: str, intent: str
) -> tuple[Call, ...]:
    """Set the auto-stop and read it back. One that an earlier resource of this name left is removed first, also when
    none is wanted: it would stop this one at its time."""
    if stops_at is None:
        return (schedules.remove_guard_call(arn),)
    return (
        schedules.remove_guard_call(arn),
        schedules.guard_call(kind, name, arn, stops_at, role_arn, intent),
        schedules.verify_guard_call(arn),
    )


def launch_effect(parts: tuple[PricePart, ...], hours: float | None, stays: tuple[str, ...] = ()) -> Effect:
    """Dollars of a launch: per hour, and at most until it is stopped by itself. `stays` names the parts that go on
    billing after the stop."""
    per_hour = rates.total(parts)
    worst = None if hours is None else per_hour * Decimal(str(hours))
    return Effect(adds_usd_per_hour=per_hour, goes_on_usd_per_hour=rates.total_of(parts, *stays), worst_case_usd=worst)
