"""Amazon EC2's products: Linux instances of shared tenancy, on demand and reserved.

Spot rates are no part of the price list.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from practice.figures import rows
from practice.pricing.locations import LOCATIONS
from practice.pricing.products import Product
from practice.pricing.terms import Term, on_demand, reserved

SERVICE, OPERATION = "AmazonEC2", "RunInstances"

FAMILIES = {
    "t": "General purpose",
    "m": "General purpose",
    "c": "Compute optimized",
    "r": "Memory optimized",
    "g": "GPU instance",
    "p": "GPU instance",
    "inf": "Machine Learning ASIC Instances",
    "trn": "Machine Learning ASIC Instances",
}
"""The letters that a family's name begins with → what the price list calls its kind."""

SIZES = {"nano": "0.25", "micro": "0.5", "small": "1", "medium": "2", "large": "4", "xlarge": "8"}
"""docs.aws.amazon.com/AWSEC2/latest/UserGuide/apply_ri.html"""


def usage_type(region: str, instance_type: str) -> str:
    """What a bill calls an hour of it there: `APN2-BoxUsage:g5.xlarge`."""
    # The oldest region's usage types have no prefix.
    prefix = "" if region == "us-east-1" else f"{LOCATIONS[region].billing_code}-"
    return f"{prefix}BoxUsage:{instance_type}"


def products() -> tuple[Product, ...]:
    """One for each type in each region that lists its on-demand rate."""
    specs = {row["instance_type"]: row for row in rows("instance_types.parquet")}
    listed: dict[tuple[str, str], dict[str, Any]] = {}
    kept: dict[tuple[str, str], list[Term]] = {}
    prices = rows("ec2_prices.parquet")
    for row in prices:
        place = row["region"], row["instance_type"]
        if row["purchase_option"] == "on_demand":
            listed[place] = row
        elif row["purchase_option"] == "reserved":
            kept.setdefault(place, []).append(reserved(row))
    published = max(row["as_of"] for row in prices)
    return tuple(
        Product(
            SERVICE,
            "Compute Instance (bare metal)" if "metal" in row["instance_type"] else "Compute Instance",
            _attributes(row, specs[row["instance_type"]], kept.get(place, [])),
            (_on_demand(row), *kept.get(place, [])),
            published,
        )
        for place, row in listed.items()
    )


def _on_demand(row: Mapping[str, Any]) -> Term:
    usd = Decimal(row["usd_per_hour"])
    return on_demand(usd, row["as_of"], f"${usd:f} per On Demand Linux {row['instance_type']} Instance Hour")


def _attributes(row: Mapping[str, Any], spec: Mapping[str, Any], kept: Iterable[Term]) -> dict[str, str]:
    name, location = row["instance_type"], LOCATIONS[row["region"]]
    family, _, size = name.partition(".")
    has_gpus = spec["gpu_manufacturer"] == "NVIDIA"
    return {
        "servicecode": SERVICE,
        "servicename": "Amazon Elastic Compute Cloud",
        "location": location.name,
        "locationType": "AWS Region",
        "regionCode": row["region"],
        "availabilityzone": "NA",
        "instanceType": name,
        "instanceFamily": next(FAMILIES[start] for start in ("inf", "trn", family[0]) if family.startswith(start)),
        "currentGeneration": "Yes" if spec["current_generation"] else "No",
        "vcpu": str(spec["vcpu"]),
        "memory": f"{spec['memory_gib']:g} GiB",
        "storage": f"{spec['local_storage_gb']:g} GB SSD" if spec["local_storage_gb"] else "EBS only",
        "networkPerformance": spec["network_performance"] or "NA",
        "processorArchitecture": "64-bit",
        "normalizationSizeFactor": _size_factor(size),
        "gpu": str(spec["gpu_count"]) if has_gpus else "NA",
        "gpuMemory": f"{spec['gpu_memory_gib']:g} GiB" if has_gpus else "NA",
        "operatingSystem": "Linux",
        "licenseModel": "No License required",
        "preInstalledSw": "NA",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "marketoption": "OnDemand",
        "usagetype": usage_type(row["region"], name),
        "operation": OPERATION,
        **_confidence(row, kept),
    }


def _size_factor(size: str) -> str:
    if size in SIZES:
        return SIZES[size]
    times = size.removesuffix("xlarge")
    return str(8 * int(times)) if times.isdecimal() else "NA"


def _confidence(row: Mapping[str, Any], kept: Iterable[Term]) -> dict[str, str]:
    """How sure the figures are that are not listed: of the on-demand term, and of all reserved ones together."""
    told = (
        {} if row["confidence"] == "listed" else {"confidence": row["confidence"], "confidenceNote": row["note"] or ""}
    )
    unsure = [term.attributes for term in kept if "Confidence" in term.attributes]
    if unsure:
        told["reservedConfidence"] = ",".join(sorted({each["Confidence"] for each in unsure}))
        told["reservedConfidenceNote"] = "; ".join(sorted({each["ConfidenceNote"] for each in unsure}))
    return told
