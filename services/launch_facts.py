"""What AWS says of a launch profile before the click: its roles, bucket, network and key.

A refusal is for what would surely fail, a warning for what one may not see from here. Asked side by side; each fails
alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from services.cloud import Cloud
from services.errors import CODES, DeckError, NotFound, translated
from services.plans import Check, Severity
from services.profiles import LaunchProfile

WORKERS = 8

ENDPOINTS = ("sagemaker.api", "sagemaker.runtime", "s3", "sts", "logs", "ecr.api", "ecr.dkr")
"""Without a way to the internet, SageMaker's hosts reach AWS through these VPC endpoints alone
(docs.aws.amazon.com/sagemaker/latest/dg/interface-vpc-endpoint.html, train-vpc.html)."""

_workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="launch-facts")

Checks = tuple[Check, ...]


def gather(cloud: Cloud, profile: LaunchProfile) -> Checks:
    """Everything that speaks against launching with this profile here. Never raises DeckError: it is among them."""
    asks: list[tuple[str, Callable[[], Checks]]] = [
        (profile.execution_role, lambda: check_role(cloud, profile.execution_role, "sagemaker.amazonaws.com")),
        (profile.scheduler_role, lambda: check_role(cloud, profile.scheduler_role, "scheduler.amazonaws.com")),
        ("iam:PassRole", lambda: check_pass_role(cloud, profile)),
        (profile.bucket, lambda: check_bucket(cloud, profile)),
    ]
    if profile.subnets:
        asks.append(("VPC", lambda: check_network(cloud, profile)))
    if profile.kms_key:
        asks.append((profile.kms_key, lambda: check_key(cloud, profile.kms_key)))
    asked = [(what, _workers.submit(ask)) for what, ask in asks]
    found: list[Check] = []
    for what, answer in asked:
        try:
            found.extend(answer.result())
        except DeckError as error:
            found.append(_unseen(what, error))
    return tuple(found)


def check_role(cloud: Cloud, arn: str, service: str) -> Checks:
    """The role is there, and the service may assume it. Raises: DeckError when one may not look."""
    try:
        with translated(arn):
            role = cloud.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except NotFound:
        return (_refusal("role_missing", role=arn),)
    trusted = trusts(role["AssumeRolePolicyDocument"], service)
    return () if trusted else (_refusal("role_untrusting", role=arn, service=service),)


def trusts(document: Mapping[str, Any], service: str) -> bool:
    """Whether a trust policy lets the service assume its role; conditions are taken as met."""
    return any(
        statement.get("Effect") == "Allow"
        and "sts:AssumeRole" in _listed(statement.get("Action", ()))
        and service in _listed(_principal(statement).get("Service", ()))
        for statement in _listed(document.get("Statement", ()))
    )


def check_pass_role(cloud: Cloud, profile: LaunchProfile) -> Checks:
    """Whether the caller may hand the two roles to their services. Raises: DeckError when one may not ask."""
    caller = _caller(cloud)
    if caller is None:
        return ()
    wanted = ((profile.execution_role, "sagemaker.amazonaws.com"), (profile.scheduler_role, "scheduler.amazonaws.com"))
    return tuple(
        _refusal("pass_role_denied", role=role, caller=caller)
        for role, service in wanted
        if _simulated(cloud, caller, role, service) != "allowed"
    )


def _simulated(cloud: Cloud, caller: str, role: str, service: str) -> str:
    with translated("iam:PassRole"):
        answer = cloud.client("iam").simulate_principal_policy(
            PolicySourceArn=caller,
            ActionNames=["iam:PassRole"],
            ResourceArns=[role],
            ContextEntries=[
                {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [service], "ContextKeyType": "string"}
            ],
        )
    return str(answer["EvaluationResults"][0]["EvalDecision"])


def _caller(cloud: Cloud) -> str | None:
    """The user or role behind the caller, as IAM names it; None for the root user, whom nothing is denied."""
    arn = cloud.account.arn
    session = re.fullmatch(r"(arn:[a-z-]+):sts::\d+:assumed-role/([^/]+)/.+", arn)
    if session is None:
        return None if arn.endswith(":root") else arn
    # A session's ARN leaves the path of its role out.
    with translated(session[2]):
        return str(cloud.client("iam").get_role(RoleName=session[2])["Role"]["Arn"])


def check_bucket(cloud: Cloud, profile: LaunchProfile) -> Checks:
    """The bucket is there, ours, and in the region of the launch. Raises: DeckError when one may not look."""
    try:
        with translated(profile.bucket):
            # GetBucketLocation would say the same, but botocore breaks on its replies that are no XML.
            region = cloud.client("s3").head_bucket(Bucket=profile.bucket).get("BucketRegion")
    except NotFound:
        return () if profile.makes_bucket else (_refusal("bucket_missing", bucket=profile.bucket),)
    if region in (None, cloud.region):
        return ()
    return (_refusal("bucket_elsewhere", bucket=profile.bucket, region=region, wanted=cloud.region),)


def check_network(cloud: Cloud, profile: LaunchProfile) -> Checks:
    """Subnets and security groups are there and of one VPC, which has what hosts without internet need.

    Raises: DeckError when one may not look.
    """
    ec2 = cloud.client("ec2")
    vpcs: set[str] = set()
    try:
        with translated(", ".join(profile.subnets)):
            vpcs |= {row["VpcId"] for row in ec2.describe_subnets(SubnetIds=[*profile.subnets])["Subnets"]}
        with translated(", ".join(profile.security_groups)):
            groups = ec2.describe_security_groups(GroupIds=[*profile.security_groups])["SecurityGroups"]
            vpcs |= {row["VpcId"] for row in groups}
    except NotFound as error:
        return (_refusal("network_missing", what=error.resource),)
    if len(vpcs) != 1:
        return (_refusal("several_vpcs", vpcs=", ".join(sorted(vpcs))),)
    return () if profile.internet_access else _check_endpoints(cloud, vpcs.pop())


def _check_endpoints(cloud: Cloud, vpc: str) -> Checks:
    with translated(vpc):
        pages = (
            cloud.client("ec2")
            .get_paginator("describe_vpc_endpoints")
            .paginate(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
        )
        has = {row["ServiceName"] for page in pages for row in page["VpcEndpoints"]}
    missing = [name for name in ENDPOINTS if f"com.amazonaws.{cloud.region}.{name}" not in has]
    return (Check(Severity.WARNING, "endpoints_missing", {"vpc": vpc, "names": ", ".join(missing)}),) if missing else ()


def check_key(cloud: Cloud, key: str) -> Checks:
    """The key is there and enabled. Raises: DeckError when one may not look."""
    try:
        with translated(key):
            state = cloud.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    except NotFound:
        return (_refusal("key_missing", key=key),)
    return () if state == "Enabled" else (_refusal("key_unusable", key=key, state=state),)


def _refusal(code: str, **values: str) -> Check:
    return Check(Severity.REFUSAL, code, values)


def _unseen(what: str, error: DeckError) -> Check:
    """AWS's code where it has one of ours; its own sentence tells a reader no more."""
    return Check(
        Severity.WARNING, "not_seen", {"what": what, "why": error.code if error.code in CODES else type(error).__name__}
    )


def _principal(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    principal = statement.get("Principal", {})
    return principal if isinstance(principal, Mapping) else {}


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else (value,)
