"""What was read of CloudTrail, on disk, and how far the reading is: nothing is asked twice, a restart goes on."""

import json
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.databases import Database
from services.records import from_us, to_us
from services.trails import EVENTS, KEPT, Deed, Page

LATE = timedelta(minutes=15)
"""How late an event may turn up: docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html says
about five minutes on average, and within 15 minutes before. So much is looked through again each time."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS deeds (
    account TEXT NOT NULL, region TEXT NOT NULL, event_id TEXT NOT NULL, at_us INTEGER NOT NULL, name TEXT NOT NULL,
    kind TEXT NOT NULL, resource TEXT NOT NULL, arn TEXT NOT NULL, actor TEXT NOT NULL, request TEXT NOT NULL,
    PRIMARY KEY (account, region, event_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, begin_us INTEGER NOT NULL,
    since_us INTEGER NOT NULL, until_us INTEGER NOT NULL, reached_us INTEGER NOT NULL, token TEXT,
    done INTEGER NOT NULL,
    PRIMARY KEY (account, region, name)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the history of one event was read: from `until` back to `reached`, of what begins at `since`."""

    name: str
    begin: datetime
    """Where what is known of it begins: 90 days before it was first asked for."""
    since: datetime
    until: datetime
    reached: datetime
    token: str | None = None
    done: bool = False

    @property
    def first(self) -> bool:
        """Whether it is the reading of all 90 days, and not of what came since."""
        return self.since == self.begin

    @property
    def known_until(self) -> datetime:
        """Until when everything was read; `begin` while nothing was."""
        if self.done:
            return self.until
        return self.begin if self.first else self.since + LATE


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the days that CloudTrail keeps were read."""

    days_read: int
    days: int = KEPT.days

    @property
    def complete(self) -> bool:
        return self.days_read >= self.days


class Deeds:
    """The part of the history's file that CloudTrail told. `account` is Account.key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def next_reading(self, account: str, region: str, now: datetime, again_after: timedelta) -> Reading | None:
        """What to read next: what was begun, else what was not read for so long; None when all is read."""
        known = {reading.name: reading for reading in self._readings(account, region)}
        under_way = next((reading for reading in known.values() if not reading.done), None)
        if under_way is not None:
            return under_way
        for name in EVENTS:
            last = known.get(name)
            if last is None:
                return Reading(name, now - KEPT, now - KEPT, now, now)
            if now - last.until >= again_after:
                return Reading(name, last.begin, last.until - LATE, now, now)
        return None

    def keep(self, account: str, region: str, reading: Reading, page: Page) -> None:
        """Note a page and how far that is, in one transaction."""
        done = page.token is None
        reached = reading.since if done else (page.oldest or reading.reached)
        with self._database.writing() as db:
            db.executemany(
                "INSERT OR IGNORE INTO deeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_row(account, region, deed) for deed in page.deeds],
            )
            _put(db, account, region, replace(reading, reached=reached, token=page.token, done=done))

    def start_over(self, account: str, region: str, reading: Reading) -> None:
        """A token that AWS takes no more: what is left of the reading begins at the oldest event that was read."""
        with self._database.writing() as db:
            _put(db, account, region, replace(reading, until=reading.reached, token=None))

    def progress(self, account: str, region: str) -> Progress:
        """Of the first reading, over all events."""
        readings = self._readings(account, region)
        read = (one.begin + KEPT - one.reached if one.first and not one.done else KEPT for one in readings)
        return Progress(sum(read, timedelta(0)) // len(EVENTS) // timedelta(days=1))

    def creators(self, account: str, region: str) -> dict[str, str]:
        """ARN → who created it last."""
        rows = self._database.read(
            "SELECT arn, actor FROM deeds WHERE account = ? AND region = ? AND name LIKE 'Create%' ORDER BY at_us",
            (account, region),
        )
        return {row["arn"]: row["actor"] for row in rows}

    def _readings(self, account: str, region: str) -> list[Reading]:
        rows = self._database.read("SELECT * FROM readings WHERE account = ? AND region = ?", (account, region))
        return [_reading(row) for row in rows]


def told(db: sqlite3.Connection, account: str, region: str) -> list[Deed]:
    """All that CloudTrail told of a region, the oldest first."""
    rows = db.execute("SELECT * FROM deeds WHERE account = ? AND region = ? ORDER BY at_us", (account, region))
    return [_deed(row) for row in rows]


def span_known(db: sqlite3.Connection, account: str, region: str) -> tuple[datetime, datetime] | None:
    """From when until when every event of a region is known; None while the first reading is under way."""
    rows = db.execute("SELECT * FROM readings WHERE account = ? AND region = ?", (account, region))
    readings = [_reading(row) for row in rows]
    if len(readings) < len(EVENTS) or any(reading.first and not reading.done for reading in readings):
        return None
    return max(one.begin for one in readings), min(one.known_until for one in readings) - LATE


def _put(db: sqlite3.Connection, account: str, region: str, reading: Reading) -> None:
    moments = (to_us(moment) for moment in (reading.begin, reading.since, reading.until, reading.reached))
    db.execute(
        "INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (account, region, reading.name, *moments, reading.token, reading.done),
    )


def _row(account: str, region: str, deed: Deed) -> tuple[object, ...]:
    at_us, request = to_us(deed.at), json.dumps(dict(deed.request))
    return (account, region, deed.event_id, at_us, deed.name, deed.kind, deed.resource, deed.arn, deed.actor, request)


def _deed(row: sqlite3.Row) -> Deed:
    request = json.loads(row["request"])
    at = from_us(row["at_us"])
    return Deed(row["event_id"], at, row["name"], row["kind"], row["resource"], row["arn"], row["actor"], request)


def _reading(row: sqlite3.Row) -> Reading:
    begin, since, until, reached = (from_us(row[f"{name}_us"]) for name in ("begin", "since", "until", "reached"))
    return Reading(row["name"], begin, since, until, reached, row["token"], bool(row["done"]))
