"""The production variants of an endpoint, as its document keeps them and as DescribeEndpoint shows them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from practice.operations import Context, Reply
from practice.sagemaker.models import container_of, find_model
from practice.world import Resource

Variant = dict[str, Any]
"""VariantName, InstanceType, VolumeSizeInGB, Weight, DesiredWeight, Count, DesiredCount, Container, StartupSeconds and
ResolutionTime."""


def variants_of(context: Context, config: Resource) -> list[Variant]:
    """A configuration's variants with all that serving them needs: they outlive the configuration and the model."""
    now = context.world.clock.now().isoformat()
    return [
        {
            "VariantName": variant["VariantName"],
            "InstanceType": variant["InstanceType"],
            "VolumeSizeInGB": variant.get("VolumeSizeInGB"),
            "Weight": variant["InitialVariantWeight"],
            "DesiredWeight": variant["InitialVariantWeight"],
            "Count": variant["InitialInstanceCount"],
            "DesiredCount": variant["InitialInstanceCount"],
            "Container": container_of(find_model(context, variant["ModelName"])),
            "StartupSeconds": variant.get("ContainerStartupHealthCheckTimeoutInSeconds", 600),
            "ResolutionTime": now,
        }
        for variant in config.document["ProductionVariants"]
    ]


def instance_counts(variants: Sequence[Variant]) -> Counter[str]:
    """Instance type → instances wanted."""
    counts: Counter[str] = Counter()
    for variant in variants:
        counts[variant["InstanceType"]] += variant["DesiredCount"]
    return counts


def retained(variant: Variant, before: Sequence[Variant], excluded: set[str]) -> Variant:
    """The variant with the weight and the count of its namesake before, but for the properties excluded."""
    kept = next((old for old in before if old["VariantName"] == variant["VariantName"]), variant)
    weight = variant if "DesiredWeight" in excluded else kept
    count = variant if "DesiredInstanceCount" in excluded else kept
    return {**variant, "DesiredWeight": weight["DesiredWeight"], "DesiredCount": count["DesiredCount"]}


def wished(variant: Variant, wish: dict[str, Any]) -> Variant:
    """The variant with a DesiredWeightAndCapacity as what is desired."""
    weight = wish.get("DesiredWeight", variant["DesiredWeight"])
    return {
        **variant,
        "DesiredWeight": weight,
        "DesiredCount": wish.get("DesiredInstanceCount", variant["DesiredCount"]),
    }


def summary_of(variant: Variant, state: str) -> Reply:
    """A ProductionVariantSummary; nothing is current before the endpoint serves."""
    serving = state not in ("Creating", "Failed")
    image = variant["Container"]["Image"]
    resolved = datetime.fromisoformat(variant["ResolutionTime"])
    return {
        "VariantName": variant["VariantName"],
        "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image, "ResolutionTime": resolved}],
        "CurrentWeight": variant["Weight"],
        "DesiredWeight": variant["DesiredWeight"],
        "CurrentInstanceCount": variant["Count"] if serving else 0,
        "DesiredInstanceCount": variant["DesiredCount"],
    }


def summary_of_pending(pending: dict[str, Any]) -> Reply | None:
    """A PendingDeploymentSummary; None where nothing is being replaced."""
    if not pending.get("Replaces"):
        return None
    return {
        "EndpointConfigName": pending["EndpointConfigName"],
        "StartTime": datetime.fromisoformat(pending["StartTime"]),
        "ProductionVariants": [
            {**summary_of(variant, "Creating"), "InstanceType": variant["InstanceType"]}
            for variant in pending["Variants"]
        ],
    }
