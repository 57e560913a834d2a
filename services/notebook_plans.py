"""Plans for notebook instances: launch, start, stop, resize, delete."""

from dataclasses import dataclass, replace
from typing import Any

from services import limits, planning, rates, schedules
from services.notebooks import COMPONENT, Notebook, notebook_arn
from services.planning import Surroundings
from services.plans import Act, Call, Check, Effect, Plan, Severity, check_name, new_intent
from services.profiles import LaunchProfile

MIN_VOLUME_GIB, MAX_VOLUME_GIB = 5, 16384
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateNotebookInstance.html"""


@dataclass(frozen=True, slots=True)
class NotebookWish:
    """What a user asks for in the launch form."""

    name: str
    region: str
    instance_type: str
    volume_gib: int
    role_arn: str
    auto_stop_hours: float | None = 8.0
    scheduler_role_arn: str = ""
    lifecycle_config: str = ""
    repository: str = ""


def plan_launch(wish: NotebookWish, surroundings: Surroundings, intent: str = "") -> Plan:
    """What launching does: the requests, what they bill, whether quota and region allow it, and when it stops."""
    intent = intent or new_intent()
    arn = notebook_arn(wish.region, surroundings.account_id, wish.name)
    stops_at = planning.stop_time(surroundings.now, wish.auto_stop_hours)
    parts = rates.known(
        rates.instance_part(wish.region, wish.instance_type, COMPONENT),
        rates.storage_part(wish.region, wish.volume_gib),
    )
    plan = Plan(
        act=Act.LAUNCH,
        kind="notebook",
        name=wish.name,
        region=wish.region,
        calls=(
            Call("sagemaker", "create_notebook_instance", _create_request(wish, intent, surroundings)),
            *planning.guard_calls("notebook", wish.name, arn, stops_at, wish.scheduler_role_arn, intent),
        ),
        effect=planning.launch_effect(parts, wish.auto_stop_hours, stays=("storage",)),
        checks=(
            *check_name(wish.name),
            *_check_volume(wish.volume_gib),
            *planning.check_type(wish.region, wish.instance_type, COMPONENT, surroundings),
            *planning.check_auto_stop(wish.auto_stop_hours),
        ),
        quota=surroundings.quota,
        prices=parts,
        stops_at=stops_at,
        intent=intent,
    )
    return planning.within(plan, surroundings)


def plan_start(
    notebook: Notebook, surroundings: Surroundings, auto_stop_hours: float | None, scheduler_role_arn: str
) -> Plan:
    """Start a stopped notebook, guarded anew."""
    intent = new_intent()
    stops_at = planning.stop_time(surroundings.now, auto_stop_hours)
    plan = Plan(
        act=Act.START,
        kind="notebook",
        name=notebook.name,
        region=notebook.region,
        calls=(
            # Guarded before it starts: a crash in between leaves nothing running that nobody stops.
            *planning.guard_calls("notebook", notebook.name, notebook.arn, stops_at, scheduler_role_arn, intent),
            Call("sagemaker", "start_notebook_instance", {"NotebookInstanceName": notebook.name}),
        ),
        effect=planning.launch_effect(notebook.parts(), auto_stop_hours, stays=("storage",)),
        checks=(
            *planning.check_type(notebook.region, notebook.instance_type, COMPONENT, surroundings),
            *limits.check_types((notebook.instance_type,), surroundings.profile),
            *planning.check_auto_stop(auto_stop_hours),
        ),
        quota=surroundings.quota,
        prices=notebook.parts(),
        stops_at=stops_at,
        intent=intent,
    )
    return planning.within(plan, surroundings)


def plan_stop(notebook: Notebook) -> Plan:
    """What stopping saves per hour, what goes on billing, and what is lost."""
    return Plan(
        act=Act.STOP,
        kind="notebook",
        name=notebook.name,
        region=notebook.region,
        calls=(
            Call("sagemaker", "stop_notebook_instance", {"NotebookInstanceName": notebook.name}),
            schedules.remove_guard_call(notebook.arn),
        ),
        effect=Effect(
            saves_usd_per_hour=rates.total_of(notebook.parts(), "instance"),
            goes_on_usd_per_hour=rates.total_of(notebook.parts(), "storage"),
            keeps=("home_folder",),
            loses=("running_kernels",),
        ),
    )


def plan_resize(notebook: Notebook, instance_type: str, volume_gib: int, surroundings: Surroundings) -> Plan:
    """Give a stopped notebook another instance type or a larger volume; it bills the difference once it is started."""
    request = {"NotebookInstanceName": notebook.name, "InstanceType": instance_type, "VolumeSizeInGB": volume_gib}
    parts = rates.known(
        rates.instance_part(notebook.region, instance_type, COMPONENT), rates.storage_part(notebook.region, volume_gib)
    )
    shrinks = notebook.volume_gib is not None and volume_gib < notebook.volume_gib
    plan = Plan(
        act=Act.RESIZE,
        kind="notebook",
        name=notebook.name,
        region=notebook.region,
        calls=(Call("sagemaker", "update_notebook_instance", request),),
        effect=Effect(
            adds_usd_per_hour=rates.total(parts),
            goes_on_usd_per_hour=rates.total_of(parts, "storage"),
            keeps=("home_folder",),
        ),
        checks=(
            *((Check(Severity.REFUSAL, "volume_shrinks", {"volume_gib": notebook.volume_gib}),) if shrinks else ()),
            *_check_volume(volume_gib),
            *planning.check_type(notebook.region, instance_type, COMPONENT, surroundings),
        ),
        quota=surroundings.quota,
        prices=parts,
    )
    # What the profile's roles and bucket lack is no hindrance here.
    return planning.within(plan, replace(surroundings, facts=()))


def plan_delete(notebook: Notebook) -> Plan:
    """What deleting saves and what is lost for good."""
    return Plan(
        act=Act.DELETE,
        kind="notebook",
        name=notebook.name,
        region=notebook.region,
        calls=(
            Call("sagemaker", "delete_notebook_instance", {"NotebookInstanceName": notebook.name}),
            schedules.remove_guard_call(notebook.arn),
        ),
        effect=Effect(saves_usd_per_hour=notebook.burn, loses=("home_folder",)),
    )


def _create_request(wish: NotebookWish, intent: str, surroundings: Surroundings) -> dict[str, Any]:
    optional = {"LifecycleConfigName": wish.lifecycle_config, "DefaultCodeRepository": wish.repository}
    return {
        "NotebookInstanceName": wish.name,
        "InstanceType": wish.instance_type,
        "RoleArn": wish.role_arn,
        "VolumeSizeInGB": wish.volume_gib,
        **{key: value for key, value in optional.items() if value},
        **_placement(surroundings.profile),
        "Tags": planning.marks(intent, surroundings),
    }


def _placement(profile: LaunchProfile | None) -> dict[str, Any]:
    """Network, key and root as the profile has them; a notebook instance lives in one subnet."""
    if profile is None:
        return {}
    members = {
        "SubnetId": next(iter(profile.subnets), ""),
        "SecurityGroupIds": [*profile.security_groups],
        "KmsKeyId": profile.kms_key,
        "DirectInternetAccess": "" if profile.internet_access else "Disabled",
        "RootAccess": "" if profile.root_access else "Disabled",
    }
    return {key: value for key, value in members.items() if value}


def _check_volume(volume_gib: int) -> tuple[Check, ...]:
    if MIN_VOLUME_GIB <= volume_gib <= MAX_VOLUME_GIB:
        return ()
    return (Check(Severity.REFUSAL, "volume_size", {"least": MIN_VOLUME_GIB, "most": MAX_VOLUME_GIB}),)
