"""From what was seen to what was: which state a resource was in from when to when, and how each bound is known.

Pure: no clock, no disk. A notebook instance or an endpoint is seen now and then; between two looks it may have been
through states that nobody saw. What AWS's state machine, the auto-stop or the deck's own ledger say about the time
between is taken, and marked with where it comes from.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

UNSEEN = "Unseen"
"""The state of a time of which only the existence is known."""

STOPPING, STOPPED, IN_SERVICE = "Stopping", "Stopped", "InService"
STARTING = frozenset({"Pending", "Creating"})
STARTED = frozenset({"Stopping", "Stopped", "Deleting", "Updating", "RollingBack", "SystemUpdating"})
"""States that a resource seen while it was starting can only be in after it was in service."""

CREATION = timedelta(minutes=30)
"""An endpoint first seen in service was being created until its last change, when that is no longer after its
creation; an endpoint cannot be paused, so later changes were updates, during which it served. An assumption."""


class Evidence(StrEnum):
    """How the start or the end of a state is known."""

    DESCRIBED = "described"
    """AWS said so, to the second."""
    CLOUDTRAIL = "cloudtrail"
    """CloudTrail has the call that began it, in whole seconds."""
    GUARD = "guard"
    """It is the time at which its auto-stop fired."""
    LEDGER = "ledger"
    """It is the time of the deck's own action."""
    OBSERVED = "observed"
    """By then we saw it; it may have been earlier."""
    ASSUMED = "assumed"
    """Nobody saw it; it follows from the states before and after."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What a resource is billed for: instances as (type, count), and the GiB of all its volumes together."""

    instances: tuple[tuple[str, int], ...]
    volume_gib: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """One state from when to when; `end` None: still."""

    state: str
    start: datetime
    end: datetime | None
    started_by: Evidence
    ended_by: Evidence | None
    holding: Holding


@dataclass(frozen=True, slots=True)
class Sighting:
    """A resource as AWS describes it now: `changed` is when it last changed, which is when its state began."""

    state: str
    created: datetime
    changed: datetime
    holding: Holding


@dataclass(frozen=True, slots=True)
class Turn:
    """Something known to have stopped a resource, or `deletes` it."""

    at: datetime
    evidence: Evidence
    deletes: bool


def first(kind: str, seen: Sighting) -> list[Span]:
    """The spans of a resource that was not seen before."""
    now = Span(seen.state, seen.changed, None, Evidence.DESCRIBED, None, seen.holding)
    if seen.changed <= seen.created:
        return [now]
    served = "Creating" if seen.changed - seen.created <= CREATION else IN_SERVICE
    state = served if kind == "endpoint" else UNSEEN
    return [Span(state, seen.created, seen.changed, Evidence.ASSUMED, Evidence.DESCRIBED, seen.holding), now]


def follow(kind: str, last: Span, looked: datetime, seen: Sighting, turns: list[Turn]) -> list[Span]:
    """What replaces the open span `last`, seen until `looked`, now that the resource is in another state, changed again
    or resized. The last one is open."""
    changed = max(seen.changed, last.start)
    spans = _between(last, looked)
    if kind == "notebook" and seen.state == last.state and spans[-1] is last:
        spans = _then(spans, UNSEEN, min(looked, changed), Evidence.OBSERVED)
    elif last.state in STARTING and seen.state not in STARTED:
        spans = [last]
    stop = _first_turn(turns, looked, changed)
    if stop is not None and not stop.deletes and spans[-1].state == IN_SERVICE and seen.state in STARTED:
        spans = _then(spans, STOPPING, stop.at, stop.evidence)
    spans = _then(spans, seen.state, changed, Evidence.DESCRIBED)
    return [*spans[:-1], replace(spans[-1], holding=seen.holding)]


def vanish(kind: str, last: Span, looked: datetime, turns: list[Turn], now: datetime) -> list[Span]:
    """What replaces the open span `last` of a resource that is gone. All are closed."""
    spans = _between(last, looked) if last.state in STARTING else [last]
    gone = _first_turn([turn for turn in turns if turn.deletes], looked, now)
    end, by = (gone.at, gone.evidence) if gone else (max(now, looked), Evidence.OBSERVED)
    stop = _first_turn(turns, looked, end)
    if stop is not None and not stop.deletes and spans[-1].state == IN_SERVICE:
        spans = _then(spans, STOPPED, stop.at, stop.evidence)
    return _closed(spans, end, by)


def foresee(kind: str, last: Span, looked: datetime, guard: datetime | None, until: datetime) -> list[Span]:
    """The open span as it will be `until` then, when nobody looked since: its auto-stop fires."""
    if guard is None or not looked < guard <= until or last.state not in (IN_SERVICE, *STARTING):
        return [last]
    spans = _between(last, looked)
    if kind == "endpoint":
        return _closed(spans, guard, Evidence.GUARD)
    return _then(spans, STOPPED, guard, Evidence.GUARD)


def _between(last: Span, looked: datetime) -> list[Span]:
    """A resource that was starting when last seen is taken to have been in service from then on."""
    return _then([last], IN_SERVICE, max(looked, last.start), Evidence.ASSUMED) if last.state in STARTING else [last]


def _then(spans: list[Span], state: str, at: datetime, by: Evidence) -> list[Span]:
    at = max(at, spans[-1].start)
    return [*_closed(spans, at, by), Span(state, at, None, by, None, spans[-1].holding)]


def _closed(spans: list[Span], at: datetime, by: Evidence) -> list[Span]:
    return [*spans[:-1], replace(spans[-1], end=max(at, spans[-1].start), ended_by=by)]


def _first_turn(turns: list[Turn], after: datetime, until: datetime) -> Turn | None:
    return min((turn for turn in turns if after < turn.at <= until), key=lambda turn: turn.at, default=None)
