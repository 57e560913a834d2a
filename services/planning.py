"""What the plans of all kinds share: price, quota and offering checks, and the auto-stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import overload

from services import catalogue, quotas, rates, schedules
from services.plans import Call, Check, Effect, PricePart, Quota, Severity

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
