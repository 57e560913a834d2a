"""EC2's Spot Instances are taken back at the advisor's rates, with AWS's reason, and never one that is not spot."""

import json
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import spot_interruptions
from practice.headers import INTERRUPTION_HEADER
from tests.support.local_account import Local

SEOUL = "ap-northeast-2"
MARKET = {"MarketType": "spot"}


def run(local: Local, kind: str = "m5.large", **more: Any) -> str:
    ec2 = local.client("ec2", SEOUL)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    (instance,) = ec2.run_instances(ImageId=image, InstanceType=kind, MinCount=1, MaxCount=1, **more)["Instances"]
    return str(instance["InstanceId"])


def described(local: Local, instance: str) -> dict[str, Any]:
    (found,) = local.client("ec2", SEOUL).describe_instances(InstanceIds=[instance])["Reservations"]
    row: dict[str, Any] = found["Instances"][0]
    return row


def wait(local: Local, time: timedelta) -> None:
    """Advance by any time, also by more than a year: some last longer."""
    while time > timedelta(days=300):
        local.advance(days=300)
        time -= timedelta(days=300)
    local.advance(seconds=time.total_seconds())


def state(local: Local, instance: str) -> str:
    return str(described(local, instance)["State"]["Name"])


def interrupt(local: Local, **named: str) -> tuple[int, dict[str, Any]]:
    door = local.world.door
    connection = HTTPConnection(door.url.removeprefix("http://"), timeout=60)
    connection.request("POST", "/_practice/interruptions", json.dumps(named), {"X-Practice-Key": door.access_key})
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said


def test_a_spot_instance_lasts_as_long_as_was_drawn_and_ends_with_aws_reason(local: Local) -> None:
    spot, steady = run(local, InstanceMarketOptions=MARKET), run(local)
    until = spot_interruptions.lasts(SEOUL, "m5.large", 1, spot)
    wait(local, until - timedelta(minutes=1))
    assert state(local, spot) == "running"
    wait(local, timedelta(minutes=2))
    row = described(local, spot)
    assert row["State"]["Name"] == "terminated"
    assert row["StateReason"] == {
        "Code": "Server.SpotInstanceTermination",
        "Message": "Server.SpotInstanceTermination: Spot instance termination",
    }
    assert state(local, steady) == "running"
    trail = local.client("cloudtrail", SEOUL)
    (event,) = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "BidEvictedEvent"}]
    )["Events"]
    said = json.loads(event["CloudTrailEvent"])
    assert said["requestParameters"] == {"instanceIdSet": [spot]}
    assert said["userIdentity"] == {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}


def test_a_restart_does_not_forget_until_when_it_lasts_nor_why_it_ended(local: Local) -> None:
    first, second = (run(local, InstanceMarketOptions=MARKET) for _ in range(2))
    assert interrupt(local, region=SEOUL, instance_id=first) == (200, {"interrupted": first})
    local.restart()
    assert described(local, first)["StateReason"]["Code"] == "Server.SpotInstanceTermination"
    assert state(local, second) == "running"
    wait(local, spot_interruptions.lasts(SEOUL, "m5.large", 1, second) + timedelta(minutes=1))
    assert state(local, second) == "terminated"


def test_the_request_that_launched_it_is_closed(local: Local) -> None:
    ec2 = local.client("ec2", SEOUL)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    specification = {"ImageId": image, "InstanceType": "m5.large"}
    (asked,) = ec2.request_spot_instances(InstanceCount=1, LaunchSpecification=specification)["SpotInstanceRequests"]
    assert interrupt(local, region=SEOUL, instance_id=asked["InstanceId"])[0] == 200
    (closed,) = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[asked["SpotInstanceRequestId"]])[
        "SpotInstanceRequests"
    ]
    assert (closed["State"], closed["Status"]["Code"]) == ("closed", "instance-terminated-no-capacity")


def test_what_its_owner_ended_is_not_taken_back_again(local: Local) -> None:
    spot = run(local, InstanceMarketOptions=MARKET)
    local.client("ec2", SEOUL).terminate_instances(InstanceIds=[spot])
    wait(local, spot_interruptions.lasts(SEOUL, "m5.large", 1, spot) + timedelta(minutes=1))
    assert described(local, spot)["StateReason"]["Code"] == "Client.UserInitiatedShutdown"


@pytest.mark.parametrize("name", ["i-0123456789abcdef0", ""])
def test_only_a_spot_instance_that_runs_can_be_taken_back(local: Local, name: str) -> None:
    status, said = interrupt(local, region=SEOUL, instance_id=name or run(local))
    assert status == 400
    assert "no Spot Instance" in said["message"]


def test_only_the_account_itself_says_that_ec2_took_an_instance_back(local: Local) -> None:
    spot, iam = run(local, InstanceMarketOptions=MARKET), local.client("iam", SEOUL)
    iam.create_user(UserName="kim")
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="kim", PolicyName="ec2", PolicyDocument=json.dumps(allow))
    made = iam.create_access_key(UserName="kim")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    ec2 = local.client("ec2", SEOUL, keys=keys)
    ec2.meta.events.register(
        "before-sign", lambda request, **_: request.headers.add_header(INTERRUPTION_HEADER, "spot")
    )
    with pytest.raises(ClientError) as refused:
        ec2.terminate_instances(InstanceIds=[spot])
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert state(local, spot) == "running"
