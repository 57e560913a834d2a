"""Rows as the services hand them out, made by hand: for what was, is or might be in an account."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.endpoints import Endpoint, EndpointStatus
from services.known import Inventory
from services.ledger import Action, State
from services.notebooks import Notebook, NotebookStatus
from services.trainings import Phase, TrainingJob, TrainingStatus
from services.variants import Variant

REGION = "ap-northeast-2"
ACCOUNT = "practice:123456789012:"
BORN = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ARN = f"arn:aws:sagemaker:{REGION}:123456789012"


def at(hours: float) -> datetime:
    return BORN + timedelta(hours=hours)


def notebook(status: str = "InService", changed: float = 0, name: str = "n", **changes: Any) -> Notebook:
    """A notebook instance born at hour 0 that last changed at the hour given."""
    arn = f"{_ARN}:notebook-instance/{name}"
    row = Notebook(name, arn, REGION, "ml.t3.medium", NotebookStatus(status), BORN, at(changed), 5)
    return replace(row, **changes)


def endpoint(status: str = "InService", changed: float = 0, name: str = "e", **changes: Any) -> Endpoint:
    """An endpoint born at hour 0 with two instances of a variant."""
    variants = (Variant("AllTraffic", name, "ml.m5.large", 2, 1.0),)
    arn = f"{_ARN}:endpoint/{name}"
    row = Endpoint(name, arn, REGION, EndpointStatus(status), BORN, at(changed), name, variants)
    return replace(row, **changes)


def job(status: str = "InProgress", name: str = "j", **changes: Any) -> TrainingJob:
    """A training job born at hour 0; it trains from hour 1 on, and for an hour when it has ended."""
    over = status in ("Completed", "Failed", "Stopped")
    ended = at(2) if over else None
    phases = [Phase("Starting", BORN, at(1), ""), Phase("Training", at(1), ended, "")]
    row = TrainingJob(
        name=name,
        arn=f"{_ARN}:training-job/{name}",
        region=REGION,
        status=TrainingStatus(status),
        secondary=status if over else "Training",
        instance_type="ml.m5.large",
        instance_count=2,
        volume_gib=10,
        image="image",
        created=BORN,
        changed=ended or at(1),
        started=at(1),
        ended=ended,
        training_seconds=3600 if over else None,
        billable_seconds=3600 if over else None,
        max_run_seconds=7200,
        spot=False,
        owner="kim",
        phases=tuple(phases + ([Phase(status, at(2), at(2), "")] if over else [])),
    )
    return replace(row, **changes)


def taken(hours: float, **rows: Any) -> Inventory:
    """An inventory of that hour; every source was read unless `read_at` says otherwise."""
    sources = ("notebooks", "trainings", "endpoints", "restorables", "guards", "limits", "owners")
    read = rows.pop("read_at", dict.fromkeys(sources, at(hours)))
    return Inventory(region=REGION, at=at(hours), read_at=read, **rows)


def action(hours: float, act: str, kind: str, name: str, state: State = State.DONE) -> Action:
    """A row of the ledger."""
    return Action(1, "intent", at(hours), "kim", ACCOUNT, REGION, act, kind, name, "{}", state, at(hours), None, ())
