"""Studio spaces: the storage of a JupyterLab or a Code Editor, and whose it is.

A space bills its EBS volume for as long as it exists, whether an app runs in it or not:
docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-running-stop.html
"""

from typing import Any

from practice.errors import ServiceError, validation_error
from practice.lifecycles import register
from practice.listing import listed, reply
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker import domains, user_profiles
from practice.world import Resource

KIND = "studio-space"
NAME = "SpaceName"
DEFAULT_GIB = 5
WITH_VOLUME = ("JupyterLab", "CodeEditor")
"""The kinds of space that have an EBS volume; the older ones keep files on the domain's EFS, which is not here."""

register(domains.lifecycle(KIND, bills={"InService": ("storage",)}))
domains.MEMBERS.append(KIND)

_SETTINGS = ("SpaceSettings", "OwnershipSettings", "SpaceSharingSettings", "SpaceDisplayName")


@operation("sagemaker", "CreateSpace")
def create_space(context: Context, request: Request) -> Reply:
    domain, space = domains.working_domain(context, request["DomainId"]), request["SpaceName"]
    if ("OwnershipSettings" in request) != ("SpaceSharingSettings" in request):
        raise validation_error("OwnershipSettings and SpaceSharingSettings must be given together.")
    name = f"{domain.name}/{space}"
    domains.free_name(context, KIND, name)
    document = {key: request[key] for key in ("DomainId", "SpaceName", "Tags", *_SETTINGS) if key in request}
    owner = request.get("OwnershipSettings", {}).get("OwnerUserProfileName")
    if owner is not None:
        user_profiles.find_profile(context, domain.name, owner)
        document["UserProfileName"] = owner
    settings = request.get("SpaceSettings", {})
    document["VolumeGiB"] = _volume_gib(settings) if settings.get("AppType") in WITH_VOLUME else 0
    arn = context.arn(f"space/{domain.name}/{space}")
    context.world.add(KIND, context.region, name, arn, document)
    return {"SpaceArn": arn}


@operation("sagemaker", "DescribeSpace")
def describe_space(context: Context, request: Request) -> Reply:
    space = find_space(context, request["DomainId"], request["SpaceName"])
    shown = {key: space.document.get(key) for key in _SETTINGS}
    return reply({**domains.named(space, NAME), "SpaceArn": space.arn, **shown})


@operation("sagemaker", "ListSpaces")
def list_spaces(context: Context, request: Request) -> Reply:
    return listed(domains.choose(context, request, KIND, NAME), request, "Spaces", _summary)


@operation("sagemaker", "DeleteSpace")
def delete_space(context: Context, request: Request) -> Reply:
    space = find_space(context, request["DomainId"], request["SpaceName"])
    for app in domains.members(context, "studio-app", request["DomainId"]):
        if app.document.get("SpaceName") == request["SpaceName"] and app.state != "Deleted":
            raise ServiceError("ResourceInUse", f"Unable to delete Space [{space.name}]: it has an app.")
    context.world.move(space, "delete")
    return {}


def find_space(context: Context, domain: str, space: str) -> Resource:
    """Raises ServiceError ResourceNotFound."""
    domains.find_domain(context, domain)
    return domains.found(context, KIND, f"{domain}/{space}", f"Space [{space}] does not exist.")


def _volume_gib(settings: dict[str, Any]) -> int:
    ebs = settings.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {})
    size: int = ebs.get("EbsVolumeSizeInGb", DEFAULT_GIB)
    return size


def _summary(space: Resource) -> Reply:
    document = space.document
    settings = {"AppType": document.get("SpaceSettings", {}).get("AppType")}
    if document["VolumeGiB"]:
        storage = {"EbsStorageSettings": {"EbsVolumeSizeInGb": document["VolumeGiB"]}}
        settings["SpaceStorageSettings"] = storage
    sharing = document.get("SpaceSharingSettings")
    return reply(
        {
            **domains.named(space, NAME),
            "SpaceDisplayName": document.get("SpaceDisplayName"),
            "SpaceSettingsSummary": reply(settings),
            "SpaceSharingSettingsSummary": sharing,
            "OwnershipSettingsSummary": document.get("OwnershipSettings"),
        }
    )
