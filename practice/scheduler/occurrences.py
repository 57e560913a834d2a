"""When schedules fall due: their timers, and the invocation that each occurrence plans."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.scheduler.expressions import Timing
from practice.scheduler.groups import SCHEDULE
from practice.scheduler.invocations import plan_invocation
from practice.world import Resource, World

DATES = ("StartDate", "EndDate")


def set_timer(world: World, schedule: Resource) -> None:
    """Arm the next invocation. A rate without a start date invokes at once, when its schedule is made."""
    if schedule.state == "ENABLED":
        first = timing(schedule).after(schedule.modified - timedelta(microseconds=1), schedule.created)
        if first is not None:
            world.set_timer(schedule.uid, "invoke", first, "ENABLED")


def timing(schedule: Resource) -> Timing:
    document = schedule.document
    start, end = (moment(document, key) for key in DATES)
    return Timing(document["ScheduleExpression"], document["ScheduleExpressionTimezone"], start, end)


def moment(document: dict[str, Any], key: str) -> datetime | None:
    return datetime.fromisoformat(document[key]) if document.get(key) else None


def _invoke(world: World, schedule: Resource) -> datetime | None:
    occurrence = world.clock.now()
    following = timing(schedule).after(occurrence, schedule.created)
    at = occurrence + _within_window(schedule, occurrence)
    plan_invocation(world, schedule, occurrence, at, last=following is None)
    return following


def _within_window(schedule: Resource, occurrence: datetime) -> timedelta:
    """Where in its flexible window an occurrence is invoked: spread, and always the same for the same occurrence."""
    minutes = schedule.document["FlexibleTimeWindow"].get("MaximumWindowInMinutes", 0)
    digest = hashlib.sha256(f"{schedule.uid} {occurrence.isoformat()}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:4], "big") % (minutes * 60) if minutes else 0)


register(
    Lifecycle(
        SCHEDULE,
        (
            Transition("ENABLED", "disable", "DISABLED"),
            Transition("DISABLED", "enable", "ENABLED"),
            Transition("ENABLED", "delete", GONE),
            Transition("DISABLED", "delete", GONE),
            Transition("ENABLED", "complete", GONE),
            Transition("DISABLED", "complete", GONE),
        ),
        due={"invoke": _invoke},
    )
)
