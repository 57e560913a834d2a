"""CloudTrail's event history: who created, started, stopped, changed or deleted what, in the last 90 days.

docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html. It is asked by the name of an event: by its
source AWS would also give every Describe and List that the deck itself makes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.cloud import Cloud
from services.errors import translated

KEPT = timedelta(days=90)
PAGE = 50

EVENTS = {
    "CreateNotebookInstance": ("notebook", "notebookInstanceName", "notebook-instance"),
    "StartNotebookInstance": ("notebook", "notebookInstanceName", "notebook-instance"),
    "StopNotebookInstance": ("notebook", "notebookInstanceName", "notebook-instance"),
    "UpdateNotebookInstance": ("notebook", "notebookInstanceName", "notebook-instance"),
    "DeleteNotebookInstance": ("notebook", "notebookInstanceName", "notebook-instance"),
    "CreateEndpoint": ("endpoint", "endpointName", "endpoint"),
    "UpdateEndpoint": ("endpoint", "endpointName", "endpoint"),
    "UpdateEndpointWeightsAndCapacities": ("endpoint", "endpointName", "endpoint"),
    "DeleteEndpoint": ("endpoint", "endpointName", "endpoint"),
    "CreateEndpointConfig": ("endpoint_config", "endpointConfigName", "endpoint-config"),
    "CreateTrainingJob": ("training", "trainingJobName", "training-job"),
}
"""Event → (kind, the member that names the resource, how its ARN calls it). A training job tells its own past; who
created it, it does not."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A call that was carried out. `request` has members as CloudTrail writes them: `instanceType`."""

    event_id: str
    at: datetime
    """In whole seconds."""
    name: str
    kind: str
    resource: str
    arn: str
    actor: str
    """A user's or a session's name."""
    request: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """The newest first; without a token nothing is older."""

    deeds: tuple[Deed, ...]
    oldest: datetime | None
    """Of all events of the page, refused calls among them."""
    token: str | None


def read_page(cloud: Cloud, name: str, since: datetime, until: datetime, token: str | None) -> Page:
    """One page of an event's history. Two a second are allowed for an account and region. Raises: DeckError."""
    asked: dict[str, Any] = {
        "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
        "StartTime": since,
        "EndTime": until,
        "MaxResults": PAGE,
    }
    with translated("CloudTrail"):
        reply = cloud.client("cloudtrail").lookup_events(**asked, **({"NextToken": token} if token else {}))
    rows = reply.get("Events", [])
    deeds = (_deed(row) for row in rows)
    return Page(tuple(deed for deed in deeds if deed), rows[-1]["EventTime"] if rows else None, reply.get("NextToken"))


def _deed(row: dict[str, Any]) -> Deed | None:
    """None for what is no call of SageMaker, was refused, or names no resource."""
    said: dict[str, Any] = json.loads(row["CloudTrailEvent"])
    kind, member, path = EVENTS[row["EventName"]]
    request = said.get("requestParameters") or {}
    resource = request.get(member)
    if said.get("eventSource") != "sagemaker.amazonaws.com" or said.get("errorCode") or not resource:
        return None
    partition = said.get("userIdentity", {}).get("arn", "arn:aws").split(":")[1]
    arn = f"arn:{partition}:sagemaker:{said['awsRegion']}:{said['recipientAccountId']}:{path}/{resource.lower()}"
    actor = _actor(said.get("userIdentity", {}), row.get("Username", ""))
    return Deed(row["EventId"], row["EventTime"], row["EventName"], kind, resource, arn, actor, request)


def _actor(identity: Mapping[str, Any], username: str) -> str:
    """A session is named by whoever began it: for people who sign in with SSO that is who they are."""
    if identity.get("type") == "Root":
        return "root"
    return str(identity.get("userName") or identity.get("arn", "").rpartition("/")[2] or username)
