"""Output of what runs here, on its way into log streams: gathered for a moment, then written in one transaction."""

import threading
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple
from weakref import WeakKeyDictionary

from practice.logs import groups, rows
from practice.world import World

GATHER_SECONDS = 0.1
MAX_CHARACTERS = 256_000
"""A longer line becomes several events; AWS takes events of up to 1 MB."""


class _Line(NamedTuple):
    region: str
    group: str
    stream: str
    at_ms: int
    message: str


class _Gathered:
    """Lines that are not on disk yet. Its lock is only ever taken last, so that no thread waits in a circle."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lines: list[_Line] = []
        self.closed = False


_GATHERED: WeakKeyDictionary[World, _Gathered] = WeakKeyDictionary()
_finding = threading.Lock()


def append(world: World, region: str, group: str, stream: str, lines: Iterable[str]) -> None:
    """Log lines with the clock's time; on disk and to be read within 0.2 s. Group and stream are made when missing."""
    at_ms = rows.to_ms(world.clock.now())
    new = [_Line(region, group, stream, at_ms, piece) for line in lines for piece in _pieces(line)]
    gathered = _of(world)
    with gathered.lock:
        if gathered.closed or not new:
            return
        first = not gathered.lines
        gathered.lines.extend(new)
    if first:
        timer = threading.Timer(GATHER_SECONDS, _flush_rest, (world,))
        timer.daemon = True
        timer.start()


def open_stream(world: World, region: str, group: str, stream: str) -> None:
    """Make the group and the stream, when missing, before there is anything to write."""
    with world.store.transaction():
        groups.ensure(world, region, group)
        rows.ensure(world, region, group, stream)


def flush(world: World) -> None:
    """Write what was appended before this call."""
    gathered = _of(world)
    with world.store.transaction():
        with gathered.lock:
            lines, gathered.lines = gathered.lines, []
        # Stable: within a stream the lines keep their order.
        for (region, group, stream), of_stream in groupby(sorted(lines, key=_place), key=_place):
            groups.ensure(world, region, group)
            stream_id = rows.ensure(world, region, group, stream)
            rows.write(world, stream_id, [(line.at_ms, line.message) for line in of_stream])


def _flush_rest(world: World) -> None:
    # The account may have ended meanwhile, having written everything.
    if _of(world).lines:
        flush(world)


def close(world: World) -> None:
    """Write what is left; what is appended afterwards is lost, as the account is ending."""
    with _of(world).lock:
        _of(world).closed = True
    flush(world)


def _of(world: World) -> _Gathered:
    with _finding:
        return _GATHERED.setdefault(world, _Gathered())


def _place(line: _Line) -> tuple[str, str, str]:
    return line.region, line.group, line.stream


def _pieces(line: str) -> Sequence[str]:
    # CloudWatch Logs takes no empty event.
    return [line[start : start + MAX_CHARACTERS] for start in range(0, len(line), MAX_CHARACTERS)]
