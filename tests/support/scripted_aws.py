"""An AWS on loopback that says what a test tells it to, in AWS's wire protocols: AWS JSON 1.1, Query and EC2 Query.

For what a practice account cannot be brought to say: an organization's denial, a payer's, a switch that is off.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import pytest

from services.cloud import Account, AccountKind, Cloud
from tests.support import servers

REGION = "ap-northeast-2"
ACCOUNT_ID = "210987654321"


@dataclass(frozen=True, slots=True)
class Refuse:
    """An error reply."""

    code: str
    message: str
    status: int = 400


@dataclass(slots=True)
class ScriptedAws:
    """`answers`: `signing name:Operation` → JSON or XML to answer with, or an error. What is not there is a 501."""

    answers: dict[str, dict[str, Any] | str | Refuse] = field(default_factory=dict)
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    """How often each operation was asked for."""
    values: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """What the last request of a Query operation said."""
    released: threading.Event = field(default_factory=threading.Event)
    silent: frozenset[str] = frozenset()
    """Operations that get no answer before the end of the test."""

    def script(self, answers: Mapping[str, dict[str, Any] | str | Refuse], *silent: str) -> None:
        """From now on it says this, and nothing at all to the silent ones."""
        self.answers, self.silent = dict(answers), frozenset(silent)

    def forget(self) -> None:
        """As if nothing had been asked; who waits for an answer gets one."""
        self.released.set()
        self.released = threading.Event()
        self.script({})
        self.asked.clear()
        self.values.clear()

    def cloud(self) -> Cloud:
        """As a real account would be seen; credentials come from the environment."""
        return Cloud(Account(AccountKind.REAL, ACCOUNT_ID, endpoint_url=self.url), REGION)


@contextmanager
def serving(aws: ScriptedAws) -> Iterator[ScriptedAws]:
    """The server while the block runs."""

    class Handler(servers.Handler):
        def serve(self) -> None:
            body = self.body().decode()
            scope = re.search(r"Credential=[^/]+/\d+/[\w-]+/([\w-]+)/", self.headers.get("Authorization", ""))
            target = self.headers.get("X-Amz-Target", "")
            operation = target.rpartition(".")[2] or parse_qs(body).get("Action", [self.command])[0]
            name = f"{scope.group(1) if scope else ''}:{operation}"
            aws.asked[name] += 1
            aws.values[name] = {} if target else parse_qs(body)
            if name in aws.silent:
                aws.released.wait(30)
            self._say(*_reply(aws.answers.get(name, Refuse("NotImplemented", f"no {name}", 501)), bool(target), name))

        def _say(self, status: int, content_type: str, said: str) -> None:
            self.answer(status, said.encode(), {"Content-Type": content_type})

    with servers.serving(Handler) as aws.url:
        try:
            yield aws
        finally:
            aws.released.set()


@pytest.fixture(scope="session")
def _scripted_server() -> Iterator[ScriptedAws]:
    with serving(ScriptedAws()) as aws:
        yield aws


@pytest.fixture
def scripted_aws(_scripted_server: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedAws]:
    """One server for all tests, as clients are dear to make; it has forgotten what the last one said."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    _scripted_server.forget()
    yield _scripted_server
    _scripted_server.forget()


def _reply(answer: dict[str, Any] | str | Refuse, is_json: bool, name: str) -> tuple[int, str, str]:
    if isinstance(answer, str):
        return 200, "text/xml", answer
    if isinstance(answer, dict):
        return 200, "application/x-amz-json-1.1", json.dumps(answer)
    if is_json:
        said = {"__type": answer.code, "Message" if name.startswith("ce:") else "message": answer.message}
        return answer.status, "application/x-amz-json-1.1", json.dumps(said)
    inner = f"<Error><Code>{answer.code}</Code><Message>{escape(answer.message)}</Message></Error>"
    if name.startswith("ec2:"):
        return answer.status, "text/xml", f"<Response><Errors>{inner}</Errors><RequestID>r</RequestID></Response>"
    return answer.status, "text/xml", f"<ErrorResponse>{inner}<RequestId>r</RequestId></ErrorResponse>"


def identity(arn: str) -> str:
    """What sts:GetCallerIdentity answers."""
    result = f"<Arn>{arn}</Arn><UserId>AIDASCRIPTED</UserId><Account>{ACCOUNT_ID}</Account>"
    return (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        f"<GetCallerIdentityResult>{result}</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


def simulation(decisions: dict[str, str], details: str = "") -> str:
    """What iam:SimulatePrincipalPolicy answers: action → decision; `details` is XML in each result."""
    members = "".join(
        f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision>{details if decision != 'allowed' else ''}</member>"
        for action, decision in decisions.items()
    )
    return (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        "<SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
        f"<EvaluationResults>{members}</EvaluationResults>"
        "</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
