"""What IAM would decide, without trying: iam:SimulatePrincipalPolicy for whoever is calling.

It knows identity policies, permissions boundaries and, for a member of an organization, service control policies; it
knows no resource policies. A condition on what a real request would bear and this one lacks leaves the answer open.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.cloud import Cloud
from services.errors import AccessDenied, NotFound, translated
from services.refusals import Verdict

_ASSUMED = re.compile(r"arn:([\w-]+):sts::(\d+):assumed-role/([^/]+)/")


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM would say, why (a reason of `refusals`), and of which action; empty when it is allowed."""

    verdict: Verdict
    reason: str = ""
    action: str = ""


def simulated(cloud: Cloud, actions: Sequence[str], resources: Sequence[str], passed_to: str = "") -> Decision:
    """The worst decision over all actions and resources.

    Raises: AccessDenied when it may not be asked, NotFound for a root user, who has no policies, DeckError.
    """
    with translated("iam"):
        caller = str(cloud.client("sts").get_caller_identity()["Arn"])
    request: dict[str, Any] = {
        "PolicySourceArn": _source(cloud, caller),
        "ActionNames": list(actions),
        "ResourceArns": list(resources),
    }
    if passed_to:
        entry = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [passed_to], "ContextKeyType": "string"}
        request["ContextEntries"] = [entry]
    with translated("iam"):
        pages = cloud.client("iam").get_paginator("simulate_principal_policy").paginate(**request)
        results = [result for page in pages for result in page["EvaluationResults"]]
    return next((decision for result in results if (decision := _decision(result)).reason), Decision(Verdict.ALLOWED))


def _decision(result: dict[str, Any]) -> Decision:
    action = str(result["EvalActionName"])
    if result["EvalDecision"] == "allowed":
        return Decision(Verdict.ALLOWED)
    if result.get("MissingContextValues"):
        return Decision(Verdict.UNKNOWN, "depends", action)
    if not result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
        return Decision(Verdict.DENIED, "denied_organization", action)
    if not result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True):
        return Decision(Verdict.DENIED, "denied_boundary", action)
    explicit = result["EvalDecision"] == "explicitDeny"
    return Decision(Verdict.DENIED, "denied_explicit" if explicit else "denied_no_policy", action)


def _source(cloud: Cloud, caller: str) -> str:
    """The ARN of the user or role whose policies decide."""
    if caller.endswith(":root"):
        raise NotFound("the root user has no policies to simulate")
    assumed = _ASSUMED.match(caller)
    if assumed is None:
        return caller
    partition, account, name = assumed.groups()
    # A session's ARN lacks the path that its role may have, as every role of IAM Identity Center does.
    try:
        with translated(name):
            return str(cloud.client("iam").get_role(RoleName=name)["Role"]["Arn"])
    except AccessDenied:
        return f"arn:{partition}:iam::{account}:role/{name}"
