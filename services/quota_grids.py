"""Every quota of several regions with what is used of it, what AWS gives by default, and what was asked for."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from typing import Any

from services import default_quotas, ec2_quotas, inventory, quotas, rooms
from services.cloud import Account, Cloud
from services.ec2_quotas import Vcpus
from services.errors import DeckError, translated
from services.offers import Room
from services.quota_uses import QuotaRequest, QuotaUse, RegionQuotas, family_of
from services.quotas import InUse

SERVICES = ("sagemaker", "ec2")
COUNTED = ("limits", "notebooks", "trainings", "endpoints")
"""What of an inventory must have been read: with less, a quota would seem emptier than it is."""


def gather(cloud: Cloud) -> RegionQuotas:
    """All of one region, its services side by side, each failing alone."""
    failures: dict[str, DeckError] = {}
    asks: dict[str, Callable[[], Any]] = {
        "sagemaker": lambda: _sagemaker(cloud),
        "ec2": lambda: _ec2(cloud),
        "requests": lambda: list_requests(cloud),
    }
    with ThreadPoolExecutor(len(asks), thread_name_prefix="quotas") as side_by_side:
        asked = {name: side_by_side.submit(ask) for name, ask in asks.items()}
        answers: dict[str, Any] = {}
        for name, answer in asked.items():
            try:
                answers[name] = answer.result()
            except DeckError as error:
                failures[name] = error
    read = [answers[name] for name in SERVICES if name in answers]
    rows = tuple(row for each, _ in read for row in each)
    left = tuple(room for _, each in read for room in each)
    return RegionQuotas(cloud.region, rows, answers.get("requests", ()), left, failures)


def gather_regions(
    account: Account,
    regions: Iterable[str],
    gather_one: Callable[[Cloud], RegionQuotas] = gather,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, RegionQuotas]:
    """Several regions side by side: as long as the slowest one; AWS's rates count for each region alone.

    `progress` is told (regions read, of how many) after each.
    """
    clouds = [Cloud(account, region) for region in regions]
    with ThreadPoolExecutor(max(1, len(clouds)), thread_name_prefix="regions") as side_by_side:
        asked = {cloud.region: side_by_side.submit(gather_one, cloud) for cloud in clouds}
        for read, _ in enumerate(as_completed(asked.values()), 1):
            progress(read, len(asked))
    return {region: answer.result() for region, answer in asked.items()}


def list_requests(cloud: Cloud) -> tuple[QuotaRequest, ...]:
    """Every increase asked for in the region, the newest first. Raises: DeckError."""
    with translated("quota requests"):
        pages = cloud.client("service-quotas").get_paginator("list_requested_service_quota_change_history").paginate()
        rows = [row for page in pages for row in page.get("RequestedQuotas", ())]
    known = [_asked(cloud.region, row) for row in rows if row.get("ServiceCode") in SERVICES and "Created" in row]
    return tuple(sorted(known, key=lambda row: row.created, reverse=True))


def _asked(region: str, row: Mapping[str, Any]) -> QuotaRequest:
    """AWS promises none of a request's members."""
    code, created = row.get("QuotaCode", ""), row["Created"]
    return QuotaRequest(
        region,
        code,
        row.get("QuotaName", code),
        int(row.get("DesiredValue", 0)),
        row.get("Status", ""),
        created,
        row.get("LastUpdated", created),
    )


def _sagemaker(cloud: Cloud) -> tuple[tuple[QuotaUse, ...], tuple[Room, ...]]:
    known = inventory.take(cloud)
    for name in COUNTED:
        if name in known.failures:
            raise known.failures[name]
    in_use = inventory.in_use(known)
    return sagemaker_rows(cloud.region, known.limits, in_use), rooms.rooms(cloud.region, known.limits, in_use)


def _ec2(cloud: Cloud) -> tuple[tuple[QuotaUse, ...], tuple[Room, ...]]:
    limits, vcpus = quotas.applied_limits(cloud, "ec2"), ec2_quotas.vcpus_in_use(cloud)
    return ec2_rows(cloud.region, limits, vcpus), rooms.ec2_rooms(cloud.region, limits, vcpus)


def sagemaker_rows(region: str, limits: Mapping[str, int], in_use: InUse) -> tuple[QuotaUse, ...]:
    """Every SageMaker quota that counts instances of an account and has a value."""
    defaults = {quota.code: quota.value for quota in default_quotas.quotas()}
    return tuple(
        QuotaUse(
            region=region,
            service="sagemaker",
            code=row.code,
            name=row.name,
            usage=row.usage,
            instance_type=row.instance_type,
            unit="instances",
            limit=row.limit,
            used=row.used,
            default=defaults.get(row.code),
            adjustable=row.adjustable,
        )
        for row in quotas.list_applied(limits, in_use)
    )


def ec2_rows(region: str, limits: Mapping[str, int], vcpus: Vcpus) -> tuple[QuotaUse, ...]:
    """Every EC2 vCPU quota that has a value."""
    return tuple(
        QuotaUse(
            region=region,
            service="ec2",
            code=quota.code,
            name=quota.name,
            usage=ec2_quotas.USAGES[quota.market],
            instance_type=quota.instance_class,
            unit="vcpu",
            limit=limits[quota.code],
            used=vcpus[quota.market, quota.instance_class],
            default=quota.default_vcpus,
            adjustable=quota.adjustable,
        )
        for quota in ec2_quotas.listed()
        if quota.code in limits
    )


def usage_of(code: str) -> str | None:
    """What a quota counts, as the rows name it; None for a code there are no figures for."""
    return next((usage for known, usage, _ in _counted() if known == code), None)


def families(usage: str) -> frozenset[str]:
    """The families of instance types that have a quota for a usage."""
    return frozenset(family for _, known, family in _counted() if known == usage)


@cache
def _counted() -> tuple[tuple[str, str, str], ...]:
    """Code, usage and family of every quota of an account that there are figures for."""
    ec2 = ((quota.code, ec2_quotas.USAGES[quota.market], quota.instance_class) for quota in ec2_quotas.listed())
    sagemaker = (
        (quota.code, quota.usage, family_of(quota.instance_type))
        for quota in default_quotas.quotas()
        if quota.usage is not None and quota.unit == "instances" and quota.scope != "resource"
    )
    return (*ec2, *sagemaker)
