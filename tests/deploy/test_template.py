"""The CloudFormation template makes what the policies name, with the same statements."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # comes with moto, without types
from botocore.exceptions import ClientError

from services import identities
from tests.support.local_account import REGION, Local

TEMPLATE = (identities.POLICIES.parent / "cloudformation" / "flightdeck.yaml").read_text()
BUCKET = "sagemaker-team-bucket"
ACCOUNT = "123456789012"


class Reader(yaml.SafeLoader):  # type: ignore[misc]
    """CloudFormation's short functions, filled in as for a stack whose bucket alone is named."""


def _read() -> dict[str, Any]:
    names = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "BucketName": BUCKET}
    names |= dict(re.findall(r"^  (\w+):\n    Type: String\n    Default: (\S+)$", TEMPLATE, re.MULTILINE))

    def filled(_: Reader, node: yaml.ScalarNode) -> str:
        return re.sub(r"\$\{([\w:]+)\}", lambda found: names[found[1]], str(node.value))

    Reader.add_constructor("!Sub", filled)
    Reader.add_constructor("!Ref", lambda _, node: names.get(node.value, node.value))
    Reader.add_constructor("!GetAtt", lambda _, node: node.value)
    template: dict[str, Any] = yaml.load(TEMPLATE, Reader)  # noqa: S506 - a SafeLoader
    return {name: resource["Properties"] for name, resource in template["Resources"].items()}


RESOURCES = _read()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    """An account with the stack, its bucket named and everything else left as it is."""
    local = Local(tmp_path_factory.mktemp("stack") / "home")
    parameters = [{"ParameterKey": "BucketName", "ParameterValue": BUCKET}]
    local.client("cloudformation").create_stack(
        StackName="flightdeck", TemplateBody=TEMPLATE, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    yield local
    local.account.close()


def expected(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(identities.shipped(name)).replace("sagemaker-*", BUCKET))
    return document


def managed(local: Local, name: str) -> Any:
    iam, arn = local.client("iam"), f"arn:aws:iam::{ACCOUNT}:policy/flightdeck-{name}"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]


@pytest.mark.parametrize("name", ["viewer", "operator"])
def test_the_policies_are_those_of_the_files_and_small_enough_to_attach(stack: Local, name: str) -> None:
    assert managed(stack, name) == expected(name)
    assert len(json.dumps(managed(stack, name), separators=(",", ":"))) <= 6144  # IAM's limit


@pytest.mark.parametrize(("name", "resource"), [("execution", "ExecutionRole"), ("scheduler", "ScheduleRole")])
def test_the_roles_hold_their_files_policy_and_trust_their_service_for_this_account_alone(
    name: str, resource: str
) -> None:
    role = RESOURCES[resource]
    assert role["RoleName"] == f"flightdeck-{name}"
    (policy,) = role["Policies"]
    assert (policy["PolicyName"], policy["PolicyDocument"]) == (name, expected(name))
    assert role["AssumeRolePolicyDocument"] == identities.trust(identities.TRUSTED[name], ACCOUNT)


def test_the_bucket_is_private_encrypted_and_spoken_to_by_tls_alone() -> None:
    bucket = RESOURCES["Bucket"]
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = RESOURCES["BucketPolicy"]["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_stack_puts_out_what_the_deck_has_to_be_told(stack: Local) -> None:
    (made,) = stack.client("cloudformation").describe_stacks(StackName="flightdeck")["Stacks"]
    said = {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}
    assert said == {
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/flightdeck-execution",
        "ScheduleRoleArn": f"arn:aws:iam::{ACCOUNT}:role/flightdeck-scheduler",
        "BucketName": BUCKET,
        "UndeliveredArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:flightdeck-undelivered",
        "ViewerPolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/flightdeck-viewer",
        "OperatorPolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/flightdeck-operator",
    }


def test_what_is_made_must_be_given_the_role_that_trusts_its_service(stack: Local) -> None:
    sagemaker = stack.client("sagemaker")
    request = {"InstanceType": "ml.t3.medium", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/flightdeck-execution"}
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=request["RoleArn"], PrimaryContainer={"Image": "echo:1"})
    with pytest.raises(ClientError, match="to assume the role"):
        sagemaker.create_notebook_instance(
            NotebookInstanceName="n", **{**request, "RoleArn": request["RoleArn"].replace("execution", "scheduler")}
        )


def test_every_file_of_policies_is_in_the_template() -> None:
    names = {path.stem for path in Path(identities.POLICIES).glob("*.json")}
    assert names == {"viewer", "operator", "execution", "scheduler"}
    for name in names:
        assert all(f"Sid: {statement['Sid']}\n" in TEMPLATE for statement in identities.shipped(name)["Statement"])
