"""What a call would have EC2 launch or start, read before moto answers it.

RunInstances counts by its MaxCount: its reference allows no more than the account's quota. A fleet and an Auto Scaling
group choose among types only while they run, and are not read here.
docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from practice import ACCOUNT_ID
from practice.borrowed.calls import Call
from practice.borrowed.loading import loads
from practice.errors import ServiceError

ON_DEMAND, SPOT = "on_demand", "spot"


@dataclass(frozen=True, slots=True)
class Launch:
    """Instances of one type."""

    instance_type: str
    market: str
    """on_demand or spot."""
    count: int
    zone: str = ""
    """The Availability Zone asked for; empty when AWS chooses."""


def asked(call: Call, operation: str) -> tuple[Launch, ...]:
    """What a call asks for; nothing where it launches nothing that is known of before it runs.

    Raises: ServiceError for a launch template that is not there.
    """
    if call.service != "ec2":
        return ()
    form = call.form
    if operation == "RunInstances":
        said = {**_template(call), **{key: value for key, value in form.items() if value}}
        market = SPOT if form.get("InstanceMarketOptions.MarketType") == "spot" else ON_DEMAND
        kind = said.get("InstanceType", "m1.small")
        return (Launch(kind, market, int(form.get("MaxCount") or 1), _zone(call, form)),)
    if operation == "RequestSpotInstances":
        own = "LaunchSpecification."
        said = {key.removeprefix(own): value for key, value in form.items() if key.startswith(own)}
        kind = said.get("InstanceType", "m1.small")
        return (Launch(kind, SPOT, int(form.get("InstanceCount") or 1), _zone(call, said)),)
    if operation == "StartInstances":
        wanted = {value for key, value in form.items() if key.startswith("InstanceId.")}
        return tuple(
            Launch(row.instance_type, market_of(row), 1)
            for row in instances(call.region)
            if row.id in wanted and row._state.name == "stopped"
        )
    return ()


def instances(region: str) -> list[Any]:
    """Moto's instances of a region, in every state."""
    found: list[Any] = _backend(region).all_instances()
    return found


def market_of(instance: Any) -> str:
    return SPOT if instance.lifecycle == "spot" else ON_DEMAND


def _template(call: Call) -> Mapping[str, Any]:
    """What the launch template that a call names says; nothing where it names none."""
    form, backend = call.form, _backend(call.region)
    told, name = (form.get(f"LaunchTemplate.LaunchTemplate{key}", "") for key in ("Id", "Name"))
    if not told and not name:
        return {}
    found = backend.launch_templates.get(told or backend.launch_template_name_to_ids.get(name))
    if found is None:
        raise ServiceError(
            "InvalidLaunchTemplateId.NotFound" if told else "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template {'ID' if told else 'name'} {told or name}, does not exist.",
        )
    version = form.get("LaunchTemplate.Version") or "$Default"
    known = {"$Latest": found.latest_version(), "$Default": found.default_version()}
    known |= {str(each.number): each for each in found.versions}
    if version not in known:
        raise ServiceError(
            "InvalidLaunchTemplateId.VersionNotFound", f"Could not find the specified version {version} of {found.id}."
        )
    data: Mapping[str, Any] = known[version].data
    return data


def _zone(call: Call, said: Mapping[str, str]) -> str:
    """The zone that a request names, itself or by its subnet."""
    named = said.get("Placement.AvailabilityZone", "")
    subnet = said.get("SubnetId") or said.get("NetworkInterface.1.SubnetId", "")
    if named or not subnet:
        return named
    found: Any = next((each for each in _backend(call.region).describe_subnets() if each.id == subnet), None)
    return str(found.availability_zone) if found is not None else ""


def _backend(region: str) -> Any:
    return _backends()[ACCOUNT_ID][region]


@loads
def _backends() -> Any:
    """Moto's EC2: account → region → what is there."""
    from moto.ec2.models import ec2_backends

    return ec2_backends
