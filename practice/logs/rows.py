"""The rows of log streams and their events: what the operations and the writers of logs share."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Row

from practice.store import to_us
from practice.world import Resource, World

EVENT_OVERHEAD_BYTES = 26
"""What an event counts above its message (API_PutLogEvents)."""


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, as logs' timestamps are."""
    return to_us(moment) // 1000


def get(world: World, region: str, group: str, name: str) -> Row | None:
    rows = world.store.read(
        "SELECT * FROM log_streams WHERE region = ? AND log_group = ? AND stream = ?", (region, group, name)
    )
    return rows[0] if rows else None


def ensure(world: World, region: str, group: str, name: str) -> int:
    """The stream's id; it is made when it does not exist, its group must exist."""
    found = get(world, region, group, name)
    if found is not None:
        return int(found["id"])
    return world.store.write(
        "INSERT INTO log_streams (region, log_group, stream, created_us) VALUES (?, ?, ?, ?)",
        (region, group, name, to_us(world.clock.now())),
    )


def of_group(world: World, group: Resource) -> list[Row]:
    """The group's streams, by name."""
    return world.store.read(
        "SELECT * FROM log_streams WHERE region = ? AND log_group = ? ORDER BY stream", (group.region, group.name)
    )


def write(world: World, stream_id: int, events: Sequence[tuple[int, str]]) -> None:
    """Add events (milliseconds since the epoch, message), at least one. What is no Unicode becomes `?`."""
    now_ms = to_ms(world.clock.now())
    times = [at_ms for at_ms, _ in events]
    size = sum(event_bytes(message) for _, message in events)
    with world.store.transaction():
        world.store.write_many(
            "INSERT INTO log_events (stream_id, at_ms, ingested_ms, message) VALUES (?, ?, ?, ?)",
            [(stream_id, at_ms, now_ms, message.encode(errors="replace").decode()) for at_ms, message in events],
        )
        world.store.write(
            "UPDATE log_streams SET first_ms = min(ifnull(first_ms, ?), ?),"
            " last_ms = max(ifnull(last_ms, 0), ?), ingested_ms = ?, bytes = bytes + ? WHERE id = ?",
            (min(times), min(times), max(times), now_ms, size, stream_id),
        )


def event_bytes(message: str) -> int:
    """What an event counts for, against quotas and in a group's size."""
    return len(message.encode(errors="replace")) + EVENT_OVERHEAD_BYTES


def delete(world: World, stream_id: int) -> None:
    with world.store.transaction():
        world.store.write("DELETE FROM log_events WHERE stream_id = ?", (stream_id,))
        world.store.write("DELETE FROM log_streams WHERE id = ?", (stream_id,))
