"""Studio apps: an instance that runs a JupyterLab, a Code Editor or a kernel until somebody deletes it.

No process stands behind one here: it has its state, its quota and its bill. A deleted app is listed for another day, as
on AWS, and its name may be used again at once.
"""

from collections.abc import Iterator
from typing import Any

from practice.errors import ServiceError, not_implemented, validation_error
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import listed, reply, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker import domains, spaces, user_profiles
from practice.sagemaker.limits import USES, Use, check_instance_quota
from practice.world import Resource

KIND = "studio-app"
START_SECONDS = 10
DELETE_SECONDS = 5
LISTED_SECONDS = 24 * 3600
"""docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteApp.html does not say; Deleted apps stay for a day."""

FREE = "system"
"""The instance of a JupyterServer, which AWS does not bill."""
DEFAULT_TYPE = "ml.t3.medium"
QUOTAS = {
    "JupyterLab": "studio_jupyterlab",
    "CodeEditor": "studio_code_editor",
    "KernelGateway": "studio_kernel_gateway",
}
"""App type → the usage that its quota counts. A JupyterServer counts in none."""
IN_SPACES = ("JupyterLab", "CodeEditor")
_UNSERVED = ("Canvas", "DetailedProfiler", "TensorBoard", "RStudioServerPro", "RSessionGateway")


def _uses(app: Resource) -> Iterator[Use]:
    usage = QUOTAS.get(app.document["AppType"])
    if usage is not None and app.state in ("Pending", "InService", "Deleting"):
        yield Use(usage, app.document["ResourceSpec"]["InstanceType"], 1)


USES[KIND] = _uses

register(
    Lifecycle(
        KIND,
        (
            Transition("Pending", "started", "InService", after_seconds=START_SECONDS),
            Transition("Pending", "delete", "Deleting"),
            Transition("InService", "delete", "Deleting"),
            Transition("Deleting", "deleted", "Deleted", after_seconds=DELETE_SECONDS),
            Transition("Deleted", "forget", GONE, after_seconds=LISTED_SECONDS),
        ),
        bills={"InService": ("instance",)},
    )
)
domains.MEMBERS.append(KIND)


@operation("sagemaker", "CreateApp")
def create_app(context: Context, request: Request) -> Reply:
    kind = request["AppType"]
    if kind in _UNSERVED:
        raise not_implemented("sagemaker", f"CreateApp with AppType {kind}")
    domains.working_domain(context, request["DomainId"])
    document = {**_place(context, request), "AppType": kind, "AppName": request["AppName"]}
    spec = {"InstanceType": FREE if kind == "JupyterServer" else DEFAULT_TYPE, **request.get("ResourceSpec", {})}
    name = _name(request)
    before = context.world.get(KIND, context.region, name)
    if before is not None and before.state != "Deleted":
        raise ServiceError("ResourceInUse", f"App [{request['AppName']}] already exists.")
    if kind in QUOTAS:
        check_instance_quota(context, QUOTAS[kind], spec["InstanceType"], 1)
    if before is not None:
        context.world.move(before, "forget")
    optional: dict[str, Any] = {key: request[key] for key in ("Tags", "RecoveryMode") if key in request}
    document = {**document, "ResourceSpec": spec, **optional}
    domain, owner, _, app = name.split("/")
    arn = context.arn(f"app/{domain}/{owner}/{kind.lower()}/{app}")
    context.world.add(KIND, context.region, name, arn, document)
    return {"AppArn": arn}


@operation("sagemaker", "DescribeApp")
def describe_app(context: Context, request: Request) -> Reply:
    """Nobody can sign in to an app here, so its last activity is that of whoever made it."""
    app = _find(context, request)
    seen = app.created if app.state == "InService" else None
    shown = {"RecoveryMode": app.document.get("RecoveryMode"), "LastUserActivityTimestamp": seen}
    return reply({**_summary(app), "AppArn": app.arn, **shown})


@operation("sagemaker", "ListApps")
def list_apps(context: Context, request: Request) -> Reply:
    filters = {"DomainIdEquals": "DomainId", "UserProfileNameEquals": "UserProfileName", "SpaceNameEquals": "SpaceName"}
    rows = [
        row
        for row in select(context.world.all(KIND, context.region), request, sort_order="Ascending")
        if all(row.document.get(member) == request[key] for key, member in filters.items() if key in request)
    ]
    return listed(rows, request, "Apps", _summary)


@operation("sagemaker", "DeleteApp")
def delete_app(context: Context, request: Request) -> Reply:
    app = _find(context, request)
    if app.state == "Deleted":
        raise ServiceError("ResourceNotFound", f"App [{request['AppName']}] does not exist.")
    context.world.move(app, "delete")
    return {}


def _place(context: Context, request: Request) -> Reply:
    """Whose it is: a user profile or a space that stands."""
    domain, user, space = request["DomainId"], request.get("UserProfileName"), request.get("SpaceName")
    _check_owner(request)
    if space is not None:
        domains.in_service(spaces.find_space(context, domain, space))
        return {"DomainId": domain, "SpaceName": space}
    if request["AppType"] in IN_SPACES:
        raise validation_error(f"An app of type {request['AppType']} must be created in a space.")
    domains.in_service(user_profiles.find_profile(context, domain, str(user)))
    return {"DomainId": domain, "UserProfileName": user}


def _check_owner(request: Request) -> None:
    if ("UserProfileName" in request) == ("SpaceName" in request):
        raise validation_error("Exactly one of UserProfileName and SpaceName must be given.")


def _name(request: Request) -> str:
    _check_owner(request)
    owner = request.get("SpaceName") or request["UserProfileName"]
    return f"{request['DomainId']}/{owner}/{request['AppType']}/{request['AppName']}"


def _find(context: Context, request: Request) -> Resource:
    return domains.found(context, KIND, _name(request), f"App [{request['AppName']}] does not exist.")


def _summary(app: Resource) -> Reply:
    shown = ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName", "ResourceSpec")
    return reply({**{key: app.document.get(key) for key in shown}, "Status": app.state, "CreationTime": app.created})
