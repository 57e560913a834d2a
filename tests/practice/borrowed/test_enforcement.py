"""Whoever signs is held to what IAM grants: users, groups, roles, sessions, and schedules as their role."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.local_account import REGION, Local

ACCOUNT = "123456789012"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
SCHEDULER = {"Service": "scheduler.amazonaws.com"}
LIST, STOP = "sagemaker:ListNotebookInstances", "sagemaker:StopNotebookInstance"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    running = Local(tmp_path_factory.mktemp("home") / "home")
    yield running
    running.account.close()


def policy(*actions: str, effect: str = "Allow", resource: str = "*", **said: Any) -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource, **said}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def as_user(local: Local, name: str, *documents: str) -> Callable[[str], Any]:
    """A new user with these inline policies; makes clients of its key."""
    iam = local.client("iam")
    iam.create_user(UserName=name)
    for number, document in enumerate(documents):
        iam.put_user_policy(UserName=name, PolicyName=f"p{number}", PolicyDocument=document)
    return clients(local, iam.create_access_key(UserName=name)["AccessKey"])


def clients(local: Local, keys: dict[str, str]) -> Callable[[str], Any]:
    make: Any = boto3.client

    def client(service: str) -> Any:
        return make(
            service,
            region_name=REGION,
            endpoint_url=local.world.door.url,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=Config(retries={"total_max_attempts": 1}),
        )

    return client


def make_role(local: Local, name: str, principal: Any, *documents: str, **said: Any) -> str:
    iam = local.client("iam")
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **said}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for number, text in enumerate(documents):
        iam.put_role_policy(RoleName=name, PolicyName=f"p{number}", PolicyDocument=text)
    return arn


def may(call: Callable[..., Any], **request: Any) -> bool:
    """Whether IAM lets the call through; what the service itself says then does not count."""
    try:
        call(**request)
    except ClientError as error:
        return "is not authorized to perform" not in error.response["Error"]["Message"]
    return True


def lists(client: Callable[[str], Any]) -> bool:
    return may(client("sagemaker").list_notebook_instances)


def test_a_user_may_what_its_policies_say_as_soon_as_they_say_it(local: Local) -> None:
    user, iam = as_user(local, "kim"), local.client("iam")
    assert not lists(user)
    iam.put_user_policy(UserName="kim", PolicyName="p", PolicyDocument=policy(LIST))
    assert lists(user)
    assert not may(user("sagemaker").stop_notebook_instance, NotebookInstanceName="n")
    iam.put_user_policy(UserName="kim", PolicyName="deny", PolicyDocument=policy("*", effect="Deny"))
    assert not lists(user)
    assert user("sts").get_caller_identity()["Arn"].endswith(":user/kim")
    iam.delete_user_policy(UserName="kim", PolicyName="deny")
    assert lists(user)


def test_managed_policies_and_those_of_groups_count_in_their_default_version(local: Local) -> None:
    user, iam = as_user(local, "lee"), local.client("iam")
    arn = iam.create_policy(PolicyName="listing", PolicyDocument=policy(LIST))["Policy"]["Arn"]
    iam.create_group(GroupName="team")
    iam.attach_group_policy(GroupName="team", PolicyArn=arn)
    assert not lists(user)
    iam.add_user_to_group(GroupName="team", UserName="lee")
    assert lists(user)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy("s3:*"), SetAsDefault=True)
    assert not lists(user)
    assert may(user("s3").list_buckets)
    iam.remove_user_from_group(GroupName="team", UserName="lee")
    iam.attach_user_policy(UserName="lee", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerReadOnly")
    assert lists(user)
    assert not may(user("s3").list_buckets)


def test_what_a_policy_grants_survives_a_restart(tmp_path: Path) -> None:
    local = Local(tmp_path / "home")
    try:
        iam = local.client("iam")
        iam.create_user(UserName="mina")
        iam.put_user_policy(UserName="mina", PolicyName="p", PolicyDocument=policy(LIST))
        keys = iam.create_access_key(UserName="mina")["AccessKey"]
        local.restart()
        user = clients(local, keys)
        assert lists(user)
        assert not may(user("s3").list_buckets)
    finally:
        local.account.close()


@pytest.mark.parametrize(
    ("service", "call", "request_", "code", "words"),
    [
        ("sagemaker", "stop_notebook_instance", {"NotebookInstanceName": "n"}, "AccessDeniedException", STOP),
        ("scheduler", "get_schedule", {"Name": "n"}, "AccessDeniedException", "schedule/default/n because no identity"),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", "You are not authorized to perform this operation. User"),
        ("s3", "list_buckets", {}, "AccessDenied", "s3:ListAllMyBuckets"),
        ("iam", "list_users", {}, "AccessDenied", "iam:ListUsers"),
        ("cloudwatch", "list_metrics", {}, "AccessDeniedException", "cloudwatch:ListMetrics"),
        ("lambda", "list_functions", {}, "AccessDeniedException", "lambda:ListFunctions"),
    ],
)
def test_a_refusal_has_the_code_and_the_words_of_its_service(
    local: Local, service: str, call: str, request_: dict[str, str], code: str, words: str
) -> None:
    name = f"nobody-{service}"
    with pytest.raises(ClientError) as caught:
        getattr(as_user(local, name)(service), call)(**request_)
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, 403)
    assert f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: " in error["Error"]["Message"]
    assert words in error["Error"]["Message"]


def test_objects_are_kept_apart_by_their_keys(local: Local) -> None:
    own = local.client("s3")
    own.create_bucket(Bucket="shared-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    own.put_object(Bucket="shared-bucket", Key="private/k", Body=b"x")
    mine = policy("s3:PutObject", "s3:GetObject", resource="arn:aws:s3:::shared-bucket/${aws:username}/*")
    s3 = as_user(local, "park", mine)("s3")
    s3.put_object(Bucket="shared-bucket", Key="park/k", Body=b"hello")
    assert s3.get_object(Bucket="shared-bucket", Key="park/k")["Body"].read() == b"hello"
    source = {"Bucket": "shared-bucket", "Key": "private/k"}
    assert not may(s3.copy_object, Bucket="shared-bucket", Key="park/stolen", CopySource=source)
    assert not may(s3.put_object, Bucket="shared-bucket", Key="private/k", Body=b"y")
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket="shared-bucket", Key="private/k")
    assert not may(s3.list_objects_v2, Bucket="shared-bucket")
    assert own.get_object(Bucket="shared-bucket", Key="private/k")["Body"].read() == b"x"


def test_a_role_is_assumed_by_whom_it_trusts_and_its_session_has_the_roles_rights(local: Local) -> None:
    sts = as_user(local, "jo", policy("sts:AssumeRole"))("sts")
    arn = make_role(local, "lister", ROOT, policy(LIST))
    closed = make_role(local, "closed", {"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"}, policy(LIST))
    outside = make_role(local, "outside", ROOT, policy(LIST), Condition={"StringEquals": {"sts:ExternalId": "secret"}})
    session = clients(local, sts.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"])
    assert lists(session)
    assert not may(session("s3").list_buckets)
    narrowed = sts.assume_role(RoleArn=arn, RoleSessionName="me", Policy=policy("s3:*"))["Credentials"]
    assert not lists(clients(local, narrowed))
    read_only = [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]
    by_arn = sts.assume_role(RoleArn=arn, RoleSessionName="me", PolicyArns=read_only)["Credentials"]
    assert not lists(clients(local, by_arn))
    assert not may(sts.assume_role, RoleArn=closed, RoleSessionName="me")
    assert not may(sts.assume_role, RoleArn=outside, RoleSessionName="me")
    assert may(sts.assume_role, RoleArn=outside, RoleSessionName="me", ExternalId="secret")
    assert not may(as_user(local, "plain")("sts").assume_role, RoleArn=arn, RoleSessionName="me")
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        sts.assume_role(RoleArn=arn, RoleSessionName="me", Policy="{}")


def test_a_trust_that_says_nothing_lets_nobody_in(local: Local) -> None:
    iam, sts = local.client("iam"), as_user(local, "hopeful", policy("sts:AssumeRole"))("sts")
    for number, document in enumerate(("{}", '{"Statement": [{"Principal": "*"}]}')):
        arn = iam.create_role(RoleName=f"blank-{number}", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        assert not may(sts.assume_role, RoleArn=arn, RoleSessionName="me")


def test_a_boundary_limits_a_role(local: Local) -> None:
    iam, own = local.client("iam"), local.client("sts")
    arn = make_role(local, "bounded", ROOT, policy("*"))
    session = clients(local, own.assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"])
    assert lists(session)
    boundary = iam.create_policy(PolicyName="s3-alone", PolicyDocument=policy("s3:*"))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="bounded", PermissionsBoundary=boundary)
    assert not lists(session)
    assert may(session("s3").list_buckets)


def test_sessions_of_a_user_have_its_rights_and_a_guest_only_what_it_was_given(local: Local) -> None:
    sts = as_user(local, "host", policy(LIST, "sts:GetFederationToken"))("sts")
    own = clients(local, sts.get_session_token()["Credentials"])
    assert lists(own)
    assert not may(own("s3").list_buckets)
    guest = clients(local, sts.get_federation_token(Name="guest")["Credentials"])
    assert guest("sts").get_caller_identity()["Arn"].endswith(":federated-user/guest")
    assert not lists(guest)
    given = clients(local, sts.get_federation_token(Name="guest", Policy=policy(LIST, "s3:*"))["Credentials"])
    assert lists(given)
    assert not may(given("s3").list_buckets)
    local.client("iam").delete_user_policy(UserName="host", PolicyName="p0")
    assert not lists(own)


def test_the_accounts_own_key_may_everything_and_so_may_its_sessions(local: Local) -> None:
    assert lists(clients(local, local.client("sts").get_session_token()["Credentials"]))
    own = local.client("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/not-there", RoleSessionName="me")
    assert lists(clients(local, own["Credentials"]))


def test_only_the_accounts_own_key_acts_as_a_role(local: Local) -> None:
    arn = make_role(local, "powerful", ROOT, policy("*"))
    client = as_user(local, "sly")("sagemaker")
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("X-Practice-Role", arn))
    assert not may(client.list_notebook_instances)


def schedule(role: str, **said: Any) -> dict[str, Any]:
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:iam:createUser", "RoleArn": role, "Input": "{}", **said}
    return {
        "Name": f"s-{role.rpartition('/')[2]}",
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }


def test_who_schedules_must_be_allowed_to_pass_the_role_and_the_role_must_trust_the_service(local: Local) -> None:
    trusting = make_role(local, "trusting", SCHEDULER, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    stranger = make_role(local, "stranger", {"Service": "ec2.amazonaws.com"})
    passing = policy("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}})
    scheduler = as_user(local, "planner", policy("scheduler:*"))("scheduler")
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {trusting}"):
        scheduler.create_schedule(**schedule(trusting))
    local.client("iam").put_user_policy(UserName="planner", PolicyName="pass", PolicyDocument=passing)
    scheduler.create_schedule(**schedule(trusting))
    with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
        scheduler.create_schedule(**schedule(stranger))
    with pytest.raises(ClientError, match=r"allows principal 'sagemaker\.amazonaws\.com' to assume the role"):
        local.client("sagemaker").create_notebook_instance(
            NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=trusting
        )


def test_a_schedule_does_what_its_role_may_and_the_dead_letter_queue_gets_the_rest(tmp_path: Path) -> None:
    local = Local(tmp_path / "home")
    try:
        queue = local.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
        dead = {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"}}
        names = {"able": policy("iam:CreateUser"), "unable": policy("sqs:SendMessage"), "mute": policy("s3:*")}
        for name, document in names.items():
            role = make_role(local, name, SCHEDULER, document)
            said = schedule(role, Input=json.dumps({"UserName": f"by-{name}"}), **dead)
            local.client("scheduler").create_schedule(**said)
        local.advance(minutes=61)
        made = {user["UserName"] for user in local.client("iam").list_users()["Users"]}
        assert made == {"by-able"}
        messages = local.client("sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        )["Messages"]
        assert {message["MessageAttributes"]["ERROR_CODE"]["StringValue"] for message in messages} == {"AccessDenied"}
        assert {json.loads(message["Body"])["UserName"] for message in messages} == {"by-unable"}
    finally:
        local.account.close()


def test_a_simulation_says_what_would_be_decided(local: Local) -> None:
    iam = local.client("iam")
    tagged = policy(STOP, Condition={"StringEquals": {"aws:RequestTag/team": "a"}})
    as_user(local, "simulated", policy(LIST), policy("s3:*", effect="Deny"), tagged)
    user = f"arn:aws:iam::{ACCOUNT}:user/simulated"

    def simulated(source: str, *actions: str, **said: Any) -> list[dict[str, Any]]:
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=source, ActionNames=list(actions), **said
        )
        return [result for page in pages for result in page["EvaluationResults"]]

    found = simulated(user, LIST, "s3:GetObject", "iam:PassRole", STOP)
    decided = {each["EvalActionName"]: each["EvalDecision"] for each in found}
    assert list(decided.values()) == ["allowed", "explicitDeny", "implicitDeny", "implicitDeny"]
    assert [each["MissingContextValues"] for each in found] == [[], [], [], ["aws:RequestTag/team"]]
    entry = {"ContextKeyName": "aws:RequestTag/team", "ContextKeyValues": ["a"], "ContextKeyType": "string"}
    assert simulated(user, STOP, ContextEntries=[entry])[0]["EvalDecision"] == "allowed"
    role = make_role(local, "simulated", ROOT, policy("s3:*", resource="arn:aws:s3:::mine/*"))
    where = [f"arn:aws:s3:::{bucket}/k" for bucket in ("mine", "yours")]
    found = simulated(role, "s3:GetObject", ResourceArns=where)
    assert [(each["EvalResourceName"], each["EvalDecision"]) for each in found] == list(
        zip(where, ["allowed", "implicitDeny"], strict=True)
    )
    boundary = iam.create_policy(PolicyName="narrow", PolicyDocument=policy(LIST))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="simulated", PermissionsBoundary=boundary)
    (bounded,) = simulated(role, "s3:GetObject", ResourceArns=where[:1])
    assert bounded["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert simulated(f"arn:aws:iam::{ACCOUNT}:user/practice", "iam:CreateUser")[0]["EvalDecision"] == "allowed"
    with pytest.raises(ClientError, match="NoSuchEntity"):
        simulated(f"arn:aws:iam::{ACCOUNT}:role/not-there", LIST)
    with pytest.raises(ClientError, match="does not implement iam:SimulatePrincipalPolicy"):
        simulated(user, LIST, PolicyInputList=[policy("*")])


def test_what_was_decided_is_told_to_the_holder_of_the_key(local: Local) -> None:
    user = as_user(local, "asker", policy(LIST))
    assert lists(user)
    assert not may(user("s3").list_buckets)
    connection = HTTPConnection(local.world.door.url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/_practice/permissions", headers={"X-Practice-Key": local.world.door.access_key})
    made = json.loads(connection.getresponse().read())["decisions"]
    connection.close()
    asked = [each for each in made if each["identity"].endswith(":user/asker")]
    assert [(each["action"], each["resource"], each["allowed"]) for each in asked] == [
        (LIST, "*", True),
        ("s3:ListAllMyBuckets", "*", False),
    ]
    assert asked[0]["context"]["aws:username"] == ["asker"]
