"""How much room the quotas of a region leave, for every instance type and usage that may be launched there."""

from collections.abc import Mapping

from services import catalogue, ec2_quotas, quotas
from services.ec2_quotas import USAGES as EC2_USAGES
from services.ec2_quotas import Vcpus
from services.offers import Room
from services.quotas import InUse

USAGES = {
    "notebook": "notebook",
    "training": "training",
    "spot_training": "training",
    "processing": "processing",
    "transform": "batch_transform",
    "endpoint": "hosting",
    "studio_jupyterlab": "studio",
}
"""Quota usage → the SageMaker component whose instance types it counts."""


def rooms(region: str, limits: Mapping[str, int], in_use: InUse) -> tuple[Room, ...]:
    """What the tightest of its quotas leaves of each SageMaker type; types of no known quota are left out."""
    found = []
    for usage, component in USAGES.items():
        for spec in catalogue.instance_types(region, component):
            quota = quotas.tightest(limits, in_use, usage, spec.instance_type, 1)
            if quota is not None:
                found.append(Room(region, usage, spec.instance_type, max(0, quota.left)))
    return tuple(found)


def ec2_rooms(region: str, limits: Mapping[str, int], in_use: Vcpus) -> tuple[Room, ...]:
    """How many more instances the vCPUs that are left would hold, of each EC2 type and market."""
    found = []
    for spec in catalogue.instance_types(region, "ec2"):
        for market, usage in EC2_USAGES.items():
            quota = ec2_quotas.quota_of(spec.instance_type, market)
            if quota is not None and quota.code in limits:
                left = max(0, limits[quota.code] - in_use[market, quota.instance_class])
                found.append(Room(region, usage, spec.instance_type, left // spec.vcpu))
    return tuple(found)
