"""Amazon SageMaker's products: `ml.` instances by what they are used for."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from practice.figures import rows
from practice.pricing.locations import LOCATIONS, Location
from practice.pricing.products import Product
from practice.pricing.terms import on_demand

SERVICE, OPERATION = "AmazonSageMaker", "RunInstance"


@dataclass(frozen=True, slots=True)
class Component:
    """A use of instances, in the price list's words."""

    name: str
    usage: str
    """What comes in a usage type between the region and the instance type."""
    kind: str
    """As `platoinstancetype` has it."""
    suffix: str
    """Of `instanceType`; `instanceName` is without one."""


COMPONENTS = {
    "notebook": Component("Notebook", "Notebk:", "Notebook", "-Notebook"),
    "studio": Component("studio-jupyterlab", "Studio:JupyterLab-", "Studio-JupyterLab", ""),
    "training": Component("Training", "Train:", "Training", "-Training"),
    "warm_pool": Component("Training Warm Pool", "TrainWarmPool:", "Training Warm Pool", "-TrainingWarmPool"),
    "processing": Component("Processing", "Processing:", "Processing", "-Processing"),
    "hosting": Component("Hosting", "Host:", "Hosting", "-Hosting"),
    "async_inference": Component("AsyncInf", "AsyncInf:", "AsyncInf", "-AsyncInf"),
    "batch_transform": Component("BatchTransform", "Tsform:", "BatchTransform", "-BatchTransform"),
}
"""The figures' word for a use → the price list's. A training plan's hours have no component there."""

PLAN = "TrainingPlanUpfrontFee:"


def usage_type(region: str, component: str, instance_type: str) -> str:
    """What a bill calls an hour of it there: `APN2-Train:ml.g5.xlarge`. `component` in the figures' words."""
    use = COMPONENTS[component].usage if component in COMPONENTS else PLAN
    return f"{LOCATIONS[region].billing_code}-{use}{instance_type}"


def products() -> tuple[Product, ...]:
    """One for each type and use in each region that has a rate of it."""
    specs = {row["instance_type"]: row for row in rows("instance_types.parquet")}
    prices = rows("sagemaker_prices.parquet")
    published = max(row["as_of"] for row in prices)
    return tuple(_product(row, specs[row["instance_type"].removeprefix("ml.")], published) for row in prices)


def _product(row: Mapping[str, Any], spec: Mapping[str, Any], published: Any) -> Product:
    location, usd = LOCATIONS[row["region"]], Decimal(row["usd_per_hour"])
    component = COMPONENTS.get(row["component"])
    use = component.name if component else "Training Plan"
    term = on_demand(
        usd,
        row["as_of"],
        f"${usd:f} per {use} {row['instance_type']} hour in {location.name}",
        unit="Hrs" if component else "Quantity",  # a plan's hours are paid at its start, one fee for all
    )
    attributes = {**_attributes(row, spec, location), **_use(row["instance_type"], component), **_confidence(row)}
    return Product(SERVICE, "ML Instance", attributes, (term,), published)


def _attributes(row: Mapping[str, Any], spec: Mapping[str, Any], location: Location) -> dict[str, str]:
    has_gpus = spec["gpu_manufacturer"] == "NVIDIA"
    return {
        "servicecode": SERVICE,
        "servicename": "Amazon SageMaker",
        "location": location.name,
        "locationType": "AWS Region",
        "regionCode": row["region"],
        "instanceName": row["instance_type"],
        "platoinstancename": row["instance_type"],
        "vCpu": str(spec["vcpu"]),
        "memory": f"{spec['memory_gib']:g} GiB",
        "networkPerformance": spec["network_performance"] or "N/A",
        "currentGeneration": "Yes" if spec["current_generation"] else "No",
        "physicalGpu": f"{spec['gpu_manufacturer']} {spec['gpu_name']}" if has_gpus else "N/A",
        "gpu": str(spec["gpu_count"]) if has_gpus else "N/A",
        "gpuMemory": f"{spec['gpu_memory_gib']:g} GiB" if has_gpus else "N/A",
        "operation": OPERATION,
        "usagetype": usage_type(row["region"], row["component"], row["instance_type"]),
    }


def _use(instance_type: str, component: Component | None) -> dict[str, str]:
    if component is None:
        return {"instanceType": instance_type}
    return {
        "instanceType": f"{instance_type}{component.suffix}",
        "component": component.name,
        "platoinstancetype": component.kind,
    }


def _confidence(row: Mapping[str, Any]) -> dict[str, str]:
    if row["confidence"] == "listed":
        return {}
    return {"confidence": row["confidence"], "confidenceNote": row["note"] or ""}
