"""What the history keeps of each resource of an inventory."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.endpoints import Endpoint
from services.known import Inventory
from services.ledger import Action, State
from services.notebooks import Notebook
from services.plans import Act
from services.sightings import Evidence, Holding, Sighting, Span, Turn
from services.spenders import Billing, Spender
from services.trainings import TrainingJob

SOURCES = {
    "notebook": "notebooks",
    "training": "trainings",
    "endpoint": "endpoints",
    "app": "spenders",
    "space": "spenders",
}
"""Kind → the inventory's source of it."""

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A notebook instance or an endpoint, seen. `complete` is False when it was only listed: its holding is unknown."""

    name: str
    arn: str
    owner: str
    guard: datetime | None
    sighting: Sighting
    complete: bool


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A training job, which describes its own past. `seconds` is what it billed so far; None before it trains."""

    name: str
    arn: str
    owner: str
    created: datetime
    changed: datetime
    runs: bool
    started: datetime | None
    ended: datetime | None
    seconds: int | None
    holding: Holding
    spans: tuple[Span, ...]


def sighted(inventory: Inventory, kind: str) -> list[Record]:
    """The notebook instances, the endpoints, or the Studio apps or spaces of the inventory that bill.

    AWS does not say when an app changed: it is taken to have billed since its creation, until it no longer does.
    """
    if kind in ("app", "space"):
        billing = [row for row in inventory.spenders.rows if row.kind == kind and row.billing is not Billing.NOTHING]
        return [_other(row, row.created) for row in billing if row.created]
    rows = inventory.notebooks if kind == "notebook" else inventory.endpoints
    return [_record(inventory, row) for row in rows]


def jobs(inventory: Inventory) -> list[JobRecord]:
    """The training jobs of the inventory."""
    return [_job(job, inventory.at) for job in inventory.trainings]


def turns(kind: str, name: str, guard: datetime | None, actions: Iterable[Action]) -> list[Turn]:
    """What the auto-stop and the deck's own finished actions are known to have done to a resource, and when."""
    own = [
        Turn(action.at, Evidence.LEDGER, kind == "endpoint" or action.act == Act.DELETE)
        for action in actions
        if (action.kind, action.name, action.state) == (kind, name, State.DONE) and action.act in _ENDS
    ]
    return own if guard is None else [Turn(guard, Evidence.GUARD, kind == "endpoint"), *own]


_ENDS = (Act.STOP, Act.DELETE)


def to_us(moment: datetime) -> int:
    """Microseconds since the epoch: exact, and sorts."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def dump(holding: Holding) -> str:
    return json.dumps([holding.instances, holding.volume_gib])


def load(text: str) -> Holding:
    instances, volume_gib = json.loads(text)
    return Holding(tuple((name, count) for name, count in instances), volume_gib)


INSERT_SPAN = (
    "INSERT INTO spans (resource_id, state, start_us, end_us, started_by, ended_by, holding)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def span_values(resource_id: int, span: Span) -> tuple[object, ...]:
    """A span as INSERT_SPAN takes it."""
    end = None if span.end is None else to_us(span.end)
    return (resource_id, span.state, to_us(span.start), end, span.started_by, span.ended_by, dump(span.holding))


def span(row: sqlite3.Row) -> Span:
    """A row of the table spans."""
    end = None if row["end_us"] is None else from_us(row["end_us"])
    ended_by = None if row["ended_by"] is None else Evidence(row["ended_by"])
    start, by = from_us(row["start_us"]), Evidence(row["started_by"])
    return Span(row["state"], start, end, by, ended_by, load(row["holding"]))


def _other(row: Spender, created: datetime) -> Record:
    holding = Holding(row.instances, row.volume_gib)
    return Record(row.name, row.arn, row.owner, None, Sighting(row.status, created, created, holding), True)


def _record(inventory: Inventory, row: Notebook | Endpoint) -> Record:
    if isinstance(row, Notebook):
        holding, complete = Holding(((row.instance_type, 1),), row.volume_gib or 0), row.volume_gib is not None
    else:
        instances = tuple((variant.instance_type, variant.instance_count) for variant in row.variants)
        holding, complete = Holding(instances, row.volume_gib), bool(instances)
    guard = inventory.guards.get(row.arn)
    sighting = Sighting(row.status, row.created, row.changed, holding)
    owner = inventory.owners.get(row.arn, "")
    return Record(row.name, row.arn, owner, guard.stops_at if guard else None, sighting, complete)


def _job(job: TrainingJob, now: datetime) -> JobRecord:
    holding = Holding(((job.instance_type, job.instance_count),), job.volume_gib * job.instance_count)
    over = None if job.runs else (job.ended or job.changed)
    phases = [(phase.status, phase.start, phase.end) for phase in job.phases] or [(job.secondary, job.created, None)]
    spans = tuple(_phase(state, start, end or over, holding) for state, start, end in phases)
    seconds = job.training_seconds if job.billable_seconds is None else job.billable_seconds
    if seconds is None and job.started is not None:
        seconds = int(((job.ended or now) - job.started).total_seconds())
    return JobRecord(
        name=job.name,
        arn=job.arn,
        owner=job.owner,
        created=job.created,
        changed=job.changed,
        runs=job.runs,
        started=job.started,
        ended=job.ended,
        seconds=seconds,
        holding=holding,
        spans=spans,
    )


def _phase(state: str, start: datetime, end: datetime | None, holding: Holding) -> Span:
    by = None if end is None else Evidence.DESCRIBED
    return Span(state, start, None if end is None else max(start, end), Evidence.DESCRIBED, by, holding)
