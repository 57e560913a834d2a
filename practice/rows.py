"""What the store's rows are in Python: a resource, an event, a timer; and the door of the account."""

import json
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Row
from typing import Any

from practice.store import from_us


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of an owned service as it is now. `document` holds what its operations put there, as JSON."""

    uid: str
    kind: str
    region: str
    name: str
    arn: str
    state: str
    created: datetime
    modified: datetime
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a resource, when, and the state it led to."""

    at: datetime
    uid: str
    kind: str
    region: str
    name: str
    event: str
    state: str
    changes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timer:
    """`event` falls due for the resource `uid` at `at`; with a state, only while the resource is still in it."""

    id: int
    at: datetime
    uid: str
    event: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Door:
    """Where and with which keys this account can be called: what a job's environment and our own clients use."""

    url: str
    access_key: str
    secret_key: str


def as_resource(row: Row) -> Resource:
    return Resource(
        row["uid"],
        row["kind"],
        row["region"],
        row["name"],
        row["arn"],
        row["state"],
        from_us(row["created_us"]),
        from_us(row["modified_us"]),
        json.loads(row["document"]),
    )


def as_event(row: Row) -> Event:
    return Event(
        from_us(row["at_us"]),
        row["uid"],
        row["kind"],
        row["region"],
        row["name"],
        row["event"],
        row["state"],
        json.loads(row["changes"]),
    )


def as_timer(row: Row) -> Timer:
    return Timer(row["id"], from_us(row["at_us"]), row["uid"], row["event"], row["state"])
