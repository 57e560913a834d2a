"""What a killed deck left unfinished is settled behind the screens of the next one."""

from pathlib import Path

from pages.ui.reconciler import Reconciler
from services.errors import NotConnected
from services.ledger import Action, Ledger, State
from tests.support.deck_wishes import KIM, cloud_of, notebook_plan
from tests.support.practice_account import Account
from tests.support.waiting import eventually


def _left(practice: Account, folder: Path, *, sent: bool) -> tuple[Ledger, Action]:
    """A ledger whose deck ended after it recorded a launch, and perhaps sent its first call."""
    cloud, ledger = cloud_of(practice), Ledger(folder / "ledger.sqlite3")
    plan = notebook_plan(cloud, f"left-{sent}".lower())
    action, new = ledger.open(plan, KIM.name, cloud.account.key)
    assert new
    if sent:
        at = next(number for number, call in enumerate(plan.calls) if call.method == "create_notebook_instance")
        ledger.start_step(action.id, at, "sagemaker", "create_notebook_instance")
        practice.client("sagemaker").create_notebook_instance(**plan.calls[at].parameters)
    return ledger, action


def _settled(ledger: Ledger, action: Action) -> State:
    return ledger.by_intent(action.intent).state


def test_a_launch_that_was_made_is_found_and_completed(shared_practice: Account, tmp_path: Path) -> None:
    ledger, action = _left(shared_practice, tmp_path, sent=True)
    reconciler = Reconciler(lambda: [cloud_of(shared_practice)], ledger)
    try:
        eventually(lambda: _settled(ledger, action) is State.DONE)
    finally:
        reconciler.close()
        ledger.close()


def test_a_launch_that_was_never_sent_is_closed(shared_practice: Account, tmp_path: Path) -> None:
    ledger, action = _left(shared_practice, tmp_path, sent=False)
    reconciler = Reconciler(lambda: [cloud_of(shared_practice)], ledger)
    try:
        eventually(lambda: _settled(ledger, action) is State.FAILED)
    finally:
        reconciler.close()
        ledger.close()


def test_without_a_connection_it_waits_and_does_not_end(tmp_path: Path) -> None:
    ledger, asked = Ledger(tmp_path / "ledger.sqlite3"), []

    def away() -> object:
        asked.append(1)
        raise NotConnected("the account does not answer")

    reconciler = Reconciler(away, ledger)  # type: ignore[arg-type]
    try:
        eventually(lambda: asked)
        assert reconciler.is_running
    finally:
        reconciler.close()
        ledger.close()
    assert not reconciler.is_running
