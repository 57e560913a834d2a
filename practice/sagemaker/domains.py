"""Studio domains: where user profiles, spaces and apps belong. A domain itself runs nothing and bills nothing here."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from practice.errors import ServiceError
from practice.lifecycles import GONE, Lifecycle, Transition, register
from practice.listing import listed, reply, select
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker.models import check_role
from practice.world import Resource

KIND = "studio-domain"
CREATE_SECONDS = 10
DELETE_SECONDS = 5


def lifecycle(kind: str, bills: Mapping[str, tuple[str, ...]] = MappingProxyType({})) -> Lifecycle:
    """How a domain lives, and what is in it."""
    return Lifecycle(
        kind,
        (
            Transition("Pending", "created", "InService", after_seconds=CREATE_SECONDS),
            Transition("InService", "delete", "Deleting"),
            Transition("Deleting", "deleted", GONE, after_seconds=DELETE_SECONDS),
        ),
        bills=bills,
    )


register(lifecycle(KIND))

MEMBERS: list[str] = []
"""The kinds that live in a domain; each enters itself, at import. Their names begin with the domain's id."""

_KEPT = (
    "AuthMode",
    "DefaultUserSettings",
    "DefaultSpaceSettings",
    "DomainSettings",
    "AppNetworkAccessType",
    "SubnetIds",
    "VpcId",
    "KmsKeyId",
    "HomeEfsFileSystemKmsKeyId",
    "AppSecurityGroupManagement",
    "HomeEfsFileSystemCreation",
    "TagPropagation",
)


@operation("sagemaker", "CreateDomain")
def create_domain(context: Context, request: Request) -> Reply:
    check_role(request["DefaultUserSettings"].get("ExecutionRole"))
    identity = f"d-{secrets.token_hex(6)}"
    arn = context.arn(f"domain/{identity}")
    document = {key: request[key] for key in ("DomainName", "Tags", *_KEPT) if key in request}
    document.setdefault("AppNetworkAccessType", "PublicInternetOnly")
    context.world.add(KIND, context.region, identity, arn, document)
    return {"DomainArn": arn, "DomainId": identity, "Url": _url(context, identity)}


@operation("sagemaker", "DescribeDomain")
def describe_domain(context: Context, request: Request) -> Reply:
    domain = find_domain(context, request["DomainId"])
    return reply({**_summary(context, domain), **{key: domain.document.get(key) for key in _KEPT}})


@operation("sagemaker", "ListDomains")
def list_domains(context: Context, request: Request) -> Reply:
    rows = select(context.world.all(KIND, context.region), request)
    return listed(rows, request, "Domains", lambda domain: _summary(context, domain))


@operation("sagemaker", "DeleteDomain")
def delete_domain(context: Context, request: Request) -> Reply:
    domain = find_domain(context, request["DomainId"])
    for kind in MEMBERS:
        if members(context, kind, domain.name):
            raise ServiceError("ResourceInUse", f"Unable to delete Domain [{domain.name}]: it still has a {kind}.")
    context.world.move(domain, "delete")
    return {}


def find_domain(context: Context, identity: str) -> Resource:
    """Raises ServiceError ResourceNotFound."""
    return found(context, KIND, identity, f"Domain [{identity}] does not exist.")


def working_domain(context: Context, identity: str) -> Resource:
    """One that something can be made in. Raises ServiceError: ResourceNotFound, ResourceInUse."""
    return in_service(find_domain(context, identity))


def found(context: Context, kind: str, name: str, message: str) -> Resource:
    """Raises ServiceError ResourceNotFound with the message."""
    resource = context.world.get(kind, context.region, name)
    if resource is None:
        raise ServiceError("ResourceNotFound", message)
    return resource


def in_service(resource: Resource) -> Resource:
    """Raises ServiceError ResourceInUse for one that is on its way."""
    if resource.state != "InService":
        message = f"{resource.kind} [{resource.name}] must be InService; its status is {resource.state}."
        raise ServiceError("ResourceInUse", message)
    return resource


def free_name(context: Context, kind: str, name: str) -> None:
    """Raises ServiceError ResourceInUse for a name that is taken."""
    if context.world.get(kind, context.region, name) is not None:
        raise ServiceError("ResourceInUse", f"{kind} [{name}] already exists.")


def members(context: Context, kind: str, domain: str) -> list[Resource]:
    """What a domain holds of a kind."""
    return [row for row in context.world.all(kind, context.region) if row.document["DomainId"] == domain]


def named(row: Resource, member: str) -> Reply:
    """What a description and a listing both say of something that lives in a domain; `member` holds its name."""
    return {
        "DomainId": row.document["DomainId"],
        member: row.document[member],
        "Status": row.state,
        "CreationTime": row.created,
        "LastModifiedTime": row.modified,
    }


def choose(context: Context, request: Request, kind: str, member: str) -> list[Resource]:
    """Those of a kind that a List request asks for, by domain and by a part of their names, in its order."""
    wanted, part = request.get("DomainIdEquals"), request.get(f"{member}Contains", "").lower()
    return [
        row
        for row in select(context.world.all(kind, context.region), request, sort_order="Ascending")
        if wanted in (None, row.document["DomainId"]) and part in row.document[member].lower()
    ]


def _url(context: Context, identity: str) -> str:
    return f"https://{identity}.studio.{context.region}.sagemaker.aws"


def _summary(context: Context, domain: Resource) -> Reply:
    return {
        "DomainArn": domain.arn,
        "DomainId": domain.name,
        "DomainName": domain.document["DomainName"],
        "Status": domain.state,
        "CreationTime": domain.created,
        "LastModifiedTime": domain.modified,
        "Url": _url(context, domain.name),
    }
