"""What hosting, schedules and quotas promised still holds after a kill -9 of the account's process."""

import json
from datetime import timedelta

import psutil
import pytest

from tests.support.practice_account import Account
from tests.support.served_models import ROLE, serving, status
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy

STOP = "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint"


def test_an_endpoint_serves_again_and_its_schedule_still_ends_it(practice: Account) -> None:
    serving(practice)
    at = practice.clock() + timedelta(hours=2)
    practice.client("scheduler").create_schedule(
        Name="stop-e",
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        ActionAfterCompletion="DELETE",
        Target={"Arn": STOP, "RoleArn": ROLE, "Input": json.dumps({"EndpointName": "e"})},
    )
    asked = practice.client("service-quotas").request_service_quota_increase(
        ServiceCode="sagemaker", QuotaCode="L-614B09FD", DesiredValue=9
    )["RequestedQuota"]
    before = psutil.Process(practice.pid).children(recursive=True)
    assert before
    practice.kill()
    practice.restart()
    answer = practice.client("sagemaker-runtime").invoke_endpoint(EndpointName="e", Body=b"x", ContentType="text/plain")
    assert json.loads(answer["Body"].read())["name"] == "a"
    assert status(practice) == "InService"
    practice.advance(3 * 3600)
    assert practice.client("sagemaker").list_endpoints()["Endpoints"] == []
    assert practice.client("scheduler").list_schedules()["Schedules"] == []
    eventually(lambda: psutil.Process(practice.pid).children(recursive=True), until=lambda left: not left)
    practice.advance(48 * 3600)
    found = practice.client("service-quotas").get_requested_service_quota_change(RequestId=asked["Id"])
    assert found["RequestedQuota"]["Status"] == "APPROVED"
