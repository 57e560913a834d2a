"""Endpoint configurations: which models an endpoint serves, on which instances, with which share of the traffic."""

from typing import Any

from practice.errors import not_implemented, validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import listed, reply, require, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.models import check_role, find_model
from practice.world import Resource

KIND = "endpoint-config"

register(Lifecycle(KIND, (Transition("Created", "delete", GONE),)))

_UNSERVED = ("AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants", "CrossRegionTrafficConfig")
_UNSERVED_OF_VARIANTS = ("ServerlessConfig", "ManagedInstanceScaling", "InstancePools", "CapacityReservationConfig")
_SHOWN = ("DataCaptureConfig", "KmsKeyId", "ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "MetricsConfig")


@operation("sagemaker", "CreateEndpointConfig")
def create_endpoint_config(context: Context, request: Request) -> Reply:
    name = request["EndpointConfigName"]
    arn = _arn(context, name)
    if context.world.by_arn(arn) is not None:
        raise validation_error(f'Cannot create already existing endpoint configuration "{arn}".')
    for member in _UNSERVED:
        if member in request:
            raise not_implemented("sagemaker", f"CreateEndpointConfig with {member}")
    if request.get("DataCaptureConfig", {}).get("EnableCapture"):
        raise not_implemented("sagemaker", "CreateEndpointConfig with data capture")
    check_role(request.get("ExecutionRoleArn"))
    variants = [_variant(context, variant) for variant in request["ProductionVariants"]]
    if len({variant["VariantName"] for variant in variants}) < len(variants):
        raise validation_error("The names of an endpoint configuration's production variants must be unique.")
    kept = {key: request[key] for key in (*_SHOWN, "Tags") if key in request}
    context.world.add(KIND, context.region, name, arn, {**kept, "ProductionVariants": variants})
    return {"EndpointConfigArn": arn}


@operation("sagemaker", "DescribeEndpointConfig")
def describe_endpoint_config(context: Context, request: Request) -> Reply:
    """An empty DataCaptureConfig is left out: the SageMaker SDK cannot read one."""
    config = find_config(context, request["EndpointConfigName"])
    shown = {key: config.document.get(key) or None for key in _SHOWN}
    return reply({**_summary(config), "ProductionVariants": config.document["ProductionVariants"], **shown})


@operation("sagemaker", "ListEndpointConfigs")
def list_endpoint_configs(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request)
    return listed(rows, request, "EndpointConfigs", _summary)


@operation("sagemaker", "DeleteEndpointConfig")
def delete_endpoint_config(context: Context, request: Request) -> Reply:
    context.world.move(find_config(context, request["EndpointConfigName"]), "delete")
    return {}


def find_config(context: Context, name: str) -> Resource:
    """Raises ServiceError in AWS's words for a configuration that is not there."""
    arn = _arn(context, name)
    return require(context.world.by_arn(arn), f'Could not find endpoint configuration "{arn}".')


def _arn(context: Context, name: str) -> str:
    return context.arn(f"endpoint-config/{name.lower()}")


def _summary(config: Resource) -> Reply:
    return {
        "EndpointConfigName": config.name,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created,
    }


def _variant(context: Context, variant: dict[str, Any]) -> dict[str, Any]:
    for member in _UNSERVED_OF_VARIANTS:
        if member in variant:
            raise not_implemented("sagemaker", f"CreateEndpointConfig with {member}")
    if "ModelName" not in variant:
        raise not_implemented("sagemaker", "CreateEndpointConfig for inference components")
    for member in ("InstanceType", "InitialInstanceCount"):
        if member not in variant:
            raise validation_error(f"{member} must be given for the production variant {variant['VariantName']}.")
    find_model(context, variant["ModelName"])
    return {"InitialVariantWeight": 1.0, **variant}
