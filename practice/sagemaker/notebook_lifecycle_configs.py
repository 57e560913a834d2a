"""Lifecycle configurations of notebook instances: scripts that run when an instance is created and started."""

from practice.errors import validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import listed, reply, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.notebook_lifecycle import KIND as NOTEBOOK
from practice.world import Resource

KIND = "notebook-lifecycle-config"

register(Lifecycle(KIND, (Transition("Available", "delete", GONE),)))


@operation("sagemaker", "CreateNotebookInstanceLifecycleConfig")
def create_config(context: Context, request: Request) -> Reply:
    name = request["NotebookInstanceLifecycleConfigName"]
    arn = context.arn(f"notebook-instance-lifecycle-config/{name.lower()}")
    if context.world.get(KIND, context.region, name) is not None:
        raise validation_error(
            f"Unable to create Notebook Instance Lifecycle Config {arn}. (Details: it already exists.)"
        )
    document: Reply = {key: request[key] for key in ("OnCreate", "OnStart", "Tags") if key in request}
    context.world.add(KIND, context.region, name, arn, document)
    return {"NotebookInstanceLifecycleConfigArn": arn}


@operation("sagemaker", "DescribeNotebookInstanceLifecycleConfig")
def describe_config(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    return reply({**_summary(row), **{hook: row.document.get(hook) for hook in ("OnCreate", "OnStart")}})


@operation("sagemaker", "ListNotebookInstanceLifecycleConfigs")
def list_configs(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request, sort_by="Name", sort_order="Ascending")
    return listed(rows, request, "NotebookInstanceLifecycleConfigs", _summary)


@operation("sagemaker", "UpdateNotebookInstanceLifecycleConfig")
def update_config(context: Context, request: Request) -> Reply:
    changes: Reply = {hook: request[hook] for hook in ("OnCreate", "OnStart") if hook in request}
    context.world.update(_find(context, request), "update", changes)
    return {}


@operation("sagemaker", "DeleteNotebookInstanceLifecycleConfig")
def delete_config(context: Context, request: Request) -> Reply:
    row = _find(context, request)
    users = [
        notebook.name
        for notebook in context.world.all(NOTEBOOK, context.region)
        if notebook.document.get("NotebookInstanceLifecycleConfigName") == row.name
    ]
    if users:
        raise validation_error(f"Lifecycle Config {row.arn} is in use by notebook instances: {', '.join(users)}")
    context.world.move(row, "delete")
    return {}


def _find(context: Context, request: Request) -> Resource:
    name = request["NotebookInstanceLifecycleConfigName"]
    found = context.world.get(KIND, context.region, name)
    if found is None:
        raise validation_error("Unable to describe Notebook Instance Lifecycle Config. RecordNotFound")
    return found


def _summary(row: Resource) -> Reply:
    return {
        "NotebookInstanceLifecycleConfigName": row.name,
        "NotebookInstanceLifecycleConfigArn": row.arn,
        "CreationTime": row.created,
        "LastModifiedTime": row.modified,
    }
