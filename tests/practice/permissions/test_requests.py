"""Actions are not calls: what each request needs."""

import re
from typing import Any

import botocore.session
import pytest

from practice import service_modules
from practice.operations import OPERATIONS
from practice.permissions.decisions import REMEMBERED, Decisions
from practice.permissions.identities import Identity
from practice.permissions.needs import NEEDS, WITHOUT_RESOURCES
from practice.permissions.objects import ACTIONS
from practice.permissions.policies import Wanted
from practice.permissions.requests import Asking, wanted_by

REGION = "ap-northeast-2"
SM, ROLE = f"arn:aws:sagemaker:{REGION}:123456789012:", "arn:aws:iam::123456789012:role/r"


def needs(service: str, operation: str, **parameters: Any) -> list[Wanted]:
    return wanted_by(Asking(service, operation, REGION, parameters), lambda arn: None)


def pairs(service: str, operation: str, **parameters: Any) -> list[tuple[str, str | None]]:
    return [(wanted.action, wanted.resource) for wanted in needs(service, operation, **parameters)]


def of_objects(operation: str, key: str | None = None, *, bucket: str | None = "b", **how: Any) -> list[Any]:
    request = {"Bucket": bucket, "Key": key, "query": {}, "headers": {}, "body": b"", **how}
    return pairs("s3", operation, **request)


def test_a_training_job_needs_its_own_action_its_role_and_its_tags() -> None:
    tags = [{"Key": "flightdeck:owner", "Value": "kim"}]
    types = {"InstanceType": "ml.m5.large"}
    found = needs("sagemaker", "CreateTrainingJob", TrainingJobName="J", RoleArn=ROLE, Tags=tags, ResourceConfig=types)
    assert [(each.action, each.resource) for each in found] == [
        ("sagemaker:CreateTrainingJob", SM + "training-job/j"),
        ("iam:PassRole", ROLE),
        ("sagemaker:AddTags", SM + "training-job/j"),
    ]
    job, role, tagged = found
    assert job.context["sagemaker:instancetypes"] == ("ml.m5.large",)
    assert job.context["aws:requesttag/flightdeck:owner"] == ("kim",)
    assert job.context["aws:requestedregion"] == (REGION,)
    assert role.context["iam:passedtoservice"] == ("sagemaker.amazonaws.com",)
    assert tagged.context["sagemaker:taggingaction"] == ("CreateTrainingJob",)
    assert tagged.context["aws:tagkeys"] == ("flightdeck:owner",)


def test_without_tags_and_without_a_role_there_is_nothing_to_tag_and_nothing_to_pass() -> None:
    assert pairs("sagemaker", "CreateModel", ModelName="m") == [("sagemaker:CreateModel", SM + "model/m")]
    changed = pairs("sagemaker", "UpdateNotebookInstance", NotebookInstanceName="n")
    assert changed == [("sagemaker:UpdateNotebookInstance", SM + "notebook-instance/n")]


def test_an_endpoint_needs_its_configuration_too() -> None:
    assert pairs("sagemaker", "CreateEndpoint", EndpointName="e", EndpointConfigName="c") == [
        ("sagemaker:CreateEndpoint", SM + "endpoint/e"),
        ("sagemaker:CreateEndpoint", SM + "endpoint-config/c"),
    ]
    variants = [{"InstanceType": "ml.m5.large"}, {"InstanceType": "ml.m5.xlarge"}]
    (config,) = needs("sagemaker", "CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=variants)
    assert config.context["sagemaker:instancetypes"] == ("ml.m5.large", "ml.m5.xlarge")


SCHEDULE = f"arn:aws:scheduler:{REGION}:123456789012:schedule/"
STREAM = f"arn:aws:logs:{REGION}:123456789012:log-group:/g:log-stream:"


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "action", "resource"),
    [
        ("sagemaker-runtime", "InvokeEndpoint", {"EndpointName": "E"}, "sagemaker:InvokeEndpoint", SM + "endpoint/e"),
        ("sagemaker", "ListNotebookInstances", {}, "sagemaker:ListNotebookInstances", "*"),
        ("sagemaker", "Search", {"Resource": "TrainingJob"}, "sagemaker:Search", "*"),
        ("sagemaker", "ListTags", {"ResourceArn": SM + "model/m"}, "sagemaker:ListTags", SM + "model/m"),
        (
            "sagemaker",
            "DeleteApp",
            {"DomainId": "d-1", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "default"},
            "sagemaker:DeleteApp",
            SM + "app/d-1/s/jupyterlab/default",
        ),
        ("scheduler", "GetSchedule", {"Name": "n"}, "scheduler:GetSchedule", SCHEDULE + "default/n"),
        ("scheduler", "DeleteSchedule", {"Name": "n", "GroupName": "g"}, "scheduler:DeleteSchedule", SCHEDULE + "g/n"),
        ("scheduler", "ListSchedules", {}, "scheduler:ListSchedules", "*"),
        ("logs", "DescribeLogStreams", {"logGroupName": "/g"}, "logs:DescribeLogStreams", STREAM),
        ("logs", "GetLogEvents", {"logGroupName": "/g", "logStreamName": "s"}, "logs:GetLogEvents", STREAM + "s"),
        ("service-quotas", "ListServiceQuotas", {}, "servicequotas:ListServiceQuotas", "*"),
        (
            "service-quotas",
            "RequestServiceQuotaIncrease",
            {"ServiceCode": "sagemaker", "QuotaCode": "L-1"},
            "servicequotas:RequestServiceQuotaIncrease",
            f"arn:aws:servicequotas:{REGION}:123456789012:sagemaker/L-1",
        ),
        ("monitoring", "GetMetricData", {}, "cloudwatch:GetMetricData", "*"),
        ("pricing", "GetProducts", {"ServiceCode": "AmazonEC2"}, "pricing:GetProducts", "*"),
        ("tagging", "GetResources", {}, "tag:GetResources", "*"),
        ("ec2", "DescribeSubnets", {}, "ec2:DescribeSubnets", "*"),
        ("ec2", "RunInstances", {}, "ec2:RunInstances", None),
        ("iam", "CreateUser", {"UserName": "u"}, "iam:CreateUser", None),
        ("sts", "AssumeRole", {"RoleArn": ROLE}, "sts:AssumeRole", ROLE),
        (
            "sqs",
            "SendMessage",
            {"QueueUrl": "http://127.0.0.1:1/123456789012/q"},
            "sqs:SendMessage",
            f"arn:aws:sqs:{REGION}:123456789012:q",
        ),
        ("kms", "DescribeKey", {"KeyId": "alias/mine"}, "kms:DescribeKey", None),
    ],
)
def test_the_action_and_its_resource(
    service: str, operation: str, parameters: dict[str, Any], action: str, resource: str | None
) -> None:
    assert pairs(service, operation, **parameters) == [(action, resource)]


@pytest.mark.parametrize("operation", ["CreateSchedule", "UpdateSchedule"])
def test_a_schedule_passes_its_role_on(operation: str) -> None:
    schedule, role = needs("scheduler", operation, Name="n", Target={"RoleArn": ROLE})
    assert (schedule.action, schedule.resource) == (f"scheduler:{operation}", SCHEDULE + "default/n")
    assert (role.action, role.resource) == ("iam:PassRole", ROLE)
    assert role.context["iam:passedtoservice"] == ("scheduler.amazonaws.com",)


def test_who_one_is_and_a_session_of_ones_own_need_nothing() -> None:
    assert pairs("sts", "GetCallerIdentity") == pairs("sts", "GetSessionToken") == []


@pytest.mark.parametrize(
    ("operation", "key", "action"),
    [
        ("ListObjectsV2", None, "ListBucket"),
        ("HeadBucket", None, "ListBucket"),
        ("CreateBucket", None, "CreateBucket"),
        ("GetBucketLocation", None, "GetBucketLocation"),
        ("PutBucketEncryption", None, "PutEncryptionConfiguration"),
        ("DeleteBucketLifecycle", None, "PutLifecycleConfiguration"),
        ("HeadObject", "k", "GetObject"),
        ("GetObject", "a/k", "GetObject"),
        ("PutObject", "k", "PutObject"),
        ("CreateMultipartUpload", "k", "PutObject"),
        ("UploadPart", "k", "PutObject"),
        ("CompleteMultipartUpload", "k", "PutObject"),
        ("AbortMultipartUpload", "k", "AbortMultipartUpload"),
        ("DeleteObject", "k", "DeleteObject"),
    ],
)
def test_actions_of_s3_have_names_of_their_own(operation: str, key: str | None, action: str) -> None:
    assert of_objects(operation, key) == [(f"s3:{action}", "arn:aws:s3:::b" + (f"/{key}" if key else ""))]


def test_what_a_request_to_s3_says_besides_its_name_counts() -> None:
    assert of_objects("ListBuckets", bucket=None) == [("s3:ListAllMyBuckets", "*")]
    assert of_objects("GetObject", "k", query={"versionId": "v"}) == [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]
    assert of_objects("PutObject", "k", headers={"x-amz-tagging": "a=b"})[1:] == [
        ("s3:PutObjectTagging", "arn:aws:s3:::b/k")
    ]
    copied = of_objects("CopyObject", "k", headers={"x-amz-copy-source": "/from/a%20b"})
    assert copied == [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::from/a b")]
    body = b"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>"
    deleted = of_objects("DeleteObjects", body=body)
    assert deleted == [("s3:DeleteObject", "arn:aws:s3:::b/a&b"), ("s3:DeleteObject", "arn:aws:s3:::b/c")]
    request = {"Bucket": "b", "Key": None, "query": {"prefix": "p/"}, "headers": {}, "body": b""}
    (listed,) = needs("s3", "ListObjectsV2", **request)
    assert listed.context["s3:prefix"] == ("p/",)


def test_tags_are_read_however_a_service_writes_them() -> None:
    for written in (
        {"Tags": [{"Key": "Team", "Value": "a"}]},
        {"tags": {"Team": "a"}},
        {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "a"},
        {"Tag.1.Key": "Team", "Tag.1.Value": "a"},
    ):
        (wanted,) = needs("sns", "CreateTopic", **written)
        assert (wanted.context["aws:requesttag/team"], wanted.context["aws:tagkeys"]) == (("a",), ("Team",))
    (untagged,) = needs("sagemaker", "DeleteTags", ResourceArn=SM + "model/m", TagKeys=["Team"])
    assert untagged.context["aws:tagkeys"] == ("Team",)


def test_operations_and_their_members_are_awss_own() -> None:
    session = botocore.session.get_session()
    assert set(ACTIONS) <= set(session.get_service_model("s3").operation_names)
    for (service, name), wanted in NEEDS.items():
        model = session.get_service_model(service)
        if name not in model.operation_names:
            assert service == "sagemaker", name  # each verb is tabled for each kind
            continue
        shape = model.operation_model(name).input_shape
        assert shape is not None
        texts = [text for need in wanted for text in (need.resource or "", *need.context.values())]
        for names, default in re.findall(r"\{([\w.|]+)(=?)", " ".join(texts)):
            members = {each.partition(".")[0] for each in names.split("|")}
            known = shape.members.keys() | {"region", "account"}
            # A domain's id is AWS's to choose.
            assert default or members & known or name == "CreateDomain", (service, name, names)


def test_every_operation_that_we_own_says_what_it_is_about() -> None:
    service_modules.load()
    assert OPERATIONS
    for service, name in OPERATIONS:
        listed = (service, name) in NEEDS
        about_all = WITHOUT_RESOURCES.get({"resourcegroupstaggingapi": "tagging"}.get(service, service), ())
        assert listed or name.startswith(about_all), (service, name)


def test_only_the_latest_decisions_are_remembered_each_once() -> None:
    owner = Identity("owner")
    decisions = Decisions(lambda key, role: owner, lambda role, principals, wanted: True, lambda arn: None)
    for number in (*range(REMEMBERED + 3), 3):
        decisions.decide(Asking("sagemaker", "DescribeModel", REGION, {"ModelName": str(number)}), "key")
    made = [str(each["resource"]).rpartition("/")[2] for each in decisions.made()]
    assert len(made) == REMEMBERED
    assert (made[0], made[-1], made.count("3")) == ("4", "3", 1)
