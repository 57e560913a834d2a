"""From a call to moto's answer, without a web framework between: which module, which handler, what came back."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from botocore.exceptions import ClientError

# Loaded before any thread is: its modules import each other in circles, which two threads at once do not survive.
from werkzeug.exceptions import HTTPException

from practice.borrowed import objects
from practice.borrowed.bodies import Content
from practice.borrowed.calls import Call
from practice.borrowed.loading import loads
from practice.protocol import OWNED

Handler = Callable[[Any, str, Any], Any]

MODULES = {"eventbridge": "events", "iotdata": "iotdata", "mobiletargeting": "pinpoint", "email": "ses"}
"""Signing names that moto's table of hosts does not know."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What moto answered."""

    status: int
    headers: dict[str, str]
    body: bytes | Content


class MissingError(Exception):
    """Moto does not answer this call; the text is what it said."""


class BrokenError(Exception):
    """Moto broke over this call; the cause is what it raised."""


def run(call: Call, operation: str) -> Reply:
    """What moto answers. Raises MissingError and BrokenError."""
    try:
        with objects.passing(operation):
            return _run(call)
    except MissingError:
        raise
    except Exception as error:
        # The one guard around moto, which may raise anything.
        raise BrokenError(f"{type(error).__name__}: {error}") from error


def _run(call: Call) -> Reply:
    request = moto_request(call)
    try:
        result = _handler(module_of(call), call.path)(request, request.raw_url, dict(request.headers))
    except ClientError as error:
        return _reply(400, {}, str(error.response["Error"]["Message"]))
    except HTTPException as error:
        return _reply(error.code or 500, dict(error.get_headers()), error.get_body())
    except (NotImplementedError, ImportError) as error:
        # An ImportError is a service that runs in containers, which this account does without.
        raise MissingError(str(error)) from error
    if isinstance(result, tuple) and len(result) == 3:
        return _reply(*result)
    return _reply(200, {}, result)


def module_of(call: Call) -> str:
    """The moto package that answers a call's service. Raises MissingError."""
    if call.service in OWNED:
        raise MissingError(f"{call.service} is not borrowed")
    name = _package(call.service, call.region)
    if call.service == "s3" and call.path.startswith("/v20180820/"):
        name = "s3control"
    if call.service == "dynamodb" and call.headers.get("x-amz-target", "").startswith("DynamoDBStreams"):
        name = "dynamodbstreams"
    if name is None:
        raise MissingError(f"there is no service {call.service}")
    return name


def load(modules: Iterable[str]) -> None:
    """Load packages of moto before the first call needs them: S3 takes half a second."""
    for module in modules:
        _handlers(module)


def moto_request(call: Call) -> Any:
    """The call as moto's own request type."""
    core = _core()
    environ = call.environ()
    environ[core.PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
        "HTTP_" + name.upper().replace("-", "_"): name for name in call.headers if name.startswith("x-amz-meta-")
    }
    request = core.Request(environ)
    request.from_wsgi_server = True
    if call.stored:
        request.__dict__["data"] = objects.content_of(call.stored)
    return request


@loads
def _core() -> Any:
    """Moto's own request type and its surroundings. Its IAM is loaded with it, as moto asks it about every request."""
    import_module("moto.iam.models")
    return import_module("moto.core.request")


@loads
def _package(service: str, region: str) -> str | None:
    from moto.backend_index import backend_url_patterns
    from moto.backends import ALT_SERVICE_NAMES

    if service in MODULES:
        return MODULES[service]
    hosts = (f"https://{service}.{region}.amazonaws.com", f"https://{service}.amazonaws.com")
    names = (name for name, pattern in backend_url_patterns if any(pattern.match(host) for host in hosts))
    name = next(names, None)
    return ALT_SERVICE_NAMES.get(name, name) if name else None


def _handler(module: str, path: str) -> Handler:
    for pattern, handler in _handlers(module):
        if pattern.match(path):
            return handler
    raise MissingError(f"nothing answers at {path}")


@loads
def _handlers(module: str) -> list[tuple[re.Pattern[str], Handler]]:
    paths: Mapping[str, Handler] = import_module(f"moto.{module}.urls").url_paths
    return [(re.compile("^" + path.format("")), handler) for path, handler in paths.items()]


def _reply(status: int, headers: Mapping[str, Any], body: Any) -> Reply:
    content = body if isinstance(body, Content) else body.encode() if isinstance(body, str) else bytes(body or b"")
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in ("status", "server")}
    names = {name.lower() for name in kept}
    kept = {name: value for name, value in kept.items() if not name.lower().startswith("access-control-")}
    if "content-type" not in names and content:
        kept["Content-Type"] = "text/xml" if content[:1] == b"<" else "application/json"
    return Reply(int(status), kept, content)
