"""Who may do what: the role × act table. Checked where an action is carried out, not where its button is drawn."""

from dataclasses import dataclass
from enum import StrEnum

from services.cloud import Account
from services.errors import AccessDenied
from services.plans import Act


class Role(StrEnum):
    """A viewer looks; operators and admins launch, stop and delete."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """The person an action is recorded under."""

    name: str
    role: Role


_EVERYDAY = frozenset({Act.LAUNCH, Act.START, Act.STOP, Act.RESIZE, Act.DELETE, Act.GUARD, Act.REQUEST})

ALLOWED: dict[Role, frozenset[Act]] = {
    Role.VIEWER: frozenset(),
    Role.OPERATOR: _EVERYDAY,
    Role.ADMIN: _EVERYDAY,
}


def require(actor: Actor, act: Act) -> None:
    """Raises AccessDenied when the actor's role does not allow the act."""
    if act not in ALLOWED[actor.role]:
        raise AccessDenied(
            f"{actor.name} is a {actor.role} and may not {act}", remedy="Ask an operator of this deck to do it."
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
