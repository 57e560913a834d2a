"""Search: resources in full, with their tags, by any of their properties.

docs.aws.amazon.com/sagemaker/latest/APIReference/API_Search.html. A kind is searched once it has entered itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import Shape, StructureShape

from practice.errors import not_implemented
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.protocol import service_model
from practice.sagemaker.search_expressions import check_properties, check_property, compared, matches, property_values
from practice.world import Resource, World

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Searched:
    """How one resource type of Search is found and shown."""

    kind: str
    show: Callable[[World, Resource], Record]
    """What can be filtered and sorted by."""
    complete: Callable[[World, Resource], Record] = lambda world, row: {}
    """What the reply holds beyond that; asked for the rows of one page alone."""


SEARCHED: dict[str, Searched] = {}
"""Resource type as Search names it → how; each kind enters itself, at import."""


@operation("sagemaker", "Search")
def search(context: Context, request: Request) -> Reply:
    searched = SEARCHED.get(request["Resource"])
    if searched is None:
        raise not_implemented("sagemaker", f"Search of {request['Resource']}")
    world, expression = context.world, request.get("SearchExpression", {})
    by, descending = request.get("SortBy", "LastModifiedTime"), request.get("SortOrder", "Descending") == "Descending"
    shape = _shape(request["Resource"])
    check_properties(shape, expression)
    check_property(shape, by)
    found: list[tuple[Resource, Record]] = []
    if request.get("CrossAccountFilterOption") != "CrossAccount":  # nothing is shared with this account
        for row in world.all(searched.kind, context.region):
            record = {**searched.show(world, row), "Tags": row.document.get("Tags", [])}
            if matches(expression, record):
                found.append((row, record))
    found.sort(key=lambda one: (*_sort_key(one[1], by), one[0].name), reverse=descending)
    shown, token = page(found, request, lambda one: one[0].uid)
    results = [{request["Resource"]: {**record, **searched.complete(world, row)}} for row, record in shown]
    return reply({"Results": results, "NextToken": token, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}})


def _shape(resource_type: str) -> Shape:
    record = service_model("sagemaker").shape_for("SearchRecord")
    assert isinstance(record, StructureShape)
    return record.members[resource_type]


def _sort_key(record: Record, by: str) -> tuple[bool, str, Any]:
    """What has the property comes after what has not; kinds of values are kept apart."""
    value = next(iter(property_values(record, by)), None)
    if value is None:
        return False, "", ""
    plain = compared(value)
    return True, type(plain).__name__, plain
