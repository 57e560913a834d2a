"""Whether a request goes through, and what was asked for so far."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from practice import ACCOUNT_ID
from practice.permissions.identities import Identity
from practice.permissions.policies import Wanted, refusal
from practice.permissions.requests import Asking, TagsOf, wanted_by

REMEMBERED = 2_000
"""Distinct decisions that are kept in memory, the latest ones."""

Find = Callable[[str, str], Identity]
"""(access key, ARN of the role that the account itself acts as, or "") → whose it is."""

Trusts = Callable[[str, tuple[str, ...], Wanted], bool]
"""(role, principals, what one of them wants) → whether the role's trust policy lets it in."""

UNTRUSTED = {
    "scheduler.amazonaws.com": "The execution role you provide must allow AWS EventBridge Scheduler to assume"
    " the role.",
    "sagemaker.amazonaws.com": "Could not assume role {role}. Please ensure that the role exists and allows principal"
    " 'sagemaker.amazonaws.com' to assume the role.",
}
"""Service → its words for a role that does not trust it."""


class Denied(Exception):
    """AWS's own words for a refusal."""


class Untrusted(Exception):
    """A service's own words for a role that it may not assume."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One action on one resource that somebody asked for, and whether it was allowed."""

    identity: str
    allowed: bool
    action: str
    resource: str | None
    context: tuple[tuple[str, tuple[str, ...]], ...]
    tags_known: bool

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.action, self.resource, dict(self.context), self.tags_known)


class Decisions:
    """Decides about every request, and remembers what each identity needed. Thread-safe."""

    def __init__(self, find: Find, trusts: Trusts, tags_of: TagsOf) -> None:
        self._find = find
        self._trusts = trusts
        self._tags_of = tags_of
        self._lock = Lock()
        self._made: OrderedDict[Decision, None] = OrderedDict()

    def decide(self, asking: Asking, access_key: str, role: str = "") -> None:
        """Let a request through. Raises: Denied, Untrusted."""
        identity = self._find(access_key, role)
        for wanted in wanted_by(asking, self._tags_of):
            self._decide(identity, wanted)
            if wanted.action == "iam:PassRole":
                self._check_passed(wanted)
            elif wanted.action == "sts:AssumeRole" and identity.grants:
                self._check_assumed(identity, wanted)

    def made(self) -> list[dict[str, Any]]:
        """The distinct decisions, oldest first, as JSON has it."""
        with self._lock:
            kept = list(self._made)
        return [
            {
                "identity": each.identity,
                "allowed": each.allowed,
                "action": each.action,
                "resource": each.resource,
                "context": {key: list(values) for key, values in each.context},
                "tags_known": each.tags_known,
            }
            for each in kept
        ]

    def _check_passed(self, wanted: Wanted) -> None:
        """A service that is handed a role must be let in by it."""
        role, (service,) = str(wanted.resource), wanted.context["iam:passedtoservice"]
        asking = Wanted("sts:AssumeRole", role, {"aws:sourceaccount": (ACCOUNT_ID,)})
        if not self._trusts(role, (service,), asking):
            raise Untrusted(UNTRUSTED[service].format(role=role))

    def _check_assumed(self, identity: Identity, wanted: Wanted) -> None:
        root = f"arn:aws:iam::{ACCOUNT_ID}:root"
        if not self._trusts(str(wanted.resource), (identity.arn, root, ACCOUNT_ID), wanted):
            raise Denied(_words(identity, wanted, "because no trust policy allows the sts:AssumeRole action"))

    def _decide(self, identity: Identity, wanted: Wanted) -> None:
        wanted = Wanted(wanted.action, wanted.resource, {**wanted.context, **identity.context}, wanted.tags_known)
        why = refusal(identity.grants, wanted)
        context = tuple(sorted(wanted.context.items()))
        decision = Decision(identity.arn, why is None, wanted.action, wanted.resource, context, wanted.tags_known)
        with self._lock:
            self._made[decision] = None
            self._made.move_to_end(decision)
            if len(self._made) > REMEMBERED:
                self._made.popitem(last=False)
        if why is not None:
            raise Denied(_words(identity, wanted, why))


def _words(identity: Identity, wanted: Wanted, why: str) -> str:
    resource = f" on resource: {wanted.resource}" if wanted.resource else ""
    return f"User: {identity.arn} is not authorized to perform: {wanted.action}{resource} {why}"
