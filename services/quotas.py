"""Service quotas: how many instances may be used, and how many are."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from services import default_quotas
from services.cloud import Cloud
from services.default_quotas import QuotaDefault
from services.errors import NotFound, translated
from services.plans import Check, Quota, Severity

InUse = Counter[tuple[str, str]]
"""(usage, instance type) → instances in use in one region. Usages as in `default_quotas`."""

USED_UP = 0.8
"""From this share on the deck calls a quota nearly used up."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One quota as it applies in this account and region."""

    code: str
    name: str
    usage: str
    instance_type: str | None
    """None for a quota over all types of the usage."""
    limit: int
    used: int
    adjustable: bool

    @property
    def left(self) -> int:
        return self.limit - self.used

    @property
    def nearly_used_up(self) -> bool:
        return self.used > 0 and self.used >= USED_UP * self.limit


def applied_limits(cloud: Cloud, service: str = "sagemaker") -> dict[str, int]:
    """Quota code → the value that applies in this region, from Service Quotas; those of no known value left out.

    `service` is sagemaker or ec2. Raises: DeckError.
    """
    with translated("service quotas"):
        pages = cloud.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
        rows = (row for page in pages for row in page.get("Quotas", ()))
        return {row["QuotaCode"]: int(row["Value"]) for row in rows if "Value" in row}


def list_applied(limits: Mapping[str, int], in_use: InUse) -> tuple[Applied, ...]:
    """Every quota that counts instances and has a value, with its use: the fullest first."""
    rows = [
        _applied(default, limits[default.code], in_use)
        for default in default_quotas.quotas()
        if default.unit == "instances" and default.scope != "resource" and default.code in limits
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.used / row.limit if row.limit else 0), -row.used, row.name)))


def tightest(limits: Mapping[str, int], in_use: InUse, usage: str, instance_type: str, needs: int) -> Quota | None:
    """The quota with the least left, over the type's own, the account's total and the maximum of one resource.

    None where AWS lists no quota with a known value.
    """
    candidates = [
        Quota(default.name, default.code, _used(default, in_use), limits[default.code], needs)
        for default in _counting(usage, instance_type)
        if default.code in limits
    ]
    return min(candidates, key=lambda quota: quota.left, default=None)


def check_quota(quota: Quota | None, instance_type: str) -> tuple[Check, ...]:
    """A refusal when the plan needs more than is left, a warning when no quota is known."""
    if quota is None:
        return (Check(Severity.WARNING, "quota_unknown", {"instance_type": instance_type}),)
    if quota.needs > quota.left:
        values = {"name": quota.name, "used": quota.used, "limit": quota.limit, "needs": quota.needs}
        return (Check(Severity.REFUSAL, "quota_exceeded", values),)
    return ()


def _counting(usage: str, instance_type: str) -> tuple[QuotaDefault, ...]:
    aggregates = tuple(quota for quota in default_quotas.aggregate_quotas(usage) if quota.unit == "instances")
    try:
        return (default_quotas.quota_for(instance_type, usage), *aggregates)
    except NotFound:
        return aggregates


def _used(default: QuotaDefault, in_use: InUse) -> int:
    if default.scope == "resource":
        return 0
    return sum(
        count
        for (usage, instance_type), count in in_use.items()
        if usage == default.usage and default.instance_type in (None, instance_type)
    )


def _applied(default: QuotaDefault, limit: int, in_use: InUse) -> Applied:
    used = _used(default, in_use)
    usage = default.usage or ""
    return Applied(default.code, default.name, usage, default.instance_type, limit, used, default.adjustable)
