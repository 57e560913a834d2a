"""AWS's default quotas for SageMaker, from the shipped figures: real codes, names and values.

What an account really has is Service Quotas' to say.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from services import figures
from services.errors import NotFound


@dataclass(frozen=True, slots=True)
class QuotaDefault:
    """One of AWS's SageMaker quotas with its default."""

    code: str
    name: str
    usage: str | None
    instance_type: str | None
    scope: str
    """What it counts: instance_type, account (all types of the usage), resource (one job or endpoint) or other."""
    unit: str | None
    """instances, gib or seconds; None for quotas of no usage."""
    value: int | None
    """None where the quota is known to exist and its default is not known."""
    adjustable: bool
    as_of: date
    source: str


@cache
def quotas() -> tuple[QuotaDefault, ...]:
    """Every quota there are figures for, by code."""
    return tuple(
        QuotaDefault(
            code=row["quota_code"],
            name=row["quota_name"],
            usage=row["usage"],
            instance_type=row["instance_type"],
            scope=row["scope"],
            unit=row["unit"],
            value=None if row["default_value"] is None else int(row["default_value"]),
            adjustable=row["adjustable"],
            as_of=row["as_of"],
            source=row["source"],
        )
        for row in figures.rows("quotas.parquet")
    )


def quota_for(instance_type: str, usage: str) -> QuotaDefault:
    """The quota that counts instances of a type.

    Usages: notebook, training, spot_training, warm_pool, processing, transform, endpoint, cluster, studio_jupyterlab,
    studio_code_editor, studio_kernel_gateway, rsession_gateway. Raises NotFound where AWS lists none.
    """
    for quota in quotas():
        if quota.instance_type == instance_type and quota.usage == usage:
            return quota
    raise NotFound(
        f"AWS lists no quota of {instance_type} for {usage.replace('_', ' ')} usage.",
        resource=instance_type,
        remedy="Choose an instance type that has one.",
    )


def aggregate_quotas(usage: str) -> tuple[QuotaDefault, ...]:
    """The quotas over all types of a usage: of the account, and of one job or endpoint."""
    return tuple(quota for quota in quotas() if quota.usage == usage and quota.instance_type is None)
