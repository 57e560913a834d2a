"""Usage types: what a bill calls an hour of an instance or a month of a GiB, and what that costs.

In the price list's own words: `APN2-Notebk:ml.t3.medium` and `APN2-Notebk:VolumeUsage.gp2` by Hrs and GB-Mo, operation
RunInstance. AWS publishes no list of Studio's with CodeEditor; it is written here as the others are. Managed spot
bills fewer hours, at the rate of training on demand.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from practice import figures
from practice.bill.spans import Held
from practice.pricing.locations import LOCATIONS

HOURS_PER_MONTH = 730
"""A GiB-month by the hour: 8,760 / 12, the same in every month."""
HOUR = 3_600_000_000
"""In microseconds."""

_CODES = {
    "af-south-1": "AFS1",
    "ap-east-1": "APE1",
    "ap-northeast-3": "APN3",
    "ap-south-1": "APS3",
    "ap-southeast-2": "APS2",
    "ca-central-1": "CAN1",
    "eu-north-1": "EUN1",
    "eu-south-1": "EUS1",
    "eu-west-2": "EUW2",
    "eu-west-3": "EUW3",
    "me-south-1": "MES1",
    "sa-east-1": "SAE1",
    "us-west-1": "USW1",
}
"""Of regions without a price list here: docs.aws.amazon.com/global-infrastructure/latest/regions/
aws-region-billing-codes.html"""


@dataclass(frozen=True, slots=True)
class UsageType:
    """One kind of usage in a region. Amounts of it are counted in whole microseconds of one instance or of one GiB, so
    that the sum of any pieces is the whole."""

    code: str
    region: str
    part: str
    """instance or storage"""
    instance_type: str | None
    usd: Decimal
    """What one pricing unit costs; 0 where no rate is known."""

    @property
    def unit(self) -> str:
        return "Hrs" if self.part == "instance" else "GB-Mo"

    @property
    def family(self) -> str:
        return "ML Instance" if self.part == "instance" else "Storage"

    @property
    def microseconds(self) -> int:
        """In one pricing unit."""
        return HOUR if self.part == "instance" else HOUR * HOURS_PER_MONTH

    def quantity(self, amount: int) -> Decimal:
        """Pricing units."""
        return Decimal(amount) / self.microseconds

    def cost(self, amount: int) -> Decimal:
        """US dollars, not rounded."""
        return self.usd * amount / self.microseconds


@cache
def used(region: str, held: Held, parts: tuple[str, ...]) -> tuple[tuple[UsageType, int], ...]:
    """What so many parts of what is held use at each moment: instances by type, and GiB."""
    found: list[tuple[UsageType, int]] = []
    if "instance" in parts:
        found += [(_instance(region, held.usage, held.instance_code, name), count) for name, count in held.instances]
    if "storage" in parts and held.volume_gib:
        found.append((_volume(region, held.volume_code), held.volume_gib))
    return tuple(found)


@cache
def _instance(region: str, usage: str, code: str, instance_type: str) -> UsageType:
    try:
        usd = figures.usd_per_hour(region, usage, instance_type)
    except figures.UnknownFigure:
        usd = Decimal(0)
    return UsageType(f"{prefix(region)}-{code}{instance_type}", region, "instance", instance_type, usd)


@cache
def _volume(region: str, code: str) -> UsageType:
    try:
        usd = figures.ml_storage_usd_per_gib_month(region)
    except figures.UnknownFigure:
        usd = Decimal(0)
    return UsageType(f"{prefix(region)}-{code}", region, "storage", None, usd)


def prefix(region: str) -> str:
    """What the region's usage types begin with; of one whose code is not known, its name."""
    location = LOCATIONS.get(region)
    return location.billing_code if location is not None else _CODES.get(region, region)
