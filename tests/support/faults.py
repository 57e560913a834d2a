"""What can go wrong between the deck and AWS, as data: which calls a fault befalls, how often, and what it does.

Fault("throttle", "sagemaker", chance=0.1)   one call in ten to SageMaker is throttled, in its own words
mixed(0.3)                                   three calls in ten, all kinds of passing trouble by turns
"""

import json
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.message import Message
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session

SERVICES = {"servicequotas": "service-quotas", "monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""Signing name → botocore's name, where they differ."""

JSON, REST_JSON, QUERY, EC2, S3 = "json", "rest-json", "query", "ec2", "rest-xml"
SLOW_SECONDS = 0.3
HANG_SECONDS = 90.0
SESSION_TOKEN = "FwoGZXIvYXdzEBYaDCanarySessionTokenOfNobody//////////wEaDH"
HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>The hotel says hello</body></html>"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it passes. `operation` is AWS's name, for S3 the method and whether it names an object."""

    service: str
    operation: str
    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def protocol(self) -> str:
        return str(model_of(self.service).resolved_protocol)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. A status of 0 cuts the connection without a word; `torn` cuts it amid the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    torn: bool = False


SILENCE = Reply(0, (), b"")


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` befalls the calls of a service and operation (`*` is any) with this `chance`."""

    kind: str
    service: str = "*"
    operation: str = "*"
    chance: float = 1.0

    def meets(self, call: Call) -> bool:
        return self.service in ("*", call.service) and self.operation in ("*", call.operation)


@dataclass(frozen=True, slots=True)
class Passing:
    """What a fault has at hand: the call, the way on to AWS, chance, and patience that ends with the proxy."""

    call: Call
    forward: Callable[[], Reply]
    chance: random.Random
    wait: Callable[[float], object]


def _lost(at: Passing) -> Reply:
    """Carried out, and not heard of."""
    at.forward()
    return SILENCE


def _cut(at: Passing) -> Reply:
    """A 200 whose length says that this was all."""
    whole = at.forward()
    return replace(whole, body=whole.body[: at.chance.randrange(max(len(whole.body), 1))])


def _torn(at: Passing) -> Reply:
    return replace(at.forward(), torn=True)


def _html(at: Passing) -> Reply:
    return Reply(200, (("Content-Type", "text/html"),), HTML)


def _garbage(at: Passing) -> Reply:
    return Reply(200, (), at.chance.choice([at.chance.randbytes(400), b"{}", b"[]", b"null", b'{"a": 1}', b"", b"0"]))


def _slow(at: Passing) -> Reply:
    at.wait(SLOW_SECONDS)
    return at.forward()


def _hang(at: Passing) -> Reply:
    at.wait(HANG_SECONDS)
    return SILENCE


def _throttle(at: Passing) -> Reply:
    code, status = THROTTLES.get(at.call.service, ("ThrottlingException", 400))
    return refusal(at.call, code, "Rate exceeded", status)


def _server_error(at: Passing) -> Reply:
    return refusal(at.call, "InternalFailure", "We encountered an internal error. Please try again.", 500)


def _unavailable(at: Passing) -> Reply:
    return Reply(503, (("Content-Type", "text/html"),), HTML)


def _expired(at: Passing) -> Reply:
    code = "ExpiredToken" if at.call.protocol in (QUERY, S3) else "ExpiredTokenException"
    if at.call.protocol == EC2:
        code = "RequestExpired"
    return refusal(at.call, code, "The security token included in the request is expired", 400)


def _denied(at: Passing) -> Reply:
    code = {EC2: "UnauthorizedOperation", QUERY: "AccessDenied", S3: "AccessDenied"}.get(
        at.call.protocol, "AccessDeniedException"
    )
    who = "arn:aws:sts::123456789012:assumed-role/team/kim"
    return refusal(at.call, code, f"User: {who} is not authorized to perform: {at.call.operation}", 403)


def _limit(at: Passing) -> Reply:
    message = "The account-level service limit 'ml.t3.medium for notebook instance usage' is 0 Instances"
    return refusal(at.call, "ResourceLimitExceeded", message, 400)


def _capacity(at: Passing) -> Reply:
    """A 500, as EC2 says it: botocore asks again in silence."""
    message = "We currently do not have sufficient capacity in the Availability Zone you requested"
    return refusal(at.call, "InsufficientInstanceCapacity", message, 500)


def _region(at: Passing) -> Reply:
    """A region that the account has not enabled."""
    if at.call.protocol == EC2:
        return refusal(at.call, "OptInRequired", "You are not subscribed to this service", 401)
    return refusal(at.call, "UnrecognizedClientException", "The security token included in the request is invalid", 403)


def _echo(at: Passing) -> Reply:
    """A signature that does not match: AWS repeats the request that it signed, session token and all."""
    headers = "\n".join(f"{name.lower()}:{value}" for name, value in at.call.headers.items())
    message = (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        f"Key and signing method.\n\nThe Canonical String for this request should have been\n'{at.call.method}\n/\n\n"
        f"{headers}\nx-amz-security-token:{SESSION_TOKEN}\n\nhost;x-amz-date;x-amz-security-token'"
    )
    return refusal(at.call, "SignatureDoesNotMatch", message, 403)


KINDS: dict[str, Callable[[Passing], Reply]] = {
    "throttle": _throttle,
    "server_error": _server_error,
    "unavailable": _unavailable,
    "lost": _lost,
    "cut": _cut,
    "torn": _torn,
    "html": _html,
    "garbage": _garbage,
    "slow": _slow,
    "hang": _hang,
    "expired": _expired,
    "denied": _denied,
    "limit": _limit,
    "capacity": _capacity,
    "region": _region,
    "echo": _echo,
}

THROTTLES = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "cloudwatch": ("Throttling", 400),
    "service-quotas": ("TooManyRequestsException", 400),
    "scheduler": ("ThrottlingException", 429),
}
"""Service → its own code and status for "too often"."""

CORRUPT = ("cut", "torn", "html", "garbage")
PASSES = ("throttle", "server_error", "unavailable", "lost", *CORRUPT, "slow")
"""Kinds that another try may not meet."""


def mixed(chance: float, kinds: Iterable[str] = PASSES) -> tuple[Fault, ...]:
    """All kinds alike, one of them at this chance in all."""
    every = tuple(kinds)
    return tuple(Fault(kind, chance=chance / len(every)) for kind in every)


@dataclass
class Dice:
    """Draws which fault, if any, befalls a call; the same seed and order draw the same."""

    seed: int = 0

    def __post_init__(self) -> None:
        self._random, self._lock = random.Random(self.seed), threading.Lock()

    def draw(self, faults: Iterable[Fault], call: Call) -> Fault | None:
        with self._lock:
            left = self._random.random()
        for fault in faults:
            if fault.meets(call):
                left -= fault.chance
                if left < 0:
                    return fault
        return None

    def own(self) -> random.Random:
        """Chance for one fault."""
        with self._lock:
            return random.Random(self._random.random())


def call_of(method: str, url: str, headers: Message, body: bytes) -> Call:
    """Which call of which service a signed request is."""
    parts = urlsplit(url)
    scope = headers.get("Authorization", "").partition("Credential=")[2].split("/")
    signed = scope[3] if len(scope) > 3 else "s3"
    service = SERVICES.get(signed, signed)
    if "X-Amz-Target" in headers:
        operation = headers["X-Amz-Target"].rpartition(".")[2]
    elif b"Action=" in body:
        operation = parse_qs(body.decode())["Action"][0]
    elif service == "s3":
        operation = f"{method} {'object' if parts.path.strip('/').count('/') else 'bucket'}"
    else:
        operation = _rest_operation(service, method, parts.path)
    return Call(service, operation, method, parts.path + (f"?{parts.query}" if parts.query else ""), headers, body)


def _rest_operation(service: str, method: str, path: str) -> str:
    segments = path.strip("/").split("/")
    for operation, wanted, pattern in _routes(service):
        if wanted == method and len(pattern) == len(segments):
            fits = (mark.startswith("{") or mark == part for mark, part in zip(pattern, segments, strict=True))
            if all(fits):
                return operation
    # SageMaker's runtime is signed as SageMaker.
    return f"{method} {path}"


@cache
def _routes(service: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    model = model_of(service)
    https = ((name, model.operation_model(name).http) for name in model.operation_names)
    return tuple(
        (name, http["method"], tuple(http["requestUri"].partition("?")[0].strip("/").split("/")))
        for name, http in https
    )


@cache
def model_of(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def refusal(call: Call, code: str, message: str, status: int) -> Reply:
    """An error in the words and shape of the call's protocol."""
    if call.protocol in (JSON, REST_JSON):
        body = json.dumps({"__type": code, "message": message}).encode()
        return Reply(status, (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)), body)
    inner = f"<Code>{code}</Code><Message>{message}</Message>"
    whole = {
        EC2: f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>r</RequestID></Response>",
        QUERY: f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>r</RequestId></ErrorResponse>",
    }.get(call.protocol, f"<Error>{inner}<RequestId>r</RequestId></Error>")
    return Reply(status, (("Content-Type", "text/xml"),), whole.encode())
