"""Service Quotas: real codes and values, increases that hold once approved, and the refusal past a quota."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice import quota_figures
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


def test_sagemaker_and_ec2_are_the_services_there_are(quotas: Any) -> None:
    assert [row["ServiceCode"] for row in quotas.list_services()["Services"]] == ["ec2", "sagemaker"]
    code, _ = refused(quotas.list_service_quotas, ServiceCode="s3")
    assert code == "NoSuchResourceException"


STANDARD, GPUS, SPOT = "L-1216C47A", "L-DB2E81BA", "L-34B43A08"


def test_ec2_counts_vcpus_by_class_with_aws_names_codes_and_defaults(quotas: Any) -> None:
    rows = {row["QuotaCode"]: row for row in quotas.list_service_quotas(ServiceCode="ec2")["Quotas"]}
    defaults = {row["QuotaCode"]: row for row in quotas.list_aws_default_service_quotas(ServiceCode="ec2")["Quotas"]}
    assert set(rows) == set(defaults)
    assert rows[STANDARD]["QuotaName"] == "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"
    assert (rows[STANDARD]["Value"], defaults[STANDARD]["Value"], rows[GPUS]["Value"]) == (64, 5, 0)
    assert rows[SPOT]["UsageMetric"]["MetricDimensions"]["Class"] == "Standard/Spot"
    assert rows[STANDARD]["QuotaArn"].endswith(f":123456789012:ec2/{STANDARD}")


@pytest.mark.parametrize(
    ("instance_type", "market", "name"),
    [
        ("m5.large", "on_demand", "standard"),
        ("t3.medium", "spot", "standard"),
        ("g5.xlarge", "on_demand", "g"),
        ("p5.48xlarge", "on_demand", "p"),
        ("p5.48xlarge", "spot", "p5"),
        ("p4d.24xlarge", "spot", "p"),
        ("inf2.xlarge", "spot", "inf"),
        ("trn1.2xlarge", "on_demand", "trn"),
        ("dl1.24xlarge", "on_demand", None),
        ("x2idn.16xlarge", "on_demand", None),
    ],
)
def test_a_type_is_counted_by_the_quota_of_its_class(instance_type: str, market: str, name: str | None) -> None:
    assert quota_figures.ec2_class(instance_type, market) == name


def run(local: Local, kind: str, count: int, **more: Any) -> list[str]:
    ec2 = local.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ran = ec2.run_instances(ImageId=image, InstanceType=kind, MinCount=count, MaxCount=count, **more)
    return [row["InstanceId"] for row in ran["Instances"]]


def test_instances_beyond_a_vcpu_quota_are_refused_until_more_is_granted(local: Local, quotas: Any) -> None:
    ran = run(local, "m5.8xlarge", 2)
    code, message = refused(lambda: run(local, "t3.medium", 1))
    assert code == "VcpuLimitExceeded"
    assert "current vCPU limit of 64" in message
    assert refused(lambda: run(local, "g5.xlarge", 1))[0] == "VcpuLimitExceeded"
    local.client("ec2").stop_instances(InstanceIds=ran[:1])
    (small,) = run(local, "t3.medium", 1)
    assert refused(lambda: local.client("ec2").start_instances(InstanceIds=ran[:1]))[0] == "VcpuLimitExceeded"
    asked = quotas.request_service_quota_increase(ServiceCode="ec2", QuotaCode=STANDARD, DesiredValue=80)
    assert asked["RequestedQuota"]["ServiceCode"] == "ec2"
    local.advance(hours=48)
    local.client("ec2").start_instances(InstanceIds=ran[:1])
    assert refused(lambda: run(local, "m5.4xlarge", 1))[0] == "VcpuLimitExceeded"
    history = quotas.list_requested_service_quota_change_history(ServiceCode="ec2")["RequestedQuotas"]
    assert [(row["QuotaCode"], row["Status"]) for row in history] == [(STANDARD, "APPROVED")]
    assert quotas.list_requested_service_quota_change_history(ServiceCode="sagemaker")["RequestedQuotas"] == []
    assert small


def test_spot_has_a_quota_of_its_own(local: Local) -> None:
    spot = {"InstanceMarketOptions": {"MarketType": "spot"}}
    assert len(run(local, "m5.8xlarge", 2, **spot)) == 2
    assert refused(lambda: run(local, "t3.medium", 1, **spot))[0] == "MaxSpotInstanceCountExceeded"
    assert run(local, "t3.medium", 1)


def test_a_spot_request_is_held_to_the_quota_too(local: Local) -> None:
    ec2 = local.client("ec2")
    wanted = {"ImageId": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"], "InstanceType": "m5.8xlarge"}
    code, _ = refused(lambda: ec2.request_spot_instances(InstanceCount=3, LaunchSpecification=wanted))
    assert code == "MaxSpotInstanceCountExceeded"
    assert ec2.describe_instances()["Reservations"] == []
    assert ec2.request_spot_instances(InstanceCount=2, LaunchSpecification=wanted)["SpotInstanceRequests"]
    code, _ = refused(
        lambda: ec2.request_spot_instances(LaunchSpecification={**wanted, "InstanceType": "p4d.24xlarge"})
    )
    assert code == "MaxSpotInstanceCountExceeded"


@pytest.mark.parametrize("version", [{}, {"Version": "$Default"}, {"Version": "1"}, {"Version": "$Latest"}])
def test_the_type_that_a_launch_template_names_counts(local: Local, version: dict[str, str]) -> None:
    ec2 = local.client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "m5.24xlarge"}
    ec2.create_launch_template(LaunchTemplateName="large", LaunchTemplateData=data)
    ec2.create_launch_template_version(
        LaunchTemplateName="large", LaunchTemplateData={**data, "InstanceType": "t3.medium"}
    )
    template = {"LaunchTemplateName": "large", **version}
    asked = {"ImageId": image, "LaunchTemplate": template, "MinCount": 1, "MaxCount": 1}
    if version.get("Version") == "$Latest":
        (ran,) = ec2.run_instances(**asked)["Instances"]
        assert ran["InstanceType"] == "t3.medium"
    else:
        assert refused(lambda: ec2.run_instances(**asked))[0] == "VcpuLimitExceeded"
        assert ec2.run_instances(**asked, InstanceType="t3.medium")["Instances"]


def test_a_launch_template_that_is_not_there_is_refused(local: Local) -> None:
    ec2 = local.client("ec2")

    def code(**template: str) -> str:
        return refused(lambda: ec2.run_instances(LaunchTemplate=template, MinCount=1, MaxCount=1))[0]

    assert code(LaunchTemplateId="lt-0") == "InvalidLaunchTemplateId.NotFound"
    assert code(LaunchTemplateName="none") == "InvalidLaunchTemplateName.NotFoundException"
    ec2.create_launch_template(LaunchTemplateName="one", LaunchTemplateData={"InstanceType": "t3.medium"})
    assert code(LaunchTemplateName="one", Version="2") == "InvalidLaunchTemplateId.VersionNotFound"


def test_lists_every_quota_over_all_pages_with_what_this_account_was_granted(quotas: Any) -> None:
    rows = list(quotas.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker").search("Quotas"))
    by_code = {row["QuotaCode"]: row for row in rows}
    assert len(rows) == len(by_code) == len(quota_figures.default_quotas())
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
    fixed = quota_figures.Quota("L-FIXED000", "Fixed", "other", None, None, None, 1.0, adjustable=False)
    monkeypatch.setattr(quota_figures, "default_quotas", lambda: (fixed,))
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
