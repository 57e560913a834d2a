"""What a borrowed request asks for, as permissions see it."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from practice.borrowed.calls import Call
from practice.borrowed.names import Name
from practice.permissions.requests import Asking


def asking_of(name: Name, call: Call) -> Asking:
    """The request with its parameters, as far as its protocol shows them without a model."""
    return Asking(call.service, name.operation, call.region, _parameters(name, call))


def _parameters(name: Name, call: Call) -> Mapping[str, Any]:
    match name.protocol:
        case "s3":
            query = dict(parse_qsl(call.query, keep_blank_values=True))
            return {"Bucket": name.bucket, "Key": name.key, "query": query, "headers": call.headers, "body": call.body}
        case "query" | "ec2":
            return call.form
        case "json" | "rest-json" if not call.is_large:
            return _members(call.body)
        case _:
            return {}


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body or b"{}")
    except ValueError:
        return {}  # the service itself refuses it
    return members if isinstance(members, dict) else {}
