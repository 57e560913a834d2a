"""Signing in through IAM Identity Center: a code that the person confirms in a browser, then an account and a role.

The OAuth device flow: docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference, RFC 8628. What AWS hands out stays in
the memory of this process; no token is written to disk, to an address, to a log or to a page.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from services import connections
from services.access import Actor, require
from services.cloud import READ, Account
from services.connections import Connection
from services.errors import DeckError, InvalidRequest, NotConnected, translated
from services.plans import Act

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT_NAME = "Flightdeck"
LEAST_INTERVAL_SECONDS = 1.0
SLOW_DOWN_SECONDS = 5.0
"""What RFC 8628 adds to the interval each time the service says slow_down."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """What a confirmed code opens: the person's accounts and roles, until it expires."""

    value: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """A code that waits to be confirmed at `url`; `token` is done when it is, or fails with NotConnected."""

    connection: Connection
    user_code: str
    url: str
    """With the code in it where AWS gives that."""
    expires_at: datetime
    token: "Future[Token]" = field(repr=False)
    cancelled: threading.Event = field(repr=False)

    def cancel(self) -> None:
        """Ask no more."""
        self.cancelled.set()


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """An account and a role in it that the signed-in person may take."""

    account_id: str
    account_name: str
    role: str


def start(connection: Connection, actor: Actor) -> SignIn:
    """Ask for a code, and from then on in the background whether it was confirmed.

    Raises: AccessDenied, NotConnected, DeckError.
    """
    require(actor, Act.CONNECT)
    settings = connection.settings.sso
    if settings is None:
        raise InvalidRequest("this account has no sign-in", resource=connection.key)
    client = _client(connection, "sso-oidc")
    with translated(settings.start_url):
        app = client.register_client(clientName=CLIENT_NAME, clientType="public")
        keys = {"clientId": app["clientId"], "clientSecret": app["clientSecret"]}
        asked = client.start_device_authorization(**keys, startUrl=settings.start_url)
    sign_in = SignIn(
        connection,
        asked["userCode"],
        asked.get("verificationUriComplete") or asked["verificationUri"],
        datetime.now(UTC) + timedelta(seconds=asked["expiresIn"]),
        Future(),
        threading.Event(),
    )
    ask = partial(client.create_token, **keys, grantType=GRANT, deviceCode=asked["deviceCode"])
    interval = max(LEAST_INTERVAL_SECONDS, float(asked.get("interval", SLOW_DOWN_SECONDS)))
    threading.Thread(target=_poll, args=(sign_in, ask, interval), name="sign-in", daemon=True).start()
    return sign_in


def next_interval(interval: float, code: str) -> float | None:
    """Seconds until the next question after an error of CreateToken; None when asking again would not help."""
    if code == "AuthorizationPendingException":
        return interval
    return interval + SLOW_DOWN_SECONDS if code == "SlowDownException" else None


def list_roles(sign_in: SignIn) -> tuple[RoleChoice, ...]:
    """What the person may take, by account and role; only what the configuration names where it does.

    Raises: NotConnected, DeckError.
    """
    settings, token = sign_in.connection.settings.sso, sign_in.token.result().value
    assert settings is not None
    client = _client(sign_in.connection, "sso")
    with translated(settings.start_url):
        pages = client.get_paginator("list_accounts").paginate(accessToken=token)
        accounts = [row for page in pages for row in page["accountList"]]
        found = [
            RoleChoice(account["accountId"], account.get("accountName", ""), role["roleName"])
            for account in accounts
            if settings.account_id in ("", account["accountId"])
            for page in client.get_paginator("list_account_roles").paginate(
                accessToken=token, accountId=account["accountId"]
            )
            for role in page["roleList"]
        ]
    return tuple(sorted((each for each in found if settings.role in ("", each.role)), key=_order))


def connect(sign_in: SignIn, choice: RoleChoice, actor: Actor) -> Account:
    """The account, with credentials that renew themselves until the sign-in expires.

    Raises: AccessDenied, NotConnected, DeckError.
    """
    require(actor, Act.CONNECT)
    token = sign_in.token.result()
    client = _client(sign_in.connection, "sso")

    def fetch() -> dict[str, Any]:
        with translated(choice.account_id):
            found = client.get_role_credentials(
                accessToken=token.value, accountId=choice.account_id, roleName=choice.role
            )["roleCredentials"]
        return {
            "access_key": found["accessKeyId"],
            "secret_key": found["secretAccessKey"],
            "token": found["sessionToken"],
            "expiry_time": datetime.fromtimestamp(found["expiration"] / 1000, UTC).isoformat(),
        }

    return connections.signed_in(sign_in.connection, connections.renewing(fetch, "sso"), token.expires_at)


def _order(choice: RoleChoice) -> tuple[str, str, str]:
    return (choice.account_name.lower(), choice.account_id, choice.role)


def _poll(sign_in: SignIn, ask: Callable[[], dict[str, Any]], interval: float) -> None:
    waits: float | None = interval
    while waits is not None:
        if sign_in.cancelled.wait(waits) or datetime.now(UTC) >= sign_in.expires_at:
            _fail(sign_in, NotConnected("the code was not confirmed in time", code="ExpiredTokenException"))
            return
        try:
            with translated(sign_in.connection.alias):
                answer = ask()
        except DeckError as error:
            waits = next_interval(waits, error.code)
            if waits is None:
                _fail(sign_in, error)
        else:
            expires = datetime.now(UTC) + timedelta(seconds=answer["expiresIn"])
            sign_in.token.set_result(Token(answer["accessToken"], expires))
            return


def _fail(sign_in: SignIn, error: DeckError) -> None:
    log.info("a sign-in to %s came to nothing: %s", sign_in.connection.key, error.code)
    sign_in.token.set_exception(error)


def _client(connection: Connection, service: str) -> Any:
    """Both services take the token instead of a signature."""
    settings = connection.settings
    assert settings.sso is not None
    address = settings.endpoint_urls.get(service) or None
    config = READ.merge(Config(signature_version=UNSIGNED))
    # boto3's stubs want a literal service name; ours is data.
    make: Any = boto3.Session(region_name=settings.sso.region).client
    return make(service, endpoint_url=address, config=config)
