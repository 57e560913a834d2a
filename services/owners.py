"""Whose a resource is: the person in its owner tag, else who created it, else nobody's."""

from collections.abc import Iterable, Mapping

from services.cloud import Cloud
from services.errors import translated

TYPES = ("sagemaker:notebook-instance", "sagemaker:endpoint")
"""Training jobs come with their tags from Search."""
PAGES = {"PageSize": 100}
"""The most that the tagging API gives at once."""


def tagged(cloud: Cloud, tag: str) -> dict[str, str]:
    """ARN → the value of the owner tag, of all notebook instances and endpoints that bear it. Raises: DeckError."""
    with translated("tags"):
        pages = (
            cloud.client("resourcegroupstaggingapi")
            .get_paginator("get_resources")
            .paginate(TagFilters=[{"Key": tag}], ResourceTypeFilters=list(TYPES), PaginationConfig=PAGES)
        )
        rows = [row for page in pages for row in page.get("ResourceTagMappingList", ())]
    return {row["ResourceARN"]: one["Value"] for row in rows for one in row.get("Tags", ()) if one["Key"] == tag}


def resolve(arns: Iterable[str], tags: Mapping[str, str], creators: Mapping[str, str]) -> dict[str, str]:
    """ARN → owner, for those of `arns` that have one: its tag's, else its creator. What is missing is unowned."""
    found = {arn: tags.get(arn) or creators.get(arn, "") for arn in arns}
    return {arn: owner for arn, owner in found.items() if owner}
