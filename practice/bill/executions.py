"""Executions of an export: the months that may have changed are written anew, whole, into its bucket.

A file says what was billed up to the moment of its execution; AWS's is hours late. Executions are made when the export
is new and then at every midnight, UTC. docs.aws.amazon.com/cur/latest/userguide/dataexports-export-delivery.html
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from practice import clients
from practice.bill.columns import COLUMNS
from practice.bill.cur import parquet_file
from practice.bill.lines import Charged, Line, line_items
from practice.bill.periods import bounds, month_of, months_of, next_month
from practice.bill.queries import Query, read_query
from practice.listing import reply
from practice.sagemaker import training_lifecycle
from practice.world import Resource, World

Row = dict[str, Any]


def execute(world: World, export: Resource) -> datetime:
    """Deliver what there is now; returns when to do it again."""
    now = world.clock.now()
    identity = str(uuid.uuid4())
    reason = _delivered(world, export, identity, now)
    done = {"Id": identity, "At": now.isoformat(), "Reason": reason}
    since = export.document["Since"] if reason else _unsettled(world, export, now).isoformat()
    world.update(export, "execute", {"Execution": done, "Since": since}, touch=False)
    return datetime(now.year, now.month, now.day, tzinfo=UTC) + timedelta(days=1)


def _delivered(world: World, export: Resource, identity: str, now: datetime) -> str | None:
    """Why the files could not be delivered, in AWS's words; None once they are."""
    destination = export.document["Export"]["DestinationConfigurations"]["S3Destination"]
    query = read_query(export.document["Export"]["DataQuery"])
    s3 = clients.client(world, "s3", destination["S3Region"])
    try:
        for month in months_of(datetime.fromisoformat(export.document["Since"]), now):
            lines = _lines(world, month, now, query)
            _deliver(s3, export, identity, month, parquet_file(lines, month, query.selected))
    except ClientError:
        return "INSUFFICIENT_PERMISSION"
    except BotoCoreError:
        return "INTERNAL_FAILURE"
    return None


def _lines(world: World, month: datetime, now: datetime, query: Query) -> list[Line]:
    between = bounds(month, next_month(month), query.granularity)

    def about(charged: Charged) -> Charged:
        return charged if query.resources else replace(charged, resource="")

    return line_items(world, now, between, about)


def _deliver(s3: Any, export: Resource, identity: str, month: datetime, data: bytes) -> None:
    """The data first, then the manifest that tells of it."""
    said = export.document["Export"]
    destination, name = said["DestinationConfigurations"]["S3Destination"], said["Name"]
    bucket, prefix = destination["S3Bucket"], destination["S3Prefix"].strip("/")
    home = f"{prefix}/{name}" if prefix else name
    partition = f"BILLING_PERIOD={month:%Y-%m}"
    key = f"{home}/data/{partition}/{name}-00001.snappy.parquet"
    selected = read_query(said["DataQuery"]).selected
    manifest = {
        "executionId": identity,
        "exportArn": export.arn,
        "columns": [{"name": alias, "type": COLUMNS[column]} for alias, column in selected.items()],
        "dataFiles": [f"s3://{bucket}/{key}"],
        "additionalOutputFiles": [],
    }
    s3.put_object(Bucket=bucket, Key=key, Body=data)
    told = f"{home}/metadata/{partition}/{name}-Manifest.json"
    s3.put_object(Bucket=bucket, Key=told, Body=json.dumps(manifest).encode(), ContentType="application/json")


def _unsettled(world: World, export: Resource, now: datetime) -> datetime:
    """From when on a later execution may find other lines: a training job that runs bills from its start on, which may
    lie in a month that is over. Never before the export's first month."""
    starts = [
        datetime.fromisoformat(job.document["TrainingStartTime"])
        for job in world.all(training_lifecycle.KIND)
        if job.state not in training_lifecycle.ENDED and "TrainingStartTime" in job.document
    ]
    return max(min([now, *starts]), month_of(export.created))


def history(world: World, export: Resource) -> Iterator[Row]:
    """What GetExecution and ListExecutions tell of each execution, the newest first."""
    for event in reversed(world.history(export.uid)):
        done = event.changes.get("Execution")
        if done is not None:
            yield {"ExecutionId": done["Id"], "ExecutionStatus": _status(done)}


def _status(done: Row) -> Row:
    at = datetime.fromisoformat(done["At"])
    code = "DELIVERY_FAILURE" if done["Reason"] else "DELIVERY_SUCCESS"
    times = {"CreatedAt": at, "CompletedAt": at, "LastUpdatedAt": at}
    return reply({"StatusCode": code, "StatusReason": done["Reason"], **times})


def health(world: World, export: Resource) -> Row:
    """The export's status: unhealthy when its last execution failed."""
    made = [event.changes["Execution"] for event in world.history(export.uid) if "Execution" in event.changes]
    reason = made[-1]["Reason"] if made else None
    delivered = [datetime.fromisoformat(done["At"]) for done in made if not done["Reason"]]
    return reply(
        {
            "StatusCode": "UNHEALTHY" if reason else "HEALTHY",
            "StatusReason": reason,
            "CreatedAt": export.created,
            "LastUpdatedAt": export.modified,
            "LastRefreshedAt": delivered[-1] if delivered else None,
        }
    )
