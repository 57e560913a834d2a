"""Log groups: their operations, retention and tags.

docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html and its neighbours.
"""

from datetime import timedelta
from typing import Any

from practice.errors import ServiceError, not_implemented
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import reply
from practice.logs import rows
from practice.logs.paging import page
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource, World, arn

KIND = "log-group"
RETENTION_DAYS = frozenset(
    (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)
"""docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
MAX_TAGS = 50

register(Lifecycle(KIND, (Transition("Active", "delete", GONE),), bills={"Active": ("storage",)}))


def invalid(message: str) -> ServiceError:
    return ServiceError("InvalidParameterException", message)


def missing(what: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", f"The specified {what} does not exist.", status=400)


def ensure(world: World, region: str, name: str) -> Resource:
    """The group, made when it does not exist: what runs in this account makes its groups so."""
    return world.get(KIND, region, name) or _add(world, region, name, {})


def find(context: Context, request: Request) -> Resource:
    """The group that `logGroupName` or `logGroupIdentifier` names. Raises ServiceError."""
    given = [request[key] for key in ("logGroupName", "logGroupIdentifier") if key in request]
    if len(given) != 1:
        raise invalid("Exactly one of logGroupName and logGroupIdentifier must be given.")
    return _named(context, given[0].rpartition(":log-group:")[2])


def oldest_ms(context: Context, group: Resource) -> int:
    """Events before this moment have expired (milliseconds since the epoch)."""
    days = group.document.get("retentionInDays")
    return 0 if days is None else rows.to_ms(context.world.clock.now() - timedelta(days=days))


@operation("logs", "CreateLogGroup")
def create_log_group(context: Context, request: Request) -> Reply:
    name = request["logGroupName"]
    if request.get("deletionProtectionEnabled"):
        raise not_implemented("logs", "CreateLogGroup with deletionProtectionEnabled")
    if context.world.get(KIND, context.region, name) is not None:
        raise ServiceError("ResourceAlreadyExistsException", "The specified log group already exists")
    _add(context.world, context.region, name, {k: v for k, v in request.items() if k != "logGroupName"})
    return {}


@operation("logs", "DeleteLogGroup")
def delete_log_group(context: Context, request: Request) -> Reply:
    group = _named(context, request["logGroupName"])
    for stream in rows.of_group(context.world, group):
        rows.delete(context.world, stream["id"])
    context.world.move(group, "delete")
    return {}


@operation("logs", "DescribeLogGroups")
def describe_log_groups(context: Context, request: Request) -> Reply:
    prefix, pattern = request.get("logGroupNamePrefix"), request.get("logGroupNamePattern")
    if prefix and pattern:
        raise invalid("logGroupNamePrefix and logGroupNamePattern cannot be given together.")
    found = [
        group
        for group in sorted(context.world.all(KIND, context.region), key=lambda group: group.name)
        if group.name.startswith(prefix or "")
        and (pattern or "") in group.name
        and request.get("logGroupClass", _class(group)) == _class(group)
        and (not (chosen := request.get("logGroupIdentifiers")) or group.name in chosen or group.arn in chosen)
    ]
    shown, token = page(found, request, lambda group: group.name)
    return reply({"logGroups": [_described(context.world, group) for group in shown], "nextToken": token})


@operation("logs", "PutRetentionPolicy")
def put_retention_policy(context: Context, request: Request) -> Reply:
    days = request["retentionInDays"]
    if days not in RETENTION_DAYS:
        raise invalid(
            f"Invalid retentionInDays: {days}. Valid values are {', '.join(map(str, sorted(RETENTION_DAYS)))}."
        )
    context.world.update(_named(context, request["logGroupName"]), "put-retention", {"retentionInDays": days})
    return {}


@operation("logs", "DeleteRetentionPolicy")
def delete_retention_policy(context: Context, request: Request) -> Reply:
    group = _named(context, request["logGroupName"])
    context.world.update(group, "delete-retention", {"retentionInDays": None})
    return {}


@operation("logs", "TagResource")
def tag_resource(context: Context, request: Request) -> Reply:
    group = _by_arn(context, request["resourceArn"])
    tags = {**group.document.get("tags", {}), **request["tags"]}
    if len(tags) > MAX_TAGS:
        raise invalid(f"A resource can have at most {MAX_TAGS} tags.")
    context.world.update(group, "tag", {"tags": tags})
    return {}


@operation("logs", "UntagResource")
def untag_resource(context: Context, request: Request) -> Reply:
    group = _by_arn(context, request["resourceArn"])
    kept = {key: value for key, value in group.document.get("tags", {}).items() if key not in request["tagKeys"]}
    context.world.update(group, "untag", {"tags": kept})
    return {}


@operation("logs", "ListTagsForResource")
def list_tags_for_resource(context: Context, request: Request) -> Reply:
    return {"tags": _by_arn(context, request["resourceArn"]).document.get("tags", {})}


def _add(world: World, region: str, name: str, document: dict[str, Any]) -> Resource:
    return world.add(KIND, region, name, arn("logs", region, f"log-group:{name}"), document)


def _named(context: Context, name: str) -> Resource:
    group = context.world.get(KIND, context.region, name)
    if group is None:
        raise missing("log group")
    return group


def _by_arn(context: Context, group_arn: str) -> Resource:
    group = context.world.by_arn(group_arn)
    if group is None or group.kind != KIND or group.region != context.region:
        raise missing("resource")
    return group


def _class(group: Resource) -> str:
    return str(group.document.get("logGroupClass", "STANDARD"))


def _described(world: World, group: Resource) -> dict[str, Any]:
    return reply(
        {
            "logGroupName": group.name,
            "creationTime": rows.to_ms(group.created),
            "retentionInDays": group.document.get("retentionInDays"),
            "metricFilterCount": 0,
            "arn": f"{group.arn}:*",
            "logGroupArn": group.arn,
            "storedBytes": sum(stream["bytes"] for stream in rows.of_group(world, group)),
            "kmsKeyId": group.document.get("kmsKeyId"),
            "logGroupClass": _class(group),
        }
    )
