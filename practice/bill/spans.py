"""What each resource held from when to when, from its events: all that tells of seconds and dollars stands on it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from practice.lifecycles import GONE, LIFECYCLES
from practice.sagemaker import training_phases
from practice.world import Event, World, arn

Document = dict[str, Any]
Tags = tuple[tuple[str, str], ...]
"""Sorted by key."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a resource holds in some state of its document: instances as (type, count), volumes in GiB together.

    `usage` is the price figures' word for it; the others are what comes in a usage type behind the region.
    """

    usage: str
    instances: tuple[tuple[str, int], ...]
    volume_gib: int
    instance_code: str
    volume_code: str


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end` the same parts of the same things billed, under the same tags."""

    start: datetime
    end: datetime
    parts: tuple[str, ...]
    held: Held
    tags: Tags


@dataclass(frozen=True, slots=True)
class Billed:
    """A resource that ever was, gone ones too, and all that it billed."""

    kind: str
    region: str
    name: str
    arn: str
    created: datetime
    gone: bool
    spans: tuple[Span, ...]


def _notebook(document: Document) -> Held:
    instances = ((document["InstanceType"], 1),)
    return Held("notebook", instances, document["VolumeSizeInGB"], "Notebk:", "Notebk:VolumeUsage.gp2")


def _endpoint(document: Document) -> Held:
    variants = document["Variants"]
    volume_gib = sum((variant["VolumeSizeInGB"] or 0) * variant["Count"] for variant in variants)
    instances = tuple((variant["InstanceType"], variant["Count"]) for variant in variants)
    return Held("endpoint", instances, volume_gib, "Host:", "Host:VolumeUsage.gp2")


def _training_job(document: Document) -> Held:
    request = document["Request"]
    resources = request["ResourceConfig"]
    count = resources["InstanceCount"]
    code = "TrSpt:" if request["EnableManagedSpotTraining"] else "Train:"
    volume_gib = resources["VolumeSizeInGB"] * count
    return Held("training", ((resources["InstanceType"], count),), volume_gib, code, "Train:VolumeUsage.gp2")


def _studio_app(document: Document) -> Held:
    instance_type = document["ResourceSpec"]["InstanceType"]
    instances = () if instance_type == "system" else ((instance_type, 1),)
    return Held("studio", instances, 0, f"Studio:{document['AppType']}-", "Studio:VolumeUsage.gp3")


def _studio_space(document: Document) -> Held:
    return Held("studio", (), document["VolumeGiB"], "Studio:JupyterLab-", "Studio:VolumeUsage.gp3")


HELD: dict[str, Callable[[Document], Held]] = {
    "notebook-instance": _notebook,
    "endpoint": _endpoint,
    "training-job": _training_job,
    "studio-app": _studio_app,
    "studio-space": _studio_space,
}
"""Kind → what its document says that it holds."""


def _app_path(name: str) -> str:
    domain, owner, kind, app = name.split("/")
    return f"app/{domain}/{owner}/{kind.lower()}/{app}"


_PATHS: dict[str, Callable[[str], str]] = {
    "studio-app": _app_path,
    "studio-space": lambda name: f"space/{name}",
}
"""Kind → the end of its ARN, where that is not the kind and the name in lower case. Events outlive the resource and
bear its name alone."""


def billed(world: World, until: datetime) -> Iterator[Billed]:
    """Every resource of a kind that bills and was created by then; nothing after `until` counts."""
    for kind in HELD:
        by_uid: dict[str, list[Event]] = {}
        for event in world.events(kind):
            by_uid.setdefault(event.uid, []).append(event)
        for events in by_uid.values():
            if events[0].event == "create" and events[0].at <= until:
                yield _billed(world, events, until)


def _billed(world: World, events: Sequence[Event], until: datetime) -> Billed:
    first, seen = events[0], [event for event in events if event.at <= until]
    path = _PATHS[first.kind](first.name) if first.kind in _PATHS else f"{first.kind}/{first.name.lower()}"
    spans = _job_spans(world, events, until) if first.kind == "training-job" else _spans(seen, until)
    where = arn("sagemaker", first.region, path)
    return Billed(first.kind, first.region, first.name, where, first.at, seen[-1].state == GONE, tuple(spans))


def _spans(events: Sequence[Event], until: datetime) -> Iterator[Span]:
    """From each event to the next, and from the last one to `until`."""
    kind = events[0].kind
    for stage in _stages(events, until):
        parts = LIFECYCLES[kind].bills.get(stage.state, ())
        if parts and stage.start < stage.end:
            yield Span(stage.start, stage.end, parts, HELD[kind](stage.document), _tags(stage.document))


def _job_spans(world: World, events: Sequence[Event], until: datetime) -> Iterator[Span]:
    """A training job bills its BillableTimeInSeconds, from its training's start on: an advance of the clock is not
    charged to it. One that still runs has billed what it lived so far, in whole seconds."""
    stages = list(_stages(events, datetime.max.replace(tzinfo=UTC)))
    document = spent = stages[-1].document
    resource = world.by_uid(events[0].uid)
    if resource is not None and "TrainingEndTime" not in document:
        spent = training_phases.times(world, resource)
    if "BillableTimeInSeconds" not in spent:
        return
    kind = events[0].kind
    parts, held = LIFECYCLES[kind].bills["InProgress"], HELD[kind](document)
    start = datetime.fromisoformat(document["TrainingStartTime"])
    end = start + timedelta(seconds=spent["BillableTimeInSeconds"])
    if "TrainingEndTime" in spent and datetime.fromisoformat(spent["TrainingEndTime"]) > until:
        end = min(end, until)
    for stage in stages:
        since, to = max(start, stage.start), min(end, stage.end)
        if since < to:
            yield Span(since, to, parts, held, _tags(stage.document))


@dataclass(frozen=True, slots=True)
class _Stage:
    """Between two events: a state, and the document as it was."""

    start: datetime
    end: datetime
    state: str
    document: Document


def _stages(events: Sequence[Event], until: datetime) -> Iterator[_Stage]:
    document: Document = {}
    ends = [*(event.at for event in events[1:]), until]
    for event, end in zip(events, ends, strict=True):
        document = document | event.changes
        yield _Stage(event.at, end, event.state, document)


def _tags(document: Document) -> Tags:
    return tuple(sorted((tag["Key"], tag["Value"]) for tag in document.get("Tags") or ()))
