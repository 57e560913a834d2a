"""Targets of schedules: which call an ARN stands for, and the call itself, made through the account's own door.

docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from practice import clients
from practice.errors import not_implemented, validation_error
from practice.protocol import service_model
from practice.world import World

_UNIVERSAL = re.compile(r"arn:aws:scheduler:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)")
_TEMPLATED = re.compile(r"arn:aws:([a-z0-9-]+):[a-z0-9-]*:\d*:.+")

READS = (
    *("get", "describe", "list", "poll", "receive", "search", "scan", "query", "select", "read", "lookup"),
    *("discover", "validate", "batchGet", "batchDescribe", "batchRead", "transactGet", "adminGet", "adminList"),
    *("testMigration", "retrieve", "testConnection", "translateDocument", "isAuthorized", "invokeModel"),
)
"""Prefixes of the operations that AWS does not let a schedule call."""

NAMES = {
    "cloudwatchlogs": "logs",
    "eventbridge": "events",
    "sfn": "stepfunctions",
    "elasticloadbalancingv2": "elbv2",
    "costexplorer": "ce",
}
"""Services whose name in a target is not botocore's without its dashes."""

THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})


@dataclass(frozen=True, slots=True)
class Call:
    """A call as botocore names it."""

    service: str
    operation: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended. `code` is None when it was accepted."""

    code: str | None = None
    message: str = ""
    retryable: bool = False
    request_id: str = ""


def read_target(target: Mapping[str, Any]) -> Call:
    """The call that a Target stands for. Raises ServiceError for one that AWS refuses or this account cannot make."""
    arn = target["Arn"]
    universal = _UNIVERSAL.fullmatch(arn)
    if universal:
        return _universal(arn, universal[1], universal[2], target.get("Input"))
    templated = _TEMPLATED.fullmatch(arn)
    if templated is None or templated[1] == "scheduler":
        raise validation_error("Provided Arn is not in correct format.")
    match templated[1]:
        case "sqs":
            return Call("sqs", "SendMessage")
        case "sns":
            return Call("sns", "Publish")
        case service:
            raise not_implemented("scheduler", f"schedules with {service} targets")


def _universal(arn: str, service: str, action: str, text: str | None) -> Call:
    name = _botocore_name(service)
    operation = action[:1].upper() + action[1:]
    if name is None or operation not in service_model(name).operation_names or not action[0].islower():
        raise validation_error(f"The target {arn} does not name an operation of an AWS service.")
    if action.startswith(READS):
        raise validation_error(f"The operation {action} of the target {arn} is read-only and not supported.")
    try:
        given = json.loads(text) if text else {}
    except ValueError as exc:
        raise validation_error("The Input of a universal target must be JSON.") from exc
    if not isinstance(given, dict):
        raise validation_error("The Input of a universal target must be a JSON object.")
    return Call(name, operation)


@cache
def _botocore_name(service: str) -> str | None:
    names = {name.replace("-", ""): name for name in botocore.session.get_session().get_available_services()}
    return NAMES.get(service) or names.get(service)


def invoke(world: World, region: str, target: Mapping[str, Any], text: str) -> Outcome:
    """Make the target's call in the schedule's region with `text`, its Input."""
    try:
        call = read_target({**target, "Input": text})
        # The schedule's policy says how to retry, and its role what it may do.
        client = clients.client(world, call.service, region, attempts=1, role=target["RoleArn"])
        response = getattr(client, xform_name(call.operation))(**_arguments(world, region, target["Arn"], text))
    except ClientError as exc:
        status, code = exc.response["ResponseMetadata"].get("HTTPStatusCode", 500), exc.response["Error"]["Code"]
        retryable = code in THROTTLED or (status >= 500 and code != "NotImplemented")
        return Outcome(code, exc.response["Error"]["Message"], retryable)
    except (ParamValidationError, TypeError) as exc:
        return Outcome("ValidationException", str(exc))
    except BotoCoreError as exc:
        return Outcome(type(exc).__name__, str(exc), retryable=True)
    return Outcome(request_id=response["ResponseMetadata"].get("RequestId", ""))


def _arguments(world: World, region: str, arn: str, text: str) -> dict[str, Any]:
    if arn.startswith("arn:aws:sqs:"):
        return {"QueueUrl": queue_url(world, region, arn), "MessageBody": text or "{}"}
    if arn.startswith("arn:aws:sns:"):
        return {"TopicArn": arn, "Message": text or "{}"}
    arguments: dict[str, Any] = json.loads(text) if text else {}
    return arguments


def queue_url(world: World, region: str, arn: str) -> str:
    """The URL of an SQS queue of this account. AWS asks no role's leave to know it."""
    url: str = clients.client(world, "sqs", region).get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    return url
