"""Plans for endpoints: deploy a model, stop (delete) and restore, delete for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services import limits, planning, rates, schedules
from services.endpoints import COMPONENT, Endpoint, Restorable, parts_of
from services.planning import Surroundings
from services.plans import Act, Call, Effect, Plan, check_name, new_intent

VARIANT = "AllTraffic"
"""What AWS's own SDK calls the only variant."""


@dataclass(frozen=True, slots=True)
class EndpointWish:
    """What a user asks for when deploying a model."""

    name: str
    region: str
    instance_type: str
    instance_count: int
    role_arn: str
    image: str
    model_uri: str
    """s3:// URI of a `model.tar.gz`."""
    environment: Mapping[str, str] = field(default_factory=dict)
    auto_stop_hours: float | None = 8.0
    scheduler_role_arn: str = ""
    example: str = ""
    """The shipped example whose model it is, if it is one's."""


def plan_launch(wish: EndpointWish, surroundings: Surroundings, intent: str = "") -> Plan:
    """Model, configuration and endpoint, all under the endpoint's name, and the auto-stop that deletes the endpoint."""
    intent = intent or new_intent()
    marks = planning.marks(intent, surroundings, wish.example)
    stops_at = planning.stop_time(surroundings.now, wish.auto_stop_hours)
    arn = endpoint_arn(wish.region, surroundings.account_id, wish.name)
    parts = rates.known(rates.instance_part(wish.region, wish.instance_type, COMPONENT, wish.instance_count))
    plan = Plan(
        act=Act.LAUNCH,
        kind="endpoint",
        name=wish.name,
        region=wish.region,
        calls=(
            Call("sagemaker", "create_model", {**_model(wish), **planning.vpc_config(surroundings), "Tags": marks}),
            Call("sagemaker", "create_endpoint_config", {**_config(wish, surroundings), "Tags": marks}),
            _create_call(wish.name, marks),
            *planning.guard_calls("endpoint", wish.name, arn, stops_at, wish.scheduler_role_arn, intent),
        ),
        effect=planning.launch_effect(parts, wish.auto_stop_hours),
        checks=(
            *check_name(wish.name),
            *planning.check_type(wish.region, wish.instance_type, COMPONENT, surroundings),
            *planning.check_volume_key(surroundings, wish.instance_type),
            *planning.check_auto_stop(wish.auto_stop_hours),
        ),
        quota=surroundings.quota,
        prices=parts,
        stops_at=stops_at,
        intent=intent,
    )
    return planning.within(plan, surroundings)


def plan_restore(
    restorable: Restorable, surroundings: Surroundings, auto_stop_hours: float | None, scheduler_role_arn: str
) -> Plan:
    """Make an endpoint again from the configuration that stopping it left, guarded anew."""
    intent = new_intent()
    name, region = restorable.name, restorable.region
    arn = endpoint_arn(region, surroundings.account_id, name)
    stops_at = planning.stop_time(surroundings.now, auto_stop_hours)
    parts = parts_of(region, restorable.variants)
    plan = Plan(
        act=Act.START,
        kind="endpoint",
        name=name,
        region=region,
        calls=(
            _create_call(name, planning.marks(intent, surroundings)),
            *planning.guard_calls("endpoint", name, arn, stops_at, scheduler_role_arn, intent),
        ),
        effect=planning.launch_effect(parts, auto_stop_hours),
        checks=(
            *(
                check
                for variant in restorable.variants
                for check in planning.check_type(region, variant.instance_type, COMPONENT, surroundings)
            ),
            *limits.check_types((each.instance_type for each in restorable.variants), surroundings.profile),
            *planning.check_auto_stop(auto_stop_hours),
        ),
        quota=surroundings.quota,
        prices=parts,
        stops_at=stops_at,
        intent=intent,
    )
    return planning.within(plan, surroundings)


def plan_stop(endpoint: Endpoint) -> Plan:
    """An endpoint cannot be paused: stopping deletes it. Its configuration and model stay, free of charge."""
    return Plan(
        act=Act.STOP,
        kind="endpoint",
        name=endpoint.name,
        region=endpoint.region,
        calls=(
            Call("sagemaker", "delete_endpoint", {"EndpointName": endpoint.name}),
            schedules.remove_guard_call(endpoint.arn),
        ),
        effect=Effect(
            saves_usd_per_hour=rates.total(endpoint.parts()),
            keeps=("endpoint_config", "model"),
            loses=("endpoint_url",),
        ),
    )


def plan_delete(restorable: Restorable) -> Plan:
    """Delete what a stopped endpoint left: afterwards it cannot be restored. The model's file in S3 stays."""
    models = tuple(
        Call("sagemaker", "delete_model", {"ModelName": variant.model})
        for variant in restorable.variants
        if variant.model
    )
    return Plan(
        act=Act.DELETE,
        kind="endpoint",
        name=restorable.name,
        region=restorable.region,
        calls=(Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": restorable.name}), *models),
        effect=Effect(keeps=("model_file",), loses=("endpoint_config",)),
    )


def endpoint_arn(region: str, account_id: str, name: str) -> str:
    """SageMaker writes the name in lower case."""
    return f"arn:aws:sagemaker:{region}:{account_id}:endpoint/{name.lower()}"


def _create_call(name: str, marks: list[dict[str, str]]) -> Call:
    request = {"EndpointName": name, "EndpointConfigName": name, "Tags": marks}
    return Call("sagemaker", "create_endpoint", request)


def _model(wish: EndpointWish) -> dict[str, Any]:
    container = {"Image": wish.image, "ModelDataUrl": wish.model_uri, "Environment": dict(wish.environment)}
    return {"ModelName": wish.name, "ExecutionRoleArn": wish.role_arn, "PrimaryContainer": container}


def _config(wish: EndpointWish, surroundings: Surroundings) -> dict[str, Any]:
    variant = {
        "VariantName": VARIANT,
        "ModelName": wish.name,
        "InstanceType": wish.instance_type,
        "InitialInstanceCount": wish.instance_count,
        "InitialVariantWeight": 1.0,
    }
    key = planning.volume_key(surroundings, wish.instance_type)
    return {"EndpointConfigName": wish.name, "ProductionVariants": [variant], **({"KmsKeyId": key} if key else {})}
