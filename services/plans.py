"""A plan: everything an action would do, as data. Built first, shown, and then the same object is sent."""

import json
import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.profiles import Tags

INTENT_TAG = "flightdeck:intent"
"""The tag by which a resource says which wish made it: a lost reply is found again by it."""
OWNER_TAG = "flightdeck:owner"
EXAMPLE_TAG = "flightdeck:example"
"""Which shipped example a job or endpoint came from: its page offers that example's sample request."""


class Act(StrEnum):
    """What a user can have done. The first seven are a plan's; each other one is done at once, by a function."""

    LAUNCH = "launch"
    START = "start"
    STOP = "stop"
    RESIZE = "resize"
    DELETE = "delete"
    GUARD = "guard"
    REQUEST = "request"
    OPEN = "open"
    """A notebook instance's JupyterLab: a shell as its execution role."""
    INVOKE = "invoke"
    """An endpoint's model."""
    MOVE_CLOCK = "move_clock"
    """The practice account's: everybody's schedules fire and everybody's hours bill."""
    CONNECT = "connect"
    """To an account that the configuration names."""
    CONNECT_PROFILE = "connect_profile"
    """To any other profile of the machine that serves the deck."""
    KEEP_BILL = "keep_bill"
    """Import a bill for everybody who uses the deck, or take a month of one out."""


class Severity(StrEnum):
    """A refusal blocks the plan; a warning is for the user to weigh."""

    NOTE = "note"
    WARNING = "warning"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Check:
    """Something found while planning. `code` names the sentence (pages have it in each language), `values` fill it."""

    severity: Severity
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


def refuses(check: Check) -> bool:
    return check.severity is Severity.REFUSAL


@dataclass(frozen=True, slots=True)
class Call:
    """One AWS request: boto3's service and method names and the exact parameters."""

    service: str
    method: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Quota:
    """The tightest of the quotas that apply, in instances, after this plan's own `needs`."""

    name: str
    code: str
    used: int
    limit: int
    needs: int

    @property
    def left(self) -> int:
        return self.limit - self.used


@dataclass(frozen=True, slots=True)
class PricePart:
    """One part of what is billed per hour: `what` is `instance` or `storage`, with where its rate comes from."""

    what: str
    usd_per_hour: Decimal
    as_of: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What the action changes in money and data, in USD per hour. `keeps` and `loses` are codes like Check's."""

    adds_usd_per_hour: Decimal = Decimal(0)
    saves_usd_per_hour: Decimal = Decimal(0)
    goes_on_usd_per_hour: Decimal = Decimal(0)
    """What still bills afterwards."""
    worst_case_usd: Decimal | None = None
    """The most that it can cost until it is stopped by itself; None when nothing stops it."""
    keeps: tuple[str, ...] = ()
    loses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """An action on one resource. The same object is shown, recorded and sent."""

    act: Act
    kind: str
    """`notebook`, `training`, `endpoint`, `quota`: as the pages are called."""
    name: str
    region: str
    calls: tuple[Call, ...]
    effect: Effect = field(default_factory=Effect)
    checks: tuple[Check, ...] = ()
    quota: Quota | None = None
    prices: tuple[PricePart, ...] = ()
    stops_at: datetime | None = None
    intent: str = field(default_factory=lambda: new_intent())

    @property
    def refused(self) -> bool:
        return any(refuses(check) for check in self.checks)

    def with_intent(self, intent: str) -> "Plan":
        """The same wish: carried out once however often it is sent."""
        calls = tuple(
            replace(call, parameters=_with_intent(call.parameters, self.intent, intent)) for call in self.calls
        )
        return replace(self, calls=calls, intent=intent)


def new_intent() -> str:
    """A new wish. It is what a double click, a second tab or a retry have in common."""
    return secrets.token_hex(8)


def tags(intent: str, owner: str, example: str = "", more: Tags = ()) -> list[dict[str, str]]:
    """The tags of everything the deck makes; `more` are the account's own."""
    values = {**dict(more), INTENT_TAG: intent, OWNER_TAG: owner, EXAMPLE_TAG: example}
    return [{"Key": key, "Value": value} for key, value in values.items() if value]


def _with_intent(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return new if value == old else value
        case Mapping():
            return {key: _with_intent(item, old, new) for key, item in value.items()}
        case list() | tuple():
            return [_with_intent(item, old, new) for item in value]
        case _:
            return value


def as_boto3(call: Call, region: str) -> str:
    """The call as Python that anyone can run."""
    lines = "".join(f"    {name}={value!r},\n" for name, value in call.parameters.items())
    maker = f'boto3.client("{call.service}", region_name="{region}")'
    return f"import boto3\n\n{maker}.{call.method}(\n{lines})\n"


def as_cli(call: Call, region: str) -> str:
    """The call as an AWS CLI command, ready for a POSIX shell."""
    if call.method == "upload_file":
        source, target = call.parameters["Filename"], f"s3://{call.parameters['Bucket']}/{call.parameters['Key']}"
        return f"aws s3 cp --region {region} {shlex.quote(source)} {shlex.quote(target)}\n"
    request = shlex.quote(json.dumps(dict(call.parameters), ensure_ascii=False, indent=2))
    method = call.method.replace("_", "-")
    return f"aws {call.service} {method} --region {region} --cli-input-json {request}\n"


def as_json(plan: Plan) -> str:
    """For the ledger. Money as text, times as ISO 8601; reads back with json.loads."""
    return json.dumps(_plain(plan), ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    match value:
        case Decimal() | StrEnum():
            return str(value)
        case datetime():
            return value.isoformat()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return {name: _plain(getattr(value, name)) for name in value.__slots__}


def check_name(name: str) -> tuple[Check, ...]:
    """SageMaker's rule for the names of notebook instances, jobs and endpoints: 1 to 63 letters, digits and hyphens."""
    if len(name) <= 63 and re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*", name):
        return ()
    return (Check(Severity.REFUSAL, "name_invalid", {"name": name}),)
