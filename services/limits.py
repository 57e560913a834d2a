"""The limits of an account's launch profile: allowed types, required tags, hours. Said before the click, and held again
where a plan is sent."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from services.plans import Act, Check, Plan, Severity
from services.profiles import LaunchProfile

SLACK = timedelta(minutes=5)
"""A plan is read before it is sent: the hours count from when it was made."""

HOURS = {Act.LAUNCH, Act.START, Act.GUARD}


def check_plan(plan: Plan, profile: LaunchProfile | None, now: datetime) -> tuple[Check, ...]:
    """What of the plan's own requests goes beyond the profile; `now` is the account's time."""
    if profile is None:
        return ()
    return (
        *check_types(_instance_types(plan), profile),
        *_check_tags(plan, profile),
        *_check_hours(plan, profile, now),
    )


def check_types(names: Iterable[str], profile: LaunchProfile | None) -> tuple[Check, ...]:
    """A refusal for every type that none of the profile's patterns allows."""
    patterns = profile.instance_types if profile else ()
    return tuple(
        Check(Severity.REFUSAL, "type_not_allowed", {"instance_type": name, "allowed": ", ".join(patterns)})
        for name in dict.fromkeys(names)
        if not allows(profile, name)
    )


def allows(profile: LaunchProfile | None, instance_type: str) -> bool:
    patterns = profile.instance_types if profile else ()
    return not patterns or any(fnmatchcase(instance_type, pattern) for pattern in patterns)


def _instance_types(plan: Plan) -> Iterator[str]:
    for call in plan.calls:
        yield from _members(call.parameters, "InstanceType")


def _members(value: Any, name: str) -> Iterator[str]:
    match value:
        case Mapping():
            for key, item in value.items():
                if key == name and isinstance(item, str):
                    yield item
                else:
                    yield from _members(item, name)
        case list() | tuple():
            for item in value:
                yield from _members(item, name)


def _check_tags(plan: Plan, profile: LaunchProfile) -> tuple[Check, ...]:
    """Every request that makes something must carry what is required, fixed values as they are fixed."""
    fixed = dict(profile.tags)
    missing: dict[str, None] = {}
    for call in plan.calls:
        if "Tags" not in call.parameters:
            continue
        has = {tag["Key"]: tag["Value"] for tag in call.parameters["Tags"]}
        wrong = (name for name in profile.required_tags if not has.get(name) or has[name] != fixed.get(name, has[name]))
        missing.update(dict.fromkeys(wrong))
    return tuple(Check(Severity.REFUSAL, "tag_missing", {"name": name}) for name in missing)


def _check_hours(plan: Plan, profile: LaunchProfile, now: datetime) -> tuple[Check, ...]:
    if profile.max_hours is None or plan.act not in HOURS:
        return ()
    runs = [
        timedelta(seconds=call.parameters["StoppingCondition"]["MaxRuntimeInSeconds"])
        for call in plan.calls
        if "StoppingCondition" in call.parameters
    ]
    most = timedelta(hours=profile.max_hours)
    if plan.kind == "training":
        within = all(run <= most for run in runs)
    else:
        within = plan.stops_at is not None and plan.stops_at <= now + most + SLACK
    return () if within else (Check(Severity.REFUSAL, "max_hours", {"most": profile.max_hours}),)
