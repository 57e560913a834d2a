"""What identities of this account were granted, and whom its roles trust: read from moto's IAM and STS."""

import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from practice import ACCOUNT_ID
from practice.borrowed import dispatch
from practice.borrowed.identities import OWN_USER_ARN
from practice.permissions.identities import Identity
from practice.permissions.policies import Grant, Statement, Wanted, allows, read_policy

log = logging.getLogger(__name__)

IDENTITY, BOUNDARY, SESSION = "identity-based policy", "permissions boundary", "session policy"
OWN = Identity(OWN_USER_ARN)
"""The account's own key: nothing limits it."""


class Granted:
    """Asks IAM, and remembers until it is changed. Thread-safe."""

    def __init__(self, changing: AbstractContextManager[Any]) -> None:
        self._changing = changing
        """Held while anything changes: nothing does while it is read."""
        self._found: dict[tuple[str, str], Identity] = {}

    def of(self, access_key: str, role: str = "") -> Identity:
        """Whose a good key is; with a role, that role as the account itself acts as it."""
        found = self._found.get((access_key, role))
        if found is None:
            with self._changing:
                found = self._found[access_key, role] = of_role(role) if role else of_key(access_key)
        return found

    def of_arn(self, arn: str) -> Identity | None:
        """The user or role of an ARN, as a simulation asks about it; None when there is none."""
        with self._changing:
            return of_arn(arn)

    def trusts(self, role: str, principals: tuple[str, ...], wanted: Wanted) -> bool:
        """Whether a role's trust policy lets one of the principals in."""
        with self._changing:
            return trusts(role, principals, wanted)

    def forget(self) -> None:
        """Something in IAM was changed. Called while it is."""
        self._found.clear()


def of_key(access_key: str) -> Identity:
    """Whose key it is, of a user or of a session. The door has checked that the key is good."""
    session = _session(access_key)
    if session is None:
        return of_user(str(_iam().access_keys[access_key].user_name))
    if hasattr(session, "role_arn"):
        role = of_role(session.role_arn, session.arn)
        return _limited(role, session) if session.policy or getattr(session, "policy_arns", ()) else role
    issuer = OWN if session.issuer is None else of_user(session.issuer)
    if not session.federated:
        return issuer
    guest = Identity(session.arn, issuer.grants, _context(session.arn, session.user_id, "FederatedUser"))
    return _limited(guest, session)  # without a policy a federated user may do nothing


def of_user(name: str) -> Identity:
    """A user with its own policies and those of its groups; one that is gone has none."""
    iam = _iam()
    user = iam.users.get(name)
    if user is None:
        return Identity(f"arn:aws:iam::{ACCOUNT_ID}:user/{name}", (Grant(IDENTITY, ()),))
    groups = iam.get_groups_for_user(name)
    statements = tuple(statement for holder in (user, *groups) for statement in _held(holder))
    context = {**_context(user.arn, user.id, "User"), "aws:username": (name,)}
    return Identity(user.arn, (Grant(IDENTITY, statements),), context)


def of_role(role_arn: str, session_arn: str = "") -> Identity:
    """A role with its policies and its boundary. One that does not exist is not limited: any well-formed role ARN of
    this account will do for a job or a schedule."""
    role, arn = _role(role_arn), session_arn or role_arn
    if role is None:
        return Identity(arn)
    grants = [Grant(IDENTITY, tuple(_held(role)))]
    if role.permissions_boundary_arn:
        grants.append(Grant(BOUNDARY, _managed(role.permissions_boundary_arn)))
    return Identity(arn, tuple(grants), _context(role_arn, role.id, "AssumedRole"))


def of_arn(arn: str) -> Identity | None:
    """The user or role of this ARN, None when there is none."""
    if arn == OWN_USER_ARN:
        return OWN
    kind, _, path = arn.rpartition(":")[2].partition("/")
    name = path.rpartition("/")[2]
    if kind == "user":
        return of_user(name) if name in _iam().users else None
    return of_role(arn) if _role(arn) is not None else None


def trusts(role_arn: str, principals: Iterable[str], wanted: Wanted) -> bool:
    """Whether a role lets one of these principals (ARNs, account numbers, services) in; True of a role that does not
    exist."""
    role = _role(role_arn)
    if role is None:
        return True
    said = json.loads(role.assume_role_policy_document).get("Statement", [])
    asking = {"*", *principals}
    return any(
        _principals(each) & asking and allows(statement, wanted)
        for each in _many(said)
        for statement in _read({"Statement": each})
    )


def _principals(said: dict[str, Any]) -> set[str]:
    meant = said.get("Principal", {})
    return {"*"} if meant == "*" else {name for each in meant.values() for name in _many(each)}


def _read(document: str | dict[str, Any]) -> tuple[Statement, ...]:
    """Moto takes some documents that are none (a role's trust, a stack's policies): they grant nothing."""
    try:
        return read_policy(document)
    except ValueError as error:
        log.warning("a policy that cannot be read grants nothing: %s", error)
        return ()


def _many(said: Any) -> list[Any]:
    return said if isinstance(said, list) else [said]


def _iam() -> Any:
    dispatch.load(("iam",))
    return sys.modules["moto.iam.models"].iam_backends[ACCOUNT_ID]["aws"]


def _session(access_key: str) -> Any:
    sts: Any = sys.modules.get("moto.sts.models")
    return sts and sts.sts_backends[ACCOUNT_ID]["aws"].get_assumed_role_from_access_key(access_key)


def _role(arn: str) -> Any:
    return next((role for role in _iam().get_roles() if role.arn == arn), None)


def _limited(identity: Identity, session: Any) -> Identity:
    """Within the policies that the session was asked for."""
    statements = list(read_policy(session.policy)) if session.policy else []
    statements += [statement for arn in getattr(session, "policy_arns", ()) for statement in _managed(arn)]
    return Identity(identity.arn, (*identity.grants, Grant(SESSION, tuple(statements))), identity.context)


def _context(arn: str, identity: str, kind: str) -> dict[str, tuple[str, ...]]:
    return {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (ACCOUNT_ID,),
        "aws:principaltype": (kind,),
        "aws:userid": (identity,),
    }


def _held(holder: Any) -> Iterator[Statement]:
    """Of a user, group or role: inline and attached policies."""
    for document in holder.policies.values():
        yield from _read(document)
    for arn in holder.managed_policies:
        yield from _managed(arn)


def _managed(arn: str) -> tuple[Statement, ...]:
    """A managed policy's default version; nothing of one that does not exist."""
    known = _iam().managed_policies
    versions = known[arn].versions if arn in known else ()
    return next((_read(version.document) for version in versions if version.is_default), ())
