"""What CloudTrail tells and what the deck saw, made into one history.

Which one counts, for each start and end of a state: what AWS described, then CloudTrail, then everything else. What
the deck only took to be so (an auto-stop, its own action, a look) stands where CloudTrail cannot tell yet, and goes
where it does: a call that CloudTrail does not have was not made. Runs inside the caller's transaction.
"""

import sqlite3
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services import deeds, pasts, records
from services.pasts import Configs, Life, Mark, Usual
from services.plans import OWNER_TAG
from services.records import from_us, to_us
from services.sightings import UNSEEN, Evidence, Holding, Span
from services.trails import Deed

KINDS = ("notebook", "endpoint")
APART = timedelta(minutes=1)
"""A creation and the call that made it are at most so far apart."""


@dataclass(frozen=True, slots=True)
class Row:
    """A resource that the history knows, with its states."""

    id: int
    created: datetime
    gone: datetime | None
    seen: datetime
    spans: tuple[Span, ...]
    holding: str


def merge(db: sqlite3.Connection, account: str, region: str) -> None:
    """Write the states of every notebook instance and endpoint anew, as far as CloudTrail tells of it. Nothing happens
    before all that it keeps was read."""
    known = deeds.span_known(db, account, region)
    if known is None:
        return
    told = deeds.told(db, account, region)
    configs = {deed.resource: pasts.config_holding(deed) for deed in told if deed.kind == "endpoint_config"}
    for kind in KINDS:
        by_name: dict[str, list[Deed]] = {}
        for deed in told:
            if deed.kind == kind:
                by_name.setdefault(deed.arn, []).append(deed)
        _merge_kind(db, (account, region, kind), by_name, known, configs)


Place = tuple[str, str, str]
"""Account, region and kind."""


def _merge_kind(
    db: sqlite3.Connection,
    place: Place,
    by_arn: dict[str, list[Deed]],
    known: tuple[datetime, datetime],
    configs: Configs,
) -> None:
    matched = [
        (life, row)
        for arn, told in by_arn.items()
        for life, row in _matched(pasts.lives(told), _rows(db, place, arn), known[0])
    ]
    usual = _usual((life, row) for life, row in matched if row)
    for life, row in matched:
        if row is not None:
            _rewrite(db, life, row, known, usual, configs)
        elif life.deleted is not None:
            _add(db, place, life, known, usual, configs)


def _matched(found: list[Life], rows: list[Row], since: datetime) -> list[tuple[Life, Row | None]]:
    """Each life with the resource that lived it: by the time of creation, which a name alone does not tell."""
    return [(life, next((row for row in rows if _is_of(life, row, since)), None)) for life in found]


def _is_of(life: Life, row: Row, since: datetime) -> bool:
    if life.created is not None:
        return abs(row.created - life.created) < APART
    return row.created < life.deeds[0].at and (row.gone is None or row.gone > life.deeds[0].at or row.created <= since)


def _usual(lives: Iterable[tuple[Life, Row]]) -> Usual:
    """How long each passing state lasted, in the middle, where AWS described its end."""
    found: dict[str, list[timedelta]] = {}
    for life, row in lives:
        for state, lasted in pasts.durations(life, _described(row)):
            found.setdefault(state, []).append(lasted)
    return {state: statistics.median_low(each) for state, each in found.items()}


def _rewrite(
    db: sqlite3.Connection, life: Life, row: Row, known: tuple[datetime, datetime], usual: Usual, configs: Configs
) -> None:
    """The states of a resource that was seen; what happened to it after the last look waits for the next one."""
    if row.gone is None:
        life = Life(tuple(deed for deed in life.deeds if deed.at <= row.seen))
        if not life.deeds or life.deleted is not None:
            return
    last = life.deeds[-1].at + pasts.SAME
    seen = _described(row) + _marks(span for span in row.spans if span.start > max(known[1], last))
    before = pasts.before_first(life, row.created, known[0], _first_holding(life, row))
    told = pasts.tell(life, before, sorted(set(seen), key=lambda mark: mark.at), usual, configs)
    if row.gone is not None and life.deleted is None:
        told = [*told[:-1], *_closed(told[-1:], row)]
    told = _from_birth(told, row.created)
    if told and tuple(told) != row.spans:
        db.execute("DELETE FROM spans WHERE resource_id = ?", (row.id,))
        _put(db, row.id, told)
        if row.gone is not None:
            db.execute("UPDATE resources SET gone_us = ? WHERE id = ?", (to_us(told[-1].end or row.gone), row.id))


def _first_holding(life: Life, row: Row) -> Holding:
    """What it held before the first call that is kept: what it holds now, unless a call changed that."""
    changed = any(deed.name.startswith("Update") for deed in life.deeds)
    return pasts.UNKNOWN if changed else records.load(row.holding)


def _closed(last: list[Span], row: Row) -> list[Span]:
    """The end of what the deck missed and CloudTrail does not tell of yet."""
    end, by = row.spans[-1].end, row.spans[-1].ended_by
    return [replace(span, end=max(end or span.start, span.start), ended_by=by) for span in last]


def _from_birth(told: list[Span], created: datetime) -> list[Span]:
    """AWS says to the microsecond when it was created; CloudTrail's seconds are whole."""
    return [replace(span, start=max(span.start, created)) for span in told]


def _add(
    db: sqlite3.Connection,
    place: Place,
    life: Life,
    known: tuple[datetime, datetime],
    usual: Usual,
    configs: Configs,
) -> None:
    """A resource that was gone before the deck looked."""
    first = life.deeds[0]
    told = pasts.tell(life, pasts.before_first(life, None, known[0], pasts.UNKNOWN), (), usual, configs)
    if not told or told[-1].end is None:
        return
    created, gone = life.created or known[0], told[-1].end
    holding = records.dump(told[-1].holding)
    cursor = db.execute(
        "INSERT INTO resources (account, region, kind, name, arn, created_us, owner, holding, changed_us, seen_us,"
        " gone_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, first.resource, first.arn, to_us(created), _owner(first), holding, *[to_us(gone)] * 3),
    )
    _put(db, cursor.lastrowid or 0, told)


def _owner(first: Deed) -> str:
    tags = {tag.get("key"): tag.get("value") for tag in first.request.get("tags") or []}
    return str(tags.get(OWNER_TAG) or (first.actor if first.name in pasts.CREATES else ""))


def _described(row: Row) -> list[Mark]:
    return _marks(span for span in row.spans if span.started_by is Evidence.DESCRIBED and span.state != UNSEEN)


def _marks(spans: Iterable[Span]) -> list[Mark]:
    return [Mark(span.start, span.state, span.started_by, span.holding) for span in spans]


def _rows(db: sqlite3.Connection, place: Place, arn: str) -> list[Row]:
    rows = db.execute(
        "SELECT * FROM resources WHERE account = ? AND region = ? AND kind = ? AND arn = ?", (*place, arn)
    ).fetchall()
    return [_row(db, row) for row in rows]


def _row(db: sqlite3.Connection, row: sqlite3.Row) -> Row:
    found = db.execute("SELECT * FROM spans WHERE resource_id = ? ORDER BY start_us, id", (row["id"],))
    gone = None if row["gone_us"] is None else from_us(row["gone_us"])
    spans = tuple(records.span(each) for each in found)
    return Row(row["id"], from_us(row["created_us"]), gone, from_us(row["seen_us"]), spans, row["holding"])


def _put(db: sqlite3.Connection, resource_id: int, spans: list[Span]) -> None:
    db.executemany(records.INSERT_SPAN, [records.span_values(resource_id, span) for span in spans])
