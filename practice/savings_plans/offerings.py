"""What can be committed to, for how long and how paid, and what an hour of usage then takes of the commitment.

AWS's own tables of rates were not to be had: every rate is an assumption, and its reply says on what.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from practice.figures import rows
from practice.pricing import compute_instances, ml_instances
from practice.pricing.locations import LOCATIONS

TYPES = {"compute": "Compute", "ec2_instance": "EC2Instance", "sagemaker": "SageMaker"}
"""The figures' word for a plan → the API's."""

PRODUCTS = {"Compute": ("EC2", "Fargate", "Lambda"), "EC2Instance": ("EC2",), "SageMaker": ("SageMaker",)}
"""docs.aws.amazon.com/savingsplans/latest/userguide/plan-types.html"""

CODES = {
    "Compute": "ComputeSavingsPlans",
    "EC2Instance": "ComputeSavingsPlans",
    "SageMaker": "MachineLearningSavingsPlans",
}
YEAR_SECONDS = 365 * 24 * 3600

_IDENTITIES = uuid.UUID("5a7be1f0-5d4c-4c1e-9a36-6f1f5f0b2d11")
_UNSAFE = re.compile(r"[^a-zA-Z0-9_ /.:()-]+")
"""What the API lets no property's value hold."""


@dataclass(frozen=True, slots=True)
class Offering:
    """A plan that can be bought; an EC2 Instance one is for a family in a region."""

    plan_type: str
    years: int
    payment: str
    region: str | None = None
    family: str | None = None
    identity: str = field(init=False)
    """Always the same for the same offering."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "identity", str(uuid.uuid5(_IDENTITIES, self.usage_type)))

    @property
    def seconds(self) -> int:
        return self.years * YEAR_SECONDS

    @property
    def usage_type(self) -> str:
        """What a bill calls the plan."""
        term = f"{self.years}yr{self.payment.replace(' ', '')}"
        if self.region is not None:
            return f"{LOCATIONS[self.region].billing_code}-EC2SP:{self.family}.{term}"
        return f"{self.plan_type}SP:{term}"

    @property
    def description(self) -> str:
        what = f"{self.plan_type} Savings Plan"
        if self.region is not None:
            what = f"{self.family} EC2 Instance Savings Plan in {self.region}"
        return f"{self.years} year {self.payment} {what}"

    @property
    def properties(self) -> dict[str, str]:
        return {} if self.region is None else {"region": self.region, "instanceFamily": str(self.family)}


@dataclass(frozen=True, slots=True)
class Rate:
    """US dollars that an hour of an instance takes of a plan's commitment."""

    offering: Offering
    usd_per_hour: str
    region: str
    instance_type: str
    component: str | None
    """None of EC2."""
    confidence: str
    note: str
    """In what letters the API lets a property's value have."""
    as_of: date

    @property
    def product(self) -> str:
        return "EC2" if self.component is None else "SageMaker"

    @property
    def service(self) -> str:
        return compute_instances.SERVICE if self.component is None else ml_instances.SERVICE

    @property
    def operation(self) -> str:
        return compute_instances.OPERATION if self.component is None else ml_instances.OPERATION

    @property
    def usage_type(self) -> str:
        """As the price list has it."""
        if self.component is None:
            return compute_instances.usage_type(self.region, self.instance_type)
        return ml_instances.usage_type(self.region, self.component, self.instance_type)

    @property
    def properties(self) -> dict[str, str]:
        """With how sure the rate is, on what it rests and the day of that figure, which AWS has no words for."""
        ours = {
            "confidence": self.confidence,
            "confidenceNote": self.note,
            "asOf": self.as_of.isoformat(),
        }
        family = self.instance_type.removeprefix("ml.").partition(".")[0]
        shared = {"region": self.region, "instanceType": self.instance_type, "instanceFamily": family}
        software = {"productDescription": "Linux/UNIX", "tenancy": "shared"} if self.component is None else {}
        return {**shared, **software, **ours}


@dataclass(frozen=True, slots=True)
class Book:
    """All that is offered, by identity, and every rate."""

    offerings: Mapping[str, Offering]
    rates: tuple[Rate, ...]


@cache
def book() -> Book:
    """Read from the figures once: some 25,000 rates."""
    rates = tuple(_rate(row) for row in rows("savings_plan_rates.parquet"))
    return Book({rate.offering.identity: rate.offering for rate in rates}, rates)


def _rate(row: Mapping[str, Any]) -> Rate:
    family = row["instance_type"].partition(".")[0]
    place = (row["region"], family) if row["plan_type"] == "ec2_instance" else (None, None)
    return Rate(
        _offering(TYPES[row["plan_type"]], row["term_years"], row["payment_option"], *place),
        row["usd_per_hour"],
        row["region"],
        row["instance_type"],
        row["component"],
        row["confidence"],
        _safe(row["note"]),
        row["as_of"],
    )


@cache
def _offering(plan_type: str, years: int, option: str, region: str | None, family: str | None) -> Offering:
    return Offering(plan_type, years, option.replace("_", " ").title(), region, family)


@cache
def _safe(note: str) -> str:
    return _UNSAFE.sub("", note.replace("%", "percent"))
