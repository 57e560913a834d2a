"""CloudTrail's event history: what changed something is there, by whom and with what, and no secret is."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.cloudtrail import events
from practice.cloudtrail.members import HIDDEN
from tests.support.local_account import REGION, Local

MAY_LOG = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]})
ROLE = "arn:aws:iam::123456789012:role/Nightly"


def looked_up(local: Local, **attributes: str) -> list[dict[str, Any]]:
    """What LookupEvents says of at most one attribute."""
    given = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
    found: list[dict[str, Any]] = local.client("cloudtrail").lookup_events(LookupAttributes=given)["Events"]
    return found


def detail(event: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(event["CloudTrailEvent"])
    return said


def put_model(local: Local, name: str, **settings: str) -> None:
    container = {"Image": "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/x:1", "Environment": settings}
    local.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)


def test_a_change_is_kept_with_its_time_its_caller_and_what_was_asked(local: Local) -> None:
    logs = local.client("logs")
    logs.create_log_group(logGroupName="kept", tags={"Team": "risk"})
    logs.describe_log_groups()
    (event,) = looked_up(local, EventSource="logs.amazonaws.com")
    said = detail(event)
    assert (event["EventName"], event["ReadOnly"], event["Username"]) == ("CreateLogGroup", "false", "practice")
    assert event["Resources"] == [{"ResourceType": "AWS::Logs::LogGroup", "ResourceName": "kept"}]
    assert said["requestParameters"] == {"logGroupName": "kept", "tags": {"Team": "risk"}}
    assert said["userIdentity"]["arn"] == "arn:aws:iam::123456789012:user/practice"
    assert said["userIdentity"]["accessKeyId"] == event["AccessKeyId"] == local.world.door.access_key
    assert (said["awsRegion"], said["eventID"]) == (REGION, event["EventId"])
    assert datetime.fromisoformat(said["eventTime"]) == event["EventTime"]
    assert timedelta(0) <= local.world.clock.now() - event["EventTime"] < timedelta(seconds=30)


def test_a_refused_change_is_kept_with_its_error(local: Local) -> None:
    with pytest.raises(ClientError, match="RecordNotFound"):
        local.client("sagemaker").stop_notebook_instance(NotebookInstanceName="nobody")
    with pytest.raises(ClientError, match="constraint"):
        local.client("sagemaker").create_model(ModelName="-", ExecutionRoleArn=ROLE)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        local.client("iam").delete_role(RoleName="nobody")
    (stop,) = looked_up(local, EventName="StopNotebookInstance")
    assert (detail(stop)["errorCode"], detail(stop)["responseElements"]) == ("ValidationException", None)
    (create,) = looked_up(local, EventName="CreateModel")
    assert detail(create)["requestParameters"] is None
    iam = local.client("cloudtrail", "us-east-1").lookup_events()["Events"]
    assert [detail(event)["errorCode"] for event in iam] == ["NoSuchEntity"]


def test_secrets_are_hidden_and_data_events_are_not_kept(local: Local) -> None:
    put_model(local, "quiet", API_KEY="canary-1")
    local.client("secretsmanager").create_secret(Name="s", SecretString="canary-2")
    local.client("iam").create_user(UserName="kim")
    key = local.client("iam").create_access_key(UserName="kim")["AccessKey"]
    s3 = local.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="bucket", Key="k", Body=b"canary-3")
    rows = [dict(row) for row in local.world.store.read("SELECT * FROM trail")]
    assert [row["event_name"] for row in rows] == [
        *("CreateModel", "CreateSecret", "CreateUser", "CreateAccessKey", "CreateBucket"),
    ]
    text = json.dumps(rows)
    assert HIDDEN in text
    assert [
        secret for secret in ("canary-", key["SecretAccessKey"], local.world.door.secret_key) if secret in text
    ] == []


def test_users_sessions_and_schedules_are_named(local: Local) -> None:
    iam = local.client("iam")
    principals = {"AWS": "arn:aws:iam::123456789012:root", "Service": "scheduler.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="Nightly", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    iam.create_user(UserName="kim")
    iam.put_role_policy(RoleName="Nightly", PolicyName="logs", PolicyDocument=MAY_LOG)
    iam.put_user_policy(UserName="kim", PolicyName="logs", PolicyDocument=MAY_LOG)
    key = local.client("iam").create_access_key(UserName="kim")["AccessKey"]
    session = local.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="lee@bank")["Credentials"]
    by_kim = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    by_lee = {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }
    local.client("logs", keys=by_kim).create_log_group(logGroupName="kims")
    local.client("logs", keys=by_lee).create_log_group(logGroupName="lees")
    local.client("scheduler").create_schedule(
        Name="nightly",
        ScheduleExpression=f"at({local.world.clock.now() + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup",
            "RoleArn": ROLE,
            "Input": json.dumps({"logGroupName": "nightlys"}),
        },
    )
    local.advance(minutes=2)
    found = {detail(e)["requestParameters"]["logGroupName"]: e for e in looked_up(local, EventName="CreateLogGroup")}
    names = {name: event["Username"] for name, event in found.items()}
    assert names == {"kims": "kim", "lees": "lee@bank", "nightlys": "scheduler"}
    kim, lee, nightly = (detail(found[name])["userIdentity"] for name in ("kims", "lees", "nightlys"))
    assert (kim["type"], kim["userName"], kim["accessKeyId"]) == ("IAMUser", "kim", key["AccessKeyId"])
    assert (lee["type"], lee["sessionContext"]["sessionIssuer"]["arn"]) == ("AssumedRole", ROLE)
    assert (nightly["invokedBy"], nightly["sessionContext"]["sessionIssuer"]["arn"]) == (
        "scheduler.amazonaws.com",
        ROLE,
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        local.client("sqs", keys=by_kim).create_queue(QueueName="kims")
    with pytest.raises(ClientError, match="AccessDenied"):
        local.client("sagemaker", keys=by_kim).delete_model(ModelName="m")
    by_key = looked_up(local, AccessKeyId=key["AccessKeyId"])
    assert [event["EventName"] for event in by_key] == ["DeleteModel", "CreateQueue", "CreateLogGroup"]
    assert ["AccessDenied" in detail(event).get("errorCode", "") for event in by_key] == [True, True, False]


def test_pages_run_from_the_newest_to_the_oldest_and_no_event_comes_twice(local: Local) -> None:
    logs, trail = local.client("logs"), local.client("cloudtrail")
    for number in range(7):
        logs.create_log_group(logGroupName=f"g{number}")
    pages = list(trail.get_paginator("lookup_events").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Events"]) for page in pages] == [3, 3, 1]
    names = [detail(event)["requestParameters"]["logGroupName"] for page in pages for event in page["Events"]]
    assert names == [f"g{number}" for number in reversed(range(7))]
    token = trail.lookup_events(MaxResults=2)["NextToken"]
    for asked in ({"NextToken": "never"}, {"NextToken": token, "EndTime": local.world.clock.now()}):
        with pytest.raises(ClientError, match="InvalidNextTokenException"):
            trail.lookup_events(**asked)


def test_times_attributes_and_ninety_days_bound_a_lookup(local: Local) -> None:
    logs, trail = local.client("logs"), local.client("cloudtrail")
    logs.create_log_group(logGroupName="old")
    local.advance(days=1)
    middle = local.world.clock.now()
    local.advance(days=1)
    logs.create_log_group(logGroupName="new")
    logs.delete_log_group(logGroupName="new")
    assert len(trail.lookup_events(StartTime=middle)["Events"]) == 2
    assert len(trail.lookup_events(EndTime=middle)["Events"]) == 1
    assert len(looked_up(local, ResourceName="new")) == len(looked_up(local, EventSource="logs.amazonaws.com")) - 1
    assert len(looked_up(local, ResourceType="AWS::Logs::LogGroup")) == len(looked_up(local, Username="practice")) == 3
    assert (len(looked_up(local, ReadOnly="false")), len(looked_up(local, ReadOnly="true"))) == (3, 0)
    (one,) = looked_up(local, EventName="DeleteLogGroup")
    assert looked_up(local, EventId=one["EventId"]) == [one]
    assert local.client("cloudtrail", "us-east-1").lookup_events()["Events"] == []
    assert trail.lookup_events(EventCategory="insight")["Events"] == []
    with pytest.raises(ClientError, match="InvalidTimeRange"):
        trail.lookup_events(StartTime=middle, EndTime=middle - timedelta(hours=1))
    with pytest.raises(ClientError, match="InvalidLookupAttributes"):
        looked_up(local, EventName="x", Username="y")
    local.advance(days=89)
    assert len(looked_up(local)) == 2


def test_the_history_survives_a_restart_and_a_replay_adds_nothing(local: Local) -> None:
    local.client("iam").create_user(UserName="kim")
    local.client("logs").create_log_group(logGroupName="g")
    before = local.world.store.read("SELECT event FROM trail")
    local.restart()
    assert [row["event"] for row in local.world.store.read("SELECT event FROM trail")] == [r["event"] for r in before]


def test_trails_themselves_are_motos_and_other_operations_are_missing_cleanly(local: Local) -> None:
    trail = local.client("cloudtrail")
    assert trail.describe_trails()["trailList"] == []
    with pytest.raises(ClientError, match="NotImplemented"):
        trail.list_channels()


@pytest.mark.parametrize(
    ("service", "operation", "kept"),
    [
        ("sagemaker", "CreateTrainingJob", True),
        ("sagemaker", "InvokeEndpoint", False),
        ("sagemaker", "Search", False),
        ("s3", "PutBucketPolicy", True),
        ("s3", "CompleteMultipartUpload", False),
        ("sts", "AssumeRole", False),
        ("sqs", "CreateQueue", True),
        ("sqs", "SendMessage", False),
    ],
)
def test_management_events_that_change_something_are_kept(service: str, operation: str, kept: bool) -> None:
    assert events.is_kept(service, operation) is kept
