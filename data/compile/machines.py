"""Instance specifications, and which types AWS offers where and for what."""

from pathlib import Path
from typing import Final

from botocore.model import StringShape
from botocore.session import get_session

from data.compile.scope import (
    ESTIMATED,
    FAMILIES,
    LISTED,
    NAMES_READ_ON,
    REGIONS,
    REPORTED,
    family_of,
    in_scope,
)
from data.compile.tables import Row, plain_source, read

P3_GPUS: Final = {
    "p3.2xlarge": (1, 16.0, "Up to 10 Gigabit"),
    "p3.8xlarge": (4, 64.0, "10 Gigabit"),
    "p3.16xlarge": (8, 128.0, "25 Gigabit"),
}
"""V100 count, their memory together in GiB, network. EC2 describes P3 no more; these are from its announcement."""
P3_SOURCE: Final = (
    "SageMaker price list (vCPU, memory); AWS's announcement of P3, infoq.cn/article/j629I8X512fg8tuKd6ke"
)

COMPONENT_SHAPES: Final = {
    "notebook": "InstanceType",
    "studio": "AppInstanceType",
    "training": "TrainingInstanceType",
    "warm_pool": "TrainingInstanceType",
    "processing": "ProcessingInstanceType",
    "hosting": "ProductionVariantInstanceType",
    "async_inference": "ProductionVariantInstanceType",
    "batch_transform": "TransformInstanceType",
}
"""SageMaker component to the shape of the API that names the types it takes."""

REGION_SOURCE: Final = "botocore 1.44.5 endpoints.json; Korean: AWS Management Console"


def regions() -> list[Row]:
    """The regions with their display names, in the order to show them."""
    shared = {"as_of": NAMES_READ_ON, "source": REGION_SOURCE, "confidence": LISTED}
    return [{"region": region, "name_en": en, "name_ko": ko, **shared} for region, (en, ko) in REGIONS.items()]


def instance_types(folder: Path) -> list[Row]:
    """Specifications by EC2 type; an `ml.` type is the EC2 type of the same name, where `components` is not empty."""
    accepted = api_components()
    described = [row for row in read(folder / "ec2_instance_types.parquet") if row["family"] in FAMILIES]
    specs = [
        {
            **row,
            "architecture": row["arch"],
            "accelerator": row["accelerator_kind"],
            "gpu_count": int(row["gpu_count"]) if row["gpu_count"] else None,
            "confidence": LISTED,
        }
        for row in described
    ]
    specs += _p3(folder)
    return [spec | {"components": ",".join(accepted.get(f"ml.{spec['instance_type']}", [])) or None} for spec in specs]


def api_components() -> dict[str, list[str]]:
    """`ml.` type to the SageMaker components whose API accepts it."""
    model = get_session().get_service_model("sagemaker")
    accepted: dict[str, list[str]] = {}
    for component, shape in COMPONENT_SHAPES.items():
        names = model.shape_for(shape)
        assert isinstance(names, StringShape)
        for name in names.enum:
            if name.startswith("ml.") and family_of(name) in FAMILIES:
                accepted.setdefault(name, []).append(component)
    return accepted


def offerings(folder: Path) -> list[Row]:
    """EC2 types with their zones, and `ml.` types, for which SageMaker names no zones: it places instances itself.

    An `ml.` type is offered where its SageMaker rate is listed and EC2 still offers the type. Where only EC2 offers
    it, that SageMaker does too is estimated. Where EC2 offers it no more, the rate is older news and it is left out.
    """
    ec2 = [row for row in read(folder / "ec2_offerings.parquet") if in_scope(row["region"], row["instance_type"])]
    listed: dict[tuple[str, str], Row] = {}
    for row in read(folder / "sagemaker_prices.csv"):
        if row["evidence"][0] in "ABC":
            key = (row["region"], row["instance_type"])
            listed[key] = max(row, listed.get(key, row), key=lambda one: str(one["as_of"]))
    rows = [_ec2_offering(row) for row in ec2]
    accepted = api_components()
    for row in ec2:
        name = f"ml.{row['instance_type']}"
        if name in accepted:
            rows.append(_ml_offering(row, name, listed.get((row["region"], name))))
    return rows


def _ec2_offering(row: Row) -> Row:
    zones = ",".join(f"{row['region']}{letter}" for letter in row["zones"].split(","))
    return row | {"service": "ec2", "zones": zones, "confidence": LISTED, "note": None}


def _ml_offering(ec2: Row, name: str, price: Row | None) -> Row:
    shared = {"service": "sagemaker", "instance_type": name, "zones": None}
    if price is None:
        return ec2 | shared | {"confidence": ESTIMATED, "note": "EC2 offers it here, the SageMaker API takes it"}
    evidence = {"as_of": price["as_of"], "source": plain_source(price["source"])}
    return ec2 | shared | evidence | {"confidence": LISTED, "note": "its SageMaker rate is listed here"}


def _p3(folder: Path) -> list[Row]:
    priced = {row["instance_type"]: row for row in read(folder / "sagemaker_prices.csv") if row["vcpu"]}
    rows = []
    for name, (count, gpu_memory_gib, network) in P3_GPUS.items():
        row = priced[f"ml.{name}"]
        rows.append(
            {
                "instance_type": name,
                "family": "p3",
                "vcpu": int(float(row["vcpu"])),
                "memory_gib": float(row["memory_gib"]),
                "architecture": "x86_64",
                "accelerator": "GPU",
                "gpu_name": "V100",
                "gpu_manufacturer": "NVIDIA",
                "gpu_count": count,
                "gpu_memory_gib": gpu_memory_gib,
                "local_storage_gb": None,
                "network_performance": network,
                "current_generation": False,
                "spot_supported": True,
                "as_of": row["as_of"],
                "source": P3_SOURCE,
                "confidence": REPORTED,
            }
        )
    return rows
