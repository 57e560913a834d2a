"""Notebook instances: create, describe, list, start, stop, update, delete, and the URL that opens one."""

from practice.errors import ServiceError, validation_error
from practice.listing import listed, reply, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.limits import USES, Use, check_instance_quota
from practice.sagemaker.notebook_lifecycle import KIND
from practice.world import Resource

DEFAULTS = {
    "VolumeSizeInGB": 5,
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Enabled",
    "PlatformIdentifier": "notebook-al2023-v1",
}
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html"""
MAX_VOLUME_GIB = 16384
_KEPT = (
    "InstanceType",
    "RoleArn",
    "SubnetId",
    "KmsKeyId",
    "DefaultCodeRepository",
    "AdditionalCodeRepositories",
    "Tags",
)


HOLDS_INSTANCE = ("Pending", "InService", "Stopping", "Updating")


def _uses(row: Resource) -> list[Use]:
    return [Use("notebook", row.document["InstanceType"], 1)] if row.state in HOLDS_INSTANCE else []


USES[KIND] = _uses


@operation("sagemaker", "CreateNotebookInstance")
def create_notebook_instance(context: Context, request: Request) -> Reply:
    name, region = request["NotebookInstanceName"], context.region
    arn = context.arn(f"notebook-instance/{name.lower()}")
    if context.world.get(KIND, region, name) is not None:
        raise validation_error(f"Cannot create a duplicate Notebook Instance ({arn})")
    document = {**DEFAULTS, **{key: request[key] for key in (*_KEPT, *DEFAULTS) if key in request}}
    _check_volume(document["VolumeSizeInGB"])
    if "LifecycleConfigName" in request:
        document["NotebookInstanceLifecycleConfigName"] = _lifecycle_config(context, request["LifecycleConfigName"])
    if "SecurityGroupIds" in request:
        document["SecurityGroups"] = request["SecurityGroupIds"]
    check_instance_quota(context, "notebook", document["InstanceType"], 1)
    context.world.add(KIND, region, name, arn, document)
    return {"NotebookInstanceArn": arn}


@operation("sagemaker", "DescribeNotebookInstance")
def describe_notebook_instance(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    document = row.document
    shown = (*DEFAULTS, "InstanceType", "RoleArn", "SubnetId", "KmsKeyId", "SecurityGroups", "FailureReason")
    repositories = ("DefaultCodeRepository", "AdditionalCodeRepositories", "NotebookInstanceLifecycleConfigName")
    return reply({**_summary(row), **{key: document.get(key) for key in (*shown, *repositories)}})


@operation("sagemaker", "ListNotebookInstances")
def list_notebook_instances(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request, sort_by="Name", sort_order="Ascending")
    lifecycle = request.get("NotebookInstanceLifecycleConfigNameContains", "")
    repository = request.get("DefaultCodeRepositoryContains", "")
    additional = request.get("AdditionalCodeRepositoryEquals")
    rows = [
        row
        for row in rows
        if lifecycle in row.document.get("NotebookInstanceLifecycleConfigName", "")
        and repository in row.document.get("DefaultCodeRepository", "")
        and (additional is None or additional in row.document.get("AdditionalCodeRepositories", []))
    ]
    return listed(rows, request, "NotebookInstances", _listed)


@operation("sagemaker", "StartNotebookInstance")
def start_notebook_instance(context: Context, request: Request) -> Reply:
    row = _in_state(_find(context, request), ("Stopped", "Failed"), "Pending")
    check_instance_quota(context, "notebook", row.document["InstanceType"], 1)
    context.world.move(row, "start", {"FailureReason": None})
    return {}


@operation("sagemaker", "StopNotebookInstance")
def stop_notebook_instance(context: Context, request: Request) -> Reply:
    row = _in_state(_find(context, request), ("InService",), "Stopping")
    context.world.move(row, "stop")
    return {}


@operation("sagemaker", "UpdateNotebookInstance")
def update_notebook_instance(context: Context, request: Request) -> Reply:
    row = _in_state(_find(context, request), ("Stopped", "Failed"), "Updating")
    plain = (*_KEPT[:2], "VolumeSizeInGB", "RootAccess", "DefaultCodeRepository", "AdditionalCodeRepositories")
    changes = {key: request[key] for key in plain if key in request}
    if changes.get("VolumeSizeInGB", MAX_VOLUME_GIB) < row.document["VolumeSizeInGB"]:
        raise validation_error("The volume size of a notebook instance cannot be decreased")
    _check_volume(changes.get("VolumeSizeInGB", 5))
    if "LifecycleConfigName" in request:
        changes["NotebookInstanceLifecycleConfigName"] = _lifecycle_config(context, request["LifecycleConfigName"])
    for flag, key in (
        ("DisassociateLifecycleConfig", "NotebookInstanceLifecycleConfigName"),
        ("DisassociateDefaultCodeRepository", "DefaultCodeRepository"),
        ("DisassociateAdditionalCodeRepositories", "AdditionalCodeRepositories"),
    ):
        if request.get(flag):
            changes[key] = None
    context.world.move(row, "update", changes)
    return {}


@operation("sagemaker", "DeleteNotebookInstance")
def delete_notebook_instance(context: Context, request: Request) -> Reply:
    row = _in_state(_find(context, request), ("Stopped", "Failed"), "Deleting")
    context.world.move(row, "delete")
    return {}


@operation("sagemaker", "CreatePresignedNotebookInstanceUrl")
def create_presigned_notebook_instance_url(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    machine = context.world.running.get(row.uid)
    if row.state != "InService" or machine is None or machine.notebook is None or not machine.ready:
        raise validation_error(f"Notebook Instance ({row.arn}) must be InService to open it; its status is {row.state}")
    return {"AuthorizedUrl": machine.notebook.presigned_url()}


def _find(context: Context, request: Request) -> Resource:
    found = context.world.get(KIND, context.region, request["NotebookInstanceName"])
    if found is None:
        raise ServiceError("ValidationException", "RecordNotFound")
    return found


def _in_state(row: Resource, allowed: tuple[str, ...], target: str) -> Resource:
    if row.state not in allowed:
        raise validation_error(
            f"Status ({row.state}) not in ([{', '.join(allowed)}]). "
            f"Unable to transition to ({target}) for Notebook Instance ({row.arn})."
        )
    return row


def _lifecycle_config(context: Context, name: str) -> str:
    if context.world.get("notebook-lifecycle-config", context.region, name) is None:
        raise validation_error(f"Unable to describe Notebook Instance Lifecycle Config '{name}'. RecordNotFound")
    return name


def _check_volume(gib: int) -> None:
    if not DEFAULTS["VolumeSizeInGB"] <= gib <= MAX_VOLUME_GIB:  # type: ignore[operator]
        raise validation_error(f"VolumeSizeInGB must be between 5 and {MAX_VOLUME_GIB}")


def _url(row: Resource) -> str:
    return f"{row.name.lower()}.notebook.{row.region}.sagemaker.aws"


def _summary(row: Resource) -> Reply:
    return {
        "NotebookInstanceName": row.name,
        "NotebookInstanceArn": row.arn,
        "NotebookInstanceStatus": row.state,
        "Url": _url(row),
        "InstanceType": row.document["InstanceType"],
        "CreationTime": row.created,
        "LastModifiedTime": row.modified,
    }


def _listed(row: Resource) -> Reply:
    repositories = ("DefaultCodeRepository", "AdditionalCodeRepositories", "NotebookInstanceLifecycleConfigName")
    return reply({**_summary(row), **{key: row.document.get(key) for key in repositories}})
