"""A plan is carried out once, whatever happens on the way, and every step of it is on record before it is made."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from services import endpoints, launches, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn, plan_restore, plan_stop
from services.endpoints import EndpointStatus, Restorable
from services.errors import AccessDenied, InvalidRequest, NotFound, Unavailable
from services.launches import carry_out
from services.ledger import Ledger, State
from services.plans import EXAMPLE_TAG, INTENT_TAG, OWNER_TAG, Call, Check, Plan, Severity
from tests.support import fault_proxy
from tests.support.deck_wishes import (
    ACCOUNT_ID,
    BUCKET,
    KIM,
    VIEWER,
    cloud_of,
    endpoint_plan,
    put_echo_model,
    surroundings,
    unserved_plan,
)
from tests.support.faults import Fault
from tests.support.practice_account import REGION, Account, running
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """For the tests of this file that leave its clock alone and launch what runs nothing."""
    for running_account in running(tmp_path_factory.mktemp("launches") / "practice"):
        put_echo_model(running_account)
        yield running_account


@pytest.fixture
def cloud(account: Account) -> Cloud:
    return cloud_of(account)


def tags_of(cloud: Cloud, name: str) -> dict[str, str]:
    arn = cloud.client("sagemaker").describe_model(ModelName=name)["ModelArn"]
    return {tag["Key"]: tag["Value"] for tag in cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]}


def test_a_launch_makes_what_the_plan_says_and_a_guard_that_aws_confirms(practice: Account, ledger: Ledger) -> None:
    cloud = cloud_of(practice)
    put_echo_model(practice)
    plan = endpoint_plan(cloud, "echo", example="echoes")
    action = carry_out(cloud, ledger, plan, KIM)
    assert (action.state, action.error) == (State.DONE, None)
    assert [step.method for step in action.steps] == [call.method for call in plan.calls]
    assert all(step.state is State.DONE and step.request_id for step in action.steps)
    assert tags_of(cloud, "echo") == {INTENT_TAG: plan.intent, OWNER_TAG: "kim", EXAMPLE_TAG: "echoes"}
    made = endpoints.get_endpoint(cloud, "echo")
    guard = schedules.find_guard(cloud, made.arn)
    assert guard is not None
    assert (guard.stops_at, guard.enabled) == (plan.stops_at, True)
    assert endpoints.example_of(cloud, made) == "echoes"
    assert [(v.model, v.instance_type, v.instance_count) for v in made.variants] == [("echo", "ml.m5.large", 1)]
    practice.advance(60)
    made = eventually(lambda: endpoints.get_endpoint(cloud, "echo"), status=EndpointStatus.IN_SERVICE)
    said = endpoints.invoke(cloud, "echo", b"ping", "text/plain", KIM)
    assert (json.loads(said.body)["body"], said.variant) == ("ping", "AllTraffic")
    with (
        fault_proxy.running([Fault("html", "sagemaker")]) as proxy,
        pytest.raises(Unavailable, match="not SageMaker's"),
    ):
        endpoints.invoke(fault_proxy.cloud_through(proxy, practice), "echo", b"ping", "text/plain", KIM)
    stopped = carry_out(cloud, ledger, plan_stop(made), KIM)
    assert (stopped.state, stopped.error) == (State.DONE, None)
    assert schedules.find_guard(cloud, made.arn) is None
    assert [row.act for row in ledger.actions(cloud.account.key)] == ["stop", "launch"]


def test_the_same_wish_sent_often_and_at_once_is_carried_out_once(cloud: Cloud, ledger: Ledger) -> None:
    plan = unserved_plan(cloud, "twice")
    with ThreadPoolExecutor(8) as threads:
        rows = list(threads.map(lambda _: carry_out(cloud, ledger, plan, KIM), range(8)))
    again = carry_out(cloud, ledger, plan, KIM)
    assert {row.id for row in (*rows, again)} == {again.id}
    assert (again.state, len(again.steps)) == (State.DONE, len(plan.calls))
    assert len(ledger.actions(cloud.account.key)) == 1
    assert not launches.is_under_way(plan.intent)


def test_two_decks_with_one_wish_make_one_resource(cloud: Cloud, ledger: Ledger, tmp_path: Path) -> None:
    """A second ledger that knows nothing, as after a lost disk: the tag tells that it was this wish."""
    plan = unserved_plan(cloud, "shared")
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    other = Ledger(tmp_path / "other.sqlite3")
    adopted = carry_out(cloud, other, plan, KIM)
    other.close()
    assert (adopted.state, adopted.error) == (State.DONE, None)
    creates = {step.method: (step.request_id or "").startswith("adopted") for step in adopted.steps}
    assert creates["create_model"]
    assert creates["create_endpoint_config"]


def test_a_name_that_somebody_else_took_is_never_adopted(cloud: Cloud, ledger: Ledger) -> None:
    theirs = unserved_plan(cloud, "taken")
    assert carry_out(cloud, ledger, theirs, KIM).state is State.DONE
    failed = carry_out(cloud, ledger, unserved_plan(cloud, "taken"), KIM)
    assert failed.state is State.FAILED
    assert "already existing model" in (failed.error or "")
    assert [step.state for step in failed.steps] == [State.FAILED]
    assert tags_of(cloud, "taken")[INTENT_TAG] == theirs.intent


def test_a_stale_guard_of_the_same_name_neither_blocks_a_launch_nor_stops_it(cloud: Cloud, ledger: Ledger) -> None:
    arn = endpoint_arn(REGION, ACCOUNT_ID, "again")
    stale = unserved_plan(cloud, "again", auto_stop_hours=1.0)
    assert carry_out(cloud, ledger, replace(stale, calls=guards(stale)), KIM).state is State.DONE
    plan = unserved_plan(cloud, "again", auto_stop_hours=2.0)
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    guard = schedules.find_guard(cloud, arn)
    assert guard is not None
    assert guard.stops_at == plan.stops_at
    unguarded = plan_restore(restorable(cloud, "again"), surroundings(cloud), None, "")
    assert carry_out(cloud, ledger, replace(unguarded, calls=guards(unguarded)), KIM).state is State.DONE
    assert schedules.find_guard(cloud, arn) is None


def guards(plan: Plan) -> tuple[Call, ...]:
    return tuple(call for call in plan.calls if call.service == "scheduler")


def restorable(cloud: Cloud, name: str) -> Restorable:
    return next(each for each in endpoints.list_restorable(cloud, ()) if each.name == name)


def test_the_row_is_on_disk_before_the_call(practice: Account, ledger: Ledger) -> None:
    """The account is killed: what could not be sent is on record all the same, and says that it may have happened."""
    cloud = cloud_of(practice)
    plan = unserved_plan(cloud, "unsent")
    practice.kill()
    action = carry_out(cloud, ledger, plan, KIM)
    assert action.state is State.UNKNOWN
    assert [(step.method, step.state) for step in action.steps] == [("create_model", State.UNKNOWN)]
    assert json.loads(action.plan)["calls"][0]["parameters"]["ModelName"] == "unsent"
    assert [row.intent for row in ledger.unfinished(cloud.account.key)] == [plan.intent]
    practice.restart()
    practice.advance(90 * 24 * 3600)
    before = practice.clock()
    action = carry_out(cloud, ledger, unserved_plan(cloud, "later"), KIM)
    assert action.finished_at is not None
    assert before <= action.at <= action.finished_at <= practice.clock()


def test_a_viewer_may_not_and_a_refused_plan_is_never_sent(cloud: Cloud, ledger: Ledger) -> None:
    plan = unserved_plan(cloud, "forbidden")
    with pytest.raises(AccessDenied, match="lee is a viewer and may not launch"):
        carry_out(cloud, ledger, plan, VIEWER)
    refused = replace(plan, checks=(Check(Severity.REFUSAL, "quota_exceeded"),))
    with pytest.raises(InvalidRequest, match="refused by its own checks"):
        carry_out(cloud, ledger, refused, KIM)
    assert ledger.actions(cloud.account.key) == []
    assert not launches.is_under_way(plan.intent)


def test_what_aws_refuses_ends_the_plan_there_with_its_reason(cloud: Cloud, ledger: Ledger) -> None:
    plan = unserved_plan(cloud, "no-role", role_arn=f"arn:aws:iam::{ACCOUNT_ID}:user/nobody")
    action = carry_out(cloud, ledger, plan, KIM)
    assert action.state is State.FAILED
    assert "role" in (action.error or "").lower()
    assert len(action.steps) == 1


def test_a_bucket_that_is_ours_already_is_no_reason_to_stop(cloud: Cloud) -> None:
    where = {"Bucket": BUCKET, "CreateBucketConfiguration": {"LocationConstraint": REGION}}
    assert launches.send(cloud, Call("s3", "create_bucket", where), BUCKET) == "there already"


def test_deleting_what_is_gone_counts_as_done_and_stopping_it_does_not(cloud: Cloud) -> None:
    gone = schedules.remove_guard_call("arn:aws:sagemaker:nobody")
    assert launches.send(cloud, gone, "nobody") == "already gone"
    stop = Call("sagemaker", "stop_training_job", {"TrainingJobName": "nobody"})
    with pytest.raises(NotFound):
        launches.send(cloud, stop, "nobody")
