"""Connecting to a real account: by a profile, or by a role with an external id; the practice account stands for AWS."""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import clocks, cloud, connections, notebooks
from services.cloud import Account, AccountKind, Cloud
from services.configurations import Configuration
from services.errors import DeckError, InvalidRequest, NotConnected, NotFound
from tests.support.deck_wishes import ACCOUNT_ID
from tests.support.practice_account import REGION
from tests.support.practice_account import Account as Practice
from tests.support.real_accounts import aws_files, cloud_at, configured, connected, profile_lines, section

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/partner-viewer"
TOML = f"""
[accounts.main]
alias = "Main"
profile = "base"
region = "us-west-2"
changes = true

[accounts.partner]
role = {{ arn = "{ROLE}", external_id = "exchange-7", profile = "base" }}

[accounts.mfa]
profile = "with-mfa"

[accounts.portal]
sso = {{ start_url = "https://x.awsapps.com/start", region = "us-east-1" }}
"""


@pytest.fixture
def configuration(tmp_path: Path, shared_practice: Practice) -> Iterator[Configuration]:
    """AWS's configuration file with a few profiles, all of which lead to the practice account."""
    fetch = tmp_path / "fetch.py"
    keys = {"AccessKeyId": shared_practice.access_key, "SecretAccessKey": shared_practice.secret_key}
    fetch.write_text(f"import json; print(json.dumps({ ({'Version': 1, **keys})!r}))")
    config = (
        profile_lines("base", shared_practice)
        + section("profile process", credential_process=f"{sys.executable} {fetch}", endpoint_url=shared_practice.url)
        + section("profile with-mfa", role_arn=ROLE, source_profile="base", mfa_serial="arn:aws:iam::1:mfa/kim")
        + section("profile on-mfa", role_arn=ROLE, source_profile="with-mfa", endpoint_url=shared_practice.url)
        + section("profile circle", role_arn=ROLE, source_profile="circle")
        + section("profile keyless", endpoint_url=shared_practice.url)
    )
    with aws_files(tmp_path, config):
        yield configured(tmp_path, TOML)


def test_one_chooses_among_the_configured_and_the_other_profiles(configuration: Configuration) -> None:
    found = connections.list_connections(configuration)
    assert [each.key for each in found[:4]] == ["main", "partner", "mfa", "portal"]
    others = {each.key: each for each in found[4:]}
    assert set(others) == {f"profile.{name}" for name in ("circle", "keyless", "on-mfa", "process")}
    assert not any(each.configured or each.settings.changes for each in others.values())
    assert [each.region for each in found[:2]] == ["us-west-2", REGION]
    assert [each.needs_sign_in for each in found[:4]] == [False, False, False, True]
    assert [each.is_personal for each in found[:4]] == [False, True, False, True]
    with pytest.raises(NotFound):
        connections.find(configuration, "profile.nobody")


@pytest.mark.parametrize("key", ["main", "profile.process"])
def test_a_profile_says_whose_it_is(configuration: Configuration, key: str) -> None:
    account = connected(configuration, key)
    assert (account.kind, account.account_id) == (AccountKind.REAL, ACCOUNT_ID)
    assert account.arn.startswith("arn:aws:")
    assert account.alias == ("Main" if key == "main" else "process")
    assert account.read_only == (key != "main")
    assert notebooks.list_notebooks(cloud_at(account)) is not None
    assert (datetime.now(UTC) - clocks.read_clock(account).now) < timedelta(seconds=5)


def test_the_accounts_own_alias_is_taken_where_the_configuration_has_none(
    configuration: Configuration, shared_practice: Practice
) -> None:
    iam = shared_practice.client("iam")
    iam.create_account_alias(AccountAlias="exchange-ml")
    try:
        assert connected(configuration, "partner").alias == "exchange-ml"
        assert connected(configuration, "main").alias == "Main"
    finally:
        iam.delete_account_alias(AccountAlias="exchange-ml")


def test_a_role_is_assumed_as_the_person(configuration: Configuration) -> None:
    account = connected(configuration, "partner", "kim soo")
    assert account.arn.endswith("assumed-role/partner-viewer/kim-soo")
    assert account.alias == "partner"
    assert account.credentials is not None
    assert account.credentials.get_frozen_credentials().token
    assert notebooks.list_notebooks(cloud_at(account)) is not None
    cloud_at(account).ready()


def test_every_identity_has_a_key_of_its_own(configuration: Configuration) -> None:
    keys = [connected(configuration, "main").key, *(connected(configuration, "partner", who).key for who in ("a", "b"))]
    assert len(set(keys)) == 3
    assert connected(configuration, "partner", "a").key == keys[1]
    arn = "arn:aws:sts::1:assumed-role/r/botocore-session-"
    renamed = {Account(AccountKind.REAL, "1", profile="p", arn=f"{arn}{number}").key for number in (1, 2)}
    assert len(renamed) == 1


def test_nothing_of_an_account_shows_a_secret(configuration: Configuration, shared_practice: Practice) -> None:
    account = connected(configuration, "partner")
    assert account.credentials is not None
    frozen = account.credentials.get_frozen_credentials()
    for secret in (frozen.access_key, frozen.secret_key, frozen.token, shared_practice.secret_key):
        assert secret not in repr(account) + account.key + repr(Cloud(account, REGION))


@pytest.mark.parametrize("key", ["mfa", "profile.on-mfa"])
def test_a_profile_that_asks_for_a_code_is_refused_and_not_waited_for(configuration: Configuration, key: str) -> None:
    with pytest.raises(NotConnected, match="profile with-mfa asks for an MFA code") as caught:
        connected(configuration, key)
    assert caught.value.code == "MfaRequired"


@pytest.mark.parametrize("key", ["profile.circle", "profile.keyless"])
def test_a_profile_that_leads_nowhere_is_not_connected(configuration: Configuration, key: str) -> None:
    with pytest.raises(NotConnected):
        connected(configuration, key)


def test_a_sign_in_is_no_profile(configuration: Configuration) -> None:
    with pytest.raises(InvalidRequest, match="sign-in"):
        connected(configuration, "portal")


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    with aws_files(tmp_path, "no section\n"), pytest.raises(DeckError) as caught:
        connections.list_connections(Configuration())
    assert caught.value.resource


@pytest.mark.parametrize(
    ("actor", "name"), [("kim", "kim"), ("k", "k-"), ("김수", "--"), ("a b/c@d", "a-b-c@d"), ("x" * 80, "x" * 64)]
)
def test_the_session_of_a_role_bears_the_actors_name(actor: str, name: str) -> None:
    assert connections.session_name(actor) == name


def test_credentials_that_cannot_be_renewed_are_not_connected(caplog: pytest.LogCaptureFixture) -> None:
    """botocore asks for new ones ten minutes before the old ones expire."""
    caplog.set_level(logging.CRITICAL)
    answers = [{"access_key": "a", "secret_key": "canary", "token": "t", "expiry_time": datetime.now(UTC).isoformat()}]

    def fetch() -> dict[str, str]:
        if answers:
            return answers.pop()
        raise NotConnected("the session is over")

    account = Account(AccountKind.REAL, ACCOUNT_ID, credentials=connections.renewing(fetch, "test"))
    with pytest.raises(NotConnected, match="over"):
        Cloud(account, REGION).ready()
    with pytest.raises(NotConnected, match="over"):
        Cloud(account, REGION).client("sts").get_caller_identity()
    cloud.forget(account)
