"""What a client gets: real answers in every protocol, and a clean 501 for what is not there."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.model import StructureShape
from botocore.parsers import RpcV2CBORParser

from practice.borrowed import dispatch
from practice.borrowed.calls import Call
from practice.protocol import OWNED
from tests.support.practice_account import REGION, Account

MISSING = [
    ("ec2", "describe_volume_status", {}),  # ec2
    ("iam", "list_organizations_features", {}),  # query
    ("cloudwatch", "list_managed_insight_rules", {"ResourceARN": "arn:aws:x"}),  # JSON 1.0
    ("ecr", "get_account_setting", {"name": "BASIC_SCAN_TYPE_VERSION"}),  # JSON
    ("lambda", "get_account_settings", {}),  # REST-JSON
    ("s3", "get_bucket_metrics_configuration", {"Bucket": "any-bucket", "Id": "x"}),  # REST-XML
    ("s3", "delete_bucket_inventory_configuration", {"Bucket": "any-bucket", "Id": "x"}),
    ("route53", "list_cidr_collections", {}),
    ("compute-optimizer", "get_enrollment_status", {}),  # no such service in moto
]


@pytest.mark.parametrize(("service", "method", "request_"), MISSING)
def test_a_missing_operation_is_a_501_that_names_it(
    shared_practice: Account, service: str, method: str, request_: dict[str, Any]
) -> None:
    client = shared_practice.client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, method)(**request_)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    assert answer["Error"]["Code"] == "NotImplemented"
    assert client.meta.method_to_api_mapping[method] in answer["Error"]["Message"]


def test_metrics_that_were_put_are_got(shared_practice: Account) -> None:
    watch = shared_practice.client("cloudwatch")
    dimensions = [{"Name": "TrainingJobName", "Value": "j"}]
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    for second, value in enumerate((1.0, 2.0, 6.0)):
        datum = {
            "MetricName": "loss",
            "Dimensions": dimensions,
            "Value": value,
            "Timestamp": at + timedelta(seconds=second),
        }
        watch.put_metric_data(Namespace="jobs", MetricData=[datum])
    about = {"Namespace": "jobs", "MetricName": "loss", "Dimensions": dimensions}
    span = {"StartTime": at - timedelta(minutes=1), "EndTime": at + timedelta(minutes=5)}
    (point,) = watch.get_metric_statistics(**about, **span, Period=60, Statistics=["Average", "Maximum"])["Datapoints"]
    assert (point["Average"], point["Maximum"], point["Timestamp"]) == (3.0, 6.0, at)
    query = {"Id": "q", "MetricStat": {"Metric": about, "Period": 60, "Stat": "Sum"}}
    (result,) = watch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    assert (result["Values"], result["Timestamps"]) == ([9.0], [at])


def test_owned_services_never_reach_moto() -> None:
    for service in OWNED:
        with pytest.raises(dispatch.MissingError):
            dispatch.module_of(Call(service, REGION, "", "POST", "/", "", {}, b""))


def signed(
    account: Account, service: str, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> requests.Response:
    """Send a request of one's own making, rightly signed."""
    url = account.url + path
    request = AWSRequest(method=method, url=url, data=body, headers=headers)
    SigV4Auth(Credentials(account.access_key, account.secret_key), service, REGION).add_auth(request)
    return requests.request(method, url, data=body, headers=dict(request.headers.items()), timeout=10)


def test_a_client_that_speaks_cbor_reads_the_501(shared_practice: Account) -> None:
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    headers = {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}
    sent = signed(shared_practice, "monitoring", "POST", path, headers, b"\xa0")
    response = {"status_code": sent.status_code, "headers": sent.headers, "body": sent.content}
    parsed = RpcV2CBORParser().parse(response, StructureShape("Nothing", {"type": "structure", "members": {}}))
    assert parsed["Error"]["Code"] == "NotImplemented"
    assert "monitoring:ListMetrics" in parsed["Error"]["Message"]


def test_a_stack_of_owned_resources_is_refused(shared_practice: Account) -> None:
    stacks = shared_practice.client("cloudformation")
    for kind in ("AWS::SageMaker::Model", "AWS::Logs::LogGroup", "AWS::Scheduler::Schedule"):
        body = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}, "R": {"Type": kind}}})
        with pytest.raises(ClientError, match="ValidationError"):
            stacks.create_stack(StackName="owned", TemplateBody=body)
    assert "owned" not in {stack["StackName"] for stack in stacks.describe_stacks()["Stacks"]}


@pytest.mark.parametrize("path", ["/moto-api/data.json", "/moto-api/reset", "/moto-api"])
@pytest.mark.parametrize("service", ["s3", "ec2"])
def test_motos_own_interface_is_closed(shared_practice: Account, path: str, service: str) -> None:
    for method in ("GET", "POST"):
        headers = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}
        assert signed(shared_practice, service, method, path, headers).status_code == 404


def test_neither_user_agent_nor_header_chooses_region_or_account(shared_practice: Account) -> None:
    sqs = shared_practice.client("sqs", "eu-central-1")

    def mislead(request: Any, **_: Any) -> None:
        request.headers["User-Agent"] = "x region/us-west-1"
        request.headers["x-moto-account-id"] = "999999999999"

    sqs.meta.events.register("before-sign.sqs.*", mislead)
    queue = sqs.create_queue(QueueName="here")["QueueUrl"]
    assert "/123456789012/here" in queue
    assert shared_practice.client("sqs", "eu-central-1").list_queues()["QueueUrls"] == [queue]
    assert "QueueUrls" not in shared_practice.client("sqs", "us-west-1").list_queues()


def test_a_buckets_cors_rules_open_no_door(shared_practice: Account) -> None:
    s3 = shared_practice.client("s3")
    s3.create_bucket(Bucket="cors-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "AllowedHeaders": ["*"]}
    s3.put_bucket_cors(Bucket="cors-bucket", CORSConfiguration={"CORSRules": [rule]})
    answer = s3.list_objects_v2(Bucket="cors-bucket")["ResponseMetadata"]["HTTPHeaders"]
    assert not [name for name in answer if name.startswith("access-control")]


def test_unknown_types_and_images_are_refused(shared_practice: Account) -> None:
    ec2 = shared_practice.client("ec2")
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]["ImageId"]
    with pytest.raises(ClientError, match="InvalidInstanceType"):
        ec2.run_instances(ImageId=image, InstanceType="m99.huge", MinCount=1, MaxCount=1)
    with pytest.raises(ClientError, match="InvalidAMIID"):
        ec2.run_instances(ImageId="ami-0123456789abcdef0", InstanceType="t3.micro", MinCount=1, MaxCount=1)


def test_presigned_urls_put_and_get(shared_practice: Account) -> None:
    s3 = shared_practice.client("s3", "us-west-2", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket="presigned", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    where = {"Bucket": "presigned", "Key": "a b/ü"}
    content = b"z" * 200_000
    assert requests.put(s3.generate_presigned_url("put_object", where), data=content, timeout=10).status_code == 200
    assert requests.get(s3.generate_presigned_url("get_object", where), timeout=10).content == content


def test_a_body_in_chunks_is_unpacked(practice: Account) -> None:
    s3 = practice.client("s3")
    s3.create_bucket(Bucket="chunked", CreateBucketConfiguration={"LocationConstraint": REGION})
    content = b"q" * 200_000
    body = b"%x\r\n%b\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n" % (len(content), content)
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "X-Amz-Decoded-Content-Length": str(len(content)),
    }
    assert signed(practice, "s3", "PUT", "/chunked/k", headers, body).status_code == 200
    practice.kill()
    practice.restart()
    assert practice.client("s3").get_object(Bucket="chunked", Key="k")["Body"].read() == content


def test_first_calls_to_many_services_may_come_at_once(practice: Account) -> None:
    asked = {
        "s3": "list_buckets", "ec2": "describe_vpcs", "iam": "list_roles", "cloudformation": "list_stacks",
        "sqs": "list_queues", "sns": "list_topics", "kms": "list_keys", "elbv2": "describe_load_balancers",
        "autoscaling": "describe_auto_scaling_groups", "events": "list_rules", "ecr": "describe_repositories",
        "ssm": "describe_parameters", "cloudwatch": "list_metrics", "resourcegroupstaggingapi": "get_resources",
    }  # fmt: skip
    once = Config(retries={"total_max_attempts": 1})
    clients = {service: practice.client(service, config=once) for service in asked}
    with ThreadPoolExecutor(len(asked)) as pool:
        answers = list(pool.map(lambda service: getattr(clients[service], asked[service])(), asked))
    assert [answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers] == [200] * len(asked)
    assert "Traceback" not in practice.log()
