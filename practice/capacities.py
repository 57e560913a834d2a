"""Capacity: hardware that a region has none of at times. Seeded: the same hour has the same capacity whoever asks.

AWS publishes nothing about it. The table is an assumption, after what people report of scarce GPUs; types that are not
in it, t3 and m5 among them, are always there.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from hashlib import blake2b

from practice import figures

SCARCE: Mapping[str, tuple[tuple[str, float], ...]] = {
    "ap-northeast-2": (
        ("p5.*", 0.6),
        ("p4d*.*", 0.5),
        ("g6e.*", 0.25),
        ("g5.12xlarge", 0.2),
        ("g5.24xlarge", 0.2),
        ("g5.48xlarge", 0.3),
        ("g6.12xlarge", 0.2),
        ("g6.24xlarge", 0.2),
        ("g6.48xlarge", 0.3),
    )
}
"""Region → patterns of EC2 types, each with the share of time in which no zone has any; the first that fits counts."""
SPELL = timedelta(hours=3)
"""How long capacity stays as it is."""
SEED = "capacity-1"


def share_without(region: str, instance_type: str) -> float:
    """The share of time, 0 to 1, in which the region has none of a type (EC2's or SageMaker's name)."""
    name = instance_type.removeprefix("ml.")
    return next((share for pattern, share in SCARCE.get(region, ()) if fnmatchcase(name, pattern)), 0.0)


def zones_with(region: str, instance_type: str, at: datetime) -> tuple[str, ...]:
    """The zones that have capacity for a type now: all, one, or none. As often as none has any, only one has."""
    name = instance_type.removeprefix("ml.")
    zones, share = _zones(region, name), share_without(region, name)
    if not share or not zones:
        return zones
    spell = int(at.timestamp() // SPELL.total_seconds())
    drawn = _drawn(f"{SEED}/{region}/{name}/{spell}")
    if drawn < share:
        return ()
    if drawn < 2 * share:
        return (zones[int(_drawn(f"{SEED}/{region}/{name}/{spell}/zone") * len(zones))],)
    return zones


def has(region: str, instance_type: str, at: datetime) -> bool:
    """Whether a service that chooses the zone itself finds capacity, as SageMaker does."""
    return not share_without(region, instance_type) or bool(zones_with(region, instance_type, at))


@cache
def _zones(region: str, name: str) -> tuple[str, ...]:
    for row in figures.rows("offerings.parquet"):
        if (row["region"], row["service"], row["instance_type"]) == (region, "ec2", name):
            return tuple(zone for zone in (row["zones"] or "").split(",") if zone)
    return ()


def _drawn(text: str) -> float:
    """From 0 up to 1."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) / 2**64
