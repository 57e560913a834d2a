"""The deck is killed in the middle of a launch: the next one settles it, and never makes a second resource."""

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services import endpoints, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn
from services.errors import NotFound, translated
from services.launches import carry_out
from services.ledger import Ledger, State
from services.reconciliations import CUT_SHORT, ON_ITS_WAY, reconcile
from tests.support.deck_wishes import ACCOUNT_ID, KIM, put_echo_model, unserved_plan
from tests.support.practice_account import REGION, Account
from tests.support.processes import REPOSITORY
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy

DECK = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from services.launches import carry_out
from services.ledger import Ledger
from tests.support.deck_wishes import KIM, cloud_of, unserved_plan
from tests.support.practice_account import Account

home, ledger, name, intent = sys.argv[1:]
account = Account(Path(home))
account.attach()
cloud = cloud_of(account)
carry_out(cloud, Ledger(Path(ledger)), unserved_plan(cloud, name, intent), KIM)
"""


def has_model(cloud: Cloud, name: str) -> bool:
    try:
        with translated(name):
            cloud.client("sagemaker").describe_model(ModelName=name)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_a_launch_cut_by_a_kill_is_whole_or_never_was(
    shared_practice: Account, shared_cloud: Cloud, tmp_path: Path, steps: int
) -> None:
    """`steps`: how many calls are on record when the deck is killed."""
    put_echo_model(shared_practice)
    path, name, intent = tmp_path / "ledger.sqlite3", f"killed-{steps}", f"wish-{steps}"
    ledger = Ledger(path)
    deck = subprocess.Popen(
        [sys.executable, "-c", DECK, str(shared_practice.home), str(path), name, intent], cwd=REPOSITORY
    )
    key = shared_cloud.account.key
    eventually(lambda: ledger.actions(key), until=lambda rows: rows and len(rows[0].steps) >= steps)
    deck.send_signal(signal.SIGKILL)
    deck.wait()
    reconcile(shared_cloud, ledger, now=datetime.now(UTC) + ON_ITS_WAY)
    (action,) = ledger.actions(key)
    guard = schedules.find_guard(shared_cloud, endpoint_arn(REGION, ACCOUNT_ID, name))
    left = {each.name for each in endpoints.list_restorable(shared_cloud, ())}
    if action.state is State.DONE:
        assert guard is not None
        assert name in left
    else:
        assert (action.state, action.error) == (State.FAILED, CUT_SHORT)
        assert guard is None
        assert not has_model(shared_cloud, name)
    # The same wish, sent again by a page that came back, makes nothing more.
    again = carry_out(shared_cloud, ledger, unserved_plan(shared_cloud, name, intent), KIM)
    assert again == action
    assert ledger.unfinished(key) == []
    ledger.close()
