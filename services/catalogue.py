"""What there is to choose from: regions, instance types and where they are offered, AWS's default quotas.

All from the shipped figures, dated; the account's own offerings and quotas are other services' to ask for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from services import figures
from services.default_quotas import QuotaDefault as QuotaDefault
from services.default_quotas import aggregate_quotas as aggregate_quotas
from services.default_quotas import quota_for as quota_for
from services.errors import NotFound
from services.figures import Confidence


@dataclass(frozen=True, slots=True)
class Region:
    """An AWS region and what the console calls it."""

    name: str
    name_en: str
    name_ko: str


@dataclass(frozen=True, slots=True)
class InstanceSpec:
    """What one instance of a type has."""

    instance_type: str
    vcpu: int
    memory_gib: float
    architecture: str
    accelerator: str | None
    """GPU, Neuron (AWS Inferentia, Trainium) or None."""
    gpu_name: str | None
    gpu_count: int
    gpu_memory_gib: float
    """Of all its accelerators together."""
    local_storage_gb: float
    network_performance: str
    components: frozenset[str]
    """SageMaker components that take it; empty for an EC2 type."""
    as_of: date
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Offering:
    """That a region has an instance type."""

    region: str
    instance_type: str
    zones: tuple[str, ...]
    """EC2's zones that have it; empty for an `ml.` type, which SageMaker places itself."""
    as_of: date
    source: str
    confidence: Confidence
    note: str = ""


def regions() -> tuple[Region, ...]:
    """The regions the product has figures for, in the order to show them."""
    return tuple(Region(row["region"], row["name_en"], row["name_ko"]) for row in figures.rows("regions.csv"))


def instance_type(name: str) -> InstanceSpec:
    """The specification of an EC2 type (`g5.xlarge`) or a SageMaker type (`ml.g5.xlarge`). Raises NotFound."""
    spec = _specs().get(name)
    if spec is None:
        raise NotFound(
            f"There are no figures for instance type {name}.", resource=name, remedy="Choose one from the list."
        )
    return spec


def names() -> tuple[str, ...]:
    """Every EC2 and SageMaker type there are figures for, smallest first within a family."""
    return tuple(_specs())


def knows(name: str) -> bool:
    """Whether there are figures for the type."""
    return name in _specs()


def instance_types(region: str, component: str) -> tuple[InstanceSpec, ...]:
    """Types offered in the region for a SageMaker component, or for `ec2`, smallest first within a family."""
    offered = (spec for name, spec in _specs().items() if (region, name) in _offerings())
    if component == "ec2":
        return tuple(spec for spec in offered if not spec.instance_type.startswith("ml."))
    return tuple(spec for spec in offered if component in spec.components)


def offering(region: str, instance_type: str) -> Offering | None:
    """How it is known that the region has the type; None when it has not."""
    return _offerings().get((region, instance_type))


def is_offered(region: str, instance_type: str) -> bool:
    """Whether the region has the type."""
    return (region, instance_type) in _offerings()


@cache
def _specs() -> dict[str, InstanceSpec]:
    rows = sorted(figures.rows("instance_types.parquet"), key=_size)
    specs = {row["instance_type"]: _spec(row, row["instance_type"], None) for row in rows}
    ml = {f"ml.{row['instance_type']}": row for row in rows if row["components"]}
    return specs | {name: _spec(row, name, row["components"]) for name, row in ml.items()}


def _size(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["family"], row["vcpu"], row["memory_gib"], row["instance_type"]


def _spec(row: Mapping[str, Any], name: str, components: str | None) -> InstanceSpec:
    return InstanceSpec(
        instance_type=name,
        vcpu=row["vcpu"],
        memory_gib=row["memory_gib"],
        architecture=row["architecture"],
        accelerator=row["accelerator"],
        gpu_name=row["gpu_name"],
        gpu_count=row["gpu_count"] or 0,
        gpu_memory_gib=row["gpu_memory_gib"] or 0.0,
        local_storage_gb=row["local_storage_gb"] or 0.0,
        network_performance=row["network_performance"],
        components=frozenset(components.split(",") if components else ()),
        as_of=row["as_of"],
        source=row["source"],
        confidence=Confidence(row["confidence"]),
    )


@cache
def _offerings() -> dict[tuple[str, str], Offering]:
    return {
        (row["region"], row["instance_type"]): Offering(
            region=row["region"],
            instance_type=row["instance_type"],
            zones=tuple(row["zones"].split(",")) if row["zones"] else (),
            as_of=row["as_of"],
            source=row["source"],
            confidence=Confidence(row["confidence"]),
            note=row["note"] or "",
        )
        for row in figures.rows("offerings.parquet")
    }
