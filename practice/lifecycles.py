"""State machines as data: from which state, on what event or after how long, to which state, and what each bills."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.rows import Resource
    from practice.world import World

GONE = "(gone)"
"""The state of what exists no more: it leaves the account, its events stay."""

Enter = Callable[["World", "Resource"], None]
"""Called once the new state is on disk: starts or ends what really runs."""

Due = Callable[["World", "Resource"], datetime | None]
"""Called when a timer falls due, outside any transaction, with the clock at that moment. A moment returned sets the
timer again."""


@dataclass(frozen=True, slots=True)
class Transition:
    """`event` takes `source` to `target`; with `after_seconds` it happens by itself, so long (clock) after entering."""

    source: str
    event: str
    target: str
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """All that one kind of resource can go through. The first transition's source is where it is born."""

    kind: str
    transitions: tuple[Transition, ...]
    bills: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """State → what bills in it: `instance`, `storage`."""
    enter: Mapping[str, Enter] = field(default_factory=dict)
    """State → what to start or end on entering it (GONE included)."""
    due: Mapping[str, Due] = field(default_factory=dict)
    """Timed event → what to do instead of simply making the transition."""
    resume: Enter | None = None
    """Called at start for every resource of the kind: what really ran before is not running now."""

    def target(self, source: str, event: str) -> str | None:
        """Where `event` leads from `source`; None where it leads nowhere."""
        return next((t.target for t in self.transitions if t.source == source and t.event == event), None)

    def timed(self, source: str) -> tuple[Transition, ...]:
        return tuple(t for t in self.transitions if t.source == source and t.after_seconds is not None)


LIFECYCLES: dict[str, Lifecycle] = {}


def register(lifecycle: Lifecycle) -> Lifecycle:
    """Make a kind known to the account; each kind once."""
    if lifecycle.kind in LIFECYCLES:
        raise ValueError(f"{lifecycle.kind} is registered twice")
    LIFECYCLES[lifecycle.kind] = lifecycle
    return lifecycle
