"""What time it is in an account: the wall clock on AWS, its own clock in a practice account, which can be moved."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from services.access import Actor, require
from services.cloud import Account, AccountKind
from services.errors import InvalidRequest, NotConnected
from services.plans import Act

ADVANCE_TIMEOUT_SECONDS = 600.0
READ_TIMEOUT_SECONDS = 8.0

_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Clock:
    """An account's time, aware UTC, and how many times faster than the wall it runs."""

    now: datetime
    speed: float


def read_clock(account: Account) -> Clock:
    """Raises NotConnected when the practice account does not answer."""
    if account.kind is AccountKind.REAL:
        return Clock(datetime.now(UTC), 1.0)
    return _clock(_ask(account, None, READ_TIMEOUT_SECONDS))


def account_time(account: Account) -> datetime:
    """The account's time for a record of ours; the wall's when the practice account does not answer."""
    try:
        return read_clock(account).now
    except NotConnected:
        return datetime.now(UTC)


def advance(account: Account, by: timedelta, actor: Actor) -> Clock:
    """Move the practice clock ahead; returns when all that fell due on the way has happened.

    Raises: AccessDenied, InvalidRequest for a real account or a negative jump, NotConnected.
    """
    require(actor, Act.MOVE_CLOCK)
    return _clock(_ask(_practice(account), {"advance_seconds": by.total_seconds()}, ADVANCE_TIMEOUT_SECONDS))


def set_speed(account: Account, speed: float, actor: Actor) -> Clock:
    """Run the practice clock at `speed` × wall time. Raises: AccessDenied, InvalidRequest, NotConnected."""
    require(actor, Act.MOVE_CLOCK)
    return _clock(_ask(_practice(account), {"speed": speed}, READ_TIMEOUT_SECONDS))


def _practice(account: Account) -> Account:
    if account.kind is AccountKind.REAL:
        raise InvalidRequest("only a practice account's clock can be moved", resource=account.account_id)
    return account


def _ask(account: Account, change: dict[str, float] | None, timeout_seconds: float) -> dict[str, Any]:
    key = account.control_key or account.access_key or ""
    request = urllib.request.Request(  # noqa: S310 - the practice account's own loopback address
        f"{account.endpoint_url}/_practice/clock",
        data=None if change is None else json.dumps(change).encode(),
        headers={"X-Practice-Key": key, "Content-Type": "application/json"},
    )
    try:
        with _opener.open(request, timeout=timeout_seconds) as reply:
            answer: dict[str, Any] = json.load(reply)
            return answer
    except urllib.error.HTTPError as exc:
        message = json.loads(exc.read() or b"{}").get("message", str(exc))
        raise InvalidRequest(message, resource="practice clock") from exc
    except (OSError, ValueError) as exc:
        raise NotConnected(f"the practice account does not answer: {exc}", resource="practice clock") from exc


def _clock(answer: dict[str, Any]) -> Clock:
    return Clock(datetime.fromisoformat(answer["now"]), float(answer["speed"]))
