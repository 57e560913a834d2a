"""IAM Identity Center for a test: an HTTP server on loopback that speaks sso-oidc and sso, held to botocore's models.

Nothing else here speaks them. The credentials it hands out are sessions of a practice account.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.validate import ParamValidator

from services.sign_ins import GRANT
from tests.support import servers
from tests.support.practice_account import Account

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
START_URL = "https://exchange.awsapps.com/start"


@dataclass
class Sso:
    """What the server knows. `confirm` is what the person does in the browser."""

    practice: Account
    url: str = ""
    says: list[str] = field(default_factory=lambda: ["AuthorizationPendingException"])
    """Errors that CreateToken answers before it looks whether the code was confirmed, one a question."""
    session_seconds: int = 900
    token_seconds: int = 28800
    tokens: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    """Operations, in the order they came in."""

    def confirm(self) -> None:
        """Every code that was handed out so far."""
        self.confirmed |= {f"device-{number}" for number in range(self.asked.count("StartDeviceAuthorization") + 1)}

    def revoke(self) -> None:
        """As when an administrator ends everybody's session, or its hours are over."""
        self.tokens.clear()


class Refused(Exception):
    """An error of the service, by its code."""


def register_client(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    return {"clientId": "client", "clientSecret": "canary-client-secret", "clientSecretExpiresAt": 4102444800}


def start_device_authorization(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    if request["startUrl"] != START_URL:
        raise Refused("InvalidRequestException")
    number = sso.asked.count("StartDeviceAuthorization")
    page = f"{sso.url}/device"
    return {
        "deviceCode": f"device-{number}", "userCode": f"CODE-{number:04}", "verificationUri": page,
        "verificationUriComplete": f"{page}?user_code=CODE-{number:04}", "expiresIn": 600, "interval": 1,
    }  # fmt: skip


def create_token(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    assert request["grantType"] == GRANT
    if sso.says:
        raise Refused(sso.says.pop(0))
    if request["deviceCode"] not in sso.confirmed:
        raise Refused("AuthorizationPendingException")
    token = f"canary-token-{request['deviceCode']}"
    sso.tokens.add(token)
    return {"accessToken": token, "tokenType": "Bearer", "expiresIn": sso.token_seconds}


def list_accounts(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    rows = [(ACCOUNT, "Machine learning"), (OTHER_ACCOUNT, "Archive")]
    return {"accountList": [{"accountId": number, "accountName": name} for number, name in rows]}


def list_account_roles(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    roles = ("MLOperator", "MLViewer") if request["accountId"] == ACCOUNT else ("Auditor",)
    return {"roleList": [{"roleName": role, "accountId": request["accountId"]} for role in roles]}


def get_role_credentials(sso: Sso, request: dict[str, Any]) -> dict[str, Any]:
    role = f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_{request['roleName']}"
    made = sso.practice.client("sts").assume_role(RoleArn=role, RoleSessionName="kim@exchange.example")["Credentials"]
    expires = datetime.now(UTC) + timedelta(seconds=sso.session_seconds)
    return {
        "roleCredentials": {
            "accessKeyId": made["AccessKeyId"], "secretAccessKey": made["SecretAccessKey"],
            "sessionToken": made["SessionToken"], "expiration": int(expires.timestamp() * 1000),
        }
    }  # fmt: skip


OPERATIONS: dict[tuple[str, str], tuple[str, str, Callable[[Sso, dict[str, Any]], dict[str, Any]]]] = {
    ("POST", "/client/register"): ("sso-oidc", "RegisterClient", register_client),
    ("POST", "/device_authorization"): ("sso-oidc", "StartDeviceAuthorization", start_device_authorization),
    ("POST", "/token"): ("sso-oidc", "CreateToken", create_token),
    ("GET", "/assignment/accounts"): ("sso", "ListAccounts", list_accounts),
    ("GET", "/assignment/roles"): ("sso", "ListAccountRoles", list_account_roles),
    ("GET", "/federation/credentials"): ("sso", "GetRoleCredentials", get_role_credentials),
}
_models = {name: botocore.session.Session().get_service_model(name) for name in ("sso", "sso-oidc")}


def _query(service: str, operation: str, query: str) -> dict[str, Any]:
    """Members of the query string by their names in the model."""
    shape = _models[service].operation_model(operation).input_shape
    assert shape is not None
    names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    return {names[name]: values[0] for name, values in parse_qs(query).items()}


def _checked(service: str, operation: str, said: dict[str, Any], side: str) -> dict[str, Any]:
    shape = getattr(_models[service].operation_model(operation), f"{side}_shape")
    report = ParamValidator().validate(said, shape)
    assert not report.has_errors(), f"{operation}: {report.generate_report()}"
    return said


@contextmanager
def serving(practice: Account) -> Iterator[Sso]:
    """The server, ended afterwards."""
    sso = Sso(practice)

    class Handler(servers.Handler):
        def serve(self) -> None:
            parts = urlsplit(self.path)
            service, operation, answer = OPERATIONS[self.command, parts.path]
            body = self.body()
            request = json.loads(body) if body else _query(service, operation, parts.query)
            token = self.headers.get("x-amz-sso_bearer_token")
            if token:
                request["accessToken"] = token
            assert "Authorization" not in self.headers, f"{operation} needs no signature"
            sso.asked.append(operation)
            try:
                if service == "sso" and token not in sso.tokens:
                    raise Refused("UnauthorizedException")
                reply = answer(sso, _checked(service, operation, request, "input"))
                self._send(200, _checked(service, operation, reply, "output"))
            except Refused as refused:
                status = 401 if str(refused) == "UnauthorizedException" else 400
                self._send(status, {"message": "no", "error": "no"}, str(refused))

        def _send(self, status: int, said: dict[str, Any], error: str = "") -> None:
            headers = {"Content-Type": "application/json"} | ({"x-amzn-ErrorType": error} if error else {})
            self.answer(status, json.dumps(said).encode(), headers)

    with servers.serving(Handler) as sso.url:
        yield sso
