"""The door: who may come in, and to which service a request goes. A WSGI application."""

import io
import json
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from http.client import responses
from typing import Any

from botocore.model import OperationModel

from practice import control, protocol
from practice.borrowed.application import Borrowed
from practice.cloudtrail import events, identities
from practice.cloudtrail.events import Done
from practice.errors import ServiceError, not_implemented, validation_error
from practice.headers import ROLE_HEADER, read_headers
from practice.operations import OPERATIONS, Context, Request
from practice.permissions.decisions import Decisions, Denied, Untrusted
from practice.permissions.requests import Asking
from practice.protocol import OWNED, SHARED, Answer, Asked
from practice.shapes import ReplyMisfit
from practice.signatures import SecretFor, Signer, verify
from practice.throttles import Throttles
from practice.ticker import Ticker
from practice.world import World

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_SPEAK_JSON = frozenset({"scheduler", "sagemaker"})
"""Signing names of REST services whose errors are JSON, though their requests need not be."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What stands behind the door."""

    world: World
    ticker: Ticker
    borrowed: Borrowed
    throttles: Throttles
    secret_for: SecretFor
    decisions: Decisions


def make_door(rooms: Rooms) -> Application:
    """The account as one WSGI application."""
    host = rooms.world.door.url.removeprefix("http://")
    port = host.rpartition(":")[2]
    hosts = {host, f"localhost:{port}"}

    def application(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") not in hosts or "HTTP_ORIGIN" in environ:
            # A page in a browser must not reach this account, not even through a name that points at loopback.
            return _send(_refusal("Host and Origin must be this account's own"), start_response)
        asked = _read(environ)
        if asked.path.startswith("/_practice/"):
            return _send(control.answer(rooms.world, rooms.ticker, rooms.decisions, asked), start_response)
        try:
            signer = verify(asked, rooms.secret_for)
        except ServiceError as error:
            return _send(_error(error, asked), start_response)
        if _is_ours(signer.service, asked):
            return _send(_owned(rooms, signer, asked), start_response)
        environ["wsgi.input"] = io.BytesIO(asked.body)
        environ["CONTENT_LENGTH"] = str(len(asked.body))
        return rooms.borrowed(environ, start_response)

    return application


def _read(environ: Environ) -> Asked:
    headers = read_headers(environ)
    path, _, query = environ["REQUEST_URI"].partition("?")
    length = environ.get("CONTENT_LENGTH")
    body = environ["wsgi.input"].read(int(length)) if length else b""
    return Asked(environ["REQUEST_METHOD"], path, query, headers, body)


def _is_ours(signing_name: str, asked: Asked) -> bool:
    if signing_name in OWNED:
        return True
    service = SHARED.get(signing_name)
    return service is not None and (service, protocol.named_by(signing_name, asked)) in OPERATIONS


def _owned(rooms: Rooms, signer: Signer, asked: Asked) -> Answer:
    try:
        service, operation, in_path = protocol.identify(signer.service, asked)
        if ROLE_HEADER not in asked.headers:
            rooms.throttles.admit(signer.service, signer.region, operation.name)
        return _carry_out(rooms, signer, asked, Named(service, operation, in_path))
    except ServiceError as error:
        return protocol.write_error(error, signer.service)
    except ReplyMisfit as exc:
        log.exception("a reply does not fit its model")
        return protocol.write_error(ServiceError("InternalFailure", str(exc)), signer.service)


@dataclass(frozen=True, slots=True)
class Named:
    """The operation of an owned service that a request is for, and what its path says."""

    service: str
    operation: OperationModel
    in_path: dict[str, str]


def _carry_out(rooms: Rooms, signer: Signer, asked: Asked, named: Named) -> Answer:
    """The reply. What CloudTrail keeps of the call is on disk with what the call changes. Raises ServiceError."""
    world, operation = rooms.world, named.operation
    caller = identities.who(signer, asked.headers.get(ROLE_HEADER, ""), world.door)
    done = Done(signer.service, signer.region, operation.name, {}, model=operation)
    try:
        request = protocol.read_request(operation, asked, named.in_path)
        done = replace(done, request=request)
        _must_be_allowed(rooms, signer, asked, named, request)
        registered = OPERATIONS.get((named.service, operation.name))
        if registered is None:
            raise not_implemented(named.service, operation.name)
        context = Context(world, signer.region, rooms.borrowed.ask)
        with nullcontext() if registered.live else _at_once(world):
            reply = registered.act(context, request)
            answer = protocol.write_reply(operation, reply)
            events.record(world, caller, replace(done, response=reply))
    except ServiceError as error:
        events.record(world, caller, replace(done, error=(error.code, error.message)))
        raise
    return answer


def _must_be_allowed(rooms: Rooms, signer: Signer, asked: Asked, named: Named, request: Request) -> None:
    """Raises ServiceError for what the caller's policies do not allow."""
    service = named.service if signer.service in OWNED else signer.service
    asking = Asking(service, named.operation.name, signer.region, request)
    try:
        rooms.decisions.decide(asking, signer.access_key, asked.headers.get(ROLE_HEADER, ""))
    except Denied as denied:
        raise ServiceError("AccessDeniedException", str(denied)) from denied
    except Untrusted as untrusted:
        raise validation_error(str(untrusted)) from untrusted


@contextmanager
def _at_once(world: World) -> Iterator[None]:
    """One transaction at one moment: a change and what is kept of the call bear the same time."""
    with world.store.transaction(), world.clock.at(world.clock.now()):
        yield


def _error(error: ServiceError, asked: Asked) -> Answer:
    """Of a caller who is not known only the shape of the request, and whom it was signed for, tells which protocol is
    read."""
    scope = asked.headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    json_type = asked.headers.get("content-type", "").endswith("json")
    if "x-amz-target" in asked.headers or json_type or not _SPEAK_JSON.isdisjoint(scope):
        return protocol.write_error(error)
    detail = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
    s3 = "x-amz-content-sha256" in asked.headers or "X-Amz-Signature" in asked.query
    body = detail if s3 else f"<ErrorResponse>{detail}<RequestId>practice</RequestId></ErrorResponse>"
    return Answer(error.status, {"Content-Type": "text/xml"}, body.encode())


def _refusal(message: str) -> Answer:
    return Answer(403, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode())


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    headers = {**answer.headers, "Content-Length": str(len(answer.body)), "x-amzn-RequestId": protocol.request_id()}
    start_response(f"{answer.status} {responses.get(answer.status, '')}", list(headers.items()))
    return [answer.body]
