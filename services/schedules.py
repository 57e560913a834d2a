"""Auto-stop: an EventBridge schedule per resource, on AWS's side, so that no open browser tab is needed to stop it.

Rules of the service: docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from services.cloud import Cloud
from services.errors import NotFound, translated
from services.plans import Call

GROUP = "default"
PREFIX = "flightdeck-"

STOPS = {
    "notebook": ("stopNotebookInstance", "NotebookInstanceName"),
    "endpoint": ("deleteEndpoint", "EndpointName"),
}
"""Kind → the SageMaker operation that ends its billing, and the member that names the resource."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The auto-stop of one resource, as AWS says it is."""

    schedule: str
    stops_at: datetime
    enabled: bool
    changed: datetime | None = field(default=None, compare=False)
    """When the schedule was last changed, as its listing said."""


def schedule_name(arn: str) -> str:
    """A schedule's name has at most 64 characters, a notebook's alone may have 63: so a hash of the ARN."""
    return PREFIX + hashlib.sha256(arn.lower().encode()).hexdigest()[:40]


def guard_call(kind: str, name: str, arn: str, stops_at: datetime, role_arn: str, intent: str) -> Call:
    """The request that makes AWS stop the resource by itself."""
    return Call(
        "scheduler",
        "create_schedule",
        {
            "Name": schedule_name(arn),
            "GroupName": GROUP,
            "ClientToken": intent,
            "Description": f"Flightdeck stops {kind} {name}",
            **_when_and_what(kind, name, stops_at, role_arn),
        },
    )


def move_guard_call(kind: str, name: str, arn: str, stops_at: datetime, role_arn: str) -> Call:
    """The same for a resource that already has its schedule: it is set to another time."""
    return Call(
        "scheduler",
        "update_schedule",
        {"Name": schedule_name(arn), "GroupName": GROUP, **_when_and_what(kind, name, stops_at, role_arn)},
    )


def remove_guard_call(arn: str) -> Call:
    """What was stopped by hand must not be stopped again after it was started anew."""
    return Call("scheduler", "delete_schedule", {"Name": schedule_name(arn), "GroupName": GROUP})


def verify_guard_call(arn: str) -> Call:
    """Reads the schedule back: a launch counts as guarded only when AWS says so."""
    return Call("scheduler", "get_schedule", {"Name": schedule_name(arn), "GroupName": GROUP})


def find_guard(cloud: Cloud, arn: str) -> Guard | None:
    """The resource's auto-stop, None when it has none that is still to come. Raises: DeckError."""
    try:
        with translated(arn):
            found = cloud.client("scheduler").get_schedule(Name=schedule_name(arn), GroupName=GROUP)
    except NotFound:
        return None
    stops_at = _moment(found["ScheduleExpression"], found.get("ScheduleExpressionTimezone", "UTC"))
    return Guard(found["Name"], stops_at, found.get("State", "ENABLED") == "ENABLED") if stops_at else None


def list_guards(cloud: Cloud) -> dict[str, datetime]:
    """Name → last change of all schedules that the deck made and that are enabled. Raises: DeckError."""
    with translated("schedules"):
        pages = cloud.client("scheduler").get_paginator("list_schedules").paginate(NamePrefix=PREFIX)
        rows = [row for page in pages for row in page["Schedules"] if row.get("State", "ENABLED") == "ENABLED"]
        return {row["Name"]: row["LastModificationDate"] for row in rows}


def _when_and_what(kind: str, name: str, stops_at: datetime, role_arn: str) -> dict[str, object]:
    operation, member = STOPS[kind]
    return {
        "ScheduleExpression": f"at({stops_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{operation}",
            "RoleArn": role_arn,
            "Input": json.dumps({member: name}),
            "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400},
        },
    }


def _moment(expression: str, zone: str) -> datetime | None:
    """None for what somebody turned into another kind of schedule: it does not say one time."""
    try:
        return datetime.strptime(expression, "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ValueError:
        return None
