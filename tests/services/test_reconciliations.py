"""After a crash or a lost reply: what really happened is found out, and what a wish began is brought to its end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services import endpoints, launches, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn
from services.errors import AccessDenied, QuotaExceeded, Throttled, Unavailable
from services.launches import carry_out
from services.ledger import Action, Ledger, State
from services.plans import Act, Call, Effect, Plan, Quota
from services.quota_increases import Increase, plan_increases
from services.reconciliations import CUT_SHORT, ON_ITS_WAY, reconcile
from services.witnesses import happened
from tests.support.deck_wishes import ACCOUNT_ID, KIM, cloud_of, put_echo_model, unserved_plan
from tests.support.practice_account import REGION, Account, running

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """For all tests of this file: they leave its clock alone and launch what runs nothing."""
    for running_account in running(tmp_path_factory.mktemp("reconciliations") / "practice"):
        put_echo_model(running_account)
        yield running_account


@pytest.fixture
def cloud(account: Account) -> Cloud:
    return cloud_of(account)


def settle(cloud: Cloud, ledger: Ledger) -> list[Action]:
    """When no call can be on its way any more."""
    return reconcile(cloud, ledger, now=datetime.now(UTC) + ON_ITS_WAY)


def killed_after(cloud: Cloud, ledger: Ledger, plan: Plan, sent: int, *, recorded: int) -> None:
    """The deck was killed when `sent` calls had been made, `recorded` of them as done, and the next was begun."""
    action, _ = ledger.open(plan, KIM.name, cloud.account.key)
    for position, call in enumerate(plan.calls[: max(sent, recorded + 1)]):
        ledger.start_step(action.id, position, call.service, call.method)
        if position < sent:
            request_id = launches.send(cloud, call, plan.name)
            if position < recorded:
                ledger.end_step(action.id, position, State.DONE, request_id)


@pytest.mark.parametrize(
    ("sent", "recorded"), [(1, 0), (1, 1), (2, 1), (2, 2), (4, 3), (5, 4)], ids=lambda number: str(number)
)
def test_a_wish_of_which_a_part_was_made_is_completed_with_its_guard(
    cloud: Cloud, ledger: Ledger, sent: int, recorded: int
) -> None:
    plan = unserved_plan(cloud, f"half-{sent}-{recorded}")
    killed_after(cloud, ledger, plan, sent, recorded=recorded)
    (settled,) = settle(cloud, ledger)
    assert (settled.state, settled.error) == (State.DONE, None)
    assert all(step.state is State.DONE for step in settled.steps)
    assert schedules.find_guard(cloud, endpoint_arn(REGION, ACCOUNT_ID, plan.name)) is not None
    assert plan.name in {each.name for each in endpoints.list_restorable(cloud, ())}
    assert settle(cloud, ledger) == []


def test_a_wish_of_which_nothing_was_made_is_not_launched_later(cloud: Cloud, ledger: Ledger) -> None:
    plan = unserved_plan(cloud, "never")
    killed_after(cloud, ledger, plan, 0, recorded=0)
    (settled,) = settle(cloud, ledger)
    assert (settled.state, settled.error) == (State.FAILED, CUT_SHORT)
    assert "never" not in {each.name for each in endpoints.list_restorable(cloud, ())}
    assert carry_out(cloud, ledger, plan, KIM) == settled


def test_a_call_that_was_on_its_way_when_its_sender_died_is_waited_for(cloud: Cloud, ledger: Ledger) -> None:
    plan = unserved_plan(cloud, "late")
    killed_after(cloud, ledger, plan, 0, recorded=0)
    assert reconcile(cloud, ledger) == []
    assert [action.state for action in ledger.unfinished(cloud.account.key)] == [State.RUNNING]
    launches.send(cloud, plan.calls[0], plan.name)
    (settled,) = reconcile(cloud, ledger)
    assert (settled.state, settled.steps[0].request_id) == (State.DONE, "found again")


def test_what_was_begun_is_not_given_up_for_being_asked_too_often(
    cloud: Cloud, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model was made, and the next call is throttled at every try."""
    plan, sagemaker = unserved_plan(cloud, "busy"), cloud.client("sagemaker")
    busy = _Refusing(sagemaker, Throttled, allowed="create_model")
    with monkeypatch.context() as patched:
        patched.setattr(Cloud, "writer", lambda *_: busy)
        begun = carry_out(cloud, ledger, plan, KIM)
        never = carry_out(cloud, ledger, replace(unserved_plan(cloud, "busier"), calls=plan.calls[1:]), KIM)
    assert (begun.state, never.state) == (State.UNKNOWN, State.FAILED)
    (settled,) = settle(cloud, ledger)
    assert (settled.name, settled.state) == ("busy", State.DONE)


def test_a_name_that_somebody_else_has_does_not_count_as_made(cloud: Cloud, ledger: Ledger) -> None:
    theirs = unserved_plan(cloud, "theirs")
    assert carry_out(cloud, ledger, theirs, KIM).state is State.DONE
    killed_after(cloud, ledger, unserved_plan(cloud, "theirs"), 0, recorded=0)
    (settled,) = settle(cloud, ledger)
    assert (settled.state, settled.error) == (State.FAILED, CUT_SHORT)


def test_a_deletion_is_finished_whenever_it_is_found_unfinished(cloud: Cloud, ledger: Ledger) -> None:
    assert carry_out(cloud, ledger, unserved_plan(cloud, "delete-me"), KIM).state is State.DONE
    calls = (
        Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": "delete-me"}),
        Call("sagemaker", "delete_model", {"ModelName": "delete-me"}),
    )
    plan = Plan(Act.DELETE, "endpoint", "delete-me", REGION, calls, Effect())
    killed_after(cloud, ledger, plan, 1, recorded=0)
    (settled,) = settle(cloud, ledger)
    assert settled.state is State.DONE
    assert [step.request_id == "already gone" for step in settled.steps] == [True, False]


def test_what_aws_cannot_say_stays_unsettled_until_it_can(practice: Account, ledger: Ledger) -> None:
    cloud = cloud_of(practice)
    put_echo_model(practice)
    plan = unserved_plan(cloud, "later")
    killed_after(cloud, ledger, plan, 1, recorded=0)
    practice.kill()
    assert settle(cloud, ledger) == []
    assert [action.state for action in ledger.unfinished(cloud.account.key)] == [State.RUNNING]
    practice.restart()
    (settled,) = settle(cloud, ledger)
    assert settled.state is State.DONE


def test_a_quota_request_that_aws_has_is_not_called_cut(cloud: Cloud, ledger: Ledger) -> None:
    quota = Quota("ml.m5.large for endpoint usage", "L-A0B7C6D8", 0, 4, 1)
    listed = cloud.client("service-quotas").list_service_quotas(ServiceCode="sagemaker")["Quotas"]
    code = next(row["QuotaCode"] for row in listed if row["Adjustable"] and row.get("Value") is not None)
    plan = plan_increases([Increase(REGION, replace(quota, code=code), 4000)])
    assert not happened(cloud, plan.calls[0])
    killed_after(cloud, ledger, plan, 1, recorded=0)
    (settled,) = settle(cloud, ledger)
    assert (settled.state, settled.error) == (State.DONE, None)


@pytest.mark.parametrize("refusal", [QuotaExceeded, Throttled])
def test_a_refused_second_try_of_a_call_that_was_carried_out_is_done(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, refusal: type[Exception]
) -> None:
    """The first try's reply was lost; the second one met the quota that the first had used up."""
    plan = unserved_plan(cloud, f"lost-{refusal.__name__.lower()}")
    launches.send(cloud, plan.calls[0], plan.name)
    refused = _Refusing(cloud.client("sagemaker"), refusal)
    monkeypatch.setattr(Cloud, "writer", lambda *_: refused)
    assert launches.send(cloud, plan.calls[0], plan.name).startswith("adopted")
    with pytest.raises(refusal):
        launches.send(cloud, plan.calls[1], plan.name)


def test_a_refusal_whose_cause_aws_does_not_let_us_see_stays_that_refusal(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = unserved_plan(cloud, "unseen").calls[0]
    monkeypatch.setattr(Cloud, "writer", lambda *_: _Refusing(None, Throttled))
    monkeypatch.setattr(Cloud, "client", lambda *_: _Refusing(None, AccessDenied))
    with pytest.raises(Throttled):
        launches.send(cloud, call, "unseen")
    for silent in (Unavailable, Throttled):
        monkeypatch.setattr(Cloud, "client", lambda *_, why=silent: _Refusing(None, why))
        with pytest.raises(Unavailable):
            launches.send(cloud, call, "unseen")


def test_a_lost_reply_is_never_called_a_failure(cloud: Cloud, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call is carried out and its answer lost: unknown at first, then found again and completed."""
    plan = unserved_plan(cloud, "lost-reply")
    with monkeypatch.context() as patched:
        patched.setattr(Cloud, "writer", lambda *_: _Refusing(cloud.client("sagemaker"), Unavailable, carry_out=True))
        unknown = carry_out(cloud, ledger, plan, KIM)
    assert unknown.state is State.UNKNOWN
    (settled,) = settle(cloud, ledger)
    assert (settled.state, settled.steps[0].request_id) == (State.DONE, "found again")


class _Refusing:
    """A client whose calls, but for the one `allowed`, end in an error of ours, carried out before or not."""

    def __init__(
        self, client: Any, refusal: type[Exception], *, carry_out: bool = False, allowed: str | None = None
    ) -> None:
        self._client, self._refusal, self._carry_out, self._allowed = client, refusal, carry_out, allowed

    def __getattr__(self, method: str) -> Any:
        if method == self._allowed:
            return getattr(self._client, method)

        def call(**parameters: Any) -> Any:
            if self._carry_out:
                getattr(self._client, method)(**parameters)
            raise self._refusal("lost on the way")

        return call
