"""Data exports: CUR 2.0 into a bucket of the account, as Parquet.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Billing_and_Cost_Management_Data_Exports.html
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from practice import clients
from practice.bill import executions
from practice.bill.columns import COLUMNS
from practice.bill.periods import month_of
from practice.bill.queries import PROPERTIES, TABLE, check_output, read_query
from practice.borrowed import birth
from practice.errors import ServiceError, validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import page, reply
from practice.operations import Context, Reply, Request, operation
from practice.world import Resource, World, arn

KIND, HOME = "data-export", "us-east-1"
"""AWS has the one endpoint in this region; here every region answers for it."""
FIRST_SECONDS = 3.0
"""Until the first execution, which delivers all months of the account. AWS may take 24 hours, and delivers the current
month alone unless it is asked for more."""
PAGE = 300

Row = TypeVar("Row")

register(
    Lifecycle(
        KIND,
        (
            Transition("ACTIVE", "execute", "ACTIVE", after_seconds=FIRST_SECONDS),
            Transition("ACTIVE", "delete", GONE),
        ),
        due={"execute": executions.execute},
    )
)


@operation("bcm-data-exports", "CreateExport", live=True)
def create_export(context: Context, request: Request) -> Reply:
    said, world = request["Export"], context.world
    read_query(said["DataQuery"])
    destination = said["DestinationConfigurations"]["S3Destination"]
    check_output(destination)
    # S3 is asked outside of the transaction: the call comes back through the door.
    _check_bucket(world, destination)
    made = arn("bcm-data-exports", HOME, f"export/{said['Name']}-{uuid.uuid4()}")
    with world.store.transaction():
        if world.get(KIND, HOME, said["Name"]) is not None:
            raise validation_error(f"An export with the name {said['Name']} already exists.")
        since = month_of(birth.moment()).isoformat()
        document = {"Export": {**said, "ExportArn": made}, "Since": since, "Tags": request.get("ResourceTags", [])}
        world.add(KIND, HOME, said["Name"], made, document)
    return {"ExportArn": made}


@operation("bcm-data-exports", "GetExport")
def get_export(context: Context, request: Request) -> Reply:
    export = _find(context, request)
    return {"Export": export.document["Export"], "ExportStatus": executions.health(context.world, export)}


@operation("bcm-data-exports", "ListExports")
def list_exports(context: Context, request: Request) -> Reply:
    world = context.world
    shown, token = _page(world.all(KIND, HOME), request, lambda export: export.name)
    rows = [
        {"ExportArn": export.arn, "ExportName": export.name, "ExportStatus": executions.health(world, export)}
        for export in shown
    ]
    return reply({"Exports": rows, "NextToken": token})


@operation("bcm-data-exports", "DeleteExport")
def delete_export(context: Context, request: Request) -> Reply:
    """What it delivered stays in the bucket."""
    export = _find(context, request)
    context.world.move(export, "delete")
    return {"ExportArn": export.arn}


@operation("bcm-data-exports", "ListExecutions")
def list_executions(context: Context, request: Request) -> Reply:
    rows = list(executions.history(context.world, _find(context, request)))
    shown, token = _page(rows, request, lambda row: str(row["ExecutionId"]))
    return reply({"Executions": shown, "NextToken": token})


@operation("bcm-data-exports", "GetExecution")
def get_execution(context: Context, request: Request) -> Reply:
    export = _find(context, request)
    for row in executions.history(context.world, export):
        if row["ExecutionId"] == request["ExecutionId"]:
            return {**row, "Export": export.document["Export"]}
    raise _not_found(f"The export has no execution {request['ExecutionId']}.")


@operation("bcm-data-exports", "ListTables")
def list_tables(context: Context, request: Request) -> Reply:
    return {"Tables": [{"TableName": TABLE, "Description": "Cost and usage, line by line", **_properties()}]}


@operation("bcm-data-exports", "GetTable")
def get_table(context: Context, request: Request) -> Reply:
    if request["TableName"] != TABLE:
        raise validation_error(f"There is no table {request['TableName']}.")
    schema = [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()]
    said = request.get("TableProperties", {})
    told = {name: said.get(name, values[0]) for name, values in PROPERTIES.items()}
    return {"TableName": TABLE, "Schema": schema, "TableProperties": told}


def _properties() -> dict[str, Any]:
    told = [
        {"Name": name, "ValidValues": list(values), "DefaultValue": values[0]} for name, values in PROPERTIES.items()
    ]
    return {"TableProperties": told}


def _page(rows: Sequence[Row], request: Request, key: Callable[[Row], str]) -> tuple[list[Row], str | None]:
    return page(rows, request, key, size=PAGE)


def _find(context: Context, request: Request) -> Resource:
    found = context.world.by_arn(request["ExportArn"])
    if found is None or found.kind != KIND:
        raise _not_found(f"There is no export {request['ExportArn']}.")
    return found


def _not_found(message: str) -> ServiceError:
    return ServiceError("ResourceNotFoundException", message, status=400)


def _check_bucket(world: World, destination: Request) -> None:
    """Raises ServiceError ValidationException for a bucket that this account does not have."""
    try:
        clients.client(world, "s3", destination["S3Region"]).head_bucket(Bucket=destination["S3Bucket"])
    except ClientError as exc:
        bucket = destination["S3Bucket"]
        raise validation_error(f"S3 bucket permission validation failed: {bucket} is not a bucket here.") from exc
