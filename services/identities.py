"""The identities that the deck works as on a practice account: users and roles of its IAM with the shipped policies.

So that the way of a demonstration is the way of a real account: what the policies leave out is denied here too.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.access import Role
from services.cloud import Account, Cloud
from services.errors import translated

POLICIES = Path(__file__).parents[1] / "deploy" / "iam"

HOLDS: Mapping[Role, tuple[str, ...]] = {
    Role.VIEWER: ("viewer",),
    Role.OPERATOR: ("viewer", "operator"),
    # What an admin may do beyond an operator is the deck's own, and not AWS's to allow.
    Role.ADMIN: ("viewer", "operator"),
}
"""Role of the deck → the policies its user holds."""

TRUSTED = {"execution": "sagemaker.amazonaws.com", "scheduler": "scheduler.amazonaws.com"}
"""Role in IAM, and policy of that name → the service that may assume it."""

REGION = "us-east-1"
"""IAM is the same in all; this is where AWS keeps it."""


def user_name(role: Role) -> str:
    return f"flightdeck-{role}"


def shipped(name: str) -> dict[str, Any]:
    """A policy document of `deploy/iam`."""
    document: dict[str, Any] = json.loads((POLICIES / f"{name}.json").read_text())
    return document


def ensure(owner: Account, kept: Path) -> dict[Role, Account]:
    """The account as each role of the deck sees it; users, roles and policies are made or brought up to date.

    `owner` is the practice account by its own key, `kept` the file (mode 0600) that the users' keys are kept in.
    Raises: DeckError.
    """
    with translated("iam"):
        iam = Cloud(owner, REGION).writer("iam")
        pages = list(iam.get_paginator("get_account_authorization_details").paginate(Filter=["User", "Role"]))
        users = {each["UserName"]: _inline(each["UserPolicyList"]) for page in pages for each in page["UserDetailList"]}
        roles = {each["RoleName"]: each for page in pages for each in page["RoleDetailList"]}
        for role, names in HOLDS.items():
            _ensure_user(iam, user_name(role), names, users.get(user_name(role)))
        for name, service in TRUSTED.items():
            _ensure_role(iam, name, trust(service, owner.account_id), roles.get(f"flightdeck-{name}"))
        keys = _ensure_keys(iam, kept)
    return {
        role: replace(owner, access_key=given[0], secret_key=given[1], control_key=owner.access_key)
        for role, given in keys.items()
    }


def _inline(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in listed}


def _ensure_user(iam: Any, user: str, names: tuple[str, ...], held: Mapping[str, Any] | None) -> None:
    """Inline, as AWS would not allow for their size: to attach a policy makes this account read all of AWS's own."""
    if held is None:
        # A try whose answer was lost has made it.
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_user(UserName=user)
    for name in names:
        if (held or {}).get(name) != (document := shipped(name)):
            iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=json.dumps(document))


def _ensure_role(iam: Any, name: str, trust: dict[str, Any], found: dict[str, Any] | None) -> None:
    full, document = f"flightdeck-{name}", shipped(name)
    if found is None:
        with suppress(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(RoleName=full, AssumeRolePolicyDocument=json.dumps(trust))
    elif found["AssumeRolePolicyDocument"] != trust:
        iam.update_assume_role_policy(RoleName=full, PolicyDocument=json.dumps(trust))
    if found is None or _inline(found["RolePolicyList"]).get(name) != document:
        iam.put_role_policy(RoleName=full, PolicyName=name, PolicyDocument=json.dumps(document))


def trust(service: str, account_id: str) -> dict[str, Any]:
    """The service may assume the role, on behalf of this account alone."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _ensure_keys(iam: Any, kept: Path) -> dict[Role, tuple[str, str]]:
    """Access key and secret of each role's user: those that are kept, if they are still good, else new ones."""
    before: dict[str, tuple[str, str]] = json.loads(kept.read_text()) if kept.exists() else {}
    keys = {str(role): _ensure_key(iam, user_name(role), before.get(role)) for role in HOLDS}
    if keys != {role: tuple(given) for role, given in before.items()}:
        _write_private(kept, json.dumps(keys))
    return {role: keys[role] for role in HOLDS}


def _ensure_key(iam: Any, user: str, kept: tuple[str, str] | None) -> tuple[str, str]:
    there = {key["AccessKeyId"]: key["Status"] for key in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}
    if kept and there.get(kept[0]) == "Active":
        return kept[0], kept[1]
    for key in there:  # a user has two at most, and nobody knows the secrets of these
        iam.delete_access_key(UserName=user, AccessKeyId=key)
    made = iam.create_access_key(UserName=user)["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner alone from the first byte."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(path)
