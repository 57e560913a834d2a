"""Models: a container image, the model data in S3, and the environment to serve it with."""

from typing import Any

from practice import ACCOUNT_ID
from practice.errors import ServiceError, not_implemented, validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import listed, reply, require, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker import objects
from practice.world import Resource

KIND = "model"

register(Lifecycle(KIND, (Transition("Created", "delete", GONE),)))

_KEPT = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "Tags", "PrimaryContainer", "Containers")


@operation("sagemaker", "CreateModel", live=True)
def create_model(context: Context, request: Request) -> Reply:
    """Not in one transaction: that the model data is there is asked of S3, through the account's own door."""
    arn = _arn(context, request["ModelName"])
    check_role(request.get("ExecutionRoleArn"))
    _check_containers(context, request)
    document = {key: request[key] for key in _KEPT if key in request}
    with context.world.store.transaction():
        if context.world.by_arn(arn) is not None:
            raise validation_error(f'Cannot create already existing model "{arn}".')
        context.world.add(KIND, context.region, request["ModelName"], arn, document)
    return {"ModelArn": arn}


@operation("sagemaker", "DescribeModel")
def describe_model(context: Context, request: Request) -> Reply:
    """An empty VpcConfig is left out: the SageMaker SDK cannot read one."""
    model = find_model(context, request["ModelName"])
    document = model.document
    shown = ("ExecutionRoleArn", "VpcConfig", "Containers")
    primary = document.get("PrimaryContainer")
    return reply(
        {
            **_summary(model),
            **{key: document.get(key) for key in shown},
            "PrimaryContainer": {"Mode": "SingleModel", "Environment": {}, **primary} if primary else None,
            "EnableNetworkIsolation": document.get("EnableNetworkIsolation", False),
        }
    )


@operation("sagemaker", "ListModels")
def list_models(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request)
    return listed(rows, request, "Models", _summary)


@operation("sagemaker", "DeleteModel")
def delete_model(context: Context, request: Request) -> Reply:
    context.world.move(find_model(context, request["ModelName"]), "delete")
    return {}


def find_model(context: Context, name: str) -> Resource:
    """Raises ServiceError in AWS's words for a model that is not there."""
    arn = _arn(context, name)
    return require(context.world.by_arn(arn), f'Could not find model "{arn}".')


def container_of(model: Resource) -> dict[str, Any]:
    """The one container that serves the model."""
    container: dict[str, Any] = model.document.get("PrimaryContainer") or model.document["Containers"][0]
    return container


def check_role(arn: str | None) -> None:
    """A well-formed role of this account need not exist; another account's is refused. Raises ServiceError."""
    if arn is not None and f"::{ACCOUNT_ID}:" not in arn:
        raise validation_error(f"Cross-account pass role is not allowed: {arn}")


def _arn(context: Context, name: str) -> str:
    return context.arn(f"model/{name.lower()}")


def _summary(model: Resource) -> Reply:
    return {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}


def _check_containers(context: Context, request: Request) -> None:
    if ("PrimaryContainer" in request) == ("Containers" in request):
        raise validation_error("Exactly one of PrimaryContainer and Containers must be given.")
    containers = request.get("Containers") or [request["PrimaryContainer"]]
    if len(containers) > 1:
        raise not_implemented("sagemaker", "CreateModel with several containers")
    container = containers[0]
    if container.get("Mode") == "MultiModel" or "ModelPackageName" in container:
        raise not_implemented("sagemaker", "CreateModel with several models or a model package")
    if "AdditionalModelDataSources" in container:
        raise not_implemented("sagemaker", "CreateModel with AdditionalModelDataSources")
    if "Image" not in container:
        raise validation_error("The container of a model must name an Image.")
    uri = model_data(container)
    if uri is not None and not _is_there(context, uri):
        raise validation_error(f"Could not find model data at {uri}.")


def model_data(container: dict[str, Any]) -> str | None:
    """Where the container's model data lies in S3; None for an image that brings its own."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri: str | None = container.get("ModelDataUrl") or source.get("S3Uri")
    return uri


def _is_there(context: Context, uri: str) -> bool:
    try:
        return objects.exists(context.world, context.region, uri)
    except ValueError as exc:
        raise ServiceError("ValidationException", f"{exc}.") from exc
