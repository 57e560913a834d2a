"""Schedules: create, get, update, delete, list."""

from typing import Any

from practice import ACCOUNT_ID
from practice.errors import ServiceError, validation_error
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.scheduler import expressions
from practice.scheduler.expressions import Timing
from practice.scheduler.groups import DEFAULT, PAGE, SCHEDULE, find_group
from practice.scheduler.occurrences import DATES, moment, set_timer
from practice.scheduler.targets import read_target
from practice.world import Resource

RETRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
"""docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html"""

_DEFAULTS = {"ActionAfterCompletion": "NONE", "ScheduleExpressionTimezone": "UTC"}
_PLAIN = ("ScheduleExpression", "Description", "KmsKeyArn", "FlexibleTimeWindow")


@operation("scheduler", "CreateSchedule")
def create_schedule(context: Context, request: Request) -> Reply:
    group = find_group(context, request.get("GroupName", DEFAULT))
    if group.state != "ACTIVE":
        raise ServiceError("ConflictException", f"Schedule group {group.name} is being deleted.")
    name, document = request["Name"], _document(request, group.name)
    found = context.world.get(SCHEDULE, context.region, f"{group.name}/{name}")
    if found is not None:
        if found.document == document and found.state == request.get("State", "ENABLED"):
            return {"ScheduleArn": found.arn}  # the same client token and the same wish: asked before
        raise ServiceError("ConflictException", f"Schedule {name} already exists.")
    _check(context, request, document)
    arn = context.arn(f"schedule/{group.name}/{name}", "scheduler")
    state = request.get("State", "ENABLED")
    set_timer(context.world, context.world.add(SCHEDULE, context.region, f"{group.name}/{name}", arn, document, state))
    return {"ScheduleArn": arn}


@operation("scheduler", "GetSchedule")
def get_schedule(context: Context, request: Request) -> Reply:
    schedule = _find(context, request)
    document = schedule.document
    dates = {key: moment(document, key) for key in DATES}
    plain = {key: document.get(key) for key in (*_PLAIN, *_DEFAULTS, "GroupName", "Target")}
    return reply({**_summary(schedule), **plain, **dates})


@operation("scheduler", "UpdateSchedule")
def update_schedule(context: Context, request: Request) -> Reply:
    schedule = _find(context, request)
    document = _document(request, schedule.document["GroupName"])
    _check(context, request, document)
    # An update replaces all: what it does not name goes back to its default.
    left_out = {key: None for key in schedule.document if key not in document}
    state = request.get("State", "ENABLED")
    updated = context.world.update(schedule, "update", {**left_out, **document})
    if state != updated.state:
        updated = context.world.move(updated, "enable" if state == "ENABLED" else "disable")
    context.world.cancel_timers(schedule.uid, "invoke")
    set_timer(context.world, updated)
    return {"ScheduleArn": schedule.arn}


@operation("scheduler", "DeleteSchedule")
def delete_schedule(context: Context, request: Request) -> Reply:
    context.world.move(_find(context, request), "delete")
    return {}


@operation("scheduler", "ListSchedules")
def list_schedules(context: Context, request: Request) -> Reply:
    group, prefix, state = request.get("GroupName"), request.get("NamePrefix", ""), request.get("State")
    if group is not None:
        find_group(context, group)
    rows = [
        row
        for row in context.world.all(SCHEDULE, context.region)
        if group in (None, row.document["GroupName"]) and _name(row).startswith(prefix) and state in (None, row.state)
    ]
    shown, token = page(sorted(rows, key=lambda row: row.name), request, lambda row: row.name, size=PAGE)
    return reply({"Schedules": [_listed(row) for row in shown], "NextToken": token})


def _document(request: Request, group: str) -> dict[str, Any]:
    target = request["Target"]
    return {
        **{key: request[key] for key in _PLAIN if key in request},
        **{key: request[key].isoformat() for key in DATES if key in request},
        **{key: request.get(key, default) for key, default in _DEFAULTS.items()},
        "GroupName": group,
        "Target": {**target, "RetryPolicy": {**RETRIES, **target.get("RetryPolicy", {})}},
        "ClientToken": request.get("ClientToken"),
    }


def _check(context: Context, request: Request, document: dict[str, Any]) -> None:
    expression, zone, now = (
        document["ScheduleExpression"],
        document["ScheduleExpressionTimezone"],
        context.world.clock.now(),
    )
    try:
        expressions.check(expression, zone)
    except ValueError as exc:
        raise validation_error(f"Invalid Schedule Expression {expression}.") from exc
    timing = Timing(expression, zone)
    if not timing.recurs and timing.after(now, now) is None:
        raise validation_error(f"Invalid Schedule Expression {expression}.")
    start, end = request.get("StartDate"), request.get("EndDate")
    if timing.recurs and end is not None and (end <= now or (start is not None and end <= start)):
        raise validation_error("The EndDate you specify must be in the future and after the StartDate.")
    window = document["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") != ("MaximumWindowInMinutes" in window):
        raise validation_error("MaximumWindowInMinutes is given for, and only for, a FLEXIBLE time window.")
    if f"::{ACCOUNT_ID}:role/" not in document["Target"]["RoleArn"]:
        raise validation_error(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        )
    read_target(document["Target"])


def _find(context: Context, request: Request) -> Resource:
    group, name = request.get("GroupName", DEFAULT), request["Name"]
    found = context.world.get(SCHEDULE, context.region, f"{group}/{name}")
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"Schedule {name} does not exist.")
    return found


def _name(schedule: Resource) -> str:
    return schedule.name.partition("/")[2]


def _summary(schedule: Resource) -> Reply:
    return {
        "Arn": schedule.arn,
        "Name": _name(schedule),
        "GroupName": schedule.document["GroupName"],
        "State": schedule.state,
        "CreationDate": schedule.created,
        "LastModificationDate": schedule.modified,
    }


def _listed(schedule: Resource) -> Reply:
    return {**_summary(schedule), "Target": {"Arn": schedule.document["Target"]["Arn"]}}
