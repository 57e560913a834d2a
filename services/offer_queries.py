"""What may be asked of a table of offers, and how it is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from services import figures
from services.errors import InvalidRequest
from services.offer_rates import COLUMNS, KEY, PURCHASE_OPTIONS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOURS_A_MONTH: Final = 730
"""8,760 / 12: what a commitment bills for a month, used or not."""
ROUNDING_GB = 0.01
"""AWS writes memory in whole MiB, so 24 GB may be some bytes short."""

_SHOWN = (
    *COLUMNS,
    *("layer", "usage", "offered", "vcpu", "memory_gib", "architecture", "accelerator"),
    *("gpu_name", "gpu_count", "gpu_memory_gib", "tflops"),
)
"""Columns of the table that an offer has as they are."""


@dataclass(frozen=True, slots=True)
class Room:
    """How many more instances of a type the account's quotas leave for a usage in a region. Usages are those of
    `services.default_quotas`, and `ec2` and `ec2_spot`."""

    region: str
    usage: str
    instance_type: str
    left: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is left out asks for nothing. Raises InvalidRequest for what nothing can be."""

    hours: int = HOURS_A_MONTH
    """Of one instance, in a month: 1 to 744."""
    regions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    """ec2, sagemaker."""
    components: tuple[str, ...] = ()
    """Of SageMaker; EC2 has none and is not kept out by them."""
    purchase_options: tuple[str, ...] = ()
    instance_types: tuple[str, ...] = ()
    accelerators: tuple[str, ...] = ()
    """GPU, Neuron (AWS Inferentia, Trainium): a script for one does not run on the other."""
    gpu_names: tuple[str, ...] = ()
    architectures: tuple[str, ...] = ()
    least_gpus: int = 0
    most_gpus: int | None = None
    least_gb_per_gpu: float = 0
    """Gigabytes (10^9 bytes) of one accelerator, as cards are named: an A10G of 24 GB has 22.35 GiB."""
    least_vcpu: int = 0
    least_memory_gib: float = 0
    most_usd_per_hour: Decimal | None = None
    """Of the effective rate."""
    offered_only: bool = True
    """Leave out types that the region no longer has."""
    with_quota_only: bool = False
    """Leave out what the account's quotas leave no room for."""

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= 744:
            raise InvalidRequest(f"{self.hours} hours are not a part of one month (1 to 744)", resource="hours")
        _known("region", self.regions, {row["region"] for row in figures.rows("regions.csv")})
        _known("purchase option", self.purchase_options, PURCHASE_OPTIONS)
        _known("instance type", self.instance_types, instance_types())


def search(
    cursor: "DuckDBPyConnection", wanted: Wanted, room: Iterable[Room] | None, most: int
) -> tuple[int, list[dict[str, Any]]]:
    """How many rows fit, and the first of them as mappings of an offer's fields."""
    where, values = _conditions(wanted)
    source, left = "offers", "NULL::BIGINT"
    if room is not None:
        _register(cursor, room)
        source = "offers LEFT JOIN room USING (region, usage, instance_type)"
        left = "room.left"
        if wanted.with_quota_only:
            where.append("room.left > 0")
    elif wanted.with_quota_only:
        where.append("false")
    condition = " AND ".join(where) or "true"
    (total,) = cursor.execute(f"SELECT count(*) FROM {source} WHERE {condition}", values).fetchall()[0]  # noqa: S608
    shown = ", ".join(f"offers.{column}" for column in _SHOWN)
    month = "if(term_years = 0, usd_per_hour * $hours, effective_usd_per_hour * 730)::DECIMAL(18, 9)"
    found = cursor.execute(
        f"SELECT {shown}, {month} AS month_usd, {left} AS left FROM {source} WHERE {condition} "  # noqa: S608
        f"ORDER BY month_usd, effective_usd_per_hour, {', '.join(f'offers.{name}' for name in KEY)} LIMIT {int(most)}",
        {**values, "hours": wanted.hours},
    )
    names = [column[0] for column in found.description or ()]
    return total, [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@cache
def instance_types() -> frozenset[str]:
    """Every type there are figures for, EC2's and SageMaker's names."""
    rows = figures.rows("instance_types.parquet")
    ml = {f"ml.{row['instance_type']}" for row in rows if row["components"]}
    return frozenset({row["instance_type"] for row in rows} | ml)


def _register(cursor: "DuckDBPyConnection", room: Iterable[Room]) -> None:
    import pyarrow as pa

    rows = [(one.region, one.usage, one.instance_type, one.left) for one in room]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = (pa.string(), pa.string(), pa.string(), pa.int64())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    cursor.register("room", pa.table(arrays, names=["region", "usage", "instance_type", "left"]))


def _conditions(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    among = {
        "region": wanted.regions,
        "service": wanted.services,
        "purchase_option": wanted.purchase_options,
        "instance_type": wanted.instance_types,
        "accelerator": wanted.accelerators,
        "gpu_name": wanted.gpu_names,
        "architecture": wanted.architectures,
    }
    where = [f"list_contains($among_{name}, offers.{name})" for name, values in among.items() if values]
    given: dict[str, Any] = {f"among_{name}": list(values) for name, values in among.items() if values}
    if wanted.components:
        where.append("(service = 'ec2' OR list_contains($among_component, component))")
        given["among_component"] = list(wanted.components)
    bounds = (
        ("gpu_count >= $least_gpus", "least_gpus", wanted.least_gpus or None),
        ("gpu_count <= $most_gpus", "most_gpus", wanted.most_gpus),
        ("gb_per_gpu >= $least_gb", "least_gb", wanted.least_gb_per_gpu - ROUNDING_GB or None),
        ("vcpu >= $least_vcpu", "least_vcpu", wanted.least_vcpu or None),
        ("memory_gib >= $least_memory", "least_memory", wanted.least_memory_gib or None),
        ("effective_usd_per_hour <= $most_usd", "most_usd", wanted.most_usd_per_hour),
    )
    for condition, name, value in bounds:
        if value is not None:
            where.append(condition)
            given[name] = value
    if wanted.offered_only:
        where.append("offered")
    return where, given


def _known(what: str, asked: Iterable[str], known: Iterable[str]) -> None:
    for name in asked:
        if name not in known:
            raise InvalidRequest(f"There is no {what} {name}.", resource=name)
