"""From what CloudTrail tells of a resource to the states that it was in. Pure: no clock, no disk.

CloudTrail has the calls to the second, and not when a start or a stop was through. That is known where AWS describes
the state that followed; elsewhere a passing state is taken to have lasted as long as it usually did in this account.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.sightings import IN_SERVICE, STOPPED, STOPPING, UNSEEN, Evidence, Holding, Span
from services.trails import Deed

FAILED = "Failed"
SAME = timedelta(seconds=5)
"""A call and the state that it began, as AWS describes it, are this near to each other."""
UNKNOWN = Holding(())
"""What a resource held when no call that was kept says it: the meter says that its sum lacks it."""
SMALLEST_VOLUME_GIB = 5
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html: unless asked otherwise."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a call does: the state that it begins, and the one that follows by itself. `before` is the one state in
    which AWS takes the call, where there is but one."""

    passing: str
    settled: str | None
    before: str | None = None


TURNS = {
    "CreateNotebookInstance": Turn("Pending", IN_SERVICE),
    "StartNotebookInstance": Turn("Pending", IN_SERVICE, STOPPED),
    "StopNotebookInstance": Turn(STOPPING, STOPPED, IN_SERVICE),
    "UpdateNotebookInstance": Turn("Updating", STOPPED, STOPPED),
    "DeleteNotebookInstance": Turn("Deleting", None, STOPPED),
    "CreateEndpoint": Turn("Creating", IN_SERVICE),
    "UpdateEndpoint": Turn("Updating", IN_SERVICE, IN_SERVICE),
    "UpdateEndpointWeightsAndCapacities": Turn("Updating", IN_SERVICE, IN_SERVICE),
    "DeleteEndpoint": Turn("Deleting", None),
}
CREATES = frozenset({"CreateNotebookInstance", "CreateEndpoint"})
DELETES = frozenset({"DeleteNotebookInstance", "DeleteEndpoint"})


@dataclass(frozen=True, slots=True)
class Life:
    """The calls to one resource, from its creation (or the first that is kept) to its deletion."""

    deeds: tuple[Deed, ...]

    @property
    def created(self) -> datetime | None:
        """None when it was created before CloudTrail's memory begins."""
        return self.deeds[0].at if self.deeds[0].name in CREATES else None

    @property
    def deleted(self) -> datetime | None:
        return self.deeds[-1].at if self.deeds[-1].name in DELETES else None


@dataclass(frozen=True, slots=True)
class Mark:
    """From `at` on it was in `state`."""

    at: datetime
    state: str
    by: Evidence
    holding: Holding


Configs = Mapping[str, Holding]
"""Endpoint configuration → what an endpoint of it holds."""
Usual = Mapping[str, timedelta]
"""Passing state → how long it usually lasted; nothing where none was seen to end."""


def lives(deeds: Iterable[Deed]) -> list[Life]:
    """The calls to everything that bore one name, the oldest first: a name may be used again."""
    found: list[list[Deed]] = []
    for deed in deeds:
        if not found or deed.name in CREATES or found[-1][-1].name in DELETES:
            found.append([])
        found[-1].append(deed)
    return [Life(tuple(each)) for each in found]


def tell(life: Life, before: Sequence[Mark], seen: Sequence[Mark], usual: Usual, configs: Configs) -> list[Span]:
    """The states of a life. `before` marks what was before its first call; `seen` what AWS described, which stands.

    The last one is open unless the life is over.
    """
    marks, holding = list(before), before[-1].holding if before else UNKNOWN
    for at, deed in enumerate(life.deeds):
        following = life.deeds[at + 1] if at + 1 < len(life.deeds) else None
        new = held(deed, holding, configs)
        marks += _marks(deed, following, seen, usual, (holding if deed.name.startswith("Update") else new, new))
        holding = new
    if life.deleted is not None:
        end = life.deleted + usual.get("Deleting", timedelta(0))
        return spans([mark for mark in sorted([*marks, *seen], key=_when) if mark.at <= life.deleted], end)
    return spans(sorted([*marks, *seen], key=_when), None)


def durations(life: Life, seen: Sequence[Mark]) -> list[tuple[str, timedelta]]:
    """(passing state, how long it lasted) wherever AWS described what followed a call."""
    found = []
    for at, deed in enumerate(life.deeds):
        following = life.deeds[at + 1] if at + 1 < len(life.deeds) else None
        turn = TURNS[deed.name]
        settled = [mark for mark in _between(deed, following, seen) if mark.state == turn.settled]
        if settled and settled[0].by is Evidence.DESCRIBED:
            found.append((turn.passing, settled[0].at - deed.at))
    return found


def held(deed: Deed, before: Holding, configs: Configs) -> Holding:
    """What the resource holds once the call is through."""
    said = deed.request
    match deed.name:
        case "CreateNotebookInstance":
            return Holding(((said["instanceType"], 1),), said.get("volumeSizeInGB", SMALLEST_VOLUME_GIB))
        case "UpdateNotebookInstance":
            instances = ((said["instanceType"], 1),) if "instanceType" in said else before.instances
            return Holding(instances, said.get("volumeSizeInGB", before.volume_gib))
        case "CreateEndpoint" | "UpdateEndpoint":
            return configs.get(said.get("endpointConfigName", ""), UNKNOWN)
        case "UpdateEndpointWeightsAndCapacities":
            return _resized(before, [wish.get("desiredInstanceCount") for wish in said["desiredWeightsAndCapacities"]])
        case _:
            return before


def config_holding(deed: Deed) -> Holding:
    """What an endpoint of the configuration that the call created holds."""
    variants = deed.request.get("productionVariants", [])
    counts = [(each.get("instanceType", ""), each.get("initialInstanceCount", 0)) for each in variants]
    volume = sum(each.get("volumeSizeInGB", 0) * each.get("initialInstanceCount", 0) for each in variants)
    return Holding(tuple(counts), volume)


def spans(marks: Sequence[Mark], end: datetime | None) -> list[Span]:
    """From each mark to the next; what lasts no time or goes on is left out. `end` closes the last one."""
    kept: list[Mark] = []
    for mark in marks:
        if kept and kept[-1].at >= mark.at:
            kept[-1] = replace(mark, at=kept[-1].at)
        elif not kept or (kept[-1].state, kept[-1].holding) != (mark.state, mark.holding):
            kept.append(mark)
    if end is not None and kept and kept[-1].at >= end:
        end, closing = kept[-1].at, kept.pop().by
    else:
        closing = Evidence.ASSUMED
    ends = [(mark.at, mark.by) for mark in kept[1:]] + [(end, closing if end else None)]
    return [Span(m.state, m.at, at, m.by, by, m.holding) for m, (at, by) in zip(kept, ends, strict=True)]


def before_first(life: Life, created: datetime | None, known_since: datetime, holding: Holding) -> list[Mark]:
    """What was before the first call that is kept: nothing, or the state in which AWS takes that call. Of the time
    before CloudTrail's memory only a volume is known to have billed; an endpoint cannot be paused."""
    first = life.deeds[0]
    if first.name in CREATES:
        return []
    endpoint = first.kind == "endpoint"
    state = TURNS[first.name].before or IN_SERVICE
    told = Mark(max(known_since, created or known_since), state, Evidence.ASSUMED, holding)
    if created is None or created >= known_since:
        return [told]
    return [Mark(created, state if endpoint else UNSEEN, Evidence.ASSUMED, holding), told]


def _marks(
    deed: Deed, following: Deed | None, seen: Sequence[Mark], usual: Usual, holdings: tuple[Holding, Holding]
) -> list[Mark]:
    """The state that the call began, unless AWS described it, and what followed, unless something was seen to."""
    turn, after = TURNS[deed.name], _between(deed, following, seen)
    found = []
    if not any(mark.state == turn.passing and mark.at - deed.at < SAME for mark in after):
        found.append(Mark(deed.at, turn.passing, Evidence.CLOUDTRAIL, holdings[0]))
    if turn.settled and following and not any(mark.state != turn.passing for mark in after):
        wanted = TURNS[following.name].before
        state = turn.settled if wanted in (None, turn.settled) else FAILED
        at = min(deed.at + usual.get(turn.passing, timedelta(0)), following.at)
        found.append(Mark(at, state, Evidence.ASSUMED, holdings[1]))
    return found


def _between(deed: Deed, following: Deed | None, seen: Sequence[Mark]) -> list[Mark]:
    return [mark for mark in seen if mark.at >= deed.at and (following is None or mark.at < following.at)]


def _resized(before: Holding, counts: Sequence[int | None]) -> Holding:
    """Only what CloudTrail says for sure: of several variants it does not say here which type is whose."""
    if len(before.instances) != 1 or not counts or counts[0] is None:
        return before
    ((name, count),) = before.instances
    return Holding(((name, counts[0]),), before.volume_gib // max(count, 1) * counts[0])


def _when(mark: Mark) -> datetime:
    return mark.at
