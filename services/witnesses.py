"""Whether a call that was sent, or may have been, has happened: asked of AWS, never guessed."""

from collections.abc import Callable
from dataclasses import dataclass

from services.cloud import Cloud
from services.errors import NotFound, translated
from services.plans import INTENT_TAG, Call


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to find what a Create call made: the Describe method, its name parameter, and the reply's ARN."""

    method: str
    parameter: str
    arn: str


LOOKUPS: dict[str, Lookup] = {
    "create_notebook_instance": Lookup("describe_notebook_instance", "NotebookInstanceName", "NotebookInstanceArn"),
    "create_training_job": Lookup("describe_training_job", "TrainingJobName", "TrainingJobArn"),
    "create_model": Lookup("describe_model", "ModelName", "ModelArn"),
    "create_endpoint_config": Lookup("describe_endpoint_config", "EndpointConfigName", "EndpointConfigArn"),
    "create_endpoint": Lookup("describe_endpoint", "EndpointName", "EndpointArn"),
}


def made_by_intent(cloud: Cloud, call: Call) -> bool:
    """Whether what a Create call names exists and carries this call's intent. Raises DeckError when AWS cannot say."""
    lookup, intent = LOOKUPS.get(call.method), _intent(call)
    if lookup is None or intent is None:
        return False
    client, name = cloud.client(call.service), call.parameters[lookup.parameter]
    try:
        with translated(name):
            arn = getattr(client, lookup.method)(**{lookup.parameter: name})[lookup.arn]
            pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
            return any(tag == {"Key": INTENT_TAG, "Value": intent} for page in pages for tag in page.get("Tags", ()))
    except NotFound:
        return False


def happened(cloud: Cloud, call: Call) -> bool:
    """Whether AWS shows what the call was to bring about. False for calls that leave nothing to see.

    Raises DeckError when AWS cannot say.
    """
    witness = _WITNESSES.get(call.method, made_by_intent)
    return witness(cloud, call)


def takes_effect(call: Call) -> bool:
    """Whether the call by itself makes something that bills or changes a resource: what it began must be completed."""
    return call.method in LOOKUPS or call.method in _WITNESSES


def _started(cloud: Cloud, call: Call) -> bool:
    found = _notebook(cloud, call)
    return found.get("NotebookInstanceStatus") in ("Pending", "InService")


def _resized(cloud: Cloud, call: Call) -> bool:
    found = _notebook(cloud, call)
    return all(found.get(member) == value for member, value in call.parameters.items())


def _requested(cloud: Cloud, call: Call) -> bool:
    wanted = call.parameters
    with translated(wanted["QuotaCode"]):
        pages = (
            cloud.client("service-quotas")
            .get_paginator("list_requested_service_quota_change_history_by_quota")
            .paginate(ServiceCode=wanted["ServiceCode"], QuotaCode=wanted["QuotaCode"])
        )
        return any(
            row.get("DesiredValue") == wanted["DesiredValue"]
            for page in pages
            for row in page.get("RequestedQuotas", ())
        )


def _notebook(cloud: Cloud, call: Call) -> dict[str, object]:
    name = call.parameters["NotebookInstanceName"]
    try:
        with translated(name):
            found: dict[str, object] = cloud.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
            return found
    except NotFound:
        return {}


_WITNESSES: dict[str, Callable[[Cloud, Call], bool]] = {
    "start_notebook_instance": _started,
    "update_notebook_instance": _resized,
    "request_service_quota_increase": _requested,
}


def _intent(call: Call) -> str | None:
    return next((tag["Value"] for tag in call.parameters.get("Tags", ()) if tag["Key"] == INTENT_TAG), None)
