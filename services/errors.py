"""What can go wrong: one tree, one table from AWS's error codes to it, one translator at the boundary.

DeckError
├── NotConnected      no credentials, expired ones, or no way to the endpoint
├── AccessDenied      AWS or the deck's own roles forbid it
├── NotFound          the resource, type, region or price does not exist
├── InvalidRequest    AWS or a rule of the deck refuses what was asked
├── Conflict          the name is taken, or the resource is in another state
├── QuotaExceeded     a service quota is used up
├── NoCapacity        AWS has no such instance free at the moment
├── Throttled         asked too often
├── CapReached        the deck's own paid calls have reached their cap for the day
└── Unavailable       AWS answered with a fault, or with something that is not an answer
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    ConnectionError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    InfiniteLoopConfigError,
    InvalidConfigError,
    LoginError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ProxyConnectionError,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError


class DeckError(Exception):
    """What happened (`message`), to which `resource`, and what the user can do about it (`remedy`)."""

    def __init__(self, message: str, *, resource: str = "", remedy: str = "", code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.resource = resource
        self.remedy = remedy
        self.code = code
        """AWS's own code; of what is not AWS's, the name of the reason where screens have words for it."""


class NotConnected(DeckError):
    """No credentials, expired ones, or no way to the endpoint."""


class AccessDenied(DeckError):
    """AWS or the deck's own roles forbid it."""


class NotFound(DeckError):
    """The resource, type, region or price does not exist."""


class InvalidRequest(DeckError):
    """AWS or a rule of the deck refuses what was asked."""


class Conflict(DeckError):
    """The name is taken, or the resource is in another state than the action needs."""


class QuotaExceeded(DeckError):
    """A service quota is used up."""


class NoCapacity(DeckError):
    """AWS has no such instance free at the moment."""


class Throttled(DeckError):
    """Asked too often."""


class CapReached(DeckError):
    """The deck's own paid calls have reached their cap for the day; nothing was sent."""


class Unavailable(DeckError):
    """AWS answered with a fault, or with something that is not an answer. A write may or may not have happened."""


CODES: dict[str, type[DeckError]] = {
    "AccessDenied": AccessDenied,
    "AccessDeniedException": AccessDenied,
    "AuthFailure": NotConnected,
    "ConflictException": Conflict,
    "ExpiredToken": NotConnected,
    "ExpiredTokenException": NotConnected,
    "InsufficientCapacityException": NoCapacity,
    "InsufficientInstanceCapacity": NoCapacity,
    "CapacityError": NoCapacity,
    "InvalidClientTokenId": NotConnected,
    "InvalidGroup.NotFound": NotFound,
    "InvalidSubnetID.NotFound": NotFound,
    "InvalidSignatureException": NotConnected,
    "LimitExceededException": QuotaExceeded,
    "404": NotFound,
    "403": AccessDenied,
    "BucketAlreadyOwnedByYou": Conflict,
    "NoSuchBucket": NotFound,
    "NoSuchEntity": NotFound,
    "NoSuchKey": NotFound,
    "NoSuchResourceException": NotFound,
    "NotFoundException": NotFound,
    "NotImplemented": InvalidRequest,
    "OptInRequired": AccessDenied,
    "QuotaExceededException": QuotaExceeded,
    "RequestExpired": NotConnected,
    "RequestLimitExceeded": Throttled,
    "ResourceAlreadyExistsException": Conflict,
    "ResourceInUse": Conflict,
    "ResourceLimitExceeded": QuotaExceeded,
    "ResourceNotFound": NotFound,
    "ResourceNotFoundException": NotFound,
    "ServiceQuotaExceededException": QuotaExceeded,
    "SignatureDoesNotMatch": NotConnected,
    "SlowDown": Throttled,
    "ThrottledException": Throttled,
    "Throttling": Throttled,
    "ThrottlingException": Throttled,
    "TooManyRequestsException": Throttled,
    "UnauthorizedException": NotConnected,
    "UnauthorizedOperation": AccessDenied,
    "UnrecognizedClientException": NotConnected,
    "ValidationError": InvalidRequest,
    "ValidationException": InvalidRequest,
}
"""AWS error code → ours. A code that is not here is InvalidRequest for a 4xx and Unavailable for a 5xx."""

REMEDIES: dict[type[DeckError], str] = {
    NotConnected: "Sign in to AWS again, or choose the practice account.",
    AccessDenied: "Ask the account's owner for this permission.",
    NotFound: "Refresh the page: it may have been deleted meanwhile.",
    InvalidRequest: "Change what the message names and try again.",
    Conflict: "Refresh the page and look at its status first.",
    QuotaExceeded: "Stop something of this type, choose another type, or request an increase.",
    NoCapacity: "Try again later, another instance type, or another region.",
    Throttled: "Wait a moment and try again.",
    CapReached: "It reads again after midnight UTC; whoever runs this deck can raise the cap.",
    Unavailable: "Wait a moment and refresh: the deck checks by itself what became of it.",
}

NOT_CONNECTED = {
    "SSLError": "If your network ends TLS itself, name its CA file in AWS_CA_BUNDLE and start the deck again.",
    "ProxyConnectionError": "Look at HTTPS_PROXY and NO_PROXY where the deck was started.",
}
"""botocore's exception → what to do about it."""

_DISCONNECTED = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    TokenRetrievalError,
    EndpointConnectionError,
    ConfigParseError,
    CredentialRetrievalError,
    InfiniteLoopConfigError,
    InvalidConfigError,
    LoginError,
    ProxyConnectionError,
    SSLError,
    SSOError,
)


@contextmanager
def translated(resource: str = "") -> Iterator[None]:
    """Everything that boto3 and botocore raise inside leaves as one of ours, naming `resource`."""
    try:
        yield
    except ClientError as exc:
        raise _from_reply(exc, resource) from exc
    except Boto3Error as exc:
        # boto3's transfers wrap what AWS said into a text.
        if not isinstance(exc.__context__, ClientError):
            raise Unavailable(without_secrets(str(exc)), resource=resource, remedy=REMEDIES[Unavailable]) from exc
        raise _from_reply(exc.__context__, resource) from exc
    except ParamValidationError as exc:
        raise InvalidRequest(without_secrets(str(exc)), resource=resource, remedy=REMEDIES[InvalidRequest]) from exc
    except _DISCONNECTED as exc:
        why = type(exc).__name__
        remedy = NOT_CONNECTED.get(why, REMEDIES[NotConnected])
        code = why if why in NOT_CONNECTED else ""
        raise NotConnected(without_secrets(str(exc)), resource=resource, remedy=remedy, code=code) from exc
    except (HTTPClientError, ConnectionError, BotoCoreError, ResponseParserError) as exc:
        raise Unavailable(without_secrets(str(exc)), resource=resource, remedy=REMEDIES[Unavailable]) from exc


_SECRETS = re.compile(
    r"(?i)((?:x-amz-security-token|x-amz-signature|x-amz-credential|signature|credential|authtoken|token)[:=]\s*)"
    r"[^\s&,'\"]+"
)
_KEY_IDS = re.compile(r"\b(A[KS]IA)[A-Z0-9]{12,}\b")


def without_secrets(text: str) -> str:
    """What AWS or botocore said, without keys, tokens and signatures: a signature that does not match is answered with
    the whole request that was signed, session token and all, and a failed connection with its URL."""
    return _KEY_IDS.sub(r"\1…", _SECRETS.sub(r"\1…", text))


def _from_reply(error: ClientError, resource: str) -> DeckError:
    code = error.response.get("Error", {}).get("Code", "")
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500))
    kind = CODES.get(code) or (Unavailable if status >= 500 else InvalidRequest)
    message = error.response.get("Error", {}).get("Message") or str(error)
    if (kind is InvalidRequest and message in _UNKNOWN_RESOURCE) or message.startswith(_UNKNOWN_PREFIXES):
        kind = NotFound
    return kind(without_secrets(message), resource=resource, remedy=REMEDIES[kind], code=code)


_UNKNOWN_RESOURCE = frozenset({"RecordNotFound", "Requested resource not found."})
_UNKNOWN_PREFIXES = ("Could not find ", "Resource not found")
"""SageMaker answers a name that it does not know with a ValidationException: only the text tells."""
