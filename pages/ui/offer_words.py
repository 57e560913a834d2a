"""How offers are said: the way to pay, where, what for, and how sure the price is."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from pages.ui.palette import PurchaseOption
from pages.ui.text import has, language, plain
from services import catalogue, offer_rates
from services.figures import Confidence
from services.offers import Offer

NEEDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "gpu16": {"accelerators": ("GPU",), "least_gpus": 1, "least_gb_per_gpu": 16},
    "gpu24": {"accelerators": ("GPU",), "least_gpus": 1, "least_gb_per_gpu": 24},
    "gpu48": {"accelerators": ("GPU",), "least_gpus": 1, "least_gb_per_gpu": 48},
    "gpu4x24": {"accelerators": ("GPU",), "least_gpus": 4, "least_gb_per_gpu": 24},
    "gpu8x40": {"accelerators": ("GPU",), "least_gpus": 8, "least_gb_per_gpu": 40},
    "gpu8x80": {"accelerators": ("GPU",), "least_gpus": 8, "least_gb_per_gpu": 80},
    "neuron": {"accelerators": ("Neuron",), "least_gpus": 1},
    "cpu2": {"most_gpus": 0, "least_vcpu": 2, "least_memory_gib": 8},
    "cpu8": {"most_gpus": 0, "least_vcpu": 8, "least_memory_gib": 32},
    "cpu32": {"most_gpus": 0, "least_vcpu": 32, "least_memory_gib": 128},
    "any": {},
}
"""Hardware that people ask for in words → what that asks of an offer."""

USES: Final[Mapping[str, Mapping[str, Any]]] = {
    "training": {"services": ("sagemaker",), "components": ("training",)},
    "notebook": {"services": ("sagemaker",), "components": ("notebook",)},
    "hosting": {"services": ("sagemaker",), "components": ("hosting",)},
    "studio": {"services": ("sagemaker",), "components": ("studio",)},
    "processing": {"services": ("sagemaker",), "components": ("processing",)},
    "batch_transform": {"services": ("sagemaker",), "components": ("batch_transform",)},
    "ec2": {"services": ("ec2",)},
    "any": {"components": ("training", "notebook", "hosting")},
}
"""What it is for → the part of the price list."""

LAUNCHES: Final = {"training": "training", "notebook": "notebook", "hosting": "endpoint"}
"""SageMaker component → the launch form for it."""

COLOURS: Final = {
    offer_rates.ON_DEMAND: PurchaseOption.ON_DEMAND,
    offer_rates.RESERVED: PurchaseOption.RESERVED,
    offer_rates.EC2_INSTANCE_PLAN: PurchaseOption.SAVINGS_PLAN,
    offer_rates.COMPUTE_PLAN: PurchaseOption.SAVINGS_PLAN,
    offer_rates.SAGEMAKER_PLAN: PurchaseOption.SAVINGS_PLAN,
    offer_rates.SPOT: PurchaseOption.SPOT,
    offer_rates.MANAGED_SPOT: PurchaseOption.SPOT,
}


def option(offer: Offer) -> str:
    """`Reserved, 1 year, no upfront, standard`."""
    parts = [plain(f"prices.option_{offer.purchase_option}")]
    if offer.commits:
        parts += [plain("prices.term", count=offer.term_years), plain(f"prices.pay_{offer.payment_option}")]
    if offer.offering_class:
        parts.append(plain(f"prices.class_{offer.offering_class}"))
    return ", ".join(parts)


@cache
def _cities() -> dict[tuple[str, str], str]:
    """The city that the console puts in brackets."""
    names = {}
    for region in catalogue.regions():
        for spoken, name in (("en", region.name_en), ("ko", region.name_ko)):
            names[region.name, spoken] = name.partition("(")[2].rstrip(")")
    return names


def city(region: str) -> str:
    """`Seoul`; of a region without figures its name."""
    return _cities().get((region, language()), region)


def place(region: str) -> str:
    """`Seoul (ap-northeast-2)`."""
    return f"{city(region)} ({region})"


def use(offer: Offer) -> str:
    """What the price is for: `Training`, `EC2`."""
    return plain(f"prices.use_{offer.component or 'ec2'}")


def hardware(offer: Offer) -> str:
    """`1 × A10G, 24 GB`, or `4 vCPU, 16 GiB`."""
    if not offer.gpu_count:
        return plain("launch.hardware", vcpu=offer.vcpu, memory=f"{offer.memory_gib:g}")
    each = round(offer.gpu_memory_gib / offer.gpu_count * 2**30 / 10**9)
    return f"{offer.gpu_count} × {offer.gpu_name}, {each} GB"


def sureness(confidence: Confidence) -> str:
    """How sure the figure is, in words."""
    key = f"prices.sure_{confidence}"
    return plain(key) if has(key) else str(confidence)
