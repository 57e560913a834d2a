"""What a policy says, decided as IAM's documentation says it must be."""

from typing import Any

import pytest

from practice.permissions.policies import Grant, Wanted, read_policy, refusal

BUCKET = "arn:aws:s3:::bucket"
STOP, JOB = "sagemaker:StopTrainingJob", "arn:aws:sagemaker:ap-northeast-2:123456789012:training-job/j"


def statement(effect: str = "Allow", **said: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": STOP, "Resource": JOB, **said}


def grant(*statements: dict[str, Any], kind: str = "identity-based policy") -> Grant:
    return Grant(kind, read_policy({"Version": "2012-10-17", "Statement": list(statements)}))


def allowed(*statements: dict[str, Any], action: str = STOP, resource: str | None = JOB, **context: Any) -> bool:
    keys = {key.replace("__", ":").replace("_", "/"): value for key, value in context.items()}
    return refusal([grant(*statements)], Wanted(action, resource, keys)) is None


def conditioned(condition: dict[str, Any], effect: str = "Allow", **context: Any) -> bool:
    other = [] if effect == "Allow" else [statement()]
    return allowed(*other, statement(effect, Condition=condition), **context)


@pytest.mark.parametrize(
    ("said", "does"),
    [
        ({}, True),
        ({"Action": "sagemaker:Stop*"}, True),
        ({"Action": ["s3:*", "SAGEMAKER:stoptrainingjo?"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "sagemaker:Stop"}, False),
        ({"Action": "sagemaker.StopTrainingJob"}, False),
        ({"Action": []}, False),
        ({"Resource": "*"}, True),
        ({"Resource": "arn:aws:sagemaker:*:*:training-job/*"}, True),
        ({"Resource": [BUCKET, JOB[:-1] + "?"]}, True),
        ({"Resource": JOB.upper()}, False),
        ({"Resource": JOB + "?"}, False),
        ({"Resource": "arn:aws:sagemaker:*:*:endpoint/*"}, False),
    ],
)
def test_actions_and_resources_are_met_with_wildcards(said: dict[str, Any], does: bool) -> None:
    assert allowed(statement(**said)) is does


def test_what_is_not_named_by_not_action_and_not_resource_is_meant() -> None:
    def but(**said: Any) -> dict[str, Any]:
        return {"Effect": "Allow", **said}

    assert allowed(but(NotAction="s3:*", Resource="*"))
    assert not allowed(but(NotAction="sagemaker:*", Resource="*"))
    assert allowed(but(Action="*", NotResource=BUCKET))
    assert not allowed(but(Action="*", NotResource=[BUCKET, JOB]))
    assert not allowed(but(Action="*", NotResource="*"))


def test_a_deny_wins_in_whatever_order_and_without_an_allow_nothing_goes() -> None:
    assert not allowed()
    assert not allowed(statement("Deny"), statement())
    assert not allowed(statement(), statement("Deny", Action="*", Resource="*"))
    assert allowed(statement(), statement("Deny", Action="s3:*"))


def test_an_action_without_resources_needs_a_statement_about_all() -> None:
    assert allowed(statement(Resource="*"), resource="*")
    assert not allowed(statement(Resource="arn:aws:sagemaker:*"), resource="*")


def test_of_a_resource_that_is_not_known_only_all_is_allowed_and_any_is_denied() -> None:
    assert allowed(statement(Resource="*"), resource=None)
    assert not allowed(statement(), resource=None)
    assert not allowed(statement(Resource="*"), statement("Deny"), resource=None)
    assert allowed(statement(Resource="*"), statement("Deny", Action="s3:*"), resource=None)


@pytest.mark.parametrize(
    ("operator", "said", "values", "does"),
    [
        ("StringEquals", "a", ("a",), True),
        ("StringEquals", ["b", "a"], ("a",), True),
        ("StringEquals", "a*", ("ab",), False),
        ("StringEquals", "A", ("a",), False),
        ("StringEquals", "a", (), False),
        ("StringEqualsIfExists", "a", (), True),
        ("StringEqualsIfExists", "a", ("b",), False),
        ("StringEqualsIgnoreCase", "A", ("a",), True),
        ("StringNotEqualsIgnoreCase", "A", ("a",), False),
        ("StringNotEquals", "a", ("b",), True),
        ("StringNotEquals", ["a", "b"], ("b",), False),
        ("StringNotEquals", "a", (), True),
        ("StringLike", "a*", ("abc",), True),
        ("stringlike", "?", ("abc",), False),
        ("StringNotLike", "a*", ("abc",), False),
        ("Bool", "true", ("true",), True),
        ("Bool", True, ("true",), True),
        ("Bool", "false", ("true",), False),
        ("Null", "true", (), True),
        ("Null", "false", (), False),
        ("Null", False, ("x",), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("ForAllValues:StringEquals", ["a", "b"], ("a", "c"), False),
        ("ForAllValues:StringEquals", "a", (), True),
        ("ForAllValues:StringNotEquals", "a", ("b", "a"), False),
        ("ForAnyValue:StringEquals", ["a", "b"], ("c", "b"), True),
        ("ForAnyValue:StringLike", "x*", ("a", "b"), False),
        ("ForAnyValue:StringEquals", "a", (), False),
        ("NumericLessThanEquals", "5", ("5",), True),
        ("NumericEquals", 5, ("5.0",), True),
        ("NumericNotEquals", 5, ("6",), True),
        ("NumericLessThan", "5", ("5",), False),
        ("NumericGreaterThan", "5", ("6",), True),
        ("NumericGreaterThanEquals", "5", ("6",), True),
        ("NumericEquals", "5", ("five",), False),
        ("ArnLike", "arn:aws:iam::*:role/x*", ("arn:aws:iam::1:role/xy",), True),
        ("ArnEquals", "arn:aws:iam::*:role/x", ("arn:aws:iam::1:role/x",), True),
        ("ArnLike", "arn:aws:*:role/x", ("arn:aws:iam::1:role/x",), False),
        ("ArnNotLike", "arn:aws:iam::*:role/x*", ("arn:aws:iam::1:role/xy",), False),
        ("ArnNotEquals", "arn:aws:iam::*:role/x*", ("arn:aws:iam::1:user/xy",), True),
    ],
)
def test_every_operator_says_what_aws_says(operator: str, said: Any, values: tuple[str, ...], does: bool) -> None:
    assert conditioned({operator: {"aws:TagKeys": said}}, aws__tagkeys=values) is does
    assert conditioned({operator: {"aws:TagKeys": said}}, "Deny", aws__tagkeys=values) is not does


def test_every_condition_must_hold() -> None:
    two = {"StringEquals": {"aws:RequestedRegion": "r", "aws:TagKeys": "k"}, "Bool": {"aws:SecureTransport": "true"}}
    met: dict[str, Any] = {"aws__requestedregion": ("r",), "aws__tagkeys": ("k",), "aws__securetransport": ("true",)}
    assert conditioned(two, **met)
    for key in met:
        assert not conditioned(two, **{**met, key: ("other",)})


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:TagKeys": "10.0.0.0/8"}},
        {"DateLessThan": {"aws:TagKeys": "2030-01-01T00:00:00Z"}},
        {"ForSomeValues:StringEquals": {"aws:TagKeys": "a"}},
        {"StringEquals": {"aws:SourceVpc": "a"}},
        {"StringNotEquals": {"aws:ResourceTag/team": "a"}},
        {"Null": {"aws:SourceIp": "true"}},
        {"StringEquals": {"aws:TagKeys": "${aws:SourceVpc}"}},
    ],
)
def test_what_cannot_be_judged_forbids_and_never_allows(condition: dict[str, Any]) -> None:
    assert not conditioned(condition, aws__tagkeys=("a",))
    assert not conditioned(condition, "Deny", aws__tagkeys=("a",))


def test_a_condition_that_fails_settles_a_statement_whatever_else_it_asks() -> None:
    asked = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert conditioned(asked, "Deny", aws__requestedregion=("ap-northeast-2",))
    assert not conditioned(asked, "Deny", aws__requestedregion=("us-east-1",))


def test_tags_of_a_resource_that_are_known_are_judged() -> None:
    own = statement(Condition={"StringEquals": {"aws:ResourceTag/Owner": "kim"}})
    for owner, does in (("kim", True), ("lee", False)):
        wanted = Wanted(STOP, JOB, {"aws:resourcetag/owner": (owner,)}, tags_known=True)
        assert (refusal([grant(own)], wanted) is None) is does
    assert refusal([grant(own)], Wanted(STOP, JOB, {}, tags_known=True)) is not None


def test_variables_are_filled_in() -> None:
    own = statement(Resource=JOB[:-1] + "${aws:username}-*")
    assert allowed(own, resource=JOB[:-1] + "kim-1", aws__username=("kim",))
    assert not allowed(own, resource=JOB[:-1] + "lee-1", aws__username=("kim",))
    assert not allowed(own, resource=JOB[:-1] + "kim-1")
    assert not allowed(own, resource=JOB[:-1] + "kim*1", aws__username=("*",))
    assert allowed(statement(Resource=JOB[:-1] + "${*}"), resource=JOB[:-1] + "*")
    assert not allowed(statement(Resource=JOB[:-1] + "${*}"))


def test_every_grant_must_allow_and_the_refusal_says_which_does_not() -> None:
    wanted = Wanted(STOP, JOB)
    own, boundary = grant(statement()), grant(statement(Action="s3:*"), kind="permissions boundary")
    session = grant(statement("Deny"), kind="session policy")
    assert refusal([], wanted) is None
    assert refusal([own], wanted) is None
    assert refusal([boundary, own], wanted) == f"because no permissions boundary allows the {STOP} action"
    assert refusal([own, session], wanted) == "with an explicit deny in a session policy"
    assert refusal([grant()], wanted) == f"because no identity-based policy allows the {STOP} action"
    assert refusal([grant(statement("Deny"))], wanted) == "with an explicit deny in an identity-based policy"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"Statement": [1]}', '{"Statement": {"Effect": "Allow"}}', "null"])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"policy|JSON|Expecting"):
        read_policy(text)
