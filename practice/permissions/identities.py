"""Who asks: an identity of this account, what it was granted, and what a policy may know of it."""

from dataclasses import dataclass, field

from practice.permissions.patterns import Context
from practice.permissions.policies import Grant


@dataclass(frozen=True, slots=True)
class Identity:
    """Whoever signed a request. Without any grant nothing limits it: the account's own key."""

    arn: str
    grants: tuple[Grant, ...] = ()
    context: Context = field(default_factory=dict)
    """What policies may ask about it."""
