"""`flightdeck.toml`: which accounts one may connect to, which of them may be changed, and how launches are made there.

Untrusted text: checked member by member before anything uses it. Without a file there is the practice account, and
every profile of ~/.aws/config to look at.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from services.errors import InvalidRequest
from services.profiles import LaunchProfile

if TYPE_CHECKING:
    from pydantic import ConfigDict, TypeAdapter
    from pydantic_core import ErrorDetails

FILE = "flightdeck.toml"
Colour = Literal["crimson", "orange", "olive", "teal", "violet", "pink"]
STRICT: "ConfigDict" = {"extra": "forbid", "str_strip_whitespace": True}


@dataclass(frozen=True, slots=True)
class SsoSettings:
    """IAM Identity Center: where one signs in. Without account and role they are chosen after the sign-in."""

    __pydantic_config__: ClassVar["ConfigDict"] = STRICT
    start_url: str
    region: str
    account_id: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """A role to assume with the credentials of a profile."""

    __pydantic_config__: ClassVar["ConfigDict"] = STRICT
    arn: str
    profile: str
    external_id: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"arn:[a-z-]+:iam::\d{12}:role/.+", self.arn):
            raise ValueError("not the ARN of a role")


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """One account: exactly one of `profile`, `sso` and `role` says how one gets in."""

    __pydantic_config__: ClassVar["ConfigDict"] = STRICT
    alias: str = ""
    colour: Colour | None = None
    region: str = ""
    changes: bool = False
    profile: str = ""
    sso: SsoSettings | None = None
    role: RoleSettings | None = None
    endpoint_url: str = ""
    """For every service that `endpoint_urls` does not name."""
    endpoint_urls: Mapping[str, str] = field(default_factory=dict)
    """Service, as boto3 names it → its address."""
    launch: LaunchProfile | None = None

    def __post_init__(self) -> None:
        if sum(map(bool, (self.profile, self.sso, self.role))) != 1:
            raise ValueError("give exactly one of profile, sso and role")


@dataclass(frozen=True, slots=True)
class RoleLists:
    """Who has which role. An entry with an @ is an email address, any other a value of the token's `claim`."""

    __pydantic_config__: ClassVar["ConfigDict"] = STRICT
    claim: str = "groups"
    viewer: tuple[str, ...] | None = None
    """None: everybody whom the provider signs in may look."""
    operator: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of the file. The names of accounts are the deck's own: they stand in addresses, and hold no secret."""

    __pydantic_config__: ClassVar["ConfigDict"] = STRICT
    accounts: Mapping[str, AccountSettings] = field(default_factory=dict)
    roles: RoleLists = field(default_factory=RoleLists)
    """Of those who sign in to the deck; without a sign-in nobody reads it."""
    paid_calls_usd_per_day: Decimal = Decimal("0.50")
    """The most that the deck's own paid calls may cost in a day, of all its users together."""
    own_rates: str = ""
    """A CSV file of the company's own rates (`services.own_rates`), from the folder of this file on."""

    def __post_init__(self) -> None:
        for name in self.accounts:
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name) or name == "practice":
                raise ValueError(f"{name!r} cannot name an account: use a-z, 0-9 and hyphens, but not `practice`")
        if self.paid_calls_usd_per_day < 0:
            raise ValueError("paid_calls_usd_per_day must not be negative")


def path(home: Path) -> Path:
    """Where the file is: `FLIGHTDECK_CONFIG`, else in the deck's home."""
    return Path(os.environ.get("FLIGHTDECK_CONFIG") or home / FILE).expanduser()


def load(path: Path) -> Configuration:
    """What the file says; the empty configuration when there is none.

    Raises: InvalidRequest naming the line and the key of everything that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Configuration()
    except (OSError, UnicodeDecodeError) as exc:
        raise InvalidRequest(f"it cannot be read: {exc}", resource=str(path)) from exc
    try:
        return _checked(tomllib.loads(text), text)
    except (tomllib.TOMLDecodeError, InvalidRequest) as exc:
        raise InvalidRequest(str(exc), resource=str(path), remedy="Mend the file and start the deck again.") from exc


def _checked(said: dict[str, Any], text: str) -> Configuration:
    from pydantic import ValidationError

    try:
        return _adapter().validate_python(_with_pairs(said))
    except ValidationError as exc:
        raise InvalidRequest("; ".join(_in_words(error, text) for error in exc.errors())) from exc


def _with_pairs(said: dict[str, Any]) -> dict[str, Any]:
    """A launch profile can be hashed, and so its tags are pairs, where the file has a table."""
    match said:
        case {"accounts": dict(accounts)}:
            return {**said, "accounts": {name: _tags_as_pairs(account) for name, account in accounts.items()}}
    return said


def _tags_as_pairs(account: Any) -> Any:
    match account:
        case {"launch": {"tags": dict(tags)}}:
            return {**account, "launch": {**account["launch"], "tags": tuple(tags.items())}}
    return account


@cache
def _adapter() -> "TypeAdapter[Configuration]":
    # Not at the top: a tenth of a second that the start of a deck without a file need not wait for.
    from pydantic import TypeAdapter

    return TypeAdapter(Configuration)


def _in_words(error: "ErrorDetails", text: str) -> str:
    """The value itself is left out: somebody may have written a secret there."""
    place = tuple(str(part) for part in error["loc"])
    line = _line(place, text)
    where = ".".join(place) or "the file"
    why = error["msg"].removeprefix("Value error, ")
    return f"line {line}, {where}: {why}" if line else f"{where}: {why}"


def _line(place: tuple[str, ...], text: str) -> int | None:
    """Where a member stands, or the innermost table around it; None when neither is written out."""
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+([^\]]+)\]", line)
        key = re.match(r"\s*([\w\"'.-]+)\s*=", line)
        if header:
            table = _path(header[1])
        here = table + (_path(key[1]) if key and not header else ())
        if place[: len(here)] == here and (header or key) and (best is None or len(here) > best[0]):
            best = (len(here), number)
    return best[1] if best and best[0] else None


def _path(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
