"""Schedules as an AWS client sees them: create, get, update, delete, list, groups and tags."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_account import Local

ROLE = "arn:aws:iam::123456789012:role/Scheduler"
STOP = "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance"
TARGET = {"Arn": STOP, "RoleArn": ROLE, "Input": '{"NotebookInstanceName": "nb"}'}


@pytest.fixture
def scheduler(local: Local) -> Any:
    return local.client("scheduler")


def create(scheduler: Any, name: str = "one", **changes: Any) -> str:
    wish = {
        "Name": name,
        "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "StartDate": datetime(2100, 1, 1, tzinfo=UTC),
        "Target": TARGET,
        **changes,
    }
    arn: str = scheduler.create_schedule(**wish)["ScheduleArn"]
    return arn


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_get_gives_what_was_created_with_awss_defaults(scheduler: Any) -> None:
    arn = create(scheduler, Description="night", ScheduleExpressionTimezone="Asia/Seoul")
    assert arn == "arn:aws:scheduler:ap-northeast-2:123456789012:schedule/default/one"
    got = scheduler.get_schedule(Name="one")
    assert got["Arn"] == arn
    assert (got["GroupName"], got["State"], got["ActionAfterCompletion"]) == ("default", "ENABLED", "NONE")
    assert (got["Description"], got["ScheduleExpressionTimezone"]) == ("night", "Asia/Seoul")
    assert got["StartDate"] == datetime(2100, 1, 1, tzinfo=UTC)
    assert got["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert "EndDate" not in got
    assert got["CreationDate"] == got["LastModificationDate"]


def test_a_client_token_makes_creation_idempotent(scheduler: Any) -> None:
    arn = create(scheduler, ClientToken="once")
    assert create(scheduler, ClientToken="once") == arn
    assert refused(create, scheduler, ClientToken="once", Description="another")[0] == "ConflictException"
    assert refused(create, scheduler)[1] == "Schedule one already exists."


def test_an_update_replaces_all_and_what_it_does_not_name_goes_back_to_its_default(scheduler: Any) -> None:
    create(scheduler, Description="night", ActionAfterCompletion="DELETE")
    scheduler.update_schedule(
        Name="one",
        ScheduleExpression="rate(2 days)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=TARGET,
        State="DISABLED",
    )
    got = scheduler.get_schedule(Name="one")
    assert (got["ScheduleExpression"], got["State"], got["ActionAfterCompletion"]) == (
        "rate(2 days)",
        "DISABLED",
        "NONE",
    )
    assert "Description" not in got
    assert "StartDate" not in got
    scheduler.update_schedule(
        Name="one", ScheduleExpression="rate(2 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=TARGET
    )
    assert scheduler.get_schedule(Name="one")["State"] == "ENABLED"


def test_unknown_names(scheduler: Any) -> None:
    for call in (scheduler.get_schedule, scheduler.delete_schedule):
        assert refused(call, Name="ghost") == ("ResourceNotFoundException", "Schedule ghost does not exist.")
    assert refused(create, scheduler, GroupName="ghost")[1] == "Schedule group ghost does not exist."
    assert refused(scheduler.list_schedules, GroupName="ghost")[0] == "ResourceNotFoundException"


def test_lists_by_group_prefix_and_state_over_pages(scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="stops")
    for name in ("b", "a", "c"):
        create(scheduler, name)
    create(scheduler, "d", GroupName="stops", State="DISABLED")
    first = scheduler.list_schedules(MaxResults=3)
    assert [row["Name"] for row in first["Schedules"]] == ["a", "b", "c"]
    assert first["Schedules"][0]["Target"] == {"Arn": STOP}
    second = scheduler.list_schedules(MaxResults=3, NextToken=first["NextToken"])
    assert [row["Name"] for row in second["Schedules"]] == ["d"]
    assert "NextToken" not in second
    assert [row["Name"] for row in scheduler.list_schedules(GroupName="stops")["Schedules"]] == ["d"]
    assert [row["Name"] for row in scheduler.list_schedules(NamePrefix="b")["Schedules"]] == ["b"]
    assert [row["Name"] for row in scheduler.list_schedules(State="DISABLED")["Schedules"]] == ["d"]
    assert scheduler.list_schedules(State="DISABLED", GroupName="default")["Schedules"] == []


def test_schedules_are_their_regions_own(local: Local, scheduler: Any) -> None:
    create(scheduler)
    assert local.client("scheduler", "us-east-1").list_schedules()["Schedules"] == []


def test_deleting_a_group_deletes_its_schedules(local: Local, scheduler: Any) -> None:
    scheduler.create_schedule_group(Name="stops")
    create(scheduler, GroupName="stops")
    scheduler.delete_schedule_group(Name="stops")
    assert scheduler.get_schedule_group(Name="stops")["State"] == "DELETING"
    assert scheduler.list_schedules()["Schedules"] == []
    assert refused(create, scheduler, GroupName="stops")[0] == "ConflictException"
    local.advance(minutes=1)
    assert refused(scheduler.get_schedule_group, Name="stops")[0] == "ResourceNotFoundException"


def test_the_default_group_is_always_there(scheduler: Any) -> None:
    assert [row["Name"] for row in scheduler.list_schedule_groups()["ScheduleGroups"]] == ["default"]
    assert refused(scheduler.delete_schedule_group, Name="default")[0] == "ValidationException"
    assert refused(scheduler.create_schedule_group, Name="default")[0] == "ConflictException"


def test_groups_are_created_once_and_found_by_prefix(scheduler: Any) -> None:
    arn = scheduler.create_schedule_group(Name="stops", ClientToken="once")["ScheduleGroupArn"]
    assert scheduler.create_schedule_group(Name="stops", ClientToken="once")["ScheduleGroupArn"] == arn
    assert refused(scheduler.create_schedule_group, Name="stops")[1] == "Schedule group stops already exists."
    assert [row["Arn"] for row in scheduler.list_schedule_groups(NamePrefix="st")["ScheduleGroups"]] == [arn]


def test_groups_carry_tags(scheduler: Any) -> None:
    arn = scheduler.create_schedule_group(Name="stops", Tags=[{"Key": "team", "Value": "ml"}])["ScheduleGroupArn"]
    scheduler.tag_resource(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "kim"}])
    scheduler.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "owner", "Value": "kim"}]
    many = [{"Key": f"k{n}", "Value": "v"} for n in range(50)]
    assert refused(scheduler.tag_resource, ResourceArn=arn, Tags=many)[0] == "ValidationException"
    elsewhere = arn.replace("ap-northeast-2", "us-east-1")
    assert refused(scheduler.list_tags_for_resource, ResourceArn=elsewhere)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    "changes",
    [
        {"ScheduleExpression": "rate(0 days)"},
        {"ScheduleExpression": "at(2020-01-01T00:00:00)"},
        {"ScheduleExpressionTimezone": "Asia/Atlantis"},
        {"EndDate": datetime(2020, 1, 1, tzinfo=UTC)},
        {"EndDate": datetime(2099, 1, 1, tzinfo=UTC)},
        {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}},
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        {"Target": {**TARGET, "RoleArn": "arn:aws:iam::999999999999:role/Foreign"}},
        {"Target": {**TARGET, "RoleArn": "Scheduler"}},
        {"Target": {**TARGET, "Arn": "sagemaker:stopNotebookInstance"}},
        {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:nothing:stopNotebookInstance"}},
        {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:stopTheWorld"}},
        {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:StopNotebookInstance"}},
        {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:listEndpoints"}},
        {"Target": {**TARGET, "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:describeEndpoint"}},
        {"Target": {**TARGET, "Input": "not json"}},
        {"Target": {**TARGET, "Input": '["a list"]'}},
    ],
)
def test_what_aws_forbids(scheduler: Any, changes: dict[str, Any]) -> None:
    assert refused(create, scheduler, **changes)[0] == "ValidationException"
    assert scheduler.list_schedules()["Schedules"] == []


def test_a_target_that_this_account_cannot_call_is_a_clean_501(scheduler: Any) -> None:
    arn = "arn:aws:lambda:ap-northeast-2:123456789012:function:f"
    code, message = refused(create, scheduler, Target={"Arn": arn, "RoleArn": ROLE})
    assert code == "NotImplemented"
    assert "lambda" in message


def test_a_service_may_be_named_as_awss_sdk_for_java_names_it(scheduler: Any) -> None:
    create(scheduler, Target={"Arn": "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup", "RoleArn": ROLE})
    create(
        scheduler, "two", Target={"Arn": "arn:aws:scheduler:::aws-sdk:sagemakerruntime:invokeEndpoint", "RoleArn": ROLE}
    )


def test_an_end_date_after_the_start_is_kept(scheduler: Any) -> None:
    end = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=3)
    create(scheduler, EndDate=end)
    assert scheduler.get_schedule(Name="one")["EndDate"] == end
