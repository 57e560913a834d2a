"""What spot capacity costs at any moment: the dated snapshots where there are any, and a seeded walk between them.

At 00:00 UTC of a snapshot's day the price is the snapshot's in every zone. Every `STEP` between and after them it moves
along a walk that is ours, and no figure of AWS's: the straight way from one snapshot to the next, or the last one's
price, with noise of its own for each zone, within what the snapshots of that type and region have seen. The same moment
has the same price whoever asks, in whatever order.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import blake2b
from math import pi, sin

from practice import figures

STEP = timedelta(hours=6)
PLACE = Decimal("0.0001")
"""AWS writes spot prices in ten-thousandths of a dollar."""
SWING = 0.25
"""How far the noise reaches, as a share of what was seen between the lowest and the highest price."""
WAVES = (4, 28, 120)
"""Lengths of the noise's parts, in steps: a day, a week, a month."""

Snapshots = tuple[tuple[datetime, Decimal], ...]


@cache
def snapshots() -> Mapping[tuple[str, str], Snapshots]:
    """(region, type) → its dated prices, oldest first."""
    found: dict[tuple[str, str], Snapshots] = {}
    for row in sorted(figures.rows("spot_history.parquet"), key=lambda each: each["as_of"]):
        key = (row["region"], row["instance_type"])
        at = datetime.combine(row["as_of"], time(), UTC)
        found[key] = (*found.get(key, ()), (at, Decimal(row["usd_per_hour"])))
    return found


def changes(
    region: str, instance_type: str, zone: str, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Decimal]]:
    """When the price became what, the newest first, from `until` back to the one that held at `since`."""
    known = snapshots().get((region, instance_type), ())
    if not known:
        return
    at = _step_before(until)
    held = price(known, zone, instance_type, at)
    while at > known[0][0]:
        before = at - STEP
        earlier = price(known, zone, instance_type, before)
        if earlier != held:
            yield at, held
            if at <= since:
                return
        at, held = before, earlier
    if at == known[0][0]:
        yield at, held


def price(known: Snapshots, zone: str, instance_type: str, at: datetime) -> Decimal:
    """US dollars per hour at a step; before the first snapshot its price."""
    past = [each for each in known if each[0] <= at]
    if not past:
        return known[0][1]
    (since, start), after = past[-1], known[len(past) :]
    if since == at:
        return start
    low, high = min(usd for _, usd in known), max(usd for _, usd in known)
    noise = _noise(f"{zone}/{instance_type}", round((at - since) / STEP), since)
    middle = float(start)
    if after:
        then, end = after[0]
        share = (at - since) / (then - since)
        middle += float(end - start) * share
        noise *= sin(pi * share)
    moved = Decimal(middle + noise * SWING * float(high - low)).quantize(PLACE)
    return min(max(moved, low), high)


def _noise(name: str, steps: int, since: datetime) -> float:
    """From -1 to 1, nothing at the snapshot itself: waves whose heights are drawn anew at each of their ends."""
    total = 0.0
    for length in WAVES:
        number, part = divmod(steps, length)
        ends = [_drawn(name, since, length, number + at) if number + at else 0.0 for at in (0, 1)]
        total += ends[0] + (ends[1] - ends[0]) * part / length
    return total / len(WAVES)


@lru_cache(maxsize=65_536)
def _drawn(name: str, since: datetime, length: int, number: int) -> float:
    digest = blake2b(f"{name}/{since:%Y%m%d}/{length}/{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**63 - 1


def _step_before(moment: datetime) -> datetime:
    midnight = datetime.combine(moment.astimezone(UTC).date(), time(), UTC)
    return midnight + STEP * int((moment - midnight) / STEP)
