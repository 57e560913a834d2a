"""The identities that the deck works as on a practice account."""

import json
import time
from pathlib import Path

import pytest

from services import clocks, identities
from services.access import Role
from services.cloud import Account as DeckAccount
from services.cloud import Cloud
from services.errors import AccessDenied, NotConnected, translated
from tests.support.deck_wishes import ADMIN, deck_account
from tests.support.practice_account import REGION, Account


def name_of(account: DeckAccount) -> str:
    return str(Cloud(account, REGION).client("sts").get_caller_identity()["Arn"]).rpartition("/")[2]


def decisions(practice: Account, *, of: str) -> set[str]:
    """What the account's own key changed in IAM so far."""
    made = practice.control("GET", "permissions")["decisions"]
    return {each["action"] for each in made if each["action"].startswith(of)}


def test_each_role_is_a_user_of_its_own_and_its_keys_are_kept(practice: Account, tmp_path: Path) -> None:
    owner, kept = deck_account(practice), tmp_path / "identities.json"
    accounts = identities.ensure(owner, kept)
    assert {role: name_of(account) for role, account in accounts.items()} == {
        role: f"flightdeck-{role}" for role in Role
    }
    assert kept.stat().st_mode & 0o777 == 0o600
    assert {account.key for account in accounts.values()} == {owner.key}
    assert all(account.secret_key not in repr(account) for account in accounts.values() if account.secret_key)
    practice.kill()
    practice.restart()
    assert identities.ensure(deck_account(practice), kept) == accounts
    # Nothing was changed: all is as it was.
    assert decisions(practice, of="iam:") == {"iam:GetAccountAuthorizationDetails", "iam:ListAccessKeys"}


def test_a_viewer_looks_and_cannot_change_and_moves_the_clock(practice: Account, tmp_path: Path) -> None:
    accounts = identities.ensure(deck_account(practice), tmp_path / "identities.json")
    viewer, operator = Cloud(accounts[Role.VIEWER], REGION), Cloud(accounts[Role.OPERATOR], REGION)
    assert viewer.client("sagemaker").list_notebook_instances()["NotebookInstances"] == []
    request = {"Bucket": f"sagemaker-{REGION}-123456789012"}
    place = {"LocationConstraint": REGION}
    with pytest.raises(AccessDenied), translated():
        viewer.writer("s3").create_bucket(**request, CreateBucketConfiguration=place)
    operator.writer("s3").create_bucket(**request, CreateBucketConfiguration=place)
    with pytest.raises(AccessDenied), translated():
        operator.writer("iam").create_user(UserName="more")
    assert clocks.set_speed(viewer.account, 60, ADMIN).speed == 60


def test_what_was_changed_is_put_right(shared_practice: Account, tmp_path: Path) -> None:
    owner, kept = deck_account(shared_practice), tmp_path / "identities.json"
    before = identities.ensure(owner, kept)
    iam, everything = shared_practice.client("iam"), {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_user_policy(UserName="flightdeck-viewer", PolicyName="viewer", PolicyDocument=document)
    iam.put_role_policy(RoleName="flightdeck-scheduler", PolicyName="scheduler", PolicyDocument=document)
    trust = json.dumps(identities.trust("ec2.amazonaws.com", owner.account_id))
    iam.update_assume_role_policy(RoleName="flightdeck-scheduler", PolicyDocument=trust)
    iam.update_access_key(UserName="flightdeck-admin", AccessKeyId=before[Role.ADMIN].access_key, Status="Inactive")
    after = identities.ensure(owner, kept)
    viewer = iam.get_user_policy(UserName="flightdeck-viewer", PolicyName="viewer")
    assert viewer["PolicyDocument"] == identities.shipped("viewer")
    scheduler = iam.get_role_policy(RoleName="flightdeck-scheduler", PolicyName="scheduler")
    assert scheduler["PolicyDocument"] == identities.shipped("scheduler")
    trusted = iam.get_role(RoleName="flightdeck-scheduler")["Role"]["AssumeRolePolicyDocument"]
    assert trusted == identities.trust("scheduler.amazonaws.com", owner.account_id)
    assert after[Role.VIEWER] == before[Role.VIEWER]
    assert after[Role.ADMIN] != before[Role.ADMIN]
    assert name_of(after[Role.ADMIN]) == "flightdeck-admin"


def test_keys_that_are_lost_are_made_anew(shared_practice: Account, tmp_path: Path) -> None:
    owner, kept = deck_account(shared_practice), tmp_path / "identities.json"
    for _ in range(3):
        accounts = identities.ensure(owner, kept)
        kept.unlink()
    assert name_of(accounts[Role.VIEWER]) == "flightdeck-viewer"


def test_a_start_is_hardly_later_for_it(shared_practice: Account, tmp_path: Path) -> None:
    owner, kept = deck_account(shared_practice), tmp_path / "identities.json"
    identities.ensure(owner, kept)
    started = time.process_time()
    identities.ensure(owner, kept)
    assert time.process_time() - started < 0.3


def test_an_account_that_is_away_says_so(tmp_path: Path) -> None:
    away = DeckAccount(deck_account(Account(tmp_path)).kind, "123456789012", endpoint_url="http://127.0.0.1:1",
                       access_key="x", secret_key="y")  # fmt: skip
    with pytest.raises(NotConnected):
        identities.ensure(away, tmp_path / "identities.json")
