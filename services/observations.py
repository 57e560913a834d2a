"""How an inventory becomes rows of the history. Each function runs inside the caller's transaction."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services import records, sightings
from services.known import Inventory
from services.ledger import Action
from services.records import JobRecord, Record, from_us, to_us
from services.sightings import Evidence, Holding, Span, Turn

SCHEMA = """
CREATE TABLE IF NOT EXISTS resources (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    arn TEXT NOT NULL, created_us INTEGER NOT NULL, owner TEXT NOT NULL, holding TEXT NOT NULL,
    changed_us INTEGER NOT NULL, seen_us INTEGER NOT NULL, gone_us INTEGER, guard_us INTEGER,
    run_start_us INTEGER, run_end_us INTEGER, run_seconds INTEGER,
    UNIQUE (account, region, arn, created_us));
CREATE TABLE IF NOT EXISTS spans (
    id INTEGER PRIMARY KEY, resource_id INTEGER NOT NULL, state TEXT NOT NULL, start_us INTEGER NOT NULL,
    end_us INTEGER, started_by TEXT NOT NULL, ended_by TEXT, holding TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS spans_resource ON spans (resource_id, id);
CREATE TABLE IF NOT EXISTS snapshots (
    account TEXT NOT NULL, region TEXT NOT NULL, at_us INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (account, region)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an inventory was taken, and when in the account's time."""

    account: str
    region: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of a resource that is not gone, with its open span."""

    id: int
    name: str
    changed: datetime
    seen: datetime
    guard: datetime | None
    holding: Holding
    span_id: int | None
    span: Span | None


def observe(db: sqlite3.Connection, place: Place, inventory: Inventory, kind: str, actions: Iterable[Action]) -> None:
    """Note every resource of a kind, and which of those known are gone."""
    kept = _kept(db, place, kind)
    mine = [action for action in actions if (action.kind, action.region) == (kind, place.region)]
    if kind == "training":
        present = {_note_job(db, place, job, kept) for job in records.jobs(inventory)}
    else:
        present = {_note(db, place, kind, record, kept, mine) for record in records.sighted(inventory, kind)}
    for key in kept.keys() - present:
        row = kept[key]
        known = records.turns(kind, row.name, row.guard, mine)
        _end(db, kind, row, known, place.at)
    db.execute(
        "UPDATE resources SET seen_us = ? WHERE account = ? AND region = ? AND kind = ? AND gone_us IS NULL",
        (to_us(place.at), place.account, place.region, kind),
    )


Key = tuple[str, int]
"""ARN and creation: a name may be used again."""


def _kept(db: sqlite3.Connection, place: Place, kind: str) -> dict[Key, Kept]:
    rows = db.execute(
        "SELECT r.*, s.id AS span_id, s.state, s.start_us, s.started_by, s.holding AS span_holding FROM resources r"
        " LEFT JOIN spans s ON s.resource_id = r.id AND s.end_us IS NULL"
        " WHERE r.account = ? AND r.region = ? AND r.kind = ? AND r.gone_us IS NULL",
        (place.account, place.region, kind),
    )
    return {(row["arn"], row["created_us"]): _kept_row(row) for row in rows}


def _kept_row(row: sqlite3.Row) -> Kept:
    span = None
    if row["span_id"] is not None:
        start, by = from_us(row["start_us"]), Evidence(row["started_by"])
        span = Span(row["state"], start, None, by, None, records.load(row["span_holding"]))
    guard = None if row["guard_us"] is None else from_us(row["guard_us"])
    changed, seen = from_us(row["changed_us"]), from_us(row["seen_us"])
    return Kept(row["id"], row["name"], changed, seen, guard, records.load(row["holding"]), row["span_id"], span)


def _note(
    db: sqlite3.Connection, place: Place, kind: str, record: Record, kept: dict[Key, Kept], actions: list[Action]
) -> Key:
    key = (record.arn, to_us(record.sighting.created))
    row = kept.get(key)
    if row is None:
        row = _add(db, place, kind, key, record)
    if row.span is None:
        _put(db, row.id, None, sightings.first(kind, record.sighting))
    else:
        seen = record.sighting if record.complete else replace(record.sighting, holding=row.holding)
        if (seen.state, seen.changed) != (row.span.state, row.changed):
            known = records.turns(kind, record.name, row.guard, actions)
            _put(db, row.id, row.span_id, sightings.follow(kind, row.span, row.seen, seen, known))
        elif seen.holding != row.span.holding:
            db.execute("UPDATE spans SET holding = ? WHERE id = ?", (records.dump(seen.holding), row.span_id))
        record = replace(record, sighting=seen)
    guard = None if record.guard is None else to_us(record.guard)
    db.execute(
        "UPDATE resources SET owner = ?, holding = ?, changed_us = ?, guard_us = ? WHERE id = ?",
        (record.owner, records.dump(record.sighting.holding), to_us(record.sighting.changed), guard, row.id),
    )
    return key


def _add(db: sqlite3.Connection, place: Place, kind: str, key: Key, record: Record | JobRecord) -> Kept:
    """A resource that is new, or that was missing and is there again: then its last span is open again."""
    back = db.execute(
        "SELECT id FROM resources WHERE account = ? AND region = ? AND arn = ? AND created_us = ?",
        (place.account, place.region, *key),
    ).fetchone()
    if back is not None:
        db.execute("UPDATE resources SET gone_us = NULL WHERE id = ?", (back["id"],))
        db.execute(
            "UPDATE spans SET end_us = NULL, ended_by = NULL"
            " WHERE id = (SELECT max(id) FROM spans WHERE resource_id = ?)",
            (back["id"],),
        )
        return _kept(db, place, kind)[key]
    holding = record.sighting.holding if isinstance(record, Record) else record.holding
    cursor = db.execute(
        "INSERT INTO resources (account, region, kind, name, arn, created_us, owner, holding, changed_us, seen_us)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(place.account, place.region, kind, record.name, *key),
            *(record.owner, records.dump(holding), to_us(place.at), to_us(place.at)),
        ),
    )
    return Kept(cursor.lastrowid or 0, record.name, place.at, place.at, None, holding, None, None)


def _note_job(db: sqlite3.Connection, place: Place, job: JobRecord, kept: dict[Key, Kept]) -> Key:
    key = (job.arn, to_us(job.created))
    row = kept.get(key)
    if row is not None and row.changed == job.changed and not job.runs and row.span is None:
        return key
    row = row or _add(db, place, "training", key, job)
    db.execute("DELETE FROM spans WHERE resource_id = ?", (row.id,))
    _put(db, row.id, None, list(job.spans))
    started, ended = (None if moment is None else to_us(moment) for moment in (job.started, job.ended))
    db.execute(
        "UPDATE resources SET owner = ?, holding = ?, changed_us = ?, run_start_us = ?, run_end_us = ?,"
        " run_seconds = ? WHERE id = ?",
        (job.owner, records.dump(job.holding), to_us(job.changed), started, ended, job.seconds, row.id),
    )
    return key


def _end(db: sqlite3.Connection, kind: str, row: Kept, known: list[Turn], now: datetime) -> None:
    gone = now
    if row.span is not None:
        spans = sightings.vanish(kind, row.span, row.seen, known, now)
        _put(db, row.id, row.span_id, spans)
        gone = spans[-1].end or now
    db.execute("UPDATE resources SET gone_us = ? WHERE id = ?", (to_us(gone), row.id))


def _put(db: sqlite3.Connection, resource_id: int, replaced: int | None, spans: list[Span]) -> None:
    if replaced is not None:
        db.execute("DELETE FROM spans WHERE id = ?", (replaced,))
    db.executemany(records.INSERT_SPAN, [records.span_values(resource_id, span) for span in spans])
