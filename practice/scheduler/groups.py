"""Schedule groups and their tags. Every region has the group `default`."""

from practice.errors import ServiceError, validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource

KIND, SCHEDULE = "schedule-group", "schedule"
DEFAULT = "default"
PAGE = 100
MAX_TAGS = 50


register(
    Lifecycle(
        KIND,
        (
            Transition("ACTIVE", "delete", "DELETING"),
            Transition("DELETING", "gone", GONE, after_seconds=2),
        ),
    )
)


def find_group(context: Context, name: str) -> Resource:
    """The group; `default` is made on first sight. Raises ServiceError ResourceNotFoundException."""
    found = context.world.get(KIND, context.region, name)
    if found is None and name == DEFAULT:
        return context.world.add(KIND, context.region, name, _arn(context, name), {})
    if found is None:
        raise ServiceError("ResourceNotFoundException", f"Schedule group {name} does not exist.")
    return found


@operation("scheduler", "CreateScheduleGroup")
def create_schedule_group(context: Context, request: Request) -> Reply:
    name, token = request["Name"], request.get("ClientToken")
    found = find_group(context, name) if name == DEFAULT else context.world.get(KIND, context.region, name)
    if found is None:
        document = {"Tags": request.get("Tags", []), "ClientToken": token}
        found = context.world.add(KIND, context.region, name, _arn(context, name), document)
    elif token is None or found.document.get("ClientToken") != token:
        raise ServiceError("ConflictException", f"Schedule group {name} already exists.")
    return {"ScheduleGroupArn": found.arn}


@operation("scheduler", "GetScheduleGroup")
def get_schedule_group(context: Context, request: Request) -> Reply:
    return _shown(find_group(context, request["Name"]))


@operation("scheduler", "ListScheduleGroups")
def list_schedule_groups(context: Context, request: Request) -> Reply:
    find_group(context, DEFAULT)
    prefix = request.get("NamePrefix", "")
    rows = [row for row in context.world.all(KIND, context.region) if row.name.startswith(prefix)]
    shown, token = page(sorted(rows, key=lambda row: row.name), request, lambda row: row.name, size=PAGE)
    return reply({"ScheduleGroups": [_shown(row) for row in shown], "NextToken": token})


@operation("scheduler", "DeleteScheduleGroup")
def delete_schedule_group(context: Context, request: Request) -> Reply:
    if request["Name"] == DEFAULT:
        raise validation_error("Unable to delete the default schedule group.")
    group = find_group(context, request["Name"])
    for schedule in context.world.all(SCHEDULE, context.region):
        if schedule.document["GroupName"] == group.name:
            context.world.move(schedule, "delete")
    context.world.move(group, "delete")
    return {}


@operation("scheduler", "TagResource")
def tag_resource(context: Context, request: Request) -> Reply:
    group = _tagged(context, request)
    tags = {**_tags(group), **{tag["Key"]: tag["Value"] for tag in request["Tags"]}}
    if len(tags) > MAX_TAGS:
        raise validation_error(f"A resource can have at most {MAX_TAGS} tags.")
    _put(context, group, tags)
    return {}


@operation("scheduler", "UntagResource")
def untag_resource(context: Context, request: Request) -> Reply:
    group = _tagged(context, request)
    _put(context, group, {key: value for key, value in _tags(group).items() if key not in request["TagKeys"]})
    return {}


@operation("scheduler", "ListTagsForResource")
def list_tags_for_resource(context: Context, request: Request) -> Reply:
    return {"Tags": _tagged(context, request).document.get("Tags", [])}


def _arn(context: Context, name: str) -> str:
    return context.arn(f"schedule-group/{name}", "scheduler")


def _tagged(context: Context, request: Request) -> Resource:
    group = find_group(context, request["ResourceArn"].rpartition("/")[2])
    if group.arn != request["ResourceArn"]:
        raise ServiceError("ResourceNotFoundException", f"Resource {request['ResourceArn']} does not exist.")
    return group


def _tags(group: Resource) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in group.document.get("Tags", [])}


def _put(context: Context, group: Resource, tags: dict[str, str]) -> None:
    context.world.update(group, "tag", {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})


def _shown(group: Resource) -> Reply:
    return {
        "Arn": group.arn,
        "Name": group.name,
        "State": group.state,
        "CreationDate": group.created,
        "LastModificationDate": group.modified,
    }
