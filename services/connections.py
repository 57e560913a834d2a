"""The accounts one may connect to, and connecting: a profile of ~/.aws/config, a role, or a sign-in (`sign_ins`).

Nothing here is assumed: an account is connected because somebody chose it, and is read-only unless the configuration
says otherwise.
"""

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import botocore.session
from botocore.credentials import RefreshableCredentials

from services.access import Actor, require
from services.cloud import Account, AccountKind, Cloud, forget
from services.configurations import AccountSettings, Configuration
from services.errors import DeckError, InvalidRequest, NotConnected, NotFound, translated
from services.plans import Act

PROFILE = "profile."
"""Begins the key of a profile that the configuration does not name."""

FALLBACK_REGION = "us-east-1"
"""Where STS is asked when neither the configuration nor the profile names a region."""

# A sign-in that has ended is said where it is met; botocore would add a traceback to the log for every call.
logging.getLogger("botocore.credentials").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Connection:
    """An account that may be chosen. `key` names it in sessions and addresses; it is no secret."""

    key: str
    alias: str
    settings: AccountSettings
    configured: bool = True

    @property
    def profile(self) -> str:
        """What its own settings of ~/.aws/config are read from; empty for a sign-in."""
        return self.settings.role.profile if self.settings.role else self.settings.profile

    @property
    def region(self) -> str:
        """The region it opens with; empty when nobody said."""
        return self.settings.region or str(_said(self.profile).get("region", ""))

    @property
    def needs_sign_in(self) -> bool:
        return self.settings.sso is not None

    @property
    def is_personal(self) -> bool:
        """Whether its credentials belong to the person who connects, and not to this server."""
        return not self.settings.profile


def list_connections(configuration: Configuration) -> tuple[Connection, ...]:
    """The configured accounts in the file's order, then the profiles of this machine that none of them uses."""
    configured = tuple(
        Connection(name, settings.alias or name, settings) for name, settings in configuration.accounts.items()
    )
    taken = {each.settings.profile for each in configured}
    others = tuple(
        Connection(PROFILE + name, name, AccountSettings(profile=name), configured=False)
        for name in list_profiles()
        if name not in taken
    )
    return (*configured, *others)


def find(configuration: Configuration, key: str) -> Connection:
    """Raises: NotFound."""
    for each in list_connections(configuration):
        if each.key == key:
            return each
    raise NotFound("neither flightdeck.toml nor ~/.aws/config knows this account", resource=key)


def list_profiles() -> tuple[str, ...]:
    """The names of AWS's own configuration files; nothing else of them. Empty when they cannot be read."""
    with translated("~/.aws/config"):
        try:
            return tuple(sorted(botocore.session.Session().available_profiles))
        except ValueError as exc:
            raise InvalidRequest(f"it cannot be read: {exc}", resource="~/.aws/config") from exc


def connect(connection: Connection, actor: Actor) -> Account:
    """Connect by profile or role, and ask who that is. The session of a role bears the actor's name.

    Raises: AccessDenied, NotConnected, InvalidRequest for an account that needs a sign-in, DeckError.
    """
    require(actor, Act.CONNECT if connection.configured else Act.CONNECT_PROFILE)
    settings = connection.settings
    if settings.role is not None:
        credentials = _role_credentials(connection, actor.name)
        return _identified(connection, replace(_blank(connection), credentials=credentials))
    if not settings.profile:
        raise InvalidRequest("this account needs a sign-in", resource=connection.key)
    refuse_mfa(settings.profile)
    return _identified(connection, _blank(connection))


def signed_in(connection: Connection, credentials: RefreshableCredentials, expires_at: datetime) -> Account:
    """The account that a sign-in opened. Raises: NotConnected, DeckError."""
    return _identified(connection, replace(_blank(connection), credentials=credentials, expires_at=expires_at))


def _identified(connection: Connection, account: Account) -> Account:
    """The account with its number, alias and caller, as AWS says."""
    cloud = Cloud(account, connection.region or FALLBACK_REGION)
    try:
        with translated(connection.alias):
            who = cloud.client("sts").get_caller_identity()
        alias = account.alias or _alias(cloud) or connection.alias
        return replace(account, account_id=who["Account"], arn=who["Arn"], alias=alias)
    finally:
        forget(account)


def renewing(fetch: Callable[[], dict[str, Any]], method: str) -> RefreshableCredentials:
    """Credentials that botocore renews through `fetch` before they expire; asked for once now.

    `fetch` gives what botocore calls metadata: access_key, secret_key, token, and expiry_time as ISO 8601.
    """
    credentials: RefreshableCredentials = RefreshableCredentials.create_from_metadata(fetch(), fetch, method)
    return credentials


def refuse_mfa(profile: str) -> None:
    """A server has nobody at its terminal to type a code: botocore would wait there for ever.

    Raises: NotConnected for a profile that asks for one, or that rests on one that does.
    """
    seen: set[str] = set()
    at = profile
    while at and at not in seen:
        seen.add(at)
        said = _said(at)
        if "mfa_serial" in said and "role_arn" in said:
            raise NotConnected(
                f"profile {at} asks for an MFA code",
                resource=profile,
                remedy="Use a profile with sso_session or credential_process, or sso in flightdeck.toml.",
                code="MfaRequired",
            )
        at = said.get("source_profile", "")


def session_name(actor: str) -> str:
    """The actor as STS takes it: 2 to 64 letters, digits and `+=,.@-`."""
    return re.sub(r"[^\w+=,.@-]", "-", actor, flags=re.ASCII)[:64].ljust(2, "-")


def _role_credentials(connection: Connection, actor: str) -> RefreshableCredentials:
    role = connection.settings.role
    assert role is not None
    refuse_mfa(role.profile)
    base = Cloud(_blank(connection), connection.region or FALLBACK_REGION)
    request = {"RoleArn": role.arn, "RoleSessionName": session_name(actor)}
    if role.external_id:
        request["ExternalId"] = role.external_id

    def fetch() -> dict[str, Any]:
        with translated(role.arn):
            found = base.client("sts").assume_role(**request)["Credentials"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].astimezone(UTC).isoformat(),
        }

    return renewing(fetch, "assume-role")


def _blank(connection: Connection) -> Account:
    """What the configuration says of the account, before AWS was asked."""
    settings = connection.settings
    return Account(
        AccountKind.REAL,
        "",
        settings.alias,
        profile=connection.profile or None,
        endpoint_url=settings.endpoint_url or None,
        name=connection.key,
        endpoint_urls=tuple(settings.endpoint_urls.items()),
        changes=settings.changes,
        launch=settings.launch,
    )


def _said(profile: str) -> Mapping[str, Any]:
    """What AWS's own configuration files say of a profile; holds secrets, so it never leaves this module."""
    with translated(profile or "~/.aws/config"):
        profiles: Mapping[str, Mapping[str, Any]] = botocore.session.Session().full_config["profiles"]
        return profiles.get(profile, {})


def _alias(cloud: Cloud) -> str:
    """The account's own alias; empty when there is none, or one may not know."""
    try:
        with translated("account alias"):
            names: Iterable[str] = cloud.client("iam").list_account_aliases()["AccountAliases"]
    except DeckError:
        return ""
    return next(iter(names), "")
