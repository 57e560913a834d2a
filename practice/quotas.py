"""The quotas of this account: AWS's defaults, what this account was granted, and the increases approved since."""

from collections.abc import Iterator
from typing import Any

from practice import quota_figures
from practice.world import Resource, World

KIND = "quota-increase"
"""A requested change of a quota; `practice.service_quotas` has its lifecycle."""

APPROVED = "APPROVED"


def for_usage(usage: str, instance_type: str) -> Iterator[quota_figures.Quota]:
    """The quotas that count instances of `instance_type` held for `usage`: the type's own, the total of the account and
    the maximum of one resource."""
    for quota in quota_figures.default_quotas():
        if quota.usage == usage and quota.unit == "instances" and quota.instance_type in (None, instance_type):
            yield quota


def in_force(world: World, region: str, quota: quota_figures.Quota) -> float | None:
    """The value that holds in the region now. None where nobody publishes AWS's default and none was granted here."""
    approved = [change for change in changes(world, region, quota.code) if change.state == APPROVED]
    if approved:
        return float(max(change.document["DesiredValue"] for change in approved))
    return quota_figures.applied_quotas().get(quota.code, quota.default_value)


def changes(world: World, region: str, code: str | None = None) -> list[Resource]:
    """The increases asked for in the region, oldest first; of one quota when its code is given."""
    return [change for change in world.all(KIND, region) if code in (None, change.document["QuotaCode"])]


def usage_metric(quota: quota_figures.Quota) -> dict[str, Any] | None:
    """Where CloudWatch counts what is used; EC2's quotas have one."""
    if quota.service != "ec2":
        return None
    market = "OnDemand" if quota.usage == "on_demand" else "Spot"
    name = (quota.instance_type or "").capitalize()
    return {
        "MetricNamespace": "AWS/Usage",
        "MetricName": "ResourceCount",
        "MetricDimensions": {
            "Class": f"{name}/{market}",
            "Resource": "vCPU",
            "Service": "EC2",
            "Type": "Resource",
        },
        "MetricStatisticRecommendation": "Maximum",
    }
