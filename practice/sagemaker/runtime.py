"""SageMaker Runtime: InvokeEndpoint.

docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
"""

import random
import time
from typing import Any

from practice import ACCOUNT_ID
from practice.errors import ServiceError
from practice.listing import reply
from practice.machines.variants import Answer, Call, NoAnswer
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.endpoint_lifecycle import KIND
from practice.sagemaker.fleets import LOG_GROUP, Server
from practice.sagemaker.hosting import serving
from practice.sagemaker.invocation_metrics import Invocation, record
from practice.world import Resource

MAX_BODY_BYTES = 6 * 1024 * 1024
MAX_SECONDS = 60.0
"""A model container must answer within 60 seconds."""

_UNSERVED = ("TargetModel", "TargetContainerHostname", "InferenceComponentName", "EnableExplanations", "SessionId")


@operation("sagemaker-runtime", "InvokeEndpoint", live=True)
def invoke_endpoint(context: Context, request: Request) -> Reply:
    """One real request to a variant's server. A server that is just starting again is waited for."""
    started = time.monotonic()
    endpoint = _endpoint(context, request["EndpointName"])
    for member in _UNSERVED:
        if member in request:
            raise _invalid(f"{member} is not supported by the endpoint {endpoint.name}.")
    if len(request["Body"]) > MAX_BODY_BYTES:
        raise _invalid(f"The request body must have at most {MAX_BODY_BYTES} bytes.")
    variant = _choose(endpoint, request.get("TargetVariant"))
    server = _server(context, endpoint, variant["VariantName"])
    call = Call(
        request["Body"],
        content_type=request.get("ContentType", "application/octet-stream"),
        accept=request.get("Accept", "*/*"),
        custom_attributes=request.get("CustomAttributes"),
        headers={"X-Amzn-SageMaker-Inference-Id": request["InferenceId"]} if "InferenceId" in request else {},
    )
    answer = _ask(server, call, MAX_SECONDS - (time.monotonic() - started))
    took = time.monotonic() - started
    model = answer.model_latency_seconds
    told = (endpoint.region, endpoint.name, server.name, context.world.clock.now(), answer.status or 500)
    record(context.world, Invocation(*told, model, max(took - model, 0.0), variant["Count"]))
    if not 200 <= answer.status < 300:
        raise _model_error(endpoint, answer)
    return reply(
        {
            "Body": answer.body,
            "ContentType": answer.content_type,
            "InvokedProductionVariant": server.name,
            "CustomAttributes": answer.custom_attributes,
        }
    )


def _endpoint(context: Context, name: str) -> Resource:
    """Unlike elsewhere the case of the name matters here."""
    found = context.world.get(KIND, context.region, name)
    if found is None or found.state not in ("InService", "Updating"):
        raise _invalid(f"Endpoint {name} of account {ACCOUNT_ID} not found.")
    return found


def _choose(endpoint: Resource, target: str | None) -> dict[str, Any]:
    """The variant asked for, or one by the weights."""
    variants: list[dict[str, Any]] = endpoint.document["Variants"]
    if target is not None:
        found = next((variant for variant in variants if variant["VariantName"] == target), None)
        if found is None:
            raise _invalid(f"Variant {target} not found for Request")
        return found
    weights = [variant["Weight"] for variant in variants]
    if sum(weights) == 0:
        raise _invalid(f"No variant of the endpoint {endpoint.name} takes traffic.")
    return random.choices(variants, weights)[0]


def _server(context: Context, endpoint: Resource, name: str) -> Server:
    server = serving(context.world, endpoint, name)
    if server is None or not server.wait_ready(MAX_SECONDS):
        raise ServiceError(
            "ServiceUnavailable", f"The variant {name} of the endpoint {endpoint.name} is not available."
        )
    return server


def _ask(server: Server, call: Call, seconds: float) -> Answer:
    """What the container answered; status 0 for none, as SageMaker reports it."""
    started = time.monotonic()
    try:
        return server.invoke(call, max(seconds, 1.0))
    except NoAnswer as exc:
        late = (
            "Your invocation timed out while waiting for a response from container primary. Review the latency metrics "
            "for each container in Amazon CloudWatch, resolve the issue, and try again."
        )
        text = late if exc.timed_out else str(exc)
        return Answer(0, text.encode(), "text/plain", None, time.monotonic() - started)


def _model_error(endpoint: Resource, answer: Answer) -> ServiceError:
    original = answer.body.decode(errors="replace")
    group = f"{LOG_GROUP}/{endpoint.name}"
    whose = "client" if 400 <= answer.status < 500 else "server"
    message = original
    if answer.status:
        message = (
            f'Received {whose} error ({answer.status}) from primary with message "{original}". '
            f"See https://{endpoint.region}.console.aws.amazon.com/cloudwatch/home?region={endpoint.region}"
            f"#logEventViewer:group={group} in account {ACCOUNT_ID} for more information."
        )
    members = {
        "OriginalStatusCode": answer.status,
        "OriginalMessage": original,
        "LogStreamArn": f"arn:aws:logs:{endpoint.region}:{ACCOUNT_ID}:log-group:{group}",
    }
    return ServiceError("ModelError", message, members=members)


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationError", message)
