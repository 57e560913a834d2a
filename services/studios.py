"""Studio: its apps and spaces, and when somebody last worked in an app."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.cloud import Cloud
from services.errors import translated
from services.spenders import Spender, SpenderKind

PAGES = {"PageSize": 100}
GONE = "Deleted"
"""AWS lists a deleted app for another day."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What DescribeApp says; both None until the app serves."""

    user_at: datetime | None
    checked_at: datetime | None


def list_apps(cloud: Cloud) -> tuple[Spender, ...]:
    """Every Studio app that is not deleted, Canvas among them. Raises: DeckError.

    docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListApps.html
    """
    with translated("Studio apps"):
        pages = cloud.client("sagemaker").get_paginator("list_apps").paginate(PaginationConfig=PAGES)
        return tuple(_app(row, cloud) for page in pages for row in page.get("Apps", ()) if row.get("Status") != GONE)


def list_spaces(cloud: Cloud) -> tuple[Spender, ...]:
    """Every Studio space; the storage of one bills whether an app runs in it or not. Raises: DeckError."""
    with translated("Studio spaces"):
        pages = cloud.client("sagemaker").get_paginator("list_spaces").paginate(PaginationConfig=PAGES)
        return tuple(_space(row, cloud) for page in pages for row in page.get("Spaces", ()))


def get_activity(cloud: Cloud, app: Spender) -> Activity:
    """When an app was last worked in and last checked. Raises: NotFound, DeckError."""
    with translated(app.name):
        row = cloud.client("sagemaker").describe_app(**app.names)
    return Activity(row.get("LastUserActivityTimestamp"), row.get("LastHealthCheckTimestamp"))


def _app(row: dict[str, Any], cloud: Cloud) -> Spender:
    members = ("DomainId", "SpaceName", "UserProfileName", "AppType", "AppName")
    names = {member: row[member] for member in members if member in row}
    domain, kind, name = (names.get(member, "") for member in ("DomainId", "AppType", "AppName"))
    place = names.get("SpaceName") or names.get("UserProfileName", "")
    instance_type = row.get("ResourceSpec", {}).get("InstanceType", "")
    return Spender(
        kind=SpenderKind.CANVAS if kind == "Canvas" else SpenderKind.APP,
        name=f"{place}/{name}" if kind in ("JupyterLab", "CodeEditor") else f"{place}/{kind}/{name}",
        arn=_arn(cloud, f"app/{domain}/{place}/{kind.lower()}/{name}"),
        region=cloud.region,
        status=row.get("Status", ""),
        created=row.get("CreationTime"),
        instances=((instance_type, 1),) if instance_type else (),
        owner=names.get("UserProfileName", ""),
        place=f"{domain}/{place}",
        app_type=kind,
        names=names,
    )


def _space(row: dict[str, Any], cloud: Cloud) -> Spender:
    domain, name = row.get("DomainId", ""), row.get("SpaceName", "")
    storage = row.get("SpaceSettingsSummary", {}).get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    return Spender(
        kind=SpenderKind.SPACE,
        name=name,
        arn=_arn(cloud, f"space/{domain}/{name}"),
        region=cloud.region,
        status=row.get("Status", ""),
        created=row.get("CreationTime"),
        volume_gib=storage.get("EbsVolumeSizeInGb", 0),
        owner=row.get("OwnershipSettingsSummary", {}).get("OwnerUserProfileName", ""),
        place=f"{domain}/{name}",
    )


def _arn(cloud: Cloud, path: str) -> str:
    return f"arn:aws:sagemaker:{cloud.region}:{cloud.account.account_id}:{path}"
