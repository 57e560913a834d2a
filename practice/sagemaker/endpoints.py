"""Endpoints: create, describe, list, update, weights and capacities, delete."""

from practice.errors import not_implemented, validation_error
from practice.listing import listed, reply, require, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.endpoint_configs import find_config
from practice.sagemaker.endpoint_lifecycle import KIND
from practice.sagemaker.endpoint_variants import (
    instance_counts,
    retained,
    summary_of,
    summary_of_pending,
    variants_of,
    wished,
)
from practice.sagemaker.limits import check_instance_quotas
from practice.world import Resource


@operation("sagemaker", "CreateEndpoint")
def create_endpoint(context: Context, request: Request) -> Reply:
    name = request["EndpointName"]
    arn = _arn(context, name)
    if context.world.by_arn(arn) is not None:
        raise validation_error(f'Cannot create already existing endpoint "{arn}".')
    config = find_config(context, request["EndpointConfigName"])
    variants = variants_of(context, config)
    check_instance_quotas(context, "endpoint", instance_counts(variants))
    document = {
        "EndpointConfigName": config.name,
        "Variants": variants,
        "DeploymentConfig": request.get("DeploymentConfig"),
        "Tags": request.get("Tags", []),
    }
    context.world.add(KIND, context.region, name, arn, document)
    return {"EndpointArn": arn}


@operation("sagemaker", "DescribeEndpoint")
def describe_endpoint(context: Context, request: Request) -> Reply:
    endpoint = _find(context, request)
    document = endpoint.document
    return reply(
        {
            **_summary(endpoint),
            "EndpointConfigName": document["EndpointConfigName"],
            "ProductionVariants": [summary_of(variant, endpoint.state) for variant in document["Variants"]],
            "FailureReason": document.get("FailureReason"),
            "LastDeploymentConfig": document.get("DeploymentConfig"),
            "PendingDeploymentSummary": summary_of_pending(document.get("Pending") or {}),
        }
    )


@operation("sagemaker", "ListEndpoints")
def list_endpoints(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request)
    return listed(rows, request, "Endpoints", _summary)


@operation("sagemaker", "UpdateEndpoint")
def update_endpoint(context: Context, request: Request) -> Reply:
    """The present version serves until the new one is healthy: for that time the quota must hold both, as on AWS."""
    endpoint = _in_service(_find(context, request))
    config = find_config(context, request["EndpointConfigName"])
    variants = variants_of(context, config)
    if request.get("RetainAllVariantProperties"):
        excluded = {row["VariantPropertyType"] for row in request.get("ExcludeRetainedVariantProperties", [])}
        variants = [retained(variant, endpoint.document["Variants"], excluded) for variant in variants]
    check_instance_quotas(context, "endpoint", instance_counts(variants))
    pending = {
        "EndpointConfigName": config.name,
        "Variants": variants,
        "StartTime": context.world.clock.now().isoformat(),
        "Replaces": True,
    }
    deployment = request.get("DeploymentConfig")
    if deployment is None and request.get("RetainDeploymentConfig"):
        deployment = endpoint.document.get("DeploymentConfig")
    context.world.move(endpoint, "update", {"Pending": pending, "DeploymentConfig": deployment, "FailureReason": None})
    return {"EndpointArn": endpoint.arn}


@operation("sagemaker", "UpdateEndpointWeightsAndCapacities")
def update_endpoint_weights_and_capacities(context: Context, request: Request) -> Reply:
    endpoint = _in_service(_find(context, request))
    wishes = {wish["VariantName"]: wish for wish in request["DesiredWeightsAndCapacities"]}
    unknown = wishes.keys() - {variant["VariantName"] for variant in endpoint.document["Variants"]}
    if unknown:
        raise validation_error(f'The variant name(s) "{", ".join(sorted(unknown))}" do not exist in "{endpoint.arn}".')
    if any("ServerlessUpdateConfig" in wish for wish in wishes.values()):
        raise not_implemented("sagemaker", "UpdateEndpointWeightsAndCapacities of serverless variants")
    variants = [wished(variant, wishes.get(variant["VariantName"], {})) for variant in endpoint.document["Variants"]]
    before = instance_counts(endpoint.document["Variants"])
    more = {kind: count - before[kind] for kind, count in instance_counts(variants).items() if count > before[kind]}
    check_instance_quotas(context, "endpoint", more, had=sum(before.values()))
    context.world.move(
        endpoint, "update", {"Variants": variants, "Pending": {"Replaces": False}, "FailureReason": None}
    )
    return {"EndpointArn": endpoint.arn}


@operation("sagemaker", "DeleteEndpoint")
def delete_endpoint(context: Context, request: Request) -> Reply:
    endpoint = _find(context, request)
    if endpoint.state not in ("InService", "Failed"):
        raise _in_progress(endpoint)
    context.world.move(endpoint, "delete")
    return {}


def _arn(context: Context, name: str) -> str:
    """In lower case, as AWS writes it: names that differ by case alone are one endpoint, but for an invocation."""
    return context.arn(f"endpoint/{name.lower()}")


def _find(context: Context, request: Request) -> Resource:
    arn = _arn(context, request["EndpointName"])
    return require(context.world.by_arn(arn), f'Could not find endpoint "{arn}".')


def _in_service(endpoint: Resource) -> Resource:
    if endpoint.state == "Failed":
        raise validation_error(f'Cannot update failed endpoint "{endpoint.arn}". Delete it and create it anew.')
    if endpoint.state != "InService":
        raise _in_progress(endpoint)
    return endpoint


def _in_progress(endpoint: Resource) -> Exception:
    return validation_error(f'Cannot update in-progress endpoint "{endpoint.arn}".')


def _summary(endpoint: Resource) -> Reply:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointStatus": endpoint.state,
        "CreationTime": endpoint.created,
        "LastModifiedTime": endpoint.modified,
    }
