"""The preflight: every capability answered once, at once, for a known price, whatever AWS does."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from services import preflights
from services.capabilities import BY_KEY, CAPABILITIES, most_usd
from services.cloud import Cloud
from services.preflights import Answer, asked, fly
from services.probes import Question, Read
from services.refusals import Verdict
from tests.support.deck_wishes import BUCKET, EXECUTION, SCHEDULER
from tests.support.scripted_aws import Refuse, ScriptedAws

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LACKING = {"NotImplemented"}
SEEN = {
    *("identity", "region", "notebooks", "trainings", "endpoints", "logs", "metrics", "tags", "quotas"),
    *("guards", "offerings", "spot_prices", "budgets"),
}
"""What a practice account has for certain; it may grow to have more."""
DENIED = Refuse("AccessDeniedException", "User: x is not authorized to perform: sagemaker:Y", 403)


def question(cloud: Cloud) -> Question:
    roles = {EXECUTION: "sagemaker.amazonaws.com", SCHEDULER: "scheduler.amazonaws.com"}
    return Question(cloud, NOW, BUCKET, roles)


def by_key(answers: tuple[Answer, ...]) -> dict[str, Answer]:
    return {answer.capability: answer for answer in answers}


def test_the_accounts_own_key_may_do_all_that_practice_has(shared_cloud: Cloud) -> None:
    seen: list[str] = []
    report = fly(question(shared_cloud), lambda answer: seen.append(answer.capability))
    assert sorted(seen) == sorted(BY_KEY)
    assert [answer.capability for answer in report.answers] == list(BY_KEY)
    verdicts = {answer.capability: answer.verdict for answer in report.answers}
    assert {key for key in SEEN if verdicts[key] is not Verdict.ALLOWED} == set()
    assert Verdict.DENIED not in verdicts.values()
    lacking = [answer for answer in report.answers if answer.verdict is Verdict.NOT_OFFERED]
    assert {answer.reason for answer in lacking} == {"practice_lacks"}
    assert {answer.code for answer in lacking} <= {"NotImplemented", ""}
    assert report.ready
    assert report.seconds < 60
    assert report.usd == 0


def test_it_changes_nothing_and_costs_five_cents_at_most() -> None:
    reads = [each.probe for each in CAPABILITIES if isinstance(each.probe, Read)]
    assert [read.method for read in reads if read.method.split("_")[0] not in READING] == []
    assert most_usd() <= Decimal("0.05")
    priced = [read.method for read in reads if read.usd >= Decimal("0.01")]
    assert priced == ["get_cost_and_usage", "get_cost_and_usage_with_resources"]


READING = {"get", "list", "describe", "lookup", "head"}


def test_what_costs_money_is_asked_once_though_aws_is_busy(scripted_aws: ScriptedAws) -> None:
    busy = Refuse("ThrottlingException", "Rate exceeded", 400)
    scripted_aws.script({"ce:GetCostAndUsage": busy, "sagemaker:ListEndpoints": busy})
    chosen = [BY_KEY["costs"], BY_KEY["costs_by_resource"], BY_KEY["endpoints"]]
    answers = by_key(tuple(asked(question(scripted_aws.cloud()), chosen)))
    assert scripted_aws.asked == {"ce:GetCostAndUsage": 1, "sagemaker:ListEndpoints": 5}
    assert {answer.reason for answer in answers.values()} == {"throttled"}
    assert answers["costs"].usd == Decimal("0.01")
    assert answers["costs_by_resource"].usd == 0


def test_one_service_that_says_nothing_holds_up_nothing_else(
    scripted_aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflights, "LONGEST_SECONDS", 1.5)
    scripted_aws.script({"sagemaker:ListEndpoints": {"Endpoints": []}}, "ce:GetCostAndUsage")
    chosen = [BY_KEY["costs"], BY_KEY["costs_by_resource"], BY_KEY["endpoints"]]
    answers = list(asked(question(scripted_aws.cloud()), chosen))
    assert [(each.capability, each.verdict, each.reason) for each in answers] == [
        ("endpoints", Verdict.ALLOWED, ""),
        ("costs", Verdict.UNKNOWN, "no_answer"),
        ("costs_by_resource", Verdict.UNKNOWN, "no_answer"),
    ]


def test_the_details_of_costs_are_asked_for_once_costs_are_there(scripted_aws: ScriptedAws) -> None:
    costs = {"ResultsByTime": [{"TimePeriod": {"Start": "2026-11-24", "End": "2026-11-25"}, "Total": {}, "Groups": []}]}
    scripted_aws.script({"ce:GetCostAndUsage": costs, "ce:GetCostAndUsageWithResources": costs})
    answers = list(asked(question(scripted_aws.cloud()), [BY_KEY["costs"], BY_KEY["costs_by_resource"]]))
    assert [(each.capability, each.verdict) for each in answers] == [
        ("costs", Verdict.ALLOWED),
        ("costs_by_resource", Verdict.ALLOWED),
    ]
    assert sum(each.usd for each in answers) == Decimal("0.02")


def test_without_what_is_needed_it_is_not_ready() -> None:
    report = preflights.Report("1", "r", NOW, answers=tuple(Answer(key, Verdict.ALLOWED) for key in BY_KEY))
    assert report.ready
    for one, other in pairwise((Verdict.ALLOWED, Verdict.DENIED, Verdict.UNKNOWN, Verdict.NOT_READY)):
        assert one is not other
        answers = tuple(Answer(key, other if key == "endpoints" else Verdict.ALLOWED) for key in BY_KEY)
        assert not preflights.Report("1", "r", NOW, answers=answers).ready
    answers = tuple(Answer(key, Verdict.ALLOWED if BY_KEY[key].needed else Verdict.DENIED) for key in BY_KEY)
    assert preflights.Report("1", "r", NOW, answers=answers).ready


@pytest.mark.parametrize(
    ("opted", "verdict", "reason"),
    [("opted-in", Verdict.ALLOWED, ""), ("not-opted-in", Verdict.NOT_ENABLED, "region_off")],
)
def test_a_region_that_is_off_says_so(scripted_aws: ScriptedAws, opted: str, verdict: Verdict, reason: str) -> None:
    region = f"<item><regionName>me-central-1</regionName><optInStatus>{opted}</optInStatus></item>"
    xml = f"<DescribeRegionsResponse><regionInfo>{region}</regionInfo></DescribeRegionsResponse>"
    scripted_aws.script({"ec2:DescribeRegions": xml})
    (answer,) = asked(question(scripted_aws.cloud()), [BY_KEY["region"]])
    assert (answer.verdict, answer.reason) == (verdict, reason)


def test_nothing_to_export_is_a_switch_that_is_off(scripted_aws: ScriptedAws) -> None:
    scripted_aws.script(
        {"bcm-data-exports:ListExports": {"Exports": []}, "cur:DescribeReportDefinitions": {"ReportDefinitions": []}}
    )
    answers = by_key(tuple(asked(question(scripted_aws.cloud()), [BY_KEY["exports"], BY_KEY["reports"]])))
    assert answers["exports"].reason == "no_export"
    assert answers["reports"].reason == "no_report"
    assert {answer.verdict for answer in answers.values()} == {Verdict.NOT_ENABLED}


def test_without_a_way_to_aws_a_service_is_not_offered_only_where_aws_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    nowhere = ScriptedAws(url="http://127.0.0.1:9").cloud()
    (answer,) = asked(question(nowhere), [BY_KEY["endpoints"]])
    assert (answer.verdict, answer.reason) == (Verdict.UNKNOWN, "no_answer")
