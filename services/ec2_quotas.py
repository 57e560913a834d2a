"""EC2's quotas: vCPUs of running instances, by class of types and by market; what is used of them, and by what."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache

from services import catalogue, figures
from services.cloud import Cloud
from services.errors import NotFound, translated

ON_DEMAND, SPOT = "on_demand", "spot"
USAGES = {ON_DEMAND: "ec2", SPOT: "ec2_spot"}
"""Market → what its quotas count, as a usage beside SageMaker's."""

Vcpus = Counter[tuple[str, str]]
"""(market, class of types) → vCPUs that run in one region."""


@dataclass(frozen=True, slots=True)
class Ec2Quota:
    """One of EC2's vCPU quotas with AWS's default."""

    code: str
    name: str
    market: str
    """on_demand or spot."""
    instance_class: str
    """As `class_of` tells it."""
    default_vcpus: int
    adjustable: bool
    as_of: date
    source: str


@cache
def listed() -> tuple[Ec2Quota, ...]:
    """Every quota there are figures for, on-demand first."""
    return tuple(
        Ec2Quota(
            code=row["quota_code"],
            name=row["quota_name"],
            market=row["market"],
            instance_class=row["instance_class"],
            default_vcpus=int(row["default_value"]),
            adjustable=row["adjustable"] == "true",
            as_of=date.fromisoformat(row["as_of"]),
            source=row["source"],
        )
        for row in figures.rows("ec2_quotas.csv")
    )


def class_of(instance_type: str, market: str = ON_DEMAND) -> str | None:
    """The class whose quota counts a type; None for one that has a quota of another kind.

    docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
    """
    family = instance_type.partition(".")[0]
    letters = re.match("[a-z]*", family)
    name = letters[0] if letters else ""
    named = {"inf": "inf", "trn": "trn", "g": "g", "gr": "g", "vt": "g"}
    if name == "p":
        return "p5" if market == SPOT and family.startswith("p5") else "p"
    if name in named:
        return named[name]
    return "standard" if name in _STANDARD else None


_STANDARD = frozenset(("a", "c", "d", "h", "i", "im", "is", "m", "mac", "r", "t", "z"))


def quota_of(instance_type: str, market: str = ON_DEMAND) -> Ec2Quota | None:
    """The quota that counts a type."""
    wanted = (market, class_of(instance_type, market))
    return next((quota for quota in listed() if (quota.market, quota.instance_class) == wanted), None)


def vcpus_in_use(cloud: Cloud) -> Vcpus:
    """The vCPUs of what runs or is about to. Types of no class are left out. Raises: DeckError."""
    states = [{"Name": "instance-state-name", "Values": ["pending", "running"]}]
    found: Vcpus = Counter()
    with translated("EC2 instances"):
        pages = cloud.client("ec2").get_paginator("describe_instances").paginate(Filters=states)
        for page in pages:
            for reservation in page["Reservations"]:
                for instance in reservation["Instances"]:
                    market = SPOT if instance.get("InstanceLifecycle") == "spot" else ON_DEMAND
                    name = class_of(instance["InstanceType"], market)
                    if name is not None:
                        found[market, name] += _vcpus(instance)
    return found


def _vcpus(instance: dict[str, object]) -> int:
    """As AWS counts them: of the type, whatever cores and threads were switched off."""
    try:
        return catalogue.instance_type(str(instance["InstanceType"])).vcpu
    except NotFound:
        options = instance.get("CpuOptions") or {}
        assert isinstance(options, dict)
        return int(options.get("CoreCount", 1)) * int(options.get("ThreadsPerCore", 1))
