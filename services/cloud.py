"""The AWS account a user works in, and its clients."""

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, partial
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, RefreshableCredentials
from botocore.model import OperationModel
from botocore.utils import parse_timestamp

from services import replies
from services.errors import translated
from services.paces import Paces
from services.profiles import LaunchProfile

READ = Config(
    connect_timeout=2,
    read_timeout=8,
    max_pool_connections=16,
    tcp_keepalive=True,
    retries={"mode": "standard", "total_max_attempts": 5},
    user_agent_extra="flightdeck",
)
"""For what a person waits for. Five tries bear three faults in ten. Never adaptive: its 95th percentile was 15 to 28 s
under throttling. `services.replies` ends the tries in time."""

WRITE_SECONDS = 15
"""How long the reply to one try of a write is waited for."""

WRITE = READ.merge(Config(read_timeout=WRITE_SECONDS, retries={"mode": "standard", "total_max_attempts": 3}))
"""A client of its own, so that reads that are throttled do not use up a launch's retries."""

INVOKE = READ.merge(Config(read_timeout=70, retries={"mode": "standard", "total_max_attempts": 1}))
"""SageMaker gives a model 60 seconds; asking again would run it twice."""

PAID = READ.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
"""Every try of what AWS charges for by the request is another request."""


PRACTICE_ACCOUNT_ID = "123456789012"
"""The number AWS uses in its own documentation: no real account has it."""


class AccountKind(StrEnum):
    """Where the money is."""

    PRACTICE = "practice"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials and what they open: keys, a profile of ~/.aws/config, or credentials that renew themselves."""

    kind: AccountKind
    account_id: str
    alias: str = ""
    endpoint_url: str | None = None
    """Of every service that `endpoint_urls` does not name; None for AWS's own, or what the profile says."""
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    profile: str | None = None
    control_key: str | None = field(default=None, repr=False)
    """What moves a practice account's clock, where that is not `access_key`: the account's own key."""
    name: str = ""
    """What the deck's configuration calls it; empty when it is not in there."""
    arn: str = ""
    """Who calls, as STS says."""
    credentials: RefreshableCredentials | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    """When the person has to sign in again; None when that never is, or nobody can tell."""
    endpoint_urls: tuple[tuple[str, str], ...] = ()
    """Service, as boto3 names it, and its address: VPC interface endpoints without private DNS."""
    changes: bool = False
    """Whether the configuration lets the deck change anything in a real account."""
    proxy_url: str | None = None
    """An HTTP proxy on the way to a practice account, to rehearse faults."""
    launch: LaunchProfile | None = None
    """How launches are made in a real account; None when its owner has not said."""

    @property
    def key(self) -> str:
        """What caches and the ledger file things under: another one for each identity; holds no secret."""
        if self.kind is AccountKind.PRACTICE:
            return f"{self.kind}:{self.account_id}:{self.profile or ''}"
        # botocore names the session of a profile's role anew in each process.
        identity = re.sub(r"/botocore-session-\d+$", "", self.arn)
        mark = hashlib.sha256(f"{self.profile or ''} {identity}".encode()).hexdigest()[:12]
        return f"{self.kind}:{self.account_id}:{mark}"

    @property
    def read_only(self) -> bool:
        return self.kind is AccountKind.REAL and not self.changes


@dataclass(frozen=True, slots=True)
class Cloud:
    """An account seen from one region: the first argument of every service function."""

    account: Account
    region: str

    def client(self, service: str) -> Any:
        """For reads. Shared between threads; made once."""
        return _client(self.account, self.region, service, "read")

    def writer(self, service: str) -> Any:
        """For calls that change something."""
        return _client(self.account, self.region, service, "write")

    def asked_once(self, service: str) -> Any:
        """For calls that cost money themselves: asked once, never again by itself."""
        return _client(self.account, self.region, service, "paid")

    def invoker(self) -> Any:
        """For InvokeEndpoint: waits as long as a model may take, and never asks twice."""
        return _client(self.account, self.region, "sagemaker-runtime", "invoke")

    def at(self, region: str) -> "Cloud":
        return Cloud(self.account, region)

    def ready(self) -> None:
        """Renew what is about to expire, before anything is sent that must not be lost half-way.

        Raises: NotConnected when one has to sign in again.
        """
        if self.account.credentials is not None:
            with translated(self.account.alias or self.account.account_id):
                self.account.credentials.get_frozen_credentials()


Toll = Callable[[Account, OperationModel, Mapping[str, Any]], None]
"""Asked before a request is made, with its parameters; what it raises keeps the request from being sent."""

_tolls: list[Toll] = []


def take_toll(toll: Toll | None) -> None:
    """From now on `toll` is asked before every request of every client, those made before among them; None ends it."""
    _tolls[:] = [toll] if toll else []


def _pay(account: Account, params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    for toll in _tolls:
        toll(account, model, params)


def is_offered(account: Account, service: str, region: str) -> bool:
    """Whether AWS has the service in the region, as far as this botocore knows."""
    if account.endpoint_url:
        return True
    listed = _regions_of(service)
    return not listed or region in listed


@cache
def _regions_of(service: str) -> frozenset[str]:
    return frozenset(_core_session().get_available_regions(service))


_CONFIGS = {"read": READ, "write": WRITE, "invoke": INVOKE, "paid": PAID}
_clients: dict[tuple[Account, str, str, str], Any] = {}
_sessions: dict[Account, boto3.Session] = {}
"""One an account: botocore reads a service's model once a session, a fifth of a second for each."""
_paces: dict[tuple[str, str], Paces] = {}
_lock = threading.Lock()


def _client(account: Account, region: str, service: str, use: str) -> Any:
    key = (account, region, service, use)
    found = _clients.get(key)
    if found is None:
        # A session is not safe to use in two threads at once, a client is.
        with _lock, translated(f"{service} in {region}"):
            found = _clients.get(key) or _make(account, region, service, _CONFIGS[use])
            _clients[key] = found
    return found


def _make(account: Account, region: str, service: str, config: Config) -> Any:
    session = _sessions.get(account)
    if session is None:
        session = _sessions[account] = _open(account)
    if account.kind is AccountKind.PRACTICE:
        config = config.merge(Config(proxies=_proxies(account), s3={"addressing_style": "path"}))
    address = dict(account.endpoint_urls).get(service, account.endpoint_url)
    # boto3's stubs want a literal service name; ours is data.
    client: Any = session.client(service, region, endpoint_url=address, config=config)  # type: ignore[call-overload]
    client.meta.events.register("provide-client-params", partial(_pay, account))
    replies.watch(client)
    client.meta.events.register("before-send", _paces.setdefault((account.key, region), Paces()).hold_back)
    return client


def _open(account: Account) -> boto3.Session:
    core = _core_session()
    if account.kind is AccountKind.PRACTICE:
        return boto3.Session(account.access_key, account.secret_key, botocore_session=core)
    if account.credentials is not None:
        core.register_component("credential_provider", CredentialResolver([_Given(account.credentials)]))
    return boto3.Session(profile_name=account.profile, botocore_session=core)


class _Given(CredentialProvider):
    """Hands botocore the credentials of a sign-in."""

    METHOD = "flightdeck"

    def __init__(self, credentials: RefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> RefreshableCredentials:
        return self._credentials


def forget(account: Account) -> None:
    """Drop the clients of an account that is signed out, and with them its credentials."""
    with _lock:
        for key in [key for key in _clients if key[0] == account]:
            del _clients[key]
        _sessions.pop(account, None)


def _proxies(account: Account) -> dict[str, str]:
    """Loopback is never asked for through a proxy that the environment names: only through one to rehearse faults."""
    return {"http": account.proxy_url} if account.proxy_url else {}


def _core_session() -> botocore.session.Session:
    """One whose replies carry times in UTC: botocore gives them in this machine's time zone."""
    session = botocore.session.Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_utc)
    return session


def _utc(value: Any) -> datetime:
    return parse_timestamp(value).astimezone(UTC)
