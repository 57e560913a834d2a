"""Signing in with a code: what AWS's sign-in service says over a real wire, until there is an account."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services import connections, notebooks, sign_ins
from services.connections import Connection
from services.errors import InvalidRequest, NotConnected
from services.sign_ins import RoleChoice, SignIn
from tests.support import sso as sso_server
from tests.support.deck_wishes import KIM
from tests.support.practice_account import Account as Practice
from tests.support.real_accounts import cloud_at, configured
from tests.support.sso import ACCOUNT, START_URL, Sso
from tests.support.waiting import eventually

OPERATOR = RoleChoice(ACCOUNT, "Machine learning", "MLOperator")


@pytest.fixture
def sso(shared_practice: Practice) -> Iterator[Sso]:
    with sso_server.serving(shared_practice) as server:
        yield server


def toml(sso: Sso, *, more: str = "", url: str = START_URL) -> str:
    return f"""
[accounts.portal]
sso = {{ start_url = "{url}", region = "ap-northeast-2" {more} }}
endpoint_url = "{sso.practice.url}"
endpoint_urls = {{ "sso" = "{sso.url}", "sso-oidc" = "{sso.url}" }}
"""


@pytest.fixture
def portal(sso: Sso, tmp_path: Path) -> Connection:
    return connections.find(configured(tmp_path, toml(sso)), "portal")


@pytest.fixture
def signed_in(sso: Sso, portal: Connection) -> SignIn:
    sign_in = sign_ins.start(portal, KIM)
    sso.confirm()
    sign_in.token.result(timeout=20)
    return sign_in


def test_a_code_is_shown_asked_about_and_opens_accounts_and_roles(sso: Sso, portal: Connection) -> None:
    sign_in = sign_ins.start(portal, KIM)
    assert sign_in.user_code == "CODE-0001"
    assert sign_in.url == f"{sso.url}/device?user_code=CODE-0001"
    assert timedelta(minutes=9) < sign_in.expires_at - datetime.now(UTC) <= timedelta(minutes=10)
    eventually(lambda: sso.asked.count("CreateToken") >= 2)
    assert not sign_in.token.done()
    sso.confirm()
    token = sign_in.token.result(timeout=20)
    assert token.expires_at - datetime.now(UTC) > timedelta(hours=7)
    found = sign_ins.list_roles(sign_in)
    assert [(each.account_name, each.role) for each in found] == [
        ("Archive", "Auditor"),
        ("Machine learning", "MLOperator"),
        ("Machine learning", "MLViewer"),
    ]


def test_the_account_of_a_sign_in_is_the_persons(sso: Sso, signed_in: SignIn) -> None:
    account = sign_ins.connect(signed_in, OPERATOR, KIM)
    assert account.account_id == ACCOUNT
    assert account.arn.endswith("assumed-role/AWSReservedSSO_MLOperator/kim@exchange.example")
    assert account.expires_at == signed_in.token.result().expires_at
    assert account.read_only
    assert notebooks.list_notebooks(cloud_at(account)) is not None
    other = sign_ins.connect(signed_in, replace(OPERATOR, role="MLViewer"), KIM)
    assert other.key != account.key


def test_only_what_the_configuration_names_can_be_chosen(sso: Sso, tmp_path: Path) -> None:
    text = toml(sso, more=f', account_id = "{ACCOUNT}", role = "MLViewer"')
    sign_in = sign_ins.start(connections.find(configured(tmp_path, text), "portal"), KIM)
    sso.confirm()
    sign_in.token.result(timeout=20)
    assert [(each.account_id, each.role) for each in sign_ins.list_roles(sign_in)] == [(ACCOUNT, "MLViewer")]


def test_credentials_renew_themselves_until_the_session_is_ended(
    sso: Sso, portal: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    # So short that botocore renews them for every call.
    sso.session_seconds = 60
    sign_in = sign_ins.start(portal, KIM)
    sso.confirm()
    sign_in.token.result(timeout=20)
    cloud = cloud_at(sign_ins.connect(sign_in, OPERATOR, KIM))
    before = sso.asked.count("GetRoleCredentials")
    notebooks.list_notebooks(cloud)
    assert sso.asked.count("GetRoleCredentials") > before
    sso.revoke()
    with caplog.at_level(logging.CRITICAL), pytest.raises(NotConnected) as caught:
        notebooks.list_notebooks(cloud)
    assert caught.value.code == "UnauthorizedException"
    with caplog.at_level(logging.CRITICAL), pytest.raises(NotConnected):
        cloud.ready()
    with pytest.raises(NotConnected):
        sign_ins.list_roles(sign_in)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException", "InvalidGrantException"])
def test_a_code_that_is_refused_is_asked_about_no_more(sso: Sso, portal: Connection, code: str) -> None:
    sso.says = [code]
    sign_in = sign_ins.start(portal, KIM)
    error = sign_in.token.exception(timeout=20)
    assert getattr(error, "code", None) == code
    assert sso.asked.count("CreateToken") == 1


def test_a_sign_in_that_is_given_up_asks_no_more(sso: Sso, portal: Connection) -> None:
    sign_in = sign_ins.start(portal, KIM)
    sign_in.cancel()
    assert isinstance(sign_in.token.exception(timeout=20), NotConnected)
    assert "CreateToken" not in sso.asked


def test_the_service_says_how_often_it_may_be_asked() -> None:
    assert sign_ins.next_interval(5, "AuthorizationPendingException") == 5
    assert sign_ins.next_interval(5, "SlowDownException") == 10
    assert sign_ins.next_interval(5, "ExpiredTokenException") is None


def test_a_portal_that_does_not_exist_says_so(sso: Sso, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as caught:
        sign_ins.start(
            connections.find(configured(tmp_path, toml(sso, url="https://no.awsapps.com/start")), "portal"), KIM
        )
    assert caught.value.resource == "https://no.awsapps.com/start"


def test_only_a_portal_can_be_signed_in_to(tmp_path: Path) -> None:
    profile = connections.find(configured(tmp_path, "[accounts.a]\nprofile = 'p'"), "a")
    with pytest.raises(InvalidRequest):
        sign_ins.start(profile, KIM)


def test_no_token_is_in_any_text(sso: Sso, signed_in: SignIn, caplog: pytest.LogCaptureFixture) -> None:
    token = signed_in.token.result()
    assert token.value.startswith("canary-token")
    said = repr(token) + repr(signed_in) + caplog.text
    assert "canary" not in said
