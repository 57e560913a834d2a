"""What the account's resources have billed, computed from their events alone: seconds and US dollars by part.

A witness of its own to what anyone else makes of the account's states: it shares no code with the deck.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from practice import figures
from practice.lifecycles import GONE, LIFECYCLES
from practice.sagemaker import training_phases
from practice.world import Event, World

HOURS_PER_MONTH = 730
"""A GiB-month by the hour: 8,760 / 12, the same in every month."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """What a resource holds in some state of its document: instances as (type, count), volumes in GiB together."""

    usage: str
    instances: tuple[tuple[str, int], ...]
    volume_gib: int


def _notebook(document: Document) -> Held:
    return Held("notebook", ((document["InstanceType"], 1),), document["VolumeSizeInGB"])


def _endpoint(document: Document) -> Held:
    variants = document["Variants"]
    volume_gib = sum((variant["VolumeSizeInGB"] or 0) * variant["Count"] for variant in variants)
    return Held("endpoint", tuple((variant["InstanceType"], variant["Count"]) for variant in variants), volume_gib)


def _training_job(document: Document) -> Held:
    resources = document["Request"]["ResourceConfig"]
    count = resources["InstanceCount"]
    return Held("training", ((resources["InstanceType"], count),), resources["VolumeSizeInGB"] * count)


def _studio_app(document: Document) -> Held:
    instance_type = document["ResourceSpec"]["InstanceType"]
    return Held("studio", () if instance_type == "system" else ((instance_type, 1),), 0)


def _studio_space(document: Document) -> Held:
    return Held("studio", (), document["VolumeGiB"])


HELD: dict[str, Callable[[Document], Held]] = {
    "notebook-instance": _notebook,
    "endpoint": _endpoint,
    "training-job": _training_job,
    "studio-app": _studio_app,
    "studio-space": _studio_space,
}
"""Kind → what its document says that it holds."""


def usage(world: World) -> list[dict[str, Any]]:
    """Every resource that ever billed, gone ones too: seconds by part, and US dollars as decimal text, not rounded."""
    return [
        _billed(world, events)
        for kind in HELD
        for events in _by_resource(world.events(kind))
        if events[0].event == "create"
    ]


def _by_resource(events: Sequence[Event]) -> list[list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.uid, []).append(event)
    return list(found.values())


def _billed(world: World, events: list[Event]) -> dict[str, Any]:
    seconds: dict[str, Decimal] = {}
    usd: dict[str, Decimal] = {}
    spans = _job_spans if events[0].kind == "training-job" else _spans
    for parts, held, lasted in spans(world, events):
        for part in parts:
            seconds[part] = seconds.get(part, Decimal(0)) + lasted
            usd[part] = usd.get(part, Decimal(0)) + _usd_per_hour(events[0].region, part, held) * lasted / 3600
    first = events[0]
    parts_said = {part: {"seconds": str(seconds[part]), "usd": str(usd[part])} for part in seconds}
    return {
        "kind": first.kind,
        "region": first.region,
        "name": first.name,
        "created": first.at.isoformat(),
        "gone": events[-1].state == GONE,
        "parts": parts_said,
        "usd": str(sum(usd.values(), Decimal(0))),
    }


Spans = Iterator[tuple[tuple[str, ...], Held, Decimal]]
"""(parts that bill, what is held, for how many seconds)"""


def _spans(world: World, events: list[Event]) -> Spans:
    """From each event to the next, and from the last one to now."""
    bills = LIFECYCLES[events[0].kind].bills
    document: Document = {}
    ends: list[datetime] = [*(event.at for event in events[1:]), world.clock.now()]
    for event, end in zip(events, ends, strict=True):
        document |= event.changes
        parts = bills.get(event.state, ())
        if parts:
            yield parts, HELD[event.kind](document), _seconds(end - event.at)


def _job_spans(world: World, events: list[Event]) -> Spans:
    """A training job bills its own seconds, which an advance of the clock does not add to."""
    document: Document = {}
    for event in events:
        document |= event.changes
    spent: Document = document
    resource = world.by_uid(events[0].uid)
    if resource is not None and "TrainingEndTime" not in document:
        spent = training_phases.times(world, resource)
    if "BillableTimeInSeconds" in spent:
        bills = LIFECYCLES[events[0].kind].bills["InProgress"]
        yield bills, HELD[events[0].kind](document), Decimal(spent["BillableTimeInSeconds"])


def _usd_per_hour(region: str, part: str, held: Held) -> Decimal:
    if part == "storage":
        return figures.ml_storage_usd_per_gib_month(region) * held.volume_gib / HOURS_PER_MONTH
    rates = (figures.usd_per_hour(region, held.usage, name) * count for name, count in held.instances)
    return sum(rates, Decimal(0))


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1)) / 1_000_000
