"""The production variants of an endpoint configuration: which model runs on what, with which share of the traffic."""

from dataclasses import dataclass
from typing import Any

from services.cloud import Cloud
from services.errors import translated


@dataclass(frozen=True, slots=True)
class Variant:
    """One production variant: which model on what, and its share of the traffic."""

    name: str
    model: str
    instance_type: str
    instance_count: int
    weight: float
    volume_gib: int = 0
    """Of each instance; 0 where the configuration leaves it to AWS."""


def get_variants(cloud: Cloud, config: str) -> tuple[Variant, ...]:
    """The variants of an endpoint configuration. Raises: NotFound, DeckError."""
    with translated(config):
        found = cloud.client("sagemaker").describe_endpoint_config(EndpointConfigName=config)
    return tuple(_variant(row) for row in found["ProductionVariants"])


def _variant(row: dict[str, Any]) -> Variant:
    return Variant(
        name=row["VariantName"],
        model=row.get("ModelName", ""),
        instance_type=row.get("InstanceType", ""),
        instance_count=row.get("InitialInstanceCount", 0),
        weight=row.get("InitialVariantWeight", 1.0),
        volume_gib=row.get("VolumeSizeInGB", 0),
    )
