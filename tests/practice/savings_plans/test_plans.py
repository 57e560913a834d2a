"""A plan's life: bought or queued, paid, in force until its term is over, or given back; and what it costs when."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_account import Local

DAYS = 365


@pytest.fixture
def plans(local: Local) -> Any:
    return local.client("savingsplans", "us-east-1")


def offering(plans: Any, description: str) -> str:
    [found] = plans.describe_savings_plans_offerings(descriptions=[description])["searchResults"]
    return str(found["offeringId"])


def buy(plans: Any, description: str = "1 year No Upfront Compute Savings Plan", **request: Any) -> str:
    request.setdefault("commitment", "1.5")
    made = plans.create_savings_plan(savingsPlanOfferingId=offering(plans, description), **request)
    return str(made["savingsPlanId"])


def shown(plans: Any, identity: str) -> dict[str, Any]:
    [plan] = plans.describe_savings_plans(savingsPlanIds=[identity])["savingsPlans"]
    found: dict[str, Any] = plan
    return found


def refused(call: Any, *arguments: Any, **request: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **request)
    return caught.value.response["Error"]["Code"], caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_plan_is_paid_holds_for_its_term_and_retires(local: Local, plans: Any) -> None:
    at = local.world.clock.now()
    identity = buy(plans, tags={"team": "ml"})
    pending = shown(plans, identity)
    assert pending["state"] == "payment-pending"
    local.advance(minutes=2)
    plan = shown(plans, identity)
    assert plan["state"] == "active"
    assert plan["savingsPlanArn"] == f"arn:aws:savingsplans::123456789012:savingsplan/{identity}"
    assert (plan["savingsPlanType"], plan["paymentOption"]) == ("Compute", "No Upfront")
    assert plan["description"] == "1 year No Upfront Compute Savings Plan"
    assert plan["productTypes"] == ["EC2", "Fargate", "Lambda"]
    assert plan["start"].startswith(f"{at:%Y-%m-%dT%H:%M}")
    assert plan["end"][:10] == f"{at + timedelta(days=DAYS) - timedelta(seconds=1):%Y-%m-%d}"
    assert plan["tags"] == {"team": "ml"}
    assert not {"region", "ec2InstanceFamily"} & plan.keys()
    local.restart()
    again = local.client("savingsplans", "us-east-1")
    assert shown(again, identity) == plan
    local.advance(days=DAYS)
    assert shown(again, identity)["state"] == "retired"


@pytest.mark.parametrize(
    ("payment", "upfront", "at_start", "hourly"),
    [
        ("No Upfront", None, "0", "1.5"),
        ("All Upfront", None, "13140", "0"),
        ("Partial Upfront", None, "6570", "0.75"),
        ("Partial Upfront", "10000", "10000", "0.35845"),
        ("Partial Upfront", "13008", "13008", "0.01507"),
    ],
)
def test_a_commitment_is_paid_at_the_start_by_the_hour_or_both(
    plans: Any, payment: str, upfront: str | None, at_start: str, hourly: str
) -> None:
    more = {} if upfront is None else {"upfrontPaymentAmount": upfront}
    plan = shown(plans, buy(plans, f"1 year {payment} SageMaker Savings Plan", **more))
    assert Decimal(plan["commitment"]) == Decimal("1.5")
    assert Decimal(plan["upfrontPaymentAmount"]) == Decimal(at_start)
    assert Decimal(plan["recurringPaymentAmount"]) == Decimal(hourly)
    assert plan["termDurationInSeconds"] == DAYS * 24 * 3600


@pytest.mark.parametrize(
    ("payment", "request_"),
    [
        ("No Upfront", {"commitment": "0.0009"}),
        ("No Upfront", {"commitment": "1000001"}),
        ("No Upfront", {"commitment": "1.123456"}),
        ("No Upfront", {"commitment": "a lot"}),
        ("No Upfront", {"commitment": "NaN"}),
        ("No Upfront", {"upfrontPaymentAmount": "100"}),
        ("All Upfront", {"upfrontPaymentAmount": "13140"}),
        ("Partial Upfront", {"upfrontPaymentAmount": "6569"}),
        ("Partial Upfront", {"upfrontPaymentAmount": "13009"}),
        ("Partial Upfront", {"upfrontPaymentAmount": "7000.5"}),
    ],
)
def test_an_amount_out_of_bounds_is_refused(plans: Any, payment: str, request_: dict[str, Any]) -> None:
    assert refused(buy, plans, f"1 year {payment} Compute Savings Plan", **request_) == ("ValidationException", 400)
    assert plans.describe_savings_plans()["savingsPlans"] == []


@pytest.mark.parametrize("commitment", ["0.001", "1000000", "1.12345", "20.50000000"])
def test_an_amount_within_bounds_is_taken(plans: Any, commitment: str) -> None:
    assert Decimal(shown(plans, buy(plans, commitment=commitment))["commitment"]) == Decimal(commitment)


def test_an_unknown_offering_or_plan_is_refused(plans: Any) -> None:
    gone = ("ResourceNotFoundException", 404)
    assert refused(plans.create_savings_plan, savingsPlanOfferingId="0", commitment="1") == gone
    for call in (plans.delete_queued_savings_plan, plans.return_savings_plan):
        assert refused(call, savingsPlanId="0") == gone
    assert plans.describe_savings_plans(savingsPlanIds=["0"])["savingsPlans"] == []


def test_a_plan_for_a_family_says_where(plans: Any) -> None:
    plan = shown(plans, buy(plans, "3 year All Upfront g5 EC2 Instance Savings Plan in ap-northeast-2"))
    assert (plan["region"], plan["ec2InstanceFamily"]) == ("ap-northeast-2", "g5")
    assert (plan["savingsPlanType"], plan["productTypes"]) == ("EC2Instance", ["EC2"])
    assert plan["termDurationInSeconds"] == 3 * DAYS * 24 * 3600


def test_a_bought_plans_rates_are_not_told_where_they_could_not_be_said_to_be_assumptions(plans: Any) -> None:
    identity = buy(plans)
    assert refused(plans.describe_savings_plan_rates, savingsPlanId=identity) == ("NotImplemented", 501)


def test_a_queued_plan_starts_at_its_time(local: Local, plans: Any) -> None:
    start = (local.world.clock.now() + timedelta(days=10)).replace(microsecond=0)
    identity = buy(plans, purchaseTime=start)
    assert shown(plans, identity)["state"] == "queued"
    assert shown(plans, identity)["start"] == f"{start:%Y-%m-%dT%H:%M:%S}.000Z"
    local.advance(days=9)
    assert shown(plans, identity)["state"] == "queued"
    local.advance(days=1, minutes=2)
    assert shown(plans, identity)["state"] == "active"
    assert refused(plans.delete_queued_savings_plan, savingsPlanId=identity) == ("ValidationException", 400)
    local.advance(days=DAYS - 1)
    assert shown(plans, identity)["state"] == "active"
    local.advance(days=1)
    assert shown(plans, identity)["state"] == "retired"


@pytest.mark.parametrize("days", [-1, 3 * DAYS + 1])
def test_a_plan_is_queued_for_the_next_three_years(local: Local, plans: Any, days: int) -> None:
    at = local.world.clock.now() + timedelta(days=days)
    assert refused(buy, plans, purchaseTime=at) == ("ValidationException", 400)


def test_a_queued_plan_can_be_deleted_and_is_never_bought(local: Local, plans: Any) -> None:
    identity = buy(plans, purchaseTime=local.world.clock.now() + timedelta(days=1))
    plans.delete_queued_savings_plan(savingsPlanId=identity)
    local.advance(days=2)
    local.advance(days=DAYS)  # past the end that it would have had
    assert shown(plans, identity)["state"] == "queued-deleted"


def test_the_same_token_buys_once(plans: Any) -> None:
    first = buy(plans, clientToken="once")
    assert buy(plans, clientToken="once") == first
    assert refused(buy, plans, clientToken="once", commitment="2") == ("ValidationException", 400)
    assert buy(plans, clientToken="twice") != first
    assert len(plans.describe_savings_plans()["savingsPlans"]) == 2


def test_a_plan_is_returned_within_a_week_and_its_month(local: Local, plans: Any) -> None:
    now = local.world.clock.now()
    next_month = (now.replace(day=1) + timedelta(days=32)).replace(day=2, hour=0, minute=0)
    local.advance(seconds=(next_month - now).total_seconds())
    first, large = buy(plans), buy(plans, commitment="100.5")
    local.advance(minutes=2)
    plan = shown(plans, first)
    assert plan["returnableUntil"][8:10] == "09"
    assert shown(plans, large)["returnableUntil"] == shown(plans, large)["start"]
    assert refused(plans.return_savings_plan, savingsPlanId=large) == ("ValidationException", 400)
    assert plans.return_savings_plan(savingsPlanId=first)["savingsPlanId"] == first
    assert shown(plans, first)["state"] == "pending-return"
    local.advance(minutes=2)
    assert shown(plans, first)["state"] == "returned"
    late = buy(plans)
    local.advance(days=8)
    assert refused(plans.return_savings_plan, savingsPlanId=late) == ("ValidationException", 400)
    at_the_end = (next_month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    local.advance(seconds=(at_the_end - local.world.clock.now()).total_seconds())
    plan = shown(plans, buy(plans))
    assert plan["returnableUntil"] == f"{at_the_end + timedelta(days=1):%Y-%m-%d}T00:00:00.000Z"


def test_plans_are_found_by_state_type_payment_and_place(local: Local, plans: Any) -> None:
    compute = buy(plans)
    family = buy(plans, "1 year All Upfront m5 EC2 Instance Savings Plan in us-east-1", commitment="2")
    local.advance(minutes=2)
    learning = buy(plans, "1 year No Upfront SageMaker Savings Plan")

    def found(**request: Any) -> list[str]:
        return [plan["savingsPlanId"] for plan in plans.describe_savings_plans(**request)["savingsPlans"]]

    def fitting(name: str, *values: str) -> list[str]:
        return found(filters=[{"name": name, "values": list(values)}])

    assert found() == [compute, family, learning]
    assert found(states=["active"]) == [compute, family]
    assert found(savingsPlanArns=[shown(plans, family)["savingsPlanArn"]]) == [family]
    assert fitting("savings-plan-type", "SageMaker", "Compute") == [compute, learning]
    assert fitting("payment-option", "All Upfront") == [family]
    assert fitting("region", "us-east-1") == fitting("ec2-instance-family", "m5") == [family]
    assert fitting("instance-family", "m5") == fitting("commitment", "2") == fitting("upfront", "17520") == [family]
    assert fitting("term", str(DAYS * 24 * 3600)) == [compute, family, learning]
    assert compute in fitting("start", shown(plans, compute)["start"])
    assert compute in fitting("end", shown(plans, compute)["end"])
    page = plans.describe_savings_plans(maxResults=2)
    assert len(page["savingsPlans"]) == 2
    assert plans.describe_savings_plans(nextToken=page["nextToken"])["savingsPlans"] == [shown(plans, learning)]


def test_a_plan_holds_whichever_region_asks_and_is_an_event_of_us_east_1(local: Local) -> None:
    elsewhere = local.client("savingsplans", "ap-northeast-2")
    identity = buy(elsewhere)
    assert shown(local.client("savingsplans", "us-east-1"), identity)["savingsPlanId"] == identity
    [event] = local.client("cloudtrail", "us-east-1").lookup_events()["Events"]
    said = json.loads(event["CloudTrailEvent"])
    assert (event["EventName"], said["eventSource"]) == ("CreateSavingsPlan", "savingsplans.amazonaws.com")
    assert said["responseElements"] == {"savingsPlanId": identity}
    assert said["requestParameters"]["commitment"] == "1.5"


def test_buying_has_to_be_allowed(local: Local, plans: Any) -> None:
    iam = local.client("iam")
    iam.create_user(UserName="kim")
    made = iam.create_access_key(UserName="kim")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    theirs = local.client("savingsplans", "us-east-1", keys=keys)

    def allow(action: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="kim", PolicyName=action.partition(":")[2].strip("*"), PolicyDocument=policy)

    allow("savingsplans:Describe*")
    with pytest.raises(ClientError, match="is not authorized to perform: savingsplans:CreateSavingsPlan"):
        buy(theirs)
    identity = buy(plans)
    assert shown(theirs, identity)["state"] == "payment-pending"
    assert refused(theirs.return_savings_plan, savingsPlanId=identity) == ("AccessDeniedException", 403)
    allow("savingsplans:CreateSavingsPlan")
    with pytest.raises(ClientError, match="is not authorized to perform: savingsplans:TagResource"):
        buy(theirs, tags={"team": "ml"})
    assert buy(theirs)
    allow("savingsplans:TagResource")
    assert shown(theirs, buy(theirs, tags={"team": "ml"}))["tags"] == {"team": "ml"}
