"""Quota utilization reports: what is used of what holds, the fullest first, of SageMaker and EC2, for 15 minutes."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_account import Local

STANDARD = "L-1216C47A"
ROLE = "arn:aws:iam::123456789012:role/flightdeck-execution"


def report(local: Local, region: str = "ap-northeast-2", **more: Any) -> dict[str, Any]:
    quotas = local.client("service-quotas", region)
    identity = quotas.start_quota_utilization_report()["ReportId"]
    local.advance(seconds=5)
    found: dict[str, Any] = quotas.get_quota_utilization_report(ReportId=identity, **more)
    return found


def test_a_report_says_what_runs_of_what_holds_the_fullest_first(local: Local) -> None:
    ec2 = local.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, InstanceType="m5.8xlarge", MinCount=1, MaxCount=1)
    local.client("sagemaker").create_notebook_instance(
        NotebookInstanceName="n", InstanceType="ml.g4dn.xlarge", RoleArn=ROLE
    )
    found = report(local)
    assert (found["Status"], found["TotalCount"]) == ("COMPLETED", len(found["Quotas"]))
    assert found["GeneratedAt"] <= local.world.clock.now()
    shares = [row["Utilization"] for row in found["Quotas"]]
    assert shares == sorted(shares, reverse=True)
    first = found["Quotas"][0]
    assert (first["QuotaName"], first["Utilization"], first["AppliedValue"]) == (
        "ml.g4dn.xlarge for notebook instance usage", 100, 1,
    )  # fmt: skip
    standard = next(row for row in found["Quotas"] if row["QuotaCode"] == STANDARD)
    assert (standard["Utilization"], standard["AppliedValue"], standard["DefaultValue"]) == (50, 64, 5)
    assert (standard["Namespace"], standard["ServiceCode"]) == ("AWS/Usage", "ec2")
    assert "Namespace" not in first
    assert {row["ServiceCode"] for row in found["Quotas"]} == {"ec2", "sagemaker"}
    elsewhere = report(local, "eu-west-1")["Quotas"]
    assert {row["Utilization"] for row in elsewhere} == {0}


def test_a_report_is_begun_made_and_forgotten_on_the_clock(local: Local) -> None:
    quotas = local.client("service-quotas")
    begun = quotas.start_quota_utilization_report()
    assert begun["Status"] == "PENDING"
    states = []
    for seconds in (0, 1, 4):
        local.advance(seconds=seconds)
        found = quotas.get_quota_utilization_report(ReportId=begun["ReportId"])
        states.append(found["Status"])
        assert ("Quotas" in found) == (found["Status"] == "COMPLETED")
    assert states == ["PENDING", "IN_PROGRESS", "COMPLETED"]
    local.advance(seconds=901)
    with pytest.raises(ClientError) as gone:
        quotas.get_quota_utilization_report(ReportId=begun["ReportId"])
    assert gone.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_pages_hold_every_quota_once(local: Local) -> None:
    quotas = local.client("service-quotas")
    identity = quotas.start_quota_utilization_report()["ReportId"]
    local.advance(seconds=5)
    rows: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        found = quotas.get_quota_utilization_report(ReportId=identity, MaxResults=7, **token)
        rows += found["Quotas"]
        if "NextToken" not in found:
            break
        token = {"NextToken": found["NextToken"]}
    codes = [(row["ServiceCode"], row["QuotaCode"]) for row in rows]
    assert len(set(codes)) == len(codes) == found["TotalCount"] > 14
    with pytest.raises(ClientError) as wrong:
        quotas.get_quota_utilization_report(ReportId=identity, NextToken="bm9uc2Vuc2U=")
    assert wrong.value.response["Error"]["Code"] == "InvalidPaginationTokenException"
