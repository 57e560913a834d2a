"""The AWS protocols of owned services, from botocore's own service models: AWS JSON 1.x, REST-JSON and EC2's."""

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape, StructureShape

from practice import ec2_protocol, shapes
from practice.errors import ServiceError, not_implemented

OWNED = {
    "sagemaker": ("sagemaker", "sagemaker-runtime"),
    "servicequotas": ("service-quotas",),
    "scheduler": ("scheduler",),
    "logs": ("logs",),
    "pricing": ("pricing",),
    "savingsplans": ("savingsplans",),
    "bcm-data-exports": ("bcm-data-exports",),
    "ce": ("ce",),
}
"""Signing name → the services (as botocore names them) that are ours, and ours alone."""

SHARED = {"cloudtrail": "cloudtrail", "tagging": "resourcegroupstaggingapi", "ec2": "ec2"}
"""Signing name → a service of which the registered operations are ours, and the others moto's."""

INVALID = {"logs": "InvalidParameterException", "pricing": "InvalidParameterException"}
"""Service → its word for a request that breaks the model, where that is not ValidationException."""

JSON = "application/x-amz-json-1.1"
XML = "text/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """An HTTP request, read once. Header names are lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP reply."""

    status: int
    headers: dict[str, str]
    body: bytes


@cache
def service_model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def named_by(signing_name: str, asked: Asked) -> str:
    """The operation that a request names in its target or, of EC2, in its form; empty where a path names it."""
    if signing_name == "ec2":
        return _form(asked).get("Action", "")
    return asked.headers.get("x-amz-target", "").rpartition(".")[2]


def _form(asked: Asked) -> dict[str, str]:
    texts = (asked.query, asked.body.decode("utf-8", "replace"))
    return {name: value for text in texts for name, value in parse_qsl(text, keep_blank_values=True)}


def identify(signing_name: str, asked: Asked) -> tuple[str, OperationModel, dict[str, str]]:
    """Which service and operation a request is for, and what its path says. Raises ServiceError."""
    target = asked.headers.get("x-amz-target", "")
    for service in OWNED.get(signing_name) or (SHARED[signing_name],):
        model = service_model(service)
        if model.resolved_protocol == "ec2":
            return service, model.operation_model(named_by(signing_name, asked)), {}
        if model.resolved_protocol == "json":
            prefix, _, name = target.rpartition(".")
            if name and prefix == model.metadata["targetPrefix"]:
                if name not in model.operation_names:
                    raise ServiceError("UnknownOperationException", f"{service} has no operation {name}")
                return service, model.operation_model(name), {}
        elif not target:
            for name, method, pattern in _routes(service):
                found = pattern.fullmatch(asked.path)
                if method == asked.method and found:
                    return service, model.operation_model(name), {k: unquote(v) for k, v in found.groupdict().items()}
    raise not_implemented(signing_name, target or f"{asked.method} {asked.path}")


@cache
def _routes(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    model = service_model(service)
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].split("?")[0].rstrip("/") or "/"
        pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}", lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(path))
        routes.append((name, http["method"], re.compile(pattern + "/?")))
    return routes


def read_request(operation: OperationModel, asked: Asked, in_path: Mapping[str, str]) -> dict[str, Any]:
    """The checked request as a dict of members. Raises ServiceError."""
    shape = operation.input_shape
    if shape is None:
        return {}
    match operation.service_model.resolved_protocol:
        case "json":
            members = _json(asked.body)
        case "ec2":
            members = ec2_protocol.read_form(shape, _form(asked))
        case _:
            members = _rest_members(shape, asked, in_path)
    try:
        return _dict(shapes.read(shape, members))
    except ServiceError as error:
        code = INVALID.get(operation.service_model.service_name)
        if code is None or error.code != "ValidationException":
            raise
        raise ServiceError(code, error.message) from error


def _rest_members(shape: StructureShape, asked: Asked, in_path: Mapping[str, str]) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    members: dict[str, Any] = {payload: asked.body} if payload else _json(asked.body)
    query = parse_qs(asked.query, keep_blank_values=True)
    for name, member in shape.members.items():
        where, key = member.serialization.get("location"), member.serialization.get("name", name)
        if where == "uri":
            members[name] = in_path[key]
        elif where == "querystring" and key in query:
            members[name] = query[key] if member.type_name == "list" else _from_text(member, query[key][0])
        elif where == "header" and key.lower() in asked.headers:
            members[name] = _from_text(member, asked.headers[key.lower()])
    return members


def _from_text(member: Shape, text: str) -> Any:
    match member.type_name:
        case "integer" | "long":
            return int(text)
        case "boolean":
            return text == "true"
        case _:
            return text


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError as exc:
        raise ServiceError("SerializationException", "the request is not JSON") from exc
    return _dict(value)


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ServiceError("SerializationException", "the request is not a JSON object")
    return value


def write_reply(operation: OperationModel, reply: Mapping[str, Any]) -> Answer:
    """The reply in the operation's protocol. Raises shapes.ReplyMisfit when it does not fit the model."""
    shape = operation.output_shape
    protocol = operation.service_model.resolved_protocol
    status = int(operation.http.get("responseCode", 200))
    if shape is None:
        if reply:
            raise shapes.ReplyMisfit(f"{operation.name} answers nothing, not {sorted(reply)}")
        return Answer(status, {"Content-Type": JSON}, b"{}" if protocol == "json" else b"")
    if protocol == "ec2":
        shapes.write_members(shape, reply)
        return Answer(status, {"Content-Type": XML}, ec2_protocol.write(operation, reply, request_id()))
    payload = shape.serialization.get("payload")
    headers = {"Content-Type": JSON if protocol == "json" else "application/json"}
    inside = dict(reply)
    for name, member in shape.members.items():
        if name in inside and member.serialization.get("location") == "header":
            headers[member.serialization["name"]] = str(inside.pop(name))
    if payload:
        return Answer(status, headers, bytes(inside[payload]))
    written = shapes.write_members(shape, inside, elsewhere=frozenset(reply.keys() - inside.keys()))
    return Answer(status, headers, json.dumps(written).encode())


def write_error(error: ServiceError, signing_name: str = "") -> Answer:
    """In the protocol of a service; both JSON ones read the code from the header and from `__type`."""
    if signing_name == "ec2":
        return Answer(error.status, {"Content-Type": XML}, ec2_protocol.write_error(error, request_id()))
    body = {"__type": error.code, "message": error.message, "Message": error.message, **error.members}
    headers = {"Content-Type": JSON, "x-amzn-ErrorType": error.code}
    return Answer(error.status, headers, json.dumps(body).encode())


def request_id() -> str:
    """A new id as AWS writes them, for `x-amzn-RequestId`."""
    return str(uuid.uuid4())
