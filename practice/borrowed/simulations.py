"""iam:SimulatePrincipalPolicy, which moto lacks: what this account would decide, asked of the same rules.

docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from practice.borrowed import refusals
from practice.borrowed.dispatch import MissingError, Reply
from practice.permissions.identities import Identity
from practice.permissions.patterns import Context
from practice.permissions.policies import Grant, Wanted, refusal

BOUNDARY = "permissions boundary"

_UNANSWERED = ("PolicyInputList", "PermissionsBoundaryPolicyInputList", "ResourcePolicy", "CallerArn")
"""Parameters that would change the decision and are not looked at here."""


def simulate(form: Mapping[str, str], identity_of: Callable[[str], Identity | None]) -> Reply:
    """Decide on every action and resource that is asked about. `identity_of` is told the ARN of a user or role.

    Raises: MissingError for what cannot be simulated here.
    """
    for name in _UNANSWERED:
        if any(key.startswith(name) for key in form):
            raise MissingError(f"SimulatePrincipalPolicy with {name}")
    identity = identity_of(form["PolicySourceArn"])
    if identity is None:
        return refusals.error(
            "query", 404, "NoSuchEntity", f"{form['PolicySourceArn']} is no user or role of this account."
        )
    context = {**_context(form), **identity.context}
    resources = _members(form, "ResourceArns") or ["*"]
    wanted = [Wanted(action, arn, context) for action in _members(form, "ActionNames") for arn in resources]
    results = "".join(_result(identity.grants, each) for each in wanted)
    name = "SimulatePrincipalPolicy"
    body = (
        f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{name}Result>'
        f"<IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>"
        f"</{name}Result><ResponseMetadata><RequestId>practice</RequestId></ResponseMetadata></{name}Response>"
    )
    return Reply(200, {"Content-Type": "text/xml"}, body.encode())


def _result(grants: tuple[Grant, ...], wanted: Wanted) -> str:
    why = refusal(grants, wanted)
    decision = "allowed" if why is None else "explicitDeny" if "explicit deny" in why else "implicitDeny"
    missing = "".join(f"<member>{escape(key)}</member>" for key in _unsaid(grants, wanted)) if why else ""
    boundary = [grant for grant in grants if grant.kind == BOUNDARY]
    within = "".join(
        f"<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{str(not refusal(boundary, wanted)).lower()}"
        "</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
        for _ in boundary
    )
    return (
        f"<member><EvalActionName>{escape(wanted.action)}</EvalActionName>"
        f"<EvalResourceName>{escape(wanted.resource or '*')}</EvalResourceName><EvalDecision>{decision}</EvalDecision>"
        f"<MatchedStatements/><MissingContextValues>{missing}</MissingContextValues>{within}</member>"
    )


def _unsaid(grants: tuple[Grant, ...], wanted: Wanted) -> list[str]:
    """The condition keys that decide on this action and that the simulation was given no value for."""
    keys = {
        key
        for grant in grants
        for statement in grant.statements
        if statement.concerns(wanted.action)
        for conditions in statement.conditions.values()
        for key in conditions
    }
    return sorted(key for key in keys if key.lower() not in wanted.context)


def _context(form: Mapping[str, str]) -> Context:
    names = [key for key in form if re.fullmatch(r"ContextEntries\.member\.\d+\.ContextKeyName", key)]
    return {form[key].lower(): tuple(_members(form, key.replace("KeyName", "KeyValues"))) for key in names}


def _members(form: Mapping[str, str], name: str) -> list[str]:
    numbered = {key.removeprefix(f"{name}.member."): value for key, value in form.items()}
    return [value for key, value in sorted(numbered.items(), key=lambda one: one[0].zfill(9)) if key.isdigit()]
