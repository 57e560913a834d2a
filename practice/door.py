"""The door: who may come in, and to which service a request goes. A WSGI application."""

import io
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.client import responses
from typing import Any

from practice import control, protocol
from practice.errors import ServiceError, not_implemented, validation_error
from practice.headers import ROLE_HEADER, read_headers
from practice.operations import OPERATIONS, Context
from practice.permissions.decisions import Decisions, Denied, Untrusted
from practice.permissions.requests import Asking
from practice.protocol import OWNED, Answer, Asked
from practice.shapes import ReplyMisfit
from practice.signatures import SecretFor, Signer, verify
from practice.ticker import Ticker
from practice.world import World

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rooms:
    """What stands behind the door."""

    world: World
    ticker: Ticker
    borrowed: Application
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
        if signer.service in OWNED:
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


def _owned(rooms: Rooms, signer: Signer, asked: Asked) -> Answer:
    world = rooms.world
    try:
        service, operation, in_path = protocol.identify(signer.service, asked)
        request = protocol.read_request(operation, asked, in_path)
        asking = Asking(service, operation.name, signer.region, request)
        rooms.decisions.decide(asking, signer.access_key, asked.headers.get(ROLE_HEADER, ""))
        registered = OPERATIONS.get((service, operation.name))
        if registered is None:
            raise not_implemented(service, operation.name)
        context = Context(world, signer.region)
        if registered.live:
            return protocol.write_reply(operation, registered.act(context, request))
        with world.store.transaction():
            return protocol.write_reply(operation, registered.act(context, request))
    except Denied as denied:
        return protocol.write_error(ServiceError("AccessDeniedException", str(denied)))
    except Untrusted as untrusted:
        return protocol.write_error(validation_error(str(untrusted)))
    except ServiceError as error:
        return protocol.write_error(error)
    except ReplyMisfit as exc:
        log.exception("a reply does not fit its model")
        return protocol.write_error(ServiceError("InternalFailure", str(exc)))


def _error(error: ServiceError, asked: Asked) -> Answer:
    """Before the service is known only the shape of the request tells which protocol its client reads."""
    if "x-amz-target" in asked.headers or asked.headers.get("content-type", "").endswith("json"):
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
