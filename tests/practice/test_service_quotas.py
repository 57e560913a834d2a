"""Service Quotas: real codes and values, increases that hold once approved, and the refusal past a quota."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import figures
from practice import quotas as quotas_in_force
from practice.errors import ServiceError
from practice.operations import Context
from practice.sagemaker import limits
from practice.sagemaker.limits import Use
from tests.support.local_account import Local

TRAINING_M5 = "L-611FA074"
"""ml.m5.large for training job usage"""
ENDPOINT_M5 = "L-614B09FD"
ALL_ENDPOINTS = "L-7A3DF611"


@pytest.fixture
def quotas(local: Local) -> Any:
    return local.client("service-quotas")


def refused(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def request(quotas: Any, value: float, code: str = TRAINING_M5) -> Any:
    return quotas.request_service_quota_increase(ServiceCode="sagemaker", QuotaCode=code, DesiredValue=value)[
        "RequestedQuota"
    ]


def applied(quotas: Any, code: str = TRAINING_M5) -> float:
    value: float = quotas.get_service_quota(ServiceCode="sagemaker", QuotaCode=code)["Quota"]["Value"]
    return value


def test_sagemaker_is_the_service_there_is(quotas: Any) -> None:
    assert quotas.list_services()["Services"] == [{"ServiceCode": "sagemaker", "ServiceName": "Amazon SageMaker"}]
    code, _ = refused(quotas.list_service_quotas, ServiceCode="ec2")
    assert code == "NoSuchResourceException"


def test_lists_every_quota_over_all_pages_with_what_this_account_was_granted(quotas: Any) -> None:
    rows = list(quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker").search("Quotas"))
    by_code = {row["QuotaCode"]: row for row in rows}
    assert len(rows) == len(by_code) == len(figures.default_quotas())
    assert by_code[TRAINING_M5]["QuotaName"] == "ml.m5.large for training job usage"
    assert by_code[TRAINING_M5]["Value"] >= 20
    assert by_code[ENDPOINT_M5]["Value"] >= 4
    assert (
        by_code[TRAINING_M5]["QuotaArn"] == f"arn:aws:servicequotas:ap-northeast-2:123456789012:sagemaker/{TRAINING_M5}"
    )
    one = quotas.list_service_quotas(ServiceCode="sagemaker", QuotaCode=TRAINING_M5)["Quotas"]
    assert one == [by_code[TRAINING_M5]]
    assert quotas.list_service_quotas(ServiceCode="sagemaker", QuotaAppliedAtLevel="RESOURCE")["Quotas"] == []


def test_defaults_are_awss_own_and_belong_to_nobody(quotas: Any) -> None:
    found = quotas.get_aws_default_service_quota(ServiceCode="sagemaker", QuotaCode=TRAINING_M5)["Quota"]
    assert found["Value"] == 0
    assert found["QuotaArn"] == f"arn:aws:servicequotas:ap-northeast-2::sagemaker/{TRAINING_M5}"
    pages = quotas.get_paginator("list_aws_default_service_quotas").paginate(ServiceCode="sagemaker")
    assert found in list(pages.search("Quotas"))


def test_an_unknown_quota_and_a_foreign_token_are_refused(quotas: Any) -> None:
    code, _ = refused(quotas.get_service_quota, ServiceCode="sagemaker", QuotaCode="L-00000000")
    assert code == "NoSuchResourceException"
    code, _ = refused(quotas.list_service_quotas, ServiceCode="sagemaker", NextToken="bogus")
    assert code == "InvalidPaginationTokenException"
    code, _ = refused(quotas.get_requested_service_quota_change, RequestId="nobody")
    assert code == "NoSuchResourceException"


def test_an_increase_is_approved_within_two_days_and_then_holds_also_after_a_restart(local: Local, quotas: Any) -> None:
    before = applied(quotas)
    asked = request(quotas, before + 5)
    assert asked["Status"] == "PENDING"
    assert "CaseId" not in asked
    assert refused(request, quotas=quotas, value=before + 9)[0] == "ResourceAlreadyExistsException"
    local.advance(hours=2)
    opened = quotas.get_requested_service_quota_change(RequestId=asked["Id"])["RequestedQuota"]
    assert opened["Status"] == "CASE_OPENED"
    assert opened["CaseId"].isdigit()
    assert applied(quotas) == before
    local.advance(hours=46)
    approved = quotas.get_requested_service_quota_change(RequestId=asked["Id"])["RequestedQuota"]
    assert approved["Status"] == "APPROVED"
    assert approved["LastUpdated"] > opened["LastUpdated"] > opened["Created"]
    local.restart()
    assert applied(local.client("service-quotas")) == before + 5
    assert applied(local.client("service-quotas", "us-west-2")) == before


def test_an_increase_must_exceed_what_holds(quotas: Any) -> None:
    code, message = refused(request, quotas=quotas, value=applied(quotas))
    assert code == "IllegalArgumentException"
    assert "greater than the current quota value" in message


def test_what_aws_would_not_adjust_stays(quotas: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Every published SageMaker quota is adjustable today: one is held fixed here.
    fixed = figures.Quota("L-FIXED000", "Fixed", "other", None, None, None, 1.0, adjustable=False)
    monkeypatch.setattr(figures, "default_quotas", lambda: (fixed,))
    code, _ = refused(request, quotas=quotas, value=9, code="L-FIXED000")
    assert code == "IllegalArgumentException"


def test_history_is_newest_first_by_quota_and_by_status(local: Local, quotas: Any) -> None:
    first = request(quotas, 1000)
    local.advance(seconds=1)
    second = request(quotas, 1000, ENDPOINT_M5)
    history = quotas.list_requested_service_quota_change_history(ServiceCode="sagemaker")["RequestedQuotas"]
    assert [row["Id"] for row in history] == [second["Id"], first["Id"]]
    assert len(quotas.list_requested_service_quota_change_history(MaxResults=1)["RequestedQuotas"]) == 1
    assert quotas.list_requested_service_quota_change_history(Status="APPROVED")["RequestedQuotas"] == []
    by_quota = quotas.list_requested_service_quota_change_history_by_quota(
        ServiceCode="sagemaker", QuotaCode=ENDPOINT_M5
    )["RequestedQuotas"]
    assert [row["Id"] for row in by_quota] == [second["Id"]]


def test_past_a_quota_the_refusal_is_in_awss_words(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "USES", {})
    context = Context(local.world, "ap-northeast-2")
    limits.check_instance_quota(context, "endpoint", "ml.m5.large", 4)
    with pytest.raises(ServiceError) as caught:
        limits.check_instance_quota(context, "endpoint", "ml.m5.large", 5)
    assert caught.value.code == "ResourceLimitExceeded"
    assert caught.value.message == (
        "The account-level service limit 'ml.m5.large for endpoint usage' is 4 Instances, with current utilization of "
        "0 Instances and a request delta of 5 Instances. Please use AWS Service Quotas to request an increase for this "
        "quota. If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )


def test_no_p5_until_it_is_granted(local: Local) -> None:
    with pytest.raises(ServiceError, match=r"ml\.p5\.48xlarge for training job usage' is 0 Instances"):
        limits.check_instance_quota(Context(local.world, "ap-northeast-2"), "training", "ml.p5.48xlarge", 1)


def test_a_type_without_any_quota_is_refused(local: Local) -> None:
    with pytest.raises(ServiceError, match="is not supported for spot training"):
        limits.check_instance_quota(Context(local.world, "ap-northeast-2"), "spot_training", "ml.z9.large", 1)


def test_what_resources_hold_counts_in_their_region_alone(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [Use("endpoint", "ml.m5.large", 3), Use("endpoint", "ml.m5.xlarge", 2)]
    monkeypatch.setattr(limits, "USES", {quotas_in_force.KIND: lambda _: held})
    request(local.client("service-quotas"), 1000, ALL_ENDPOINTS)
    world = local.world
    assert limits.in_use(world, "ap-northeast-2", "endpoint") == 5
    assert limits.in_use(world, "ap-northeast-2", "endpoint", "ml.m5.large") == 3
    assert limits.in_use(world, "us-east-1", "endpoint") == 0
    with pytest.raises(ServiceError, match="utilization of 3 Instances and a request delta of 2"):
        limits.check_instance_quota(Context(world, "ap-northeast-2"), "endpoint", "ml.m5.large", 2)


def test_one_resources_own_maximum_counts_that_resource_alone(local: Local) -> None:
    local_quotas = local.client("service-quotas")
    for code in (TRAINING_M5, "L-00C91CB5"):
        request(local_quotas, 100, code)
    local.advance(hours=48)
    with pytest.raises(ServiceError, match="'Maximum number of instances per training job' is 20 Instances"):
        limits.check_instance_quota(Context(local.world, "ap-northeast-2"), "training", "ml.m5.large", 21)
