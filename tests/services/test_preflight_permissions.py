"""The preflight of a practice account equals what its IAM allows: computed from the policy, action by action."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.capabilities import BY_KEY, CAPABILITIES
from services.cloud import Cloud
from services.identities import shipped
from services.preflights import Answer, fly
from services.probes import Question, Read, Simulation
from services.refusals import Verdict
from tests.support.deck_wishes import BUCKET, cloud_of
from tests.support.practice_account import Account

ROLES = {
    "arn:aws:iam::123456789012:role/flightdeck-execution": "sagemaker.amazonaws.com",
    "arn:aws:iam::123456789012:role/flightdeck-scheduler": "scheduler.amazonaws.com",
}
ALWAYS = {"sts:GetCallerIdentity"}
"""What no policy needs to allow: docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html."""
LOOKING = ("viewer",)
WORKING = ("viewer", "operator")


@dataclass(frozen=True, slots=True)
class Case:
    """An identity: shipped policies, less the statements that name an action, and one action that is denied."""

    name: str
    policies: tuple[str, ...] = ()
    without: str = ""
    denied: str = ""

    def statements(self) -> list[dict[str, Any]]:
        held = [each for name in self.policies for each in shipped(name)["Statement"]]
        kept = [each for each in held if self.without not in _actions(each)]
        return [*kept, *([{"Effect": "Deny", "Action": self.denied, "Resource": "*"}] if self.denied else [])]


CASES = (
    Case("nobody"),
    Case("viewer", LOOKING),
    Case("operator", WORKING),
    Case("unlisted", LOOKING, without="sagemaker:ListEndpoints"),
    Case("uncounted", LOOKING, without="cloudwatch:GetMetricData"),
    Case("unasked", WORKING, without="iam:SimulatePrincipalPolicy"),
    Case("unlaunched", WORKING, without="sagemaker:CreateTrainingJob"),
    Case("unlogged", LOOKING, denied="logs:DescribeLogGroups"),
    Case("unstopped", WORKING, denied="sagemaker:StopNotebookInstance"),
)


def _actions(statement: Mapping[str, Any]) -> Sequence[str]:
    said: str | list[str] = statement["Action"]
    return [said] if isinstance(said, str) else said


def expected(case: Case, action: str) -> str:
    """Why an action is denied, empty when it is allowed."""
    if action == case.denied:
        return "denied_explicit"
    allowed = {each for statement in case.statements() for each in _actions(statement)} | ALWAYS
    return "" if action in allowed else "denied_no_policy"


def ask(cloud: Cloud) -> dict[str, Answer]:
    question = Question(cloud, datetime.now(UTC), BUCKET, ROLES)
    return {answer.capability: answer for answer in fly(question).answers}


@pytest.fixture(scope="module")
def owner(shared_practice: Account) -> dict[str, Answer]:
    """What the account's own key is told: nothing is denied to it."""
    return ask(cloud_of(shared_practice))


@pytest.fixture
def user(shared_practice: Account, case: Case) -> Cloud:
    """The account as the user of the case sees it."""
    iam, name = shared_practice.client("iam"), f"preflight-{case.name}"
    iam.create_user(UserName=name)
    if case.statements():
        document = {"Version": "2012-10-17", "Statement": case.statements()}
        iam.put_user_policy(UserName=name, PolicyName="case", PolicyDocument=json.dumps(document))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    cloud = cloud_of(shared_practice)
    account = replace(cloud.account, access_key=key["AccessKeyId"], secret_key=key["SecretAccessKey"])
    return Cloud(account, cloud.region)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_equals_what_iam_allows(owner: dict[str, Answer], user: Cloud, case: Case) -> None:
    answers = ask(user)
    for capability in CAPABILITIES:
        answer, of_owner = answers[capability.key], owner[capability.key]
        if of_owner.verdict is Verdict.NOT_OFFERED:
            assert answer.verdict in (Verdict.NOT_OFFERED, Verdict.DENIED)
        elif isinstance(capability.probe, Read):
            reason = expected(case, capability.actions[0])
            told = (Verdict.DENIED, reason) if reason else (of_owner.verdict, of_owner.reason)
            assert (answer.verdict, answer.reason) == told or _is_wordless(answer, reason), capability.key
        else:
            assert isinstance(capability.probe, Simulation)
            assert (answer.verdict, answer.reason) == _simulated(case, capability.actions), capability.key


def _is_wordless(answer: Answer, reason: str) -> bool:
    """A HEAD has no body: S3 denies without saying why."""
    return bool(reason) and answer.capability == "bucket" and answer.reason == "denied"


def _simulated(case: Case, actions: Sequence[str]) -> tuple[Verdict, str]:
    if expected(case, "iam:SimulatePrincipalPolicy"):
        return Verdict.UNKNOWN, "untold"
    reasons = [reason for action in actions if (reason := expected(case, action))]
    return (Verdict.DENIED, reasons[0]) if reasons else (Verdict.ALLOWED, "")


def test_every_case_is_told_from_the_account_of_its_owner(owner: dict[str, Answer]) -> None:
    assert set(owner) == set(BY_KEY)
    assert [answer for answer in owner.values() if answer.verdict is Verdict.DENIED] == []
