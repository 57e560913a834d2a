"""Figures over a whole inventory: what it bills, what runs for whom, what will stop by itself, quotas in use."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from services import endpoints, notebooks, trainings
from services.endpoints import Endpoint
from services.idleness import Use
from services.known import Inventory
from services.notebooks import Notebook
from services.quotas import InUse
from services.spenders import Spender
from services.trainings import TrainingJob


class StoppedBy(StrEnum):
    """What will stop a resource by itself."""

    GUARD = "guard"
    """Its auto-stop in EventBridge Scheduler."""
    LIMIT = "limit"
    """A training job's own MaxRuntimeInSeconds; it mostly ends before."""
    NOTHING = "nothing"
    """Not guarded: it bills until somebody stops it."""
    UNKNOWN = "unknown"
    """The schedules could not be read."""


@dataclass(frozen=True, slots=True)
class StopAhead:
    """When something that runs will be stopped by itself; `at` is None when nothing is known to stop it."""

    kind: str
    name: str
    arn: str
    owner: str
    by: StoppedBy
    at: datetime | None
    usd_per_hour: Decimal

    @property
    def guarded(self) -> bool:
        return self.by in (StoppedBy.GUARD, StoppedBy.LIMIT)


@dataclass(frozen=True, slots=True)
class Running:
    """How much of a kind runs for an owner (empty: unowned), and what that bills right now."""

    kind: str
    owner: str
    count: int
    usd_per_hour: Decimal


@dataclass(frozen=True, slots=True)
class IdleSince:
    """How many running resources are idle, and since when the longest of them."""

    count: int
    since: datetime


_Row = Notebook | TrainingJob | Endpoint | Spender


def in_use(inventory: Inventory) -> InUse:
    """Instances that count towards quotas: (usage, instance type) → how many."""
    used: InUse = Counter()
    for notebook in inventory.notebooks:
        if notebook.holds_instance:
            used[notebooks.USAGE, notebook.instance_type] += 1
    for job in inventory.trainings:
        if job.runs:
            used[trainings.SPOT_USAGE if job.spot else trainings.USAGE, job.instance_type] += job.instance_count
    for endpoint in inventory.endpoints:
        if endpoint.status in endpoints.HOLDING:
            for variant in endpoint.variants:
                used[endpoints.USAGE, variant.instance_type] += variant.instance_count
    for other in inventory.others:
        for instance_type, count in other.instances if other.usage and other.runs else ():
            used[other.usage, instance_type] += count
    return used


def burn(inventory: Inventory) -> Decimal:
    """US dollars per hour of all that bills right now at known rates, volumes of stopped notebook instances and of
    Studio spaces among it."""
    rows: list[_Row] = [*inventory.notebooks, *inventory.trainings, *inventory.endpoints, *inventory.others]
    return sum((row.burn for row in rows), Decimal(0))


def running(inventory: Inventory) -> tuple[Running, ...]:
    """What runs, by kind and owner, the dearest first."""
    counts: Counter[tuple[str, str]] = Counter()
    burns: dict[tuple[str, str], Decimal] = {}
    for kind, owner, usd_per_hour in _running(inventory):
        counts[kind, owner] += 1
        burns[kind, owner] = burns.get((kind, owner), Decimal(0)) + usd_per_hour
    rows = [Running(kind, owner, count, burns[kind, owner]) for (kind, owner), count in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row.usd_per_hour, row.kind, row.owner)))


def stops_ahead(inventory: Inventory) -> tuple[StopAhead, ...]:
    """Everything that runs and when it will be stopped by itself: what is not guarded first, then the soonest."""
    rows = [*_guarded(inventory), *_limited(inventory), *_others(inventory)]
    return tuple(sorted(rows, key=lambda row: (row.guarded, row.at.timestamp() if row.at else 0, row.kind, row.name)))


def idle_since(inventory: Inventory) -> IdleSince | None:
    """What runs and is known to be idle; None when nothing is."""
    serving = [row.arn for row in inventory.endpoints if row.can_invoke]
    running = [row.arn for row in inventory.others if row.runs]
    known = [inventory.idle(arn) for arn in (*serving, *running)]
    since = [idle.since for idle in known if idle.use is Use.IDLE and idle.since is not None]
    return IdleSince(len(since), min(since)) if since else None


def _running(inventory: Inventory) -> Iterator[tuple[str, str, Decimal]]:
    for notebook in inventory.notebooks:
        if notebook.holds_instance:
            yield "notebook", inventory.owners.get(notebook.arn, ""), notebook.burn
    for job in inventory.trainings:
        if job.runs:
            yield "training", job.owner, job.burn
    for endpoint in inventory.endpoints:
        if endpoint.status in endpoints.HOLDING:
            yield "endpoint", inventory.owners.get(endpoint.arn, ""), endpoint.burn
    for other in inventory.others:
        if other.runs:
            yield other.kind, other.owner, other.burn


def _guarded(inventory: Inventory) -> Iterator[StopAhead]:
    unguarded = StoppedBy.NOTHING if "guards" in inventory.read_at else StoppedBy.UNKNOWN
    rows: list[tuple[str, _Row]] = [
        *(("notebook", row) for row in inventory.notebooks if row.holds_instance and row.status != "Stopping"),
        *(("endpoint", row) for row in inventory.endpoints if row.status in endpoints.HOLDING),
    ]
    for kind, row in rows:
        guard = inventory.guards.get(row.arn)
        by, at = (StoppedBy.GUARD, guard.stops_at) if guard and guard.enabled else (unguarded, None)
        yield StopAhead(kind, row.name, row.arn, inventory.owners.get(row.arn, ""), by, at, row.burn)


def _limited(inventory: Inventory) -> Iterator[StopAhead]:
    for job in inventory.trainings:
        if job.runs:
            begun = job.started or inventory.at
            at = begun + timedelta(seconds=job.max_run_seconds)
            yield StopAhead("training", job.name, job.arn, job.owner, StoppedBy.LIMIT, at, job.burn)


def _others(inventory: Inventory) -> Iterator[StopAhead]:
    """Of what else runs nothing is known to stop it: whether Studio's idle shutdown does depends on its users."""
    for row in inventory.others:
        if row.runs:
            yield StopAhead(row.kind, row.name, row.arn, row.owner, StoppedBy.UNKNOWN, None, row.burn)
