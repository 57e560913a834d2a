"""The AWS account a user works in, and its clients."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.model import OperationModel
from botocore.utils import parse_timestamp

from services.errors import translated
from services.paces import Paces

READ = Config(
    connect_timeout=2,
    read_timeout=8,
    max_pool_connections=16,
    tcp_keepalive=True,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent_extra="flightdeck",
)
"""For what a person waits for. Never adaptive: its 95th percentile was 15 to 28 s under throttling."""

WRITE = READ.merge(Config(read_timeout=20))
"""A client of its own, so that reads that are throttled do not use up a launch's retries."""

INVOKE = READ.merge(Config(read_timeout=70, retries={"mode": "standard", "total_max_attempts": 1}))
"""SageMaker gives a model 60 seconds; asking again would run it twice."""


PRACTICE_ACCOUNT_ID = "123456789012"
"""The number AWS uses in its own documentation: no real account has it."""


class AccountKind(StrEnum):
    """Where the money is."""

    PRACTICE = "practice"
    REAL = "real"


class EmptyReply(BotoCoreError):
    """A 200 whose body lacks what the service always sends: cut off, or not from AWS."""

    fmt = "the reply to {operation} lacks {missing}"


@dataclass(frozen=True, slots=True)
class Account:
    """Credentials and what they open. `endpoint_url` is set for the practice account alone."""

    kind: AccountKind
    account_id: str
    alias: str = ""
    endpoint_url: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    profile: str | None = None

    @property
    def key(self) -> str:
        """What caches and the ledger file things under; holds no secret."""
        return f"{self.kind}:{self.account_id}:{self.profile or ''}"


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

    def invoker(self) -> Any:
        """For InvokeEndpoint: waits as long as a model may take, and never asks twice."""
        return _client(self.account, self.region, "sagemaker-runtime", "invoke")

    def at(self, region: str) -> "Cloud":
        return Cloud(self.account, region)


_CONFIGS = {"read": READ, "write": WRITE, "invoke": INVOKE}
_clients: dict[tuple[Account, str, str, str], Any] = {}
_paces: dict[tuple[str, str], Paces] = {}
_lock = threading.Lock()


def _client(account: Account, region: str, service: str, use: str) -> Any:
    key = (account, region, service, use)
    found = _clients.get(key)
    if found is None:
        # A Session is not safe to share between threads, a client is.
        with _lock, translated(f"{service} in {region}"):
            found = _clients.get(key) or _make(account, region, service, _CONFIGS[use])
            _clients[key] = found
    return found


def _make(account: Account, region: str, service: str, config: Config) -> Any:
    if account.kind is AccountKind.PRACTICE:
        config = config.merge(Config(proxies={}, s3={"addressing_style": "path"}))
        session = boto3.Session(
            account.access_key, account.secret_key, region_name=region, botocore_session=_core_session()
        )
    else:
        session = boto3.Session(profile_name=account.profile, region_name=region, botocore_session=_core_session())
    # boto3's stubs want a literal service name; ours is data.
    client: Any = session.client(service, endpoint_url=account.endpoint_url, config=config)  # type: ignore[call-overload]
    client.meta.events.register("after-call", guard_reply)
    client.meta.events.register("before-send", _paces.setdefault((account.key, region), Paces()).hold_back)
    return client


def _core_session() -> botocore.session.Session:
    """One whose replies carry times in UTC: botocore gives them in this machine's time zone."""
    session = botocore.session.Session()
    session.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_utc)
    return session


def _utc(value: Any) -> datetime:
    return parse_timestamp(value).astimezone(UTC)


def guard_reply(parsed: dict[str, Any], model: OperationModel, http_response: Any, **_: Any) -> None:
    """Refuse a 200 that lacks required members, says nothing at all where something was due, or is no JSON where JSON
    was due: botocore reads such a cut reply as `{}`, which a page would show as "0 resources". Raises EmptyReply."""
    if http_response.status_code >= 300 or model.output_shape is None:
        return
    missing = [name for name in model.output_shape.required_members if name not in parsed]
    if missing:
        raise EmptyReply(operation=model.name, missing=", ".join(missing))
    if model.service_model.resolved_protocol == "json" and not model.has_streaming_output:
        _must_be_json(http_response.content, model.name)
        if model.output_shape.members and not parsed.keys() & model.output_shape.members.keys():
            raise EmptyReply(operation=model.name, missing="any of its members")


def _must_be_json(content: bytes, operation: str) -> None:
    try:
        json.loads(content or b"{}")
    except ValueError as exc:
        raise EmptyReply(operation=operation, missing="a whole JSON body") from exc
