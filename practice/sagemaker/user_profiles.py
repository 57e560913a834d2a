"""User profiles of a Studio domain: a person's place in it."""

from practice.errors import ServiceError
from practice.lifecycles import register
from practice.listing import listed, reply
from practice.operations import Context, Reply, Request, operation
from practice.sagemaker import domains
from practice.world import Resource

KIND = "studio-user-profile"
NAME = "UserProfileName"

register(domains.lifecycle(KIND))
domains.MEMBERS.append(KIND)

_SETTINGS = ("SingleSignOnUserIdentifier", "SingleSignOnUserValue", "UserSettings")
_KEPT = ("DomainId", "UserProfileName", "Tags", *_SETTINGS)


@operation("sagemaker", "CreateUserProfile")
def create_user_profile(context: Context, request: Request) -> Reply:
    domain, user = domains.working_domain(context, request["DomainId"]), request["UserProfileName"]
    name = f"{domain.name}/{user}"
    domains.free_name(context, KIND, name)
    arn = context.arn(f"user-profile/{domain.name}/{user.lower()}")
    context.world.add(KIND, context.region, name, arn, {key: request[key] for key in _KEPT if key in request})
    return {"UserProfileArn": arn}


@operation("sagemaker", "DescribeUserProfile")
def describe_user_profile(context: Context, request: Request) -> Reply:
    profile = find_profile(context, request["DomainId"], request["UserProfileName"])
    shown = {key: profile.document.get(key) for key in _SETTINGS}
    return reply({**_summary(profile), "UserProfileArn": profile.arn, **shown})


@operation("sagemaker", "ListUserProfiles")
def list_user_profiles(context: Context, request: Request) -> Reply:
    return listed(domains.choose(context, request, KIND, NAME), request, "UserProfiles", _summary)


@operation("sagemaker", "DeleteUserProfile")
def delete_user_profile(context: Context, request: Request) -> Reply:
    profile = find_profile(context, request["DomainId"], request["UserProfileName"])
    for kind in ("studio-space", "studio-app"):
        for row in domains.members(context, kind, request["DomainId"]):
            if row.document.get("UserProfileName") == request["UserProfileName"] and row.state != "Deleted":
                raise ServiceError("ResourceInUse", f"Unable to delete UserProfile [{profile.name}]: it has a {kind}.")
    context.world.move(profile, "delete")
    return {}


def find_profile(context: Context, domain: str, user: str) -> Resource:
    """Raises ServiceError ResourceNotFound."""
    domains.find_domain(context, domain)
    return domains.found(context, KIND, f"{domain}/{user}", f"UserProfile [{user}] does not exist.")


def _summary(profile: Resource) -> Reply:
    return domains.named(profile, NAME)
