"""Keys that the account gives out open its door, and only for as long as they are good."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.support.practice_account import REGION, Account

ROLE = "arn:aws:iam::123456789012:role/path/someone"


def identity(account: Account, keys: dict[str, Any], **changed: str) -> dict[str, str]:
    """Who the account says these keys are."""
    given = {**keys, **changed}
    make: Any = boto3.client
    client = make(
        "sts",
        endpoint_url=account.url,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given.get("SessionToken"),
    )
    answer: dict[str, str] = client.get_caller_identity()
    return answer


def test_the_accounts_own_key_is_a_user_of_this_account(shared_practice: Account) -> None:
    sts, iam = shared_practice.client("sts"), shared_practice.client("iam")
    found = sts.get_caller_identity()
    assert found["Arn"] == "arn:aws:iam::123456789012:user/practice"
    assert iam.get_user()["User"]["Arn"] == found["Arn"]
    assert iam.get_user()["User"]["UserId"] == found["UserId"]


def test_a_users_key_works_until_it_is_inactive_also_after_a_restart(practice: Account) -> None:
    iam = practice.client("iam")
    iam.create_user(UserName="mina")
    keys = iam.create_access_key(UserName="mina")["AccessKey"]
    practice.kill()
    practice.restart()
    assert identity(practice, keys)["Arn"] == "arn:aws:iam::123456789012:user/mina"
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        identity(practice, keys, SecretAccessKey="another")
    iam.update_access_key(UserName="mina", AccessKeyId=keys["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        identity(practice, keys)


def test_a_session_needs_its_token_and_outlives_a_restart(practice: Account) -> None:
    keys = practice.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="job")["Credentials"]
    practice.kill()
    practice.restart()
    assert identity(practice, keys)["Arn"] == "arn:aws:sts::123456789012:assumed-role/someone/job"
    assert identity(practice, keys)["UserId"] == identity(practice, keys)["UserId"]
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        identity(practice, keys, SessionToken="another")
    without = {name: value for name, value in keys.items() if name != "SessionToken"}
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        identity(practice, without)


def test_session_and_federation_tokens_are_new_keys_not_the_documentations(shared_practice: Account) -> None:
    sts = shared_practice.client("sts")
    first, second = (sts.get_session_token()["Credentials"] for _ in range(2))
    assert first["AccessKeyId"] != second["AccessKeyId"]
    assert identity(shared_practice, first)["Arn"] == sts.get_caller_identity()["Arn"]
    federated = sts.get_federation_token(Name="guest")
    assert identity(shared_practice, federated["Credentials"])["Arn"] == federated["FederatedUser"]["Arn"]


def test_a_role_of_another_account_lets_nobody_in(shared_practice: Account) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        shared_practice.client("sts").assume_role(RoleArn="arn:aws:iam::999999999999:role/r", RoleSessionName="me")


def test_awss_own_policies_are_there_when_looked_for(shared_practice: Account) -> None:
    iam = shared_practice.client("iam")
    found = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")["Policy"]
    assert found["PolicyName"] == "AmazonSageMakerFullAccess"
    assert iam.list_policies(Scope="AWS", MaxItems=5)["Policies"]
