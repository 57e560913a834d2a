"""The table of capabilities: true to AWS's own models, and whole."""

import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.validate import ParamValidator

from services.capabilities import BY_KEY, CAPABILITIES, statement
from services.cloud import Account, AccountKind, Cloud
from services.probes import Capability, Question, Read
from services.refusals import BY_METHOD

QUESTION = Question(
    Cloud(Account(AccountKind.REAL, "210987654321"), "ap-northeast-2"),
    datetime(2026, 11, 25, tzinfo=UTC),
    bucket="models",
    passed_roles={"arn:aws:iam::210987654321:role/a": "sagemaker.amazonaws.com"},
)
READS = [each for each in CAPABILITIES if isinstance(each.probe, Read)]
NAMED_OTHERWISE = {"HeadBucket": "s3:ListBucket", "DescribeBudgets": "budgets:ViewBudget"}
"""Operations whose action has another name: docs.aws.amazon.com/service-authorization/latest/reference."""
PREFIXES = {"service-quotas": "servicequotas", "resourcegroupstaggingapi": "tag"}


@pytest.mark.parametrize("capability", READS, ids=lambda each: each.key)
def test_a_probe_is_a_valid_request_of_the_first_action(capability: Capability) -> None:
    probe = capability.probe
    assert isinstance(probe, Read)
    model = botocore.session.get_session().get_service_model(probe.service)
    name = next(name for name in model.operation_names if botocore.xform_name(name) == probe.method)
    shape = model.operation_model(name).input_shape
    assert shape is not None
    assert ParamValidator().validate(probe.request(QUESTION), shape).generate_report() == ""
    action = NAMED_OTHERWISE.get(name, f"{PREFIXES.get(probe.service, probe.service)}:{name}")
    assert capability.actions[0] == action


def test_every_key_is_told_once_and_followers_follow_something() -> None:
    assert len(BY_KEY) == len(CAPABILITIES)
    assert {each.probe.after for each in CAPABILITIES if isinstance(each.probe, Read) and each.probe.after} <= set(
        BY_KEY
    )
    assert set(BY_METHOD) <= {
        *(each.probe.method for each in CAPABILITIES if isinstance(each.probe, Read)),
        "simulate_principal_policy",
    }


@pytest.mark.parametrize("capability", CAPABILITIES, ids=lambda each: each.key)
def test_the_fix_is_a_statement_that_names_the_actions(capability: Capability) -> None:
    said = json.loads(json.dumps(statement(capability, list(QUESTION.passed_roles))))
    assert said["Effect"] == "Allow"
    assert said["Sid"].isalnum()
    assert said["Action"] == list(capability.actions)
    assert "*" not in "".join(said["Action"])


def test_a_role_may_be_passed_to_two_services_alone() -> None:
    said = statement(BY_KEY["pass_role"], list(QUESTION.passed_roles))
    assert said["Resource"] == ["arn:aws:iam::210987654321:role/a"]
    assert said["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "sagemaker.amazonaws.com",
        "scheduler.amazonaws.com",
    ]
    assert statement(BY_KEY["pass_role"])["Resource"] == "*"
