"""Plans for the auto-stop of what runs: set it, or move it to another time."""

from dataclasses import dataclass, replace
from datetime import datetime

from services import limits, planning, schedules
from services.plans import Act, Effect, Plan, PricePart, new_intent
from services.profiles import LaunchProfile
from services.schedules import Guard


@dataclass(frozen=True, slots=True)
class Guarded:
    """What an auto-stop stops: a running notebook instance or endpoint, and what it bills while it runs."""

    kind: str
    name: str
    arn: str
    region: str
    parts: tuple[PricePart, ...]
    stays: tuple[str, ...] = ()
    """The parts that go on billing after the stop."""


def plan_guard(target: Guarded, guard: Guard | None, hours: float, now: datetime, profile: LaunchProfile) -> Plan:
    """Stop `target` by itself `hours` from now. A schedule that is there is moved, so that it is never without one."""
    intent, role_arn = new_intent(), profile.scheduler_role
    stops_at = planning.stop_time(now, hours)
    effect = planning.launch_effect(target.parts, hours, stays=target.stays)
    plan = Plan(
        act=Act.GUARD,
        kind=target.kind,
        name=target.name,
        region=target.region,
        calls=(
            schedules.guard_call(target.kind, target.name, target.arn, stops_at, role_arn, intent)
            if guard is None
            else schedules.move_guard_call(target.kind, target.name, target.arn, stops_at, role_arn),
            schedules.verify_guard_call(target.arn),
        ),
        effect=Effect(goes_on_usd_per_hour=effect.goes_on_usd_per_hour, worst_case_usd=effect.worst_case_usd),
        checks=planning.check_auto_stop(hours),
        prices=target.parts,
        stops_at=stops_at,
        intent=intent,
    )
    return replace(plan, checks=(*plan.checks, *limits.check_plan(plan, profile, now)))
