"""The auto-stop of what runs is set or moved without a moment in which nothing guards it."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from services import inventory, notebooks, schedules
from services.guard_plans import Guarded, plan_guard
from services.launches import carry_out
from services.ledger import Ledger, State
from tests.support.deck_wishes import ACCOUNT_ID, KIM, PROFILE, cloud_of, notebook_plan, surroundings
from tests.support.practice_account import REGION, Account


def test_an_auto_stop_is_moved_and_set_where_there_was_none(practice: Account, tmp_path: Path) -> None:
    cloud, ledger = cloud_of(practice), Ledger(tmp_path / "ledger.sqlite3")
    carry_out(cloud, ledger, notebook_plan(cloud, "guarded", auto_stop_hours=1.0), KIM)
    carry_out(cloud, ledger, notebook_plan(cloud, "bare", auto_stop_hours=None), KIM)
    known = inventory.take(cloud)
    assert {name for name in ("guarded", "bare") if _arn(name) in known.guards} == {"guarded"}

    for name in ("guarded", "bare"):
        around = surroundings(cloud)
        notebook = notebooks.get_notebook(cloud, name)
        target = Guarded("notebook", name, notebook.arn, REGION, notebook.parts(), ("storage",))
        plan = plan_guard(target, known.guards.get(notebook.arn), 24.0, around.now, PROFILE)
        assert "delete_schedule" not in [call.method for call in plan.calls]
        assert plan.effect.worst_case_usd == sum(part.usd_per_hour for part in notebook.parts()) * Decimal(24)
        assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
        guard = schedules.find_guard(cloud, notebook.arn)
        assert guard is not None
        assert guard.stops_at == (around.now + timedelta(hours=24)).replace(microsecond=0)
        assert inventory.take(cloud).guards[notebook.arn] == guard, "what was remembered of it is asked again"


def test_a_time_beyond_reason_is_refused(practice: Account) -> None:
    cloud = cloud_of(practice)
    target = Guarded("endpoint", "e", "arn:aws:sagemaker:x", REGION, ())
    assert plan_guard(target, None, 0, surroundings(cloud).now, PROFILE).refused
    assert plan_guard(target, None, 24 * 365, surroundings(cloud).now, PROFILE).refused


def _arn(name: str) -> str:
    return notebooks.notebook_arn(REGION, ACCOUNT_ID, name)
