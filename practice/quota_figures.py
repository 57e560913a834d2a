"""What this account is allowed: AWS's default quotas, raised as an account's are after some use, by small tables of
grants. Read from the dated figures the product ships, on its own."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from practice.figures import DATA, rows

GRANTS: dict[tuple[str, str | None], float] = {
    ("training", None): 40,
    ("training", "ml.m5.large"): 20,
    ("training", "ml.m5.xlarge"): 4,
    ("training", "ml.g4dn.xlarge"): 2,
    ("spot_training", "ml.g4dn.xlarge"): 2,
    ("processing", "ml.m5.large"): 4,
    ("transform", "ml.m5.large"): 4,
    ("endpoint", None): 8,
    ("endpoint", "ml.m5.large"): 4,
    ("endpoint", "ml.m5.xlarge"): 2,
    ("endpoint", "ml.g4dn.xlarge"): 1,
    ("notebook", "ml.g4dn.xlarge"): 1,
}
"""Instances granted in every region: by usage and type, or over all types (None). AWS's own defaults stand for the
rest: six each of ml.t3.medium and ml.t3.large notebooks, no p5. A type's default that nobody publishes counts as 0."""

EC2_GRANTS: dict[tuple[str, str], float] = {("on_demand", "standard"): 64, ("spot", "standard"): 64}
"""vCPUs granted in every region: by market and class of types. AWS's own defaults stand for the rest: no GPUs."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota as Service Quotas lists it."""

    code: str
    name: str
    scope: str
    """What it counts: instance_type, account (all types of the usage), resource (one job or endpoint) or other; of EC2
    instance_class."""
    usage: str | None
    """What instances are used for; of EC2 the market, on_demand or spot."""
    instance_type: str | None
    """Of EC2 a class of types, as `ec2_class` tells."""
    unit: str | None
    """instances, gib, seconds or, of EC2, vcpu; None where the quota is of no usage."""
    default_value: float | None
    """AWS's default; None where it is not published."""
    adjustable: bool
    service: str = "sagemaker"
    """As Service Quotas names it."""


@cache
def default_quotas() -> tuple[Quota, ...]:
    """AWS's quotas for SageMaker, of the instance families there are figures for, by code."""
    return tuple(
        Quota(
            code=row["quota_code"],
            name=row["quota_name"],
            scope=row["scope"],
            usage=row["usage"],
            instance_type=row["instance_type"],
            unit=row["unit"],
            default_value=None if row["default_value"] is None else float(row["default_value"]),
            adjustable=row["adjustable"],
        )
        for row in rows("quotas.parquet")
    )


@cache
def ec2_quotas() -> tuple[Quota, ...]:
    """AWS's quotas for the vCPUs of running EC2 instances, by code."""
    with (DATA / "ec2_quotas.csv").open(newline="", encoding="utf-8") as lines:
        listed = sorted(csv.DictReader(lines), key=lambda row: row["quota_code"])
    return tuple(
        Quota(
            code=row["quota_code"],
            name=row["quota_name"],
            scope="instance_class",
            usage=row["market"],
            instance_type=row["instance_class"],
            unit="vcpu",
            default_value=float(row["default_value"]),
            adjustable=row["adjustable"] == "true",
            service="ec2",
        )
        for row in listed
    )


def quotas_of(service: str) -> tuple[Quota, ...]:
    """Every quota of a service, by code; none of one that there is nothing about."""
    return {"sagemaker": default_quotas, "ec2": ec2_quotas}.get(service, tuple)()


def ec2_class(instance_type: str, market: str) -> str | None:
    """Which of EC2's quotas counts a type; None where none of them does.

    docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
    """
    family = instance_type.partition(".")[0]
    letters = re.match(r"[a-z]*", family)
    name = letters[0] if letters else ""
    if name in ("inf", "trn"):
        return name
    if name in ("g", "gr", "vt"):
        return "g"
    if name == "p":
        return "p5" if market == "spot" and family.startswith("p5") else "p"
    return "standard" if name[:1] in tuple("acdhimrtz") and name not in ("dl", "hpc") else None


@cache
def applied_quotas() -> Mapping[str, float]:
    """Quota code → what this account has in every region before any increase. Codes of no known value are left out."""
    applied = {quota.code: _applied(quota) for quota in (*default_quotas(), *ec2_quotas())}
    return {code: value for code, value in applied.items() if value is not None}


def _applied(quota: Quota) -> float | None:
    if quota.service == "ec2":
        return EC2_GRANTS.get((quota.usage or "", quota.instance_type or ""), quota.default_value)
    if quota.unit == "instances" and quota.scope in ("instance_type", "account") and quota.usage is not None:
        granted = GRANTS.get((quota.usage, quota.instance_type))
        if granted is not None:
            return granted
    return 0.0 if quota.default_value is None and quota.scope == "instance_type" else quota.default_value
