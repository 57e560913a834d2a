"""GetResources of the tagging API: what we own and what moto holds, in one list.

docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

import json
from collections.abc import Iterator
from typing import Any

from practice.errors import ServiceError
from practice.lifecycles import LIFECYCLES
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource, World

DEFAULT_PAGE = 100
MOTO_PAGE = 100
TARGET = "ResourceGroupsTaggingAPI_20170126.GetResources"

Tagged = tuple[str, dict[str, str]]
"""An ARN and its tags."""


@operation("resourcegroupstaggingapi", "GetResources", live=True)
def get_resources(context: Context, request: Request) -> Reply:
    arns = request.get("ResourceARNList", [])
    if arns and any(request.get(name) for name in ("TagFilters", "ResourceTypeFilters", "PaginationToken")):
        raise ServiceError("InvalidParameterException", "ResourceARNList cannot be combined with filters or a token.")
    found = sorted([*_ours(context.world, context.region), *_borrowed(context)])
    kept = [tagged for tagged in found if _fits(tagged, request) and (not arns or tagged[0] in arns)]
    after, size = request.get("PaginationToken", ""), request.get("ResourcesPerPage", DEFAULT_PAGE)
    if after and not after.startswith("arn:"):
        raise ServiceError("PaginationTokenExpiredException", "The pagination token is not one of this account.")
    rest = [tagged for tagged in kept if tagged[0] > after]
    shown = rest[:size]
    return {
        "PaginationToken": shown[-1][0] if len(rest) > size else "",
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in shown
        ],
    }


def _ours(world: World, region: str) -> Iterator[Tagged]:
    for kind in LIFECYCLES:
        for resource in world.all(kind, region):
            if tags := _tags(resource):
                yield resource.arn, tags


def _tags(resource: Resource) -> dict[str, str]:
    """Log groups keep theirs as a map, as their API has it."""
    listed = {tag["Key"]: tag["Value"] for tag in resource.document.get("Tags") or []}
    return {**listed, **resource.document.get("tags", {})}


def _borrowed(context: Context) -> Iterator[Tagged]:
    asked: dict[str, Any] = {"ResourcesPerPage": MOTO_PAGE}
    while True:
        reply = json.loads(context.borrowed("tagging", context.region, TARGET, json.dumps(asked).encode()))
        for row in reply["ResourceTagMappingList"]:
            yield row["ResourceARN"], {tag["Key"]: tag["Value"] for tag in row["Tags"]}
        if not reply.get("PaginationToken"):
            return
        asked["PaginationToken"] = reply["PaginationToken"]


def _fits(tagged: Tagged, request: Request) -> bool:
    arn, tags = tagged
    kinds = request.get("ResourceTypeFilters", [])
    return (not kinds or any(_is_of(arn, kind) for kind in kinds)) and all(
        wanted["Key"] in tags and (not wanted.get("Values") or tags[wanted["Key"]] in wanted["Values"])
        for wanted in request.get("TagFilters", [])
    )


def _is_of(arn: str, kind: str) -> bool:
    """`kind` is a service or `service:type`, as the ARN writes them."""
    _, _, service, _, _, rest = arn.split(":", 5)
    wanted, _, of_type = kind.partition(":")
    return service == wanted and (not of_type or rest.replace(":", "/").split("/", 1)[0] == of_type)
