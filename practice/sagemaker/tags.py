"""Tags of any SageMaker resource: AddTags, ListTags, DeleteTags."""

from practice.errors import validation_error
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource

MAX_TAGS = 50
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html"""


@operation("sagemaker", "AddTags")
def add_tags(context: Context, request: Request) -> Reply:
    resource = _resource(context, request["ResourceArn"])
    tags = {**_tags(resource), **{tag["Key"]: tag["Value"] for tag in request["Tags"]}}
    if len(tags) > MAX_TAGS:
        raise validation_error(f"A resource can have at most {MAX_TAGS} tags.")
    return {"Tags": _put(context, resource, tags)}


@operation("sagemaker", "ListTags")
def list_tags(context: Context, request: Request) -> Reply:
    tags = as_tags(_tags(_resource(context, request["ResourceArn"])))
    shown, token = page(tags, request, lambda tag: tag["Key"], size=MAX_TAGS)
    return reply({"Tags": shown, "NextToken": token})


@operation("sagemaker", "DeleteTags")
def delete_tags(context: Context, request: Request) -> Reply:
    resource = _resource(context, request["ResourceArn"])
    _put(context, resource, {k: v for k, v in _tags(resource).items() if k not in request["TagKeys"]})
    return {}


def as_tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _put(context: Context, resource: Resource, tags: dict[str, str]) -> list[dict[str, str]]:
    # AWS does not count a tag as a modification.
    context.world.update(resource, "tag", {"Tags": as_tags(tags)}, touch=False)
    return as_tags(tags)


def _tags(resource: Resource) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in resource.document.get("Tags", [])}


def _resource(context: Context, arn: str) -> Resource:
    found = context.world.by_arn(arn)
    if found is None or found.region != context.region:
        raise validation_error(f"Resource not found: {arn}")
    return found
