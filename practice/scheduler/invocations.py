"""What a schedule invokes: the call at its time, retries on the clock, and the dead-letter queue.

docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
"""

import logging
import uuid
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from practice import clients
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.scheduler.targets import Outcome, invoke, queue_url
from practice.world import Resource, World

KIND = "schedule-invocation"
LONGEST_BACKOFF_SECONDS = 600

log = logging.getLogger(__name__)


def plan_invocation(world: World, schedule: Resource, scheduled: datetime, at: datetime, *, last: bool) -> None:
    """Invoke the schedule's target at `at` for its occurrence `scheduled`; a second call changes nothing."""
    name = f"{schedule.uid}/{scheduled.isoformat()}"
    with world.store.transaction():
        if world.get(KIND, schedule.region, name) is not None:
            return
        execution = uuid.uuid4().hex
        document = {
            "ScheduleUid": schedule.uid,
            "ScheduleArn": schedule.arn,
            "Target": schedule.document["Target"],
            "ScheduledTime": scheduled.isoformat(),
            "ExecutionId": execution,
            "Last": last,
            "Attempts": 0,
        }
        invocation = world.add(KIND, schedule.region, name, f"{schedule.arn}/{execution}", document)
        world.set_timer(invocation.uid, "attempt", at, "PENDING")


def _attempt(world: World, invocation: Resource) -> datetime | None:
    document = invocation.document
    if world.by_uid(document["ScheduleUid"]) is None:
        world.move(invocation, "drop", {"ErrorCode": "ScheduleDeleted"})
        return None
    attempts = document["Attempts"] + 1
    outcome = invoke(world, invocation.region, document["Target"], _input(document, attempts))
    changes = {"Attempts": attempts, "RequestId": outcome.request_id}
    if outcome.code is None:
        _finish(world, invocation, "deliver", changes)
        return None
    changes |= {"ErrorCode": outcome.code, "ErrorMessage": outcome.message}
    again = _next_attempt(world.clock.now(), document, attempts) if outcome.retryable else None
    if again is None:
        _bury(world, invocation, outcome, attempts)
        _finish(world, invocation, "drop", changes)
        return None
    world.update(invocation, "fail", changes)
    return again


def _next_attempt(now: datetime, document: dict[str, Any], attempts: int) -> datetime | None:
    policy = document["Target"]["RetryPolicy"]
    again = now + timedelta(seconds=min(2**attempts, LONGEST_BACKOFF_SECONDS))
    oldest = datetime.fromisoformat(document["ScheduledTime"]) + timedelta(seconds=policy["MaximumEventAgeInSeconds"])
    return again if attempts <= policy["MaximumRetryAttempts"] and again <= oldest else None


def _finish(world: World, invocation: Resource, event: str, changes: dict[str, Any]) -> None:
    """The invocation is over; a schedule that asked for it is deleted after its last one."""
    with world.store.transaction():
        world.move(invocation, event, changes)
        schedule = world.by_uid(invocation.document["ScheduleUid"])
        if schedule and invocation.document["Last"] and schedule.document["ActionAfterCompletion"] == "DELETE":
            world.move(schedule, "complete")


def _input(document: dict[str, Any], attempts: int) -> str:
    """The target's Input with AWS's context attributes filled in."""
    text: str = document["Target"].get("Input", "")
    attributes = {
        "<aws.scheduler.schedule-arn>": document["ScheduleArn"],
        "<aws.scheduler.scheduled-time>": _stamp(document),
        "<aws.scheduler.execution-id>": document["ExecutionId"],
        "<aws.scheduler.attempt-number>": str(attempts),
    }
    for attribute, value in attributes.items():
        text = text.replace(attribute, value)
    return text


def _stamp(document: dict[str, Any]) -> str:
    return datetime.fromisoformat(document["ScheduledTime"]).strftime("%Y-%m-%dT%H:%M:%SZ")


def _bury(world: World, invocation: Resource, outcome: Outcome, attempts: int) -> None:
    """Send what could not be delivered to the dead-letter queue, where there is one."""
    document = invocation.document
    queue = document["Target"].get("DeadLetterConfig", {}).get("Arn")
    if queue is None:
        return
    attributes = {
        "ERROR_CODE": outcome.code or "",
        "ERROR_MESSAGE": outcome.message or "-",
        "EXECUTION_ID": document["ExecutionId"],
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts" if outcome.retryable else "NonRetryableError",
        "RETRY_ATTEMPTS": str(attempts - 1),
        "SCHEDULED_TIME": _stamp(document),
        "SCHEDULE_ARN": document["ScheduleArn"],
        "TARGET_ARN": document["Target"]["Arn"],
    }
    try:
        sqs = clients.client(world, "sqs", invocation.region, role=document["Target"]["RoleArn"])
        sqs.send_message(
            QueueUrl=queue_url(world, invocation.region, queue),
            MessageBody=_input(document, attempts) or "{}",
            MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()},
        )
    except (ClientError, BotoCoreError) as exc:
        log.warning("the dead-letter queue %s took nothing: %s", queue, exc)


register(
    Lifecycle(
        KIND,
        (Transition("PENDING", "deliver", GONE), Transition("PENDING", "drop", GONE)),
        due={"attempt": _attempt},
    )
)
