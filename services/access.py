"""Who may do what: the role × act table. Checked where an action is carried out, not where its button is drawn."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from services.cloud import Account
from services.errors import AccessDenied, NotConnected
from services.plans import Act

SIGN_IN_ENDED = "SignInEnded"
"""Code of the error that signing in to the deck again mends."""


class Role(StrEnum):
    """A viewer looks; an operator works; an admin also does what everybody notices."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person an action is recorded under."""

    name: str
    role: Role
    expires: datetime | None = None
    """When their sign-in ends, aware UTC, by the wall clock; None for whoever sits at this machine."""

    def may(self, act: Act) -> bool:
        """By role alone: whether a screen offers it."""
        return act in ALLOWED[self.role]


_LOOK = frozenset({Act.CONNECT})
_WORK = frozenset(
    {
        *(Act.LAUNCH, Act.START, Act.STOP, Act.RESIZE, Act.DELETE, Act.GUARD, Act.REQUEST, Act.OPEN, Act.INVOKE),
        Act.KEEP_BILL,
    }
)
_OWN = frozenset({Act.MOVE_CLOCK, Act.CONNECT_PROFILE})

ALLOWED: dict[Role, frozenset[Act]] = {
    Role.VIEWER: _LOOK,
    Role.OPERATOR: _LOOK | _WORK,
    Role.ADMIN: _LOOK | _WORK | _OWN,
}
"""Connecting is looking: the account's own `changes` and the caller's AWS permissions still hold. What is an admin's
alone reaches others: the practice account's clock is everybody's, and an unlisted profile is the server's own."""


def require(actor: Actor, act: Act, now: datetime | None = None) -> None:
    """Raises NotConnected when the actor's sign-in has ended by `now` (the wall's, unless given), AccessDenied when
    their role does not allow the act."""
    require_signed_in(actor, now)
    if not actor.may(act):
        raise AccessDenied(
            f"{actor.name} is a {actor.role} and may not {act.replace('_', ' ')}",
            remedy="Ask somebody whose role allows it.",
            code="Role",
        )


def require_signed_in(actor: Actor, now: datetime | None = None) -> None:
    """Raises NotConnected when the actor's sign-in has ended."""
    if actor.expires is not None and actor.expires <= (now or datetime.now(UTC)):
        raise NotConnected(
            f"the sign-in of {actor.name} has ended",
            remedy="Sign in again: what you typed stays.",
            code=SIGN_IN_ENDED,
        )


def require_changes(account: Account) -> None:
    """Raises AccessDenied for a real account whose configuration does not allow changes."""
    if account.read_only:
        # What the deck took from ~/.aws/config by itself has no section yet.
        section = f"accounts.{account.name.removeprefix('profile.') or account.account_id}"
        raise AccessDenied(
            f"{account.alias or account.account_id} is connected read-only",
            resource=f"{section}.changes",
            remedy=f"The platform owner sets changes = true under [{section}] in flightdeck.toml.",
            code="ReadOnly",
        )
