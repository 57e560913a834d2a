"""AWS's own words for no, on the wire, and what the deck makes of them."""

from datetime import UTC, datetime

import pytest

from services.capabilities import BY_KEY
from services.preflights import asked
from services.probes import Question
from services.refusals import BY_METHOD, DENIALS, REFUSALS, Verdict, denial, named_action
from tests.support.scripted_aws import Refuse, ScriptedAws

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WHO = "User: arn:aws:sts::210987654321:assumed-role/Deck/kim is not authorized to perform:"
DENIED = "AccessDeniedException"
COSTS = {"ResultsByTime": [{"TimePeriod": {"Start": "2026-11-24", "End": "2026-11-25"}, "Total": {}, "Groups": []}]}
NO_DATA = (
    "Data is not available. Please try to adjust the time period. If just enabled Cost Explorer, data might not be"
)


@pytest.mark.parametrize(
    ("refusal", "verdict", "reason"),
    [
        (Refuse(DENIED, "User not enabled for cost explorer access"), Verdict.NOT_ENABLED, "costs_off"),
        (Refuse(DENIED, "Linked account doesn't have access to cost explorer."), Verdict.DENIED, "denied_payer"),
        (Refuse("DataUnavailableException", f"{NO_DATA} ingested yet"), Verdict.NOT_READY, "costs_not_ready"),
        (
            Refuse(DENIED, f"{WHO} ce:GetCostAndUsage because no identity-based policy allows it"),
            Verdict.DENIED,
            "denied_no_policy",
        ),
    ],
)
def test_cost_explorer_says_no_in_different_ways(
    scripted_aws: ScriptedAws, refusal: Refuse, verdict: Verdict, reason: str
) -> None:
    scripted_aws.script({"ce:GetCostAndUsage": refusal})
    costs = [BY_KEY["costs"], BY_KEY["costs_by_resource"]]
    answers = list(asked(Question(scripted_aws.cloud(), NOW), costs))
    assert [(each.capability, each.verdict, each.reason) for each in answers] == [
        ("costs", verdict, reason),
        ("costs_by_resource", verdict, reason),
    ]
    assert answers[0].message == refusal.message
    assert scripted_aws.asked == {"ce:GetCostAndUsage": 1}


@pytest.mark.parametrize(
    "refusal",
    [
        Refuse("DataUnavailableException", "The requested data is unavailable."),
        Refuse("ValidationException", "Resource-level data is not enabled"),
        Refuse(DENIED, "This account has not opted in to resource level data."),
    ],
)
def test_costs_without_their_resources_are_an_answer_of_its_own(scripted_aws: ScriptedAws, refusal: Refuse) -> None:
    scripted_aws.script({"ce:GetCostAndUsage": COSTS, "ce:GetCostAndUsageWithResources": refusal})
    answers = list(asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["costs"], BY_KEY["costs_by_resource"]]))
    assert [(each.verdict, each.reason) for each in answers] == [
        (Verdict.ALLOWED, ""),
        (Verdict.NOT_ENABLED, "resources_off"),
    ]


LIST = "sagemaker:ListEndpoints"
ON = f"{WHO} {LIST} on resource: arn:aws:sagemaker:ap-northeast-2:210987654321:endpoint/*"


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        (f"because no identity-based policy allows the {LIST} action", "denied_no_policy"),
        ("with an explicit deny in an identity-based policy", "denied_explicit"),
        ("with an explicit deny in an identity-based policy: arn:aws:iam::210987654321:policy/No", "denied_explicit"),
        ("with an explicit deny in a service control policy", "denied_organization"),
        (f"because no service control policy allows the {LIST} action", "denied_organization"),
        ("with an explicit deny in a resource control policy", "denied_organization"),
        (f"because no permissions boundary allows the {LIST} action", "denied_boundary"),
        ("with an explicit deny in a permissions boundary", "denied_boundary"),
        (f"because no session policy allows the {LIST} action", "denied_session"),
        ("with an explicit deny in a VPC endpoint policy", "denied_endpoint"),
        (f"because no resource-based policy allows the {LIST} action", "denied_resource"),
        ("with an explicit deny", "denied_explicit"),
        ("", "denied"),
    ],
)
def test_a_denial_says_which_policy_and_which_action(scripted_aws: ScriptedAws, tail: str, reason: str) -> None:
    scripted_aws.script({LIST: Refuse(DENIED, f"{ON} {tail}".strip(), 400)})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["endpoints"]])
    assert (answer.verdict, answer.reason, answer.action) == (Verdict.DENIED, reason, LIST)


def test_ec2_denies_in_its_own_words(scripted_aws: ScriptedAws) -> None:
    said = f"You are not authorized to perform this operation. {WHO} ec2:DescribeSpotPriceHistory because no "
    refusal = Refuse("UnauthorizedOperation", f"{said}identity-based policy allows the action", 403)
    scripted_aws.script({"ec2:DescribeSpotPriceHistory": refusal})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY["spot_prices"]])
    assert (answer.verdict, answer.reason) == (Verdict.DENIED, "denied_no_policy")
    assert answer.action == "ec2:DescribeSpotPriceHistory"


@pytest.mark.parametrize(
    ("key", "operation", "refusal", "verdict", "reason"),
    [
        (
            "studio",
            "sagemaker:ListDomains",
            Refuse("UnknownOperationException", "", 404),
            Verdict.NOT_OFFERED,
            "not_here",
        ),
        (
            "budgets",
            "budgets:DescribeBudgets",
            Refuse(DENIED, "Account 1 is a linked account. To enable budgets, ask the payer account for it."),
            Verdict.DENIED,
            "denied_payer",
        ),
        (
            "prices",
            "pricing:GetProducts",
            Refuse("SubscriptionRequiredException", "The AWS Access Key Id needs a subscription for the service", 403),
            Verdict.NOT_ENABLED,
            "not_subscribed",
        ),
        (
            "endpoints",
            LIST,
            Refuse("UnrecognizedClientException", "The security token included in the request is invalid.", 403),
            Verdict.UNKNOWN,
            "signed_out",
        ),
        ("endpoints", LIST, Refuse("InternalFailure", "", 500), Verdict.UNKNOWN, "no_answer"),
        ("endpoints", LIST, Refuse("NewException", "Who knows"), Verdict.UNKNOWN, "other"),
        # Only a practice account may call itself one.
        ("endpoints", LIST, Refuse("NotImplemented", "The practice account", 501), Verdict.UNKNOWN, "other"),
    ],
)
def test_other_ways_to_say_no(
    scripted_aws: ScriptedAws, key: str, operation: str, refusal: Refuse, verdict: Verdict, reason: str
) -> None:
    scripted_aws.script({operation: refusal})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW), [BY_KEY[key]])
    assert (answer.verdict, answer.reason) == (verdict, reason)


@pytest.mark.parametrize(("status", "verdict"), [(404, Verdict.NOT_READY), (403, Verdict.DENIED)])
def test_a_bucket_answers_without_words(scripted_aws: ScriptedAws, status: int, verdict: Verdict) -> None:
    scripted_aws.script({"s3:HEAD": Refuse("", "", status)})
    (answer,) = asked(Question(scripted_aws.cloud(), NOW, bucket="models"), [BY_KEY["bucket"]])
    assert answer.verdict is verdict
    assert answer.action == "s3:ListBucket"


def test_every_rule_has_a_source_and_no_denial_hides_another() -> None:
    rules = [*REFUSALS, *(rule for rules in BY_METHOD.values() for rule in rules)]
    assert [rule for rule in rules if not rule.source] == []
    assert [denial(words.replace("(service|resource)", "service")) for words, _ in DENIALS] == [
        reason for _, reason in DENIALS
    ]
    assert named_action("nothing of the kind") == ""
