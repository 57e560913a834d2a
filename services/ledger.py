"""The ledger: every action is a row on disk before its first call leaves, and every call a row before it is made."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from services.databases import Database
from services.plans import Plan, as_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS actions (
    id INTEGER PRIMARY KEY, intent TEXT NOT NULL UNIQUE, at TEXT NOT NULL, actor TEXT NOT NULL, account TEXT NOT NULL,
    region TEXT NOT NULL, act TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, plan TEXT NOT NULL,
    state TEXT NOT NULL, finished_at TEXT, error TEXT);
CREATE INDEX IF NOT EXISTS actions_account ON actions (account, id);
CREATE TABLE IF NOT EXISTS steps (
    action_id INTEGER NOT NULL, position INTEGER NOT NULL, service TEXT NOT NULL, method TEXT NOT NULL,
    state TEXT NOT NULL, at TEXT NOT NULL, finished_at TEXT, request_id TEXT, error TEXT,
    PRIMARY KEY (action_id, position)) WITHOUT ROWID;
"""


class State(StrEnum):
    """How far an action or one of its calls is. UNKNOWN: the reply was lost; reconciling asks AWS."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """One call of an action."""

    position: int
    service: str
    method: str
    state: State
    at: datetime
    """When it was last sent, or when it was last heard of: aware UTC by the wall clock."""
    request_id: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Action:
    """Who did what, when, by which plan, and what came of it. Times are the account's, aware UTC."""

    id: int
    intent: str
    at: datetime
    actor: str
    account: str
    region: str
    act: str
    kind: str
    name: str
    plan: str
    """The whole plan as JSON."""
    state: State
    finished_at: datetime | None
    error: str | None
    steps: tuple[Step, ...]


class Ledger:
    """One SQLite file for all accounts and users of this deck."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, SCHEMA)

    def open(self, plan: Plan, actor: str, account: str, at: datetime | None = None) -> tuple[Action, bool]:
        """Record the wish. False, with the earlier row, when this intent was recorded before: never send it again.

        `at` is the account's time, the wall's unless given.
        """
        with self._database.writing() as connection:
            row = (plan.intent, _text(at), actor, account, plan.region, plan.act, plan.kind, plan.name, as_json(plan))
            cursor = connection.execute(
                "INSERT INTO actions (intent, at, actor, account, region, act, kind, name, plan, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'running') ON CONFLICT (intent) DO NOTHING",
                row,
            )
            new = cursor.rowcount == 1
        return self.by_intent(plan.intent), new

    def start_step(self, action_id: int, position: int, service: str, method: str) -> None:
        """Before the call: from now on it may have happened."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO steps (action_id, position, service, method, state, at) VALUES (?, ?, ?, ?, 'running', ?)"
                " ON CONFLICT DO UPDATE SET state = 'running', at = excluded.at, finished_at = NULL, error = NULL",
                (action_id, position, service, method, _text()),
            )

    def end_step(
        self, action_id: int, position: int, state: State, request_id: str | None = None, error: str | None = None
    ) -> None:
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE steps SET state = ?, finished_at = ?, request_id = coalesce(?, request_id), error = ?"
                " WHERE action_id = ? AND position = ?",
                (state, _text(), request_id, error, action_id, position),
            )

    def end(self, action_id: int, state: State, error: str | None = None, at: datetime | None = None) -> Action:
        """What came of it; `at` as in `open`."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE actions SET state = ?, finished_at = ?, error = ? WHERE id = ?",
                (state, _text(at), error, action_id),
            )
        return self._one("id = ?", action_id)

    def by_intent(self, intent: str) -> Action:
        return self._one("intent = ?", intent)

    def actions(self, account: str, *, limit: int = 200) -> list[Action]:
        """The latest first."""
        return self._select("WHERE account = ? ORDER BY id DESC LIMIT ?", (account, limit))

    def unfinished(self, account: str) -> list[Action]:
        """Oldest first: what was cut short, or whose reply was lost."""
        return self._select("WHERE account = ? AND state IN ('running', 'unknown') ORDER BY id", (account,))

    def close(self) -> None:
        self._database.close()

    def _one(self, condition: str, value: object) -> Action:
        return self._select(f"WHERE {condition}", (value,))[0]

    def _select(self, clause: str, values: tuple[object, ...]) -> list[Action]:
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT * FROM actions {clause}", values).fetchall()  # noqa: S608
            marks = ",".join("?" * len(rows))
            steps = connection.execute(
                f"SELECT * FROM steps WHERE action_id IN ({marks}) ORDER BY position",  # noqa: S608
                [row["id"] for row in rows],
            ).fetchall()
        return [_action(row, [step for step in steps if step["action_id"] == row["id"]]) for row in rows]


def _text(at: datetime | None = None) -> str:
    return (at or datetime.now(UTC)).isoformat()


def _action(row: sqlite3.Row, steps: list[sqlite3.Row]) -> Action:
    return Action(
        id=row["id"],
        intent=row["intent"],
        at=datetime.fromisoformat(row["at"]),
        actor=row["actor"],
        account=row["account"],
        region=row["region"],
        act=row["act"],
        kind=row["kind"],
        name=row["name"],
        plan=row["plan"],
        state=State(row["state"]),
        finished_at=datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
        error=row["error"],
        steps=tuple(_step(step) for step in steps),
    )


def _step(row: sqlite3.Row) -> Step:
    return Step(
        position=row["position"],
        service=row["service"],
        method=row["method"],
        state=State(row["state"]),
        at=datetime.fromisoformat(row["finished_at"] or row["at"]),
        request_id=row["request_id"],
        error=row["error"],
    )
