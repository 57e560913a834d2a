"""Moto's time is the account's clock, in every service; credentials alone live on wall time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.practice.borrowed.exercise import TRUST
from tests.support.practice_account import REGION, Account, running

AHEAD = timedelta(days=40)
NEAR = timedelta(minutes=5)


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account forty days from now."""
    for account in running(tmp_path_factory.mktemp("ahead") / "practice"):
        account.advance(AHEAD.total_seconds())
        yield account


def _object(client: Any) -> datetime:
    client.create_bucket(Bucket="time", CreateBucketConfiguration={"LocationConstraint": REGION})
    client.put_object(Bucket="time", Key="k", Body=b"x")
    at: datetime = client.head_object(Bucket="time", Key="k")["LastModified"]
    listed = client.list_objects_v2(Bucket="time")["Contents"][0]["LastModified"]
    assert abs(listed - at) < timedelta(seconds=2)
    return at


def _bucket(client: Any) -> Any:
    client.create_bucket(Bucket="made", CreateBucketConfiguration={"LocationConstraint": REGION})
    return next(b["CreationDate"] for b in client.list_buckets()["Buckets"] if b["Name"] == "made")


def _instance(client: Any) -> Any:
    image = client.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]["ImageId"]
    made = client.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    return made["Instances"][0]["LaunchTime"]


def _alarm(client: Any) -> Any:
    client.put_metric_alarm(
        AlarmName="a", MetricName="m", Namespace="n", Statistic="Sum", Period=60, Threshold=1, EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    return client.describe_alarms()["MetricAlarms"][0]["AlarmConfigurationUpdatedTimestamp"]


def _metric(client: Any) -> Any:
    client.put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
    now = datetime.now(UTC) + AHEAD
    span = {"StartTime": now - timedelta(hours=1), "EndTime": now + timedelta(hours=1)}
    found = client.get_metric_statistics(Namespace="n", MetricName="m", Period=60, Statistics=["Sum"], **span)
    return found["Datapoints"][0]["Timestamp"]


def _message(client: Any) -> Any:
    queue = client.create_queue(QueueName="q")["QueueUrl"]
    client.send_message(QueueUrl=queue, MessageBody="x")
    message = client.receive_message(QueueUrl=queue, AttributeNames=["SentTimestamp"])["Messages"][0]
    return datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)


def _stack(client: Any) -> Any:
    client.create_stack(StackName="s", TemplateBody='{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}')
    return client.describe_stacks()["Stacks"][0]["CreationTime"]


def _balancer(client: Any) -> Any:
    zones = [f"{REGION}a"]
    ports = [{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}]
    client.create_load_balancer(LoadBalancerName="lb", Listeners=ports, AvailabilityZones=zones)
    return client.describe_load_balancers()["LoadBalancerDescriptions"][0]["CreatedTime"]


def _scaling(client: Any) -> Any:
    client.create_launch_configuration(LaunchConfigurationName="lc", ImageId="ami-12c6146b", InstanceType="t3.micro")
    return client.describe_launch_configurations()["LaunchConfigurations"][0]["CreatedTime"]


MADE = {
    "s3 object": ("s3", _object),
    "s3 bucket": ("s3", _bucket),
    "iam role": ("iam", lambda c: c.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["CreateDate"]),
    "ec2 instance": ("ec2", _instance),
    "ec2 volume": ("ec2", lambda c: c.create_volume(AvailabilityZone=f"{REGION}a", Size=1)["CreateTime"]),
    "cloudwatch alarm": ("cloudwatch", _alarm),
    "cloudwatch metric": ("cloudwatch", _metric),
    "sqs message": ("sqs", _message),
    "kms key": ("kms", lambda c: c.create_key()["KeyMetadata"]["CreationDate"]),
    "ecr repository": ("ecr", lambda c: c.create_repository(repositoryName="r1")["repository"]["createdAt"]),
    "cloudformation stack": ("cloudformation", _stack),
    "elb": ("elb", _balancer),
    "autoscaling": ("autoscaling", _scaling),
    "secret": ("secretsmanager", lambda c: c.create_secret(Name="s", SecretString="x")
               and c.describe_secret(SecretId="s")["CreatedDate"]),
    "ssm parameter": ("ssm", lambda c: c.put_parameter(Name="p", Value="v", Type="String")
                      and c.get_parameter(Name="p")["Parameter"]["LastModifiedDate"]),
}  # fmt: skip


@pytest.mark.parametrize("what", MADE)
def test_what_is_made_bears_the_clocks_time(ahead: Account, what: str) -> None:
    service, make = MADE[what]
    made = make(ahead.client(service)).astimezone(UTC)
    assert abs(made - ahead.clock()) < NEAR


def test_a_message_is_delayed_by_the_clock_and_a_topics_messages_bear_its_time(practice: Account) -> None:
    sqs, sns = practice.client("sqs"), practice.client("sns")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.send_message(QueueUrl=queue, MessageBody="late", DelaySeconds=900)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    practice.advance(901)
    late = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    assert late["Body"] == "late"
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=late["ReceiptHandle"])
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    practice.advance(AHEAD.total_seconds())
    sns.publish(TopicArn=topic, Message="m")
    body = sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"]
    assert practice.clock().strftime("%Y-%m-%dT") in body


def test_a_session_expires_by_wall_time_whatever_the_clock_shows(ahead: Account) -> None:
    role = {"RoleArn": "arn:aws:iam::123456789012:role/any", "RoleSessionName": "me"}
    made = ahead.client("sts").assume_role(**role, DurationSeconds=900)["Credentials"]
    assert abs(made["Expiration"] - datetime.now(UTC) - timedelta(seconds=900)) < NEAR
