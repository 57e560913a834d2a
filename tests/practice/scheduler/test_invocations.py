"""Schedules that really fire: the call is made, on the clock, once, in time order, also after downtime."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from practice.errors import ServiceError
from practice.operations import OPERATIONS, Context, Registered, Reply, Request
from tests.support.local_account import Local

ROLE = "arn:aws:iam::123456789012:role/Scheduler"
NOTE = "arn:aws:scheduler:::aws-sdk:sagemaker:updateExperiment"
CREATE_CONFIG = "arn:aws:scheduler:::aws-sdk:sagemaker:createNotebookInstanceLifecycleConfig"
REQUEST = {"ExperimentName": "e"}


def create(
    local: Local, name: str, expression: str, target: dict[str, Any], region: str = "ap-northeast-2", **more: Any
) -> None:
    wish = {"FlexibleTimeWindow": {"Mode": "OFF"}, **more}
    target = {"RoleArn": ROLE, **target}
    local.client("scheduler", region).create_schedule(Name=name, ScheduleExpression=expression, Target=target, **wish)


def creates_config(name: str) -> dict[str, Any]:
    return {"Arn": CREATE_CONFIG, "Input": json.dumps({"NotebookInstanceLifecycleConfigName": name})}


def configs(local: Local, region: str = "ap-northeast-2") -> dict[str, datetime]:
    rows = local.client("sagemaker", region).list_notebook_instance_lifecycle_configs()
    return {
        row["NotebookInstanceLifecycleConfigName"]: row["CreationTime"]
        for row in rows["NotebookInstanceLifecycleConfigs"]
    }


def at(local: Local, **later: float) -> tuple[str, datetime]:
    """An at() expression so much later, and its moment."""
    moment = (local.world.clock.now() + timedelta(**later)).replace(microsecond=0)
    return f"at({moment:%Y-%m-%dT%H:%M:%S})", moment


def schedules(local: Local) -> list[str]:
    return [row["Name"] for row in local.client("scheduler").list_schedules()["Schedules"]]


def outcomes(local: Local) -> list[tuple[str, dict[str, Any]]]:
    events = local.world.events("schedule-invocation")
    return [(event.event, event.changes) for event in events if event.event != "create"]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Context, Request], Reply]], None]:
    """Make the account answer `sagemaker:UpdateExperiment`, which it does not have, through the given function."""

    def answer(act: Callable[[Context, Request], Reply]) -> None:
        monkeypatch.setitem(OPERATIONS, ("sagemaker", "UpdateExperiment"), Registered(act, live=False))

    return answer


def test_a_one_time_schedule_makes_its_call_at_its_time_and_may_be_gone_then(local: Local) -> None:
    expression, moment = at(local, hours=3)
    create(local, "once", expression, creates_config("made"), ActionAfterCompletion="DELETE")
    create(local, "kept", expression, creates_config("made-too"))
    local.advance(hours=2)
    assert configs(local) == {}
    local.advance(hours=2)
    made = configs(local)
    assert set(made) == {"made", "made-too"}
    assert all(abs(when - moment) < timedelta(seconds=60) for when in made.values())
    assert schedules(local) == ["kept"]


def test_recurring_schedules_fire_in_time_order_each_in_its_region(local: Local, answered: Any) -> None:
    seen: list[tuple[str, str, datetime]] = []

    def act(context: Context, request: Request) -> Reply:
        seen.append((request["Description"], context.region, context.world.clock.now()))
        return {}

    answered(act)
    for name, rate in (("hourly", "rate(1 hour)"), ("slow", "rate(90 minutes)")):
        text = json.dumps({**REQUEST, "Description": name})
        create(local, name, rate, {"Arn": NOTE, "Input": text}, StartDate=local.world.clock.now() + timedelta(hours=1))
    create(
        local,
        "far",
        "rate(1 day)",
        {"Arn": NOTE, "Input": json.dumps({**REQUEST, "Description": "far"})},
        "us-east-1",
    )
    local.advance(hours=4, minutes=30)
    names = [name for name, _, _ in seen]
    assert sorted(names) == ["far", "hourly", "hourly", "hourly", "hourly", "slow", "slow", "slow"]
    assert {region for name, region, _ in seen if name == "far"} == {"us-east-1"}
    times = [when for _, _, when in seen]
    assert times == sorted(times)


def test_a_disabled_or_deleted_schedule_stays_silent(local: Local) -> None:
    expression, _ = at(local, hours=1)
    create(local, "off", expression, creates_config("off"), State="DISABLED")
    create(local, "gone", expression, creates_config("gone"))
    create(local, "late", expression, creates_config("late"))
    scheduler = local.client("scheduler")
    scheduler.delete_schedule(Name="gone")
    scheduler.update_schedule(
        Name="late",
        ScheduleExpression=at(local, hours=5)[0],
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"RoleArn": ROLE, **creates_config("late")},
    )
    local.advance(hours=2)
    assert configs(local) == {}
    local.advance(hours=4)
    assert set(configs(local)) == {"late"}


def test_a_flexible_window_invokes_within_it_and_not_once_the_schedule_is_deleted(local: Local) -> None:
    expression, moment = at(local, hours=1)
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1440}
    create(local, "wide", expression, creates_config("wide"), FlexibleTimeWindow=window)
    create(local, "wider", expression, creates_config("wider"), FlexibleTimeWindow=window)
    local.advance(hours=1, seconds=1)
    assert [row.kind for row in local.world.all("schedule-invocation")] == ["schedule-invocation"] * 2
    local.client("scheduler").delete_schedule(Name="wider")
    local.advance(hours=24)
    made = configs(local)
    assert set(made) == {"wide"}
    assert moment < made["wide"] <= moment + timedelta(hours=24, seconds=60)
    assert {changes.get("ErrorCode") for _, changes in outcomes(local)} == {None, "ScheduleDeleted"}


def test_what_fell_due_while_the_account_was_down_fires_at_the_next_start(local: Local) -> None:
    expression, _ = at(local, seconds=60)
    create(local, "once", expression, creates_config("made"), ActionAfterCompletion="DELETE")
    local.world.clock.set_speed(100_000)
    local.restart()
    assert set(configs(local)) == {"made"}
    assert schedules(local) == []


def test_throttling_is_retried_on_the_clock_with_awss_context_in_the_input(local: Local, answered: Any) -> None:
    asked: list[str] = []

    def act(context: Context, request: Request) -> Reply:
        asked.append(request["Description"])
        if len(asked) < 3:
            raise ServiceError("ServiceUnavailable", "busy")
        return {}

    answered(act)
    text = json.dumps({**REQUEST, "Description": "<aws.scheduler.attempt-number> of <aws.scheduler.scheduled-time>"})
    expression, moment = at(local, minutes=10)
    create(local, "once", expression, {"Arn": NOTE, "Input": text})
    local.advance(hours=1)
    assert asked == [f"{n} of {moment:%Y-%m-%dT%H:%M:%SZ}" for n in (1, 2, 3)]
    told = [(event.event, event.at) for event in local.world.events("schedule-invocation")][1:]
    assert told == [
        ("fail", moment),
        ("fail", moment + timedelta(seconds=2)),
        ("deliver", moment + timedelta(seconds=6)),
    ]


def test_retries_end_with_the_policy_and_the_dead_letter_queue_gets_the_rest(local: Local, answered: Any) -> None:
    def act(context: Context, request: Request) -> Reply:
        raise ServiceError("ServiceUnavailable", "busy")

    answered(act)
    sqs = local.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    target = {
        "Arn": NOTE,
        "Input": json.dumps(REQUEST),
        "RetryPolicy": {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600},
        "DeadLetterConfig": {"Arn": "arn:aws:sqs:ap-northeast-2:123456789012:dead"},
    }
    create(local, "once", at(local, minutes=10)[0], target, ActionAfterCompletion="DELETE")
    local.advance(hours=2)
    assert [event for event, _ in outcomes(local)] == ["fail", "fail", "drop"]
    assert schedules(local) == []
    message = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    said = {key: value["StringValue"] for key, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == REQUEST
    assert (said["ERROR_CODE"], said["RETRY_ATTEMPTS"]) == ("ServiceUnavailable", "2")
    assert said["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts"


def test_an_event_too_old_is_not_tried_again(local: Local, answered: Any) -> None:
    def act(context: Context, request: Request) -> Reply:
        raise ServiceError("ServiceUnavailable", "busy")

    answered(act)
    policy = {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 185}
    create(local, "once", at(local, minutes=10)[0], {"Arn": NOTE, "Input": json.dumps(REQUEST), "RetryPolicy": policy})
    local.advance(hours=2)
    events = [event for event, _ in outcomes(local)]
    assert events[-1] == "drop"
    assert 3 < len(events) < 10


def test_an_error_that_cannot_pass_is_final_also_without_a_queue_that_exists(local: Local) -> None:
    expression, _ = at(local, minutes=10)
    dead = {"DeadLetterConfig": {"Arn": "arn:aws:sqs:ap-northeast-2:123456789012:nowhere"}}
    create(local, "wrong", expression, {"Arn": CREATE_CONFIG, "Input": '{"Name": 1}', **dead})
    stop = "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance"
    create(local, "ghost", expression, {"Arn": stop, "Input": '{"NotebookInstanceName": "ghost"}'})
    unmade = "arn:aws:scheduler:::aws-sdk:sagemaker:createImage"
    wish = {"ImageName": "i", "RoleArn": ROLE}
    create(local, "unmade", expression, {"Arn": unmade, "Input": json.dumps(wish)})
    local.advance(hours=1)
    dropped = [(event, changes["ErrorCode"]) for event, changes in outcomes(local)]
    assert sorted(dropped) == [
        ("drop", "NotImplemented"),
        ("drop", "ValidationException"),
        ("drop", "ValidationException"),
    ]


def test_queues_and_topics_are_targets_too(local: Local) -> None:
    sqs, sns = local.client("sqs"), local.client("sns")
    url = sqs.create_queue(QueueName="work")["QueueUrl"]
    queue = "arn:aws:sqs:ap-northeast-2:123456789012:work"
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    expression, _ = at(local, minutes=10)
    create(local, "queue", expression, {"Arn": queue, "Input": "plain words"})
    create(local, "topic", expression, {"Arn": topic, "Input": "news"})
    local.advance(hours=1)
    bodies = [message["Body"] for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    assert "plain words" in bodies
    assert any('"news"' in body for body in bodies)


def test_a_door_that_is_shut_is_tried_again_later(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    create(local, "once", at(local, minutes=10)[0], creates_config("made"))
    monkeypatch.setattr(local.world, "door", replace(local.world.door, url="http://127.0.0.1:9"))
    address = local.account.world.door.url
    assert address == "http://127.0.0.1:9"
    local.account._ticker.advance(timedelta(minutes=10))
    assert [event for event, _ in outcomes(local)] == ["fail"]
    monkeypatch.undo()
    local.advance(hours=1)
    assert set(configs(local)) == {"made"}
