"""Who a person is to this deck: the claims of their ID token (OpenID Connect Core 1.0, 5.1) and the role lists."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.access import SIGN_IN_ENDED, Actor, Role, require_signed_in
from services.configurations import RoleLists
from services.errors import AccessDenied, NotConnected

Claims = Mapping[str, Any]


def identify(claims: Claims, lists: RoleLists, now: datetime | None = None) -> Actor:
    """The person that the claims speak of, under the role that the lists give them.

    Raises: NotConnected when nobody is signed in or the token has expired, AccessDenied when they may not even look.
    """
    expires = claims.get("exp")
    if not claims.get("is_logged_in") or not claims.get("sub") or not isinstance(expires, int | float):
        raise NotConnected("nobody is signed in", code=SIGN_IN_ENDED)
    name = str(claims.get("email") or claims.get("preferred_username") or claims["sub"])
    role = role_of(claims, lists)
    if role is None:
        raise AccessDenied(f"{name} may not use this deck", resource=name, code="NotListed")
    actor = Actor(name, role, datetime.fromtimestamp(expires, UTC))
    require_signed_in(actor, now)
    return actor


def role_of(claims: Claims, lists: RoleLists) -> Role | None:
    """The highest role of those that name the person; None for somebody whom no list lets in."""
    who = _entries(claims, lists.claim)
    for role, listed in ((Role.ADMIN, lists.admin), (Role.OPERATOR, lists.operator)):
        if who & {_folded(entry) for entry in listed}:
            return role
    if lists.viewer is None or who & {_folded(entry) for entry in lists.viewer}:
        return Role.VIEWER
    return None


def _entries(claims: Claims, claim: str) -> set[str]:
    """What lists may name this person by. An address that the provider has not verified is only somebody's word."""
    said = claims.get(claim)
    groups = said if isinstance(said, list) else [said]
    found = {group for group in groups if isinstance(group, str) and "@" not in group}
    email = claims.get("email")
    if isinstance(email, str) and "@" in email and claims.get("email_verified", True) in (True, "true"):
        found.add(_folded(email))
    return found


def _folded(entry: str) -> str:
    """Addresses are one however they are written; groups are not."""
    return entry.casefold() if "@" in entry else entry


def token_key(claims: Claims) -> tuple[str, ...]:
    """Tells one sign-in from another, of the same person too."""
    return tuple(str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce"))


def person_key(claims: Claims) -> tuple[str, ...]:
    """The same person at every sign-in."""
    return tuple(str(claims.get(name, "")) for name in ("iss", "sub"))
