"""Policy documents, and what they say about one action on one resource.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit deny wins, then an allow
is needed from the identity's own policies and from all that limits them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from practice.permissions.conditions import holds
from practice.permissions.patterns import Context, Unsure, fits


@dataclass(frozen=True, slots=True)
class Wanted:
    """One action on one resource, as a request needs it."""

    action: str
    resource: str | None
    """An ARN, `*` for an action that knows no resources, None when this account cannot tell which it is."""
    context: Context = field(default_factory=dict)
    tags_known: bool = False
    """The context holds all tags of the resource."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy; `inverted` stands for NotAction and NotResource."""

    sid: str
    denies: bool
    actions: tuple[str, ...]
    actions_inverted: bool
    resources: tuple[str, ...]
    resources_inverted: bool
    conditions: Mapping[str, Mapping[str, Any]]

    def applies(self, wanted: Wanted) -> bool:
        """Raises: Unsure."""
        if not (self.concerns(wanted.action) and self._meets(wanted)):
            return False
        return holds(self.conditions, wanted.context, tags_known=wanted.tags_known)

    def concerns(self, action: str) -> bool:
        """Whether it is about the action. Raises: Unsure."""
        return any(fits(each, action, {}, ignore_case=True) for each in self.actions) is not self.actions_inverted

    def _meets(self, wanted: Wanted) -> bool:
        if "*" in self.resources:
            return not self.resources_inverted
        if wanted.resource is None:
            raise Unsure("the resource is not known here")
        met = any(fits(resource, wanted.resource, wanted.context) for resource in self.resources)
        return met is not self.resources_inverted


@dataclass(frozen=True, slots=True)
class Grant:
    """Policies of one kind. An identity needs an allow from each grant that it has."""

    kind: str
    """`identity-based policy`, `permissions boundary` or `session policy`: as AWS's refusals call it."""
    statements: tuple[Statement, ...]


def read_policy(document: str | Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a policy document. Raises: ValueError for what is none."""
    try:
        content = json.loads(document) if isinstance(document, str) else document
        return tuple(_statement(each) for each in _many(content["Statement"]))
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f"not a policy document: {exc!r}") from exc


def _statement(said: Mapping[str, Any]) -> Statement:
    inverted = "NotAction" in said, "NotResource" in said
    return Statement(
        sid=said.get("Sid", ""),
        denies=said["Effect"] != "Allow",
        actions=tuple(_many(said["NotAction" if inverted[0] else "Action"])),
        actions_inverted=inverted[0],
        # A trust policy has none: it is about the role that it belongs to.
        resources=tuple(_many(said["NotResource"] if inverted[1] else said.get("Resource", "*"))),
        resources_inverted=inverted[1],
        conditions=said.get("Condition", {}),
    )


def _many(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def refusal(grants: Iterable[Grant], wanted: Wanted) -> str | None:
    """Why it is not allowed, as AWS words it; None when it is."""
    grants = tuple(grants)
    for grant in grants:
        if any(_forbids(statement, wanted) for statement in grant.statements):
            article = "an" if grant.kind[0] in "aeiou" else "a"
            return f"with an explicit deny in {article} {grant.kind}"
    for grant in grants:
        if not any(allows(statement, wanted) for statement in grant.statements):
            return f"because no {grant.kind} allows the {wanted.action} action"
    return None


def allows(statement: Statement, wanted: Wanted) -> bool:
    """Whether the statement by itself allows it; False when that cannot be told."""
    try:
        return not statement.denies and statement.applies(wanted)
    except Unsure:
        return False


def _forbids(statement: Statement, wanted: Wanted) -> bool:
    try:
        return statement.denies and statement.applies(wanted)
    except Unsure:
        return True
