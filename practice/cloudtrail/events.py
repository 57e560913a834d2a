"""What is kept of a call, and which calls are kept.

docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from botocore.model import OperationModel

from practice import ACCOUNT_ID
from practice.borrowed.names import READS
from practice.cloudtrail.identities import Caller
from practice.cloudtrail.members import lowered, shown
from practice.store import to_us
from practice.world import World

DATA_EVENTS = {
    "dynamodb": r"\w*Item\w*|Execute\w+",
    "events": r"PutEvents",
    "kinesis": r"PutRecords?",
    "lambda": r"Invoke\w*",
    "logs": r"PutLogEvents",
    "monitoring": r"PutMetricData",
    "s3": r"\w*Object\w*|UploadPart\w*|\w*MultipartUpload",
    "sagemaker": r"InvokeEndpoint\w*",
    "sns": r"Publish\w*",
    "sqs": r"\w*Message\w*|PurgeQueue",
    "sts": r"\w+",
}
"""Signing name → operations that are no management events, or (STS) only read."""

GLOBAL = frozenset(("iam", "cloudfront", "organizations", "route53", "savingsplans", "bcm-data-exports", "ce"))
"""Signing names of the services without a region: CloudTrail keeps their events in us-east-1."""

RESOURCES = {
    ("sagemaker", "NotebookInstanceName"): "AWS::SageMaker::NotebookInstance",
    ("sagemaker", "NotebookInstanceLifecycleConfigName"): "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    ("sagemaker", "TrainingJobName"): "AWS::SageMaker::TrainingJob",
    ("sagemaker", "EndpointName"): "AWS::SageMaker::Endpoint",
    ("sagemaker", "EndpointConfigName"): "AWS::SageMaker::EndpointConfig",
    ("sagemaker", "ModelName"): "AWS::SageMaker::Model",
    ("scheduler", "Name"): "AWS::Scheduler::Schedule",
    ("logs", "logGroupName"): "AWS::Logs::LogGroup",
    ("s3", "Bucket"): "AWS::S3::Bucket",
    ("iam", "RoleName"): "AWS::IAM::Role",
    ("iam", "UserName"): "AWS::IAM::User",
    ("iam", "PolicyArn"): "AWS::IAM::Policy",
    ("ec2", "InstanceId.1"): "AWS::EC2::Instance",
}
"""(signing name, member of the request) → the type of the resource that it names."""


@dataclass(frozen=True, slots=True)
class Done:
    """A call and what came of it. `error` is (code, message) of a refused one. Models are None where botocore's are
    not at hand: then every key counts as a member."""

    service: str
    region: str
    operation: str
    request: dict[str, Any]
    response: dict[str, Any] | None = None
    error: tuple[str, str] | None = None
    model: OperationModel | None = None


def is_kept(service: str, operation: str) -> bool:
    """Whether a call is a management event that changes something. `service` is the signing name."""
    data = DATA_EVENTS.get(service)
    return READS.match(operation) is None and not (data and re.fullmatch(data, operation))


def record(world: World, caller: Caller, done: Done) -> None:
    """On disk when it returns, or with the transaction that is open."""
    if not is_kept(done.service, done.operation):
        return
    at, event_id = world.clock.now().replace(microsecond=0), str(uuid.uuid4())  # CloudTrail's times are whole seconds
    resources, region = _resources(done), "us-east-1" if done.service in GLOBAL else done.region
    said = {
        "eventVersion": "1.11",
        "userIdentity": caller.identity(),
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{done.service}.amazonaws.com",
        "eventName": done.operation,
        "awsRegion": region,
        "sourceIPAddress": caller.service or "127.0.0.1",
        "userAgent": caller.service or "practice",
        **({} if done.error is None else {"errorCode": done.error[0], "errorMessage": done.error[1]}),
        "requestParameters": shown(done.request, done.model.input_shape if done.model else None) or None,
        "responseElements": shown(done.response or {}, done.model.output_shape if done.model else None) or None,
        "requestID": str(uuid.uuid4()),
        "eventID": event_id,
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT_ID,
        "eventCategory": "Management",
    }
    world.store.write(
        "INSERT INTO trail VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(to_us(at), region, event_id, done.operation, said["eventSource"], caller.name, caller.access_key),
            *(json.dumps(resources), json.dumps(said, default=str)),
        ),
    )


def _resources(done: Done) -> list[dict[str, str]]:
    given = {lowered(key): value for key, value in done.request.items()}
    return [
        {"ResourceType": kind, "ResourceName": str(given[lowered(member)])}
        for (service, member), kind in RESOURCES.items()
        if service == done.service and given.get(lowered(member))
    ]
