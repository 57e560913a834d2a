"""A tiny AWS on loopback that answers what it is told, in each service's own wire protocol; and replies made from
botocore's own service models: the least that a service may send, and the most."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from practice import protocol
from practice.protocol import Answer, Asked
from tests.support import servers

WHEN = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)
SCOPE = re.compile(r"Credential=[^/]+/\d+/[\w-]+/([\w-]+)/")
BORROWED = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""Signing name → service, of those that practice does not own; botocore speaks JSON with them."""


@dataclass(slots=True)
class Replies:
    """What is answered: operation → a reply as Python values, JSON text as AWS published it, or (status, error code).

    A list is answered one after the other, its last entry again and again. `asked` are the operations, in order."""

    url: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, operation: OperationModel) -> Answer:
        self.asked.append(operation.name)
        reply = self.said.get(operation.name, (501, "NotImplemented"))
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        match reply:
            case (int() as status, str() as code):
                return _error(status, code)
            case str():
                return Answer(200, {"Content-Type": protocol.JSON}, reply.encode())
            case _:
                return protocol.write_reply(operation, reply)


@contextmanager
def serving(said: Mapping[str, Any]) -> Iterator[Replies]:
    """A server that answers `said`; what is not in it is a 501."""
    replies = Replies(said=dict(said))

    class Handler(servers.Handler):
        def serve(self) -> None:
            body = self.body()
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = replies.answer(_identify(Asked(self.command, path, query, headers, body)))
            # Every service names a request by an id of its own.
            self.answer(answer.status, answer.body, {"x-amzn-RequestId": "a-request", **answer.headers})

    with servers.serving(Handler) as replies.url:
        yield replies


def operation_model(service: str, operation: str) -> OperationModel:
    return protocol.service_model(service).operation_model(operation)


def least(service: str, operation: str, **given: Any) -> Any:
    """The reply with the members that the model requires, and those `given`; lists have one item."""
    return _made(operation_model(service, operation).output_shape, False) | given


def most(service: str, operation: str, **given: Any) -> Any:
    """The reply with every member that the model knows, but no token that says there is more."""
    made = _made(operation_model(service, operation).output_shape, True)
    return {name: value for name, value in made.items() if name.lower() != "nexttoken"} | given


def item(service: str, shape: str, *, full: bool, **given: Any) -> Any:
    """One structure of a service, made in the same ways."""
    return _made(protocol.service_model(service).shape_for(shape), full) | given


def _made(shape: Shape | None, full: bool, above: tuple[str, ...] = ()) -> Any:
    match shape:
        case None:
            return {}
        case StructureShape():
            wanted = shape.members if full and above.count(shape.name) < 2 else shape.required_members
            # One of a union's members is all that there may be.
            wanted = list(wanted)[:1] if shape.is_tagged_union else wanted
            return {name: _made(shape.members[name], full, (*above, shape.name)) for name in wanted}
        case ListShape():
            return [_made(shape.member, full, above)]
        case MapShape():
            return {_made(shape.key, full, above): _made(shape.value, full, above)}
        case _:
            return _scalar(shape)


def _scalar(shape: Any) -> Any:
    match shape.type_name:
        case "string" | "character":
            return shape.enum[0] if shape.enum else f"a-{shape.name}"
        case "integer" | "long":
            return max(1, int(shape.metadata.get("min", 1)))
        case "float" | "double":
            return 1.5
        case "boolean":
            return True
        case "timestamp":
            return WHEN
        case "blob":
            return b"\x00blob"
        case other:
            raise AssertionError(f"no value for {other}")


def _identify(asked: Asked) -> OperationModel:
    scope = SCOPE.search(asked.headers["authorization"])
    assert scope is not None
    if scope[1] in BORROWED:
        _, _, name = asked.headers["x-amz-target"].partition(".")
        return operation_model(BORROWED[scope[1]], name)
    return protocol.identify(scope[1], asked)[1]


def _error(status: int, code: str) -> Answer:
    headers = {"Content-Type": protocol.JSON, "x-amzn-ErrorType": code}
    return Answer(status, headers, json.dumps({"__type": code, "message": f"{code} it is"}).encode())
