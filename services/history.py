"""What was seen, on disk: which resource was in which state from when to when, also of what is gone."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services import observations, records, snapshots
from services.databases import Database
from services.deeds import SCHEMA, Deeds
from services.known import Inventory, Known, known
from services.ledger import Action
from services.merges import merge
from services.records import from_us, to_us
from services.sightings import Evidence, Holding, Span, foresee

OVERTAKEN = timedelta(minutes=1)
"""An inventory older than the newest one by less than this was overtaken by it. One that is older still comes from an
account that began anew, and is taken."""


@dataclass(frozen=True, slots=True)
class Resource:
    """What the history knows a resource by."""

    account: str
    region: str
    kind: str
    name: str
    arn: str
    owner: str
    created: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class Interval:
    """One state of one resource, from `start` to `end`; an `end` of None means that it still holds.

    A training job's states are its secondary statuses.
    """

    resource: Resource
    state: str
    start: datetime
    end: datetime | None
    started_by: Evidence
    ended_by: Evidence | None
    holding: Holding

    @property
    def evidence(self) -> Evidence:
        """How sure its bounds are: `described` when AWS gave both to the second, else what stands for the lesser."""
        bounds = [by for by in (self.started_by, self.ended_by) if by is not None]
        return max(bounds, key=list(Evidence).index)


@dataclass(frozen=True, slots=True)
class Run:
    """What a training job billed: `seconds` between `start` and `end` (when it was last seen, while it runs)."""

    resource: Resource
    start: datetime
    end: datetime
    seconds: int
    holding: Holding


class History:
    """One SQLite file for all accounts and regions that this deck looked at."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, observations.SCHEMA + SCHEMA)
        self.deeds = Deeds(self._database)
        """What CloudTrail told."""

    def observe(self, account: str, inventory: Inventory, actions: Iterable[Action] = ()) -> None:
        """Note what an inventory saw, and keep it as the last one. `account` is Account.key.

        `actions` are the ledger's: what the deck deleted itself ended when it did so, not when it was missed.
        """
        place = observations.Place(account, inventory.region, inventory.at)
        with self._database.writing() as db:
            if timedelta(0) < self._newest(db, place) - inventory.at < OVERTAKEN:
                return
            done = list(actions)
            for kind, source in records.SOURCES.items():
                if inventory.read_at.get(source) == inventory.at:
                    observations.observe(db, place, inventory, kind, done)
            db.execute(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET at_us = excluded.at_us, body = excluded.body",
                (account, inventory.region, to_us(inventory.at), snapshots.dump(known(inventory))),
            )

    def merge(self, account: str, region: str) -> None:
        """Write the states anew from what CloudTrail told, once all that it keeps was read."""
        with self._database.writing() as db:
            merge(db, account, region)

    def last(self, account: str, region: str) -> Known | None:
        """The last inventory of the region, also from before a restart; None when there was none."""
        rows = self._database.read("SELECT body FROM snapshots WHERE account = ? AND region = ?", (account, region))
        return snapshots.load(rows[0]["body"]) if rows else None

    def arns(self, account: str) -> frozenset[str]:
        """Every resource that was ever seen, also what is gone."""
        return frozenset(
            row["arn"] for row in self._database.read("SELECT arn FROM resources WHERE account = ?", (account,))
        )

    def intervals(
        self, account: str, since: datetime, until: datetime, *, region: str | None = None
    ) -> tuple[Interval, ...]:
        """Every state that reaches into the time from `since` to `until`, resource by resource in order of creation.

        A resource that nobody looked at since its auto-stop was due is taken to have been stopped by it.
        """
        rows = self._database.read(
            "SELECT r.*, s.state, s.start_us, s.end_us, s.started_by, s.ended_by, s.holding AS span_holding"
            " FROM resources r JOIN spans s ON s.resource_id = r.id WHERE r.account = :account"
            " AND r.region = coalesce(:region, r.region) AND s.start_us < :until"
            " AND coalesce(s.end_us, :until) > :since ORDER BY r.created_us, r.id, s.start_us, s.id",
            {"account": account, "region": region, "since": to_us(since), "until": to_us(until)},
        )
        found = [interval for row in rows for interval in _intervals(row, until)]
        return tuple(each for each in found if each.start < until and (each.end is None or each.end > since))

    def runs(self, account: str, since: datetime, until: datetime, *, region: str | None = None) -> tuple[Run, ...]:
        """What training jobs billed, of those that trained at any time from `since` to `until`."""
        rows = self._database.read(
            "SELECT * FROM resources WHERE account = :account AND region = coalesce(:region, region)"
            " AND kind = 'training' AND run_start_us < :until AND coalesce(run_end_us, seen_us) > :since"
            " ORDER BY created_us, id",
            {"account": account, "region": region, "since": to_us(since), "until": to_us(until)},
        )
        return tuple(_run(row) for row in rows)

    def close(self) -> None:
        self._database.close()

    def _newest(self, db: sqlite3.Connection, place: observations.Place) -> datetime:
        row = db.execute(
            "SELECT at_us FROM snapshots WHERE account = ? AND region = ?", (place.account, place.region)
        ).fetchone()
        return place.at if row is None else from_us(row["at_us"])


def _intervals(row: sqlite3.Row, until: datetime) -> list[Interval]:
    span = Span(
        row["state"],
        from_us(row["start_us"]),
        _moment(row["end_us"]),
        Evidence(row["started_by"]),
        None if row["ended_by"] is None else Evidence(row["ended_by"]),
        records.load(row["span_holding"]),
    )
    spans = [span] if span.end else foresee(row["kind"], span, from_us(row["seen_us"]), _moment(row["guard_us"]), until)
    resource = _resource(row)
    return [Interval(resource, s.state, s.start, s.end, s.started_by, s.ended_by, s.holding) for s in spans]


def _run(row: sqlite3.Row) -> Run:
    end = row["seen_us"] if row["run_end_us"] is None else row["run_end_us"]
    start, holding = from_us(row["run_start_us"]), records.load(row["holding"])
    return Run(_resource(row), start, from_us(end), row["run_seconds"] or 0, holding)


def _resource(row: sqlite3.Row) -> Resource:
    return Resource(
        row["account"],
        row["region"],
        row["kind"],
        row["name"],
        row["arn"],
        row["owner"],
        from_us(row["created_us"]),
        _moment(row["gone_us"]),
    )


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_us(microseconds)
