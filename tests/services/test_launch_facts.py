"""What is wrong with a launch profile is found before the click: each part alone, against the account itself."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from services.cloud import Account, AccountKind, Cloud
from services.errors import AccessDenied
from services.launch_facts import (
    ENDPOINTS,
    check_bucket,
    check_key,
    check_network,
    check_pass_role,
    check_role,
    gather,
    trusts,
)
from services.plans import Severity
from services.profiles import LaunchProfile
from tests.support import servers
from tests.support.deck_wishes import ACCOUNT_ID
from tests.support.practice_account import REGION
from tests.support.practice_account import Account as Practice

SAGEMAKER, SCHEDULER = "sagemaker.amazonaws.com", "scheduler.amazonaws.com"


def trust(*services: str, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": [*services]}, "Action": "sts:AssumeRole", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture(scope="module")
def profile(shared_practice: Practice) -> LaunchProfile:
    """One under which everything could be launched: roles, bucket, network with its endpoints, and key are there."""
    iam, ec2 = shared_practice.client("iam"), shared_practice.client("ec2")
    roles = {}
    for name, service in (("facts-execution", SAGEMAKER), ("facts-scheduler", SCHEDULER)):
        made = iam.create_role(RoleName=name, Path="/ml/", AssumeRolePolicyDocument=json.dumps(trust(service)))
        roles[name] = made["Role"]["Arn"]
    bucket = "facts-bucket"
    where = {"LocationConstraint": REGION}
    shared_practice.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    group = ec2.create_security_group(GroupName="facts", Description="facts", VpcId=vpc)["GroupId"]
    for name in ENDPOINTS:
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.{name}")
    key = shared_practice.client("kms").create_key()["KeyMetadata"]["Arn"]
    return LaunchProfile(
        roles["facts-execution"],
        roles["facts-scheduler"],
        bucket,
        subnets=tuple(subnets),
        security_groups=(group,),
        kms_key=key,
        internet_access=False,
    )


def codes(checks: Any) -> list[tuple[Severity, str]]:
    return [(check.severity, check.code) for check in checks]


def test_nothing_speaks_against_a_profile_that_is_whole(shared_cloud: Cloud, profile: LaunchProfile) -> None:
    found = gather(shared_cloud, profile)
    assert [check for check in found if check.values.get("what") != "iam:PassRole"] == []


def test_a_role_that_is_not_there_or_trusts_somebody_else(shared_cloud: Cloud, profile: LaunchProfile) -> None:
    assert codes(check_role(shared_cloud, profile.execution_role, SCHEDULER)) == [(Severity.REFUSAL, "role_untrusting")]
    missing = check_role(shared_cloud, f"arn:aws:iam::{ACCOUNT_ID}:role/nobody", SAGEMAKER)
    assert codes(missing) == [(Severity.REFUSAL, "role_missing")]


@pytest.mark.parametrize(
    ("document", "trusted"),
    [
        (trust(SAGEMAKER), True),
        (trust(SCHEDULER, SAGEMAKER), True),
        (trust(SCHEDULER), False),
        (trust(SAGEMAKER, Effect="Deny"), False),
        (trust(SAGEMAKER, Action=["sts:AssumeRole", "sts:TagSession"]), True),
        (trust(SAGEMAKER, Action="sts:TagSession"), False),
        (trust(Principal={"AWS": "*"}), False),
        (trust(Principal="*"), False),
        ({"Statement": trust(SAGEMAKER)["Statement"][0]}, True),
        ({}, False),
    ],
)
def test_whom_a_trust_policy_lets_in(document: dict[str, Any], trusted: bool) -> None:
    assert trusts(document, SAGEMAKER) is trusted


def test_a_bucket_that_is_missing_or_in_another_region(shared_cloud: Cloud, profile: LaunchProfile) -> None:
    missing = replace(profile, bucket="facts-no-such-bucket")
    assert codes(check_bucket(shared_cloud, missing)) == [(Severity.REFUSAL, "bucket_missing")]
    assert check_bucket(shared_cloud, replace(missing, makes_bucket=True)) == ()
    (check,) = check_bucket(shared_cloud.at("us-east-1"), profile)
    assert (check.code, check.values["region"], check.values["wanted"]) == ("bucket_elsewhere", REGION, "us-east-1")


def test_a_network_that_is_missing_or_two(
    shared_practice: Practice, shared_cloud: Cloud, profile: LaunchProfile
) -> None:
    gone = replace(profile, subnets=(profile.subnets[0], "subnet-0123456789abcdef0"))
    assert codes(check_network(shared_cloud, gone)) == [(Severity.REFUSAL, "network_missing")]
    gone = replace(profile, security_groups=("sg-0123456789abcdef0",))
    assert codes(check_network(shared_cloud, gone)) == [(Severity.REFUSAL, "network_missing")]
    ec2 = shared_practice.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="elsewhere", Description="facts", VpcId=vpc)["GroupId"]
    (check,) = check_network(shared_cloud, replace(profile, security_groups=(group,)))
    assert check.code == "several_vpcs"
    assert vpc in check.values["vpcs"]


def test_without_internet_the_missing_endpoints_are_named(
    shared_practice: Practice, shared_cloud: Cloud, profile: LaunchProfile
) -> None:
    ec2 = shared_practice.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="bare", Description="facts", VpcId=vpc)["GroupId"]
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")
    bare = replace(profile, subnets=(subnet,), security_groups=(group,))
    (check,) = check_network(shared_cloud, bare)
    assert (check.severity, check.code) == (Severity.WARNING, "endpoints_missing")
    assert check.values["names"] == ", ".join(name for name in ENDPOINTS if name != "s3")
    assert check_network(shared_cloud, replace(bare, internet_access=True)) == ()


def test_a_key_that_is_missing_or_switched_off(shared_practice: Practice, shared_cloud: Cloud) -> None:
    kms = shared_practice.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert check_key(shared_cloud, key) == ()
    kms.disable_key(KeyId=key)
    (check,) = check_key(shared_cloud, key)
    assert (check.code, check.values["state"]) == ("key_unusable", "Disabled")
    missing = "12345678-1234-1234-1234-123456789012"
    assert codes(check_key(shared_cloud, missing)) == [(Severity.REFUSAL, "key_missing")]


class Iam:
    """An IAM on loopback that has one role and decides as it is told, or denies everything."""

    def __init__(self) -> None:
        self.decision = "allowed"
        self.denies = False
        self.asked: list[dict[str, str]] = []

    def answer(self, form: dict[str, str]) -> tuple[int, str]:
        self.asked.append(form)
        if self.denies:
            return 403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        if form["Action"] == "GetRole":
            role = (
                f"<Path>/team/</Path><RoleName>{form['RoleName']}</RoleName><RoleId>AROAEXAMPLEEXAMPLE12</RoleId>"
                f"<Arn>arn:aws:iam::{ACCOUNT_ID}:role/team/{form['RoleName']}</Arn>"
                "<CreateDate>2026-01-01T00:00:00Z</CreateDate>"
            )
            return 200, f"<GetRoleResponse><GetRoleResult><Role>{role}</Role></GetRoleResult></GetRoleResponse>"
        name = "SimulatePrincipalPolicy"
        said = f"<EvalActionName>iam:PassRole</EvalActionName><EvalDecision>{self.decision}</EvalDecision>"
        results = f"<EvaluationResults><member>{said}</member></EvaluationResults>"
        return 200, f"<{name}Response><{name}Result>{results}</{name}Result></{name}Response>"


@pytest.fixture
def iam() -> Iterator[tuple[Iam, str]]:
    service = Iam()

    class Handler(servers.Handler):
        def serve(self) -> None:
            form = parse_qs(self.body().decode())
            status, said = service.answer({name: values[0] for name, values in form.items()})
            self.answer(status, said.encode())

    with servers.serving(Handler) as url:
        yield service, url


def caller(url: str, arn: str) -> Cloud:
    return Cloud(Account(AccountKind.PRACTICE, ACCOUNT_ID, "", url, "key", "secret", arn=arn), REGION)


def test_whether_one_may_pass_the_roles_is_asked_for_the_role_behind_the_session(
    iam: tuple[Iam, str], profile: LaunchProfile
) -> None:
    service, url = iam
    cloud = caller(url, f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/Operator/kim@exchange.example")
    assert check_pass_role(cloud, profile) == ()
    asked = [form for form in service.asked if form["Action"] == "SimulatePrincipalPolicy"]
    assert {form["PolicySourceArn"] for form in asked} == {f"arn:aws:iam::{ACCOUNT_ID}:role/team/Operator"}
    assert [form["ContextEntries.member.1.ContextKeyValues.member.1"] for form in asked] == [SAGEMAKER, SCHEDULER]
    service.decision = "implicitDeny"
    assert codes(check_pass_role(cloud, profile)) == [(Severity.REFUSAL, "pass_role_denied")] * 2


def test_a_user_is_asked_about_as_itself_and_root_not_at_all(iam: tuple[Iam, str], profile: LaunchProfile) -> None:
    service, url = iam
    assert check_pass_role(caller(url, f"arn:aws:iam::{ACCOUNT_ID}:root"), profile) == ()
    assert service.asked == []
    user = f"arn:aws:iam::{ACCOUNT_ID}:user/kim"
    assert check_pass_role(caller(url, user), profile) == ()
    assert {form["PolicySourceArn"] for form in service.asked} == {user}


def test_what_one_may_not_see_is_a_warning(iam: tuple[Iam, str], profile: LaunchProfile) -> None:
    service, url = iam
    service.denies = True
    cloud = caller(url, f"arn:aws:iam::{ACCOUNT_ID}:user/kim")
    with pytest.raises(AccessDenied):
        check_role(cloud, profile.execution_role, SAGEMAKER)
    found = gather(cloud, replace(profile, kms_key=""))
    assert {check.severity for check in found} == {Severity.WARNING}
    assert {"iam:PassRole", profile.execution_role, profile.bucket} <= {check.values["what"] for check in found}
    assert "AccessDenied" in {check.values["why"] for check in found}
