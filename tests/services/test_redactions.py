"""The report that is handed to others: nothing in it tells whose account it was."""

import json
from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.cloud import Account, AccountKind
from services.preflights import Answer, Report
from services.redactions import Masks, shared
from services.refusals import Verdict

ACCOUNT = "998877665544"
CANARIES = (
    ACCOUNT,
    "9988-7766-5544",
    "acme-prod",
    "acme-sso",
    "ASIAIOSFODNN7EXAMPLE",
    "ASIAQQQQQQQQQQQQQQQQ",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "jiwoo.park",
    "jiwoo@acme.example",
    "acme-models-bucket",
    "SecretRoleName",
    "secret-team",
    "FinanceBoundary",
    "10.20.30.40",
    "vpce-0a1b2c3d4e5f",
    "o-a1b2c3d4e5",
    "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "pipeline-of-nobody",
)
MESSAGES = (
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/SecretRoleName/jiwoo.park is not authorized to perform:"
    f" sagemaker:ListEndpoints on resource: arn:aws:sagemaker:ap-northeast-2:{ACCOUNT}:endpoint/*"
    " with an explicit deny in a service control policy:"
    f" arn:aws:organizations::{ACCOUNT}:policy/o-a1b2c3d4e5/service_control_policy/p-12345678",
    f"User: arn:aws:iam::{ACCOUNT}:user/secret-team/jiwoo.park is not authorized because no permissions boundary"
    f" arn:aws:iam::{ACCOUNT}:policy/FinanceBoundary allows it. Encoded authorization failure message:"
    " 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcDEF_123456789abcdefghij",
    f"Account {ACCOUNT} (9988-7766-5544, acme-prod) of jiwoo@acme.example, key ASIAIOSFODNN7EXAMPLE",
    "jiwoo.park came through vpce-0a1b2c3d4e5f at 10.20.30.40 with ASIAQQQQQQQQQQQQQQQQ"
    " and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY, request 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
    "The bucket acme-models-bucket is not 'pipeline-of-nobody'; see https://998877665544.signin.aws.amazon.com/x",
    "arn:aws:s3:::acme-models-bucket/secret-team/file and acme-sso",
)


def report(*messages: str) -> Report:
    answers = tuple(
        Answer("endpoints", Verdict.DENIED, "denied", "sagemaker:ListEndpoints", "AccessDenied", said, 0.2, Decimal(0))
        for said in messages
    )
    roles = (f"arn:aws:iam::{ACCOUNT}:role/secret-team/SecretRoleName",)
    return Report(ACCOUNT, "ap-northeast-2", datetime(2026, 11, 25, tzinfo=UTC), roles, answers, 1.25)


def account() -> Account:
    return Account(
        AccountKind.REAL,
        ACCOUNT,
        alias="acme-prod",
        access_key="ASIAIOSFODNN7EXAMPLE",
        secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        profile="acme-sso",
    )


def test_no_canary_survives() -> None:
    told = shared(report(*MESSAGES), account(), ["acme-models-bucket"])
    assert [canary for canary in CANARIES if canary in told] == []


def test_what_went_wrong_stays_readable() -> None:
    told = json.loads(shared(report(*MESSAGES), account()))
    assert told["region"] == "ap-northeast-2"
    assert told["kind"] == "real"
    first = told["answers"][0]
    assert (first["verdict"], first["action"], first["code"]) == ("denied", "sagemaker:ListEndpoints", "AccessDenied")
    assert "is not authorized to perform: sagemaker:ListEndpoints on resource:" in first["message"]
    assert "with an explicit deny in a service control policy" in first["message"]


def test_the_same_thing_has_the_same_mask() -> None:
    masks = Masks([ACCOUNT])
    masks.learn(MESSAGES[0])
    once, again = masks.masked("jiwoo.park did it"), masks.masked("so did jiwoo.park")
    mask = once.removesuffix(" did it")
    assert mask.startswith("<name ")
    assert again == f"so did {mask}"
    assert masks.masked(ACCOUNT) == masks.masked(ACCOUNT) != mask


def test_an_action_or_a_code_that_is_none_is_masked() -> None:
    odd = Answer("endpoints", Verdict.UNKNOWN, "other", f"{ACCOUNT} x", f"Weird {ACCOUNT}", "")
    told = shared(Report(ACCOUNT, "r", datetime(2026, 11, 25, tzinfo=UTC), answers=(odd,)), account())
    assert ACCOUNT not in told


NAME = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789+=,.@_-", min_size=8, max_size=40).filter(
    lambda name: name.strip(".*")
)


@settings(max_examples=60)
@given(NAME, st.from_regex(r"[1-9]\d{11}", fullmatch=True))
def test_no_name_of_a_user_or_number_of_an_account_survives(name: str, number: str) -> None:
    said = f"User: arn:aws:iam::{number}:user/{name} may not; {name} of {number} should ask"
    told = shared(report(said), account())
    assert number not in told
    assert name not in json.loads(told)["answers"][0]["message"]
