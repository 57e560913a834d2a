"""Auto-stop: on AWS's side, read back, and really stopping."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import endpoints, inventory, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn, plan_restore
from services.endpoints import EndpointStatus
from services.history import History
from services.launches import carry_out
from services.ledger import Ledger, State
from services.sightings import Evidence
from tests.support.deck_wishes import ACCOUNT_ID, KIM, SCHEDULER, cloud_of, endpoint_plan, put_echo_model, surroundings
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

ARN = "arn:aws:sagemaker:ap-northeast-2:123456789012:notebook-instance/lab"
SOON = datetime(2040, 1, 1, 8, 30, 5, tzinfo=UTC)


@given(st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", fullmatch=True))
def test_a_schedule_name_fits_whatever_the_resource_is_called(name: str) -> None:
    said = schedules.schedule_name(f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:notebook-instance/{name}")
    assert len(said) <= 64
    assert said.startswith(schedules.PREFIX)
    assert said == schedules.schedule_name(f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:notebook-instance/{name.lower()}")


def test_a_guard_is_set_moved_listed_and_removed(shared_cloud: Cloud) -> None:
    scheduler = shared_cloud.client("scheduler")
    assert schedules.find_guard(shared_cloud, ARN) is None
    for call in (
        schedules.guard_call("notebook", "lab", ARN, SOON, SCHEDULER, "wish"),
        schedules.guard_call("notebook", "lab", ARN, SOON, SCHEDULER, "wish"),
        schedules.verify_guard_call(ARN),
    ):
        getattr(scheduler, call.method)(**call.parameters)
    assert schedules.find_guard(shared_cloud, ARN) == schedules.Guard(schedules.schedule_name(ARN), SOON, True)
    assert schedules.schedule_name(ARN) in schedules.list_guards(shared_cloud)
    moved = schedules.move_guard_call("notebook", "lab", ARN, SOON + timedelta(hours=1), SCHEDULER)
    scheduler.update_schedule(**moved.parameters)
    guard = schedules.find_guard(shared_cloud, ARN)
    assert guard is not None
    assert guard.stops_at == SOON + timedelta(hours=1)
    scheduler.delete_schedule(**schedules.remove_guard_call(ARN).parameters)
    assert schedules.find_guard(shared_cloud, ARN) is None
    assert schedules.schedule_name(ARN) not in schedules.list_guards(shared_cloud)


def test_what_somebody_changed_by_hand_is_read_as_it_is_now(shared_cloud: Cloud) -> None:
    scheduler, arn = shared_cloud.client("scheduler"), ARN + "-by-hand"
    wish = dict(schedules.guard_call("notebook", "by-hand", arn, SOON, SCHEDULER, "wish").parameters)
    scheduler.create_schedule(**{**wish, "ScheduleExpressionTimezone": "Asia/Seoul"})
    guard = schedules.find_guard(shared_cloud, arn)
    assert guard is not None
    assert guard.stops_at == SOON - timedelta(hours=9)
    change = {key: value for key, value in wish.items() if key not in ("ClientToken", "ActionAfterCompletion")}
    scheduler.update_schedule(**{**change, "State": "DISABLED"})
    disabled = schedules.find_guard(shared_cloud, arn)
    assert disabled is not None
    assert not disabled.enabled
    assert schedules.schedule_name(arn) not in schedules.list_guards(shared_cloud)
    scheduler.update_schedule(**{**change, "ScheduleExpression": "rate(1 hour)"})
    assert schedules.find_guard(shared_cloud, arn) is None
    scheduler.delete_schedule(Name=schedules.schedule_name(arn))


@pytest.mark.heavy
def test_an_endpoint_is_stopped_at_its_time_and_can_be_restored(
    practice: Account, ledger: Ledger, history: History
) -> None:
    cloud = cloud_of(practice)
    key = cloud.account.key
    put_echo_model(practice)
    plan = endpoint_plan(cloud, "echo", auto_stop_hours=8.0)
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    practice.advance(60)
    eventually(lambda: endpoints.get_endpoint(cloud, "echo"), status=EndpointStatus.IN_SERVICE)
    seen = inventory.take(cloud)
    history.observe(key, seen)
    (ahead,) = inventory.stops_ahead(seen)
    assert (ahead.name, ahead.guarded, ahead.at, ahead.owner) == ("echo", True, plan.stops_at, "kim")
    now = practice.advance(24 * 3600)
    eventually(lambda: endpoints.list_endpoints(cloud), until=lambda rows: rows == ())
    assert schedules.list_guards(cloud) == {}
    later = inventory.take(cloud, seen)
    assert inventory.burn(later) == 0
    assert not later.endpoints
    assert not inventory.stops_ahead(later)
    history.observe(key, later, ledger.actions(key))
    served = [i for i in history.intervals(key, now - timedelta(days=2), now) if i.state == "InService"]
    assert [(i.end, i.ended_by) for i in served] == [(plan.stops_at, Evidence.GUARD)]
    (left,) = later.restorables
    assert left.name == "echo"
    restored = carry_out(cloud, ledger, plan_restore(left, surroundings(cloud), 1.0, SCHEDULER), KIM)
    assert (restored.state, restored.error) == (State.DONE, None)
    practice.advance(60)
    eventually(lambda: endpoints.get_endpoint(cloud, "echo"), status=EndpointStatus.IN_SERVICE)
    assert json.loads(endpoints.invoke(cloud, "echo", b"again", "text/plain", KIM).body)["body"] == "again"
    guard = schedules.find_guard(cloud, endpoint_arn(REGION, ACCOUNT_ID, "echo"))
    assert guard is not None
    assert now < guard.stops_at <= practice.clock() + timedelta(hours=1)
