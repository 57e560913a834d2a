"""Unfinished ledger rows against AWS: after a crash or a lost reply, what really happened, and what is left to do."""

import json
from datetime import UTC, datetime, timedelta

from services import clocks
from services.cloud import WRITE_SECONDS, Cloud
from services.errors import DeckError
from services.launches import is_under_way, run_steps
from services.ledger import Action, Ledger, State
from services.plans import Act, Call
from services.witnesses import happened, takes_effect

CUT_SHORT = "cut short before AWS made anything"
FINISHED_LATER = frozenset({Act.STOP, Act.DELETE, Act.GUARD})
"""Acts that are completed whenever they are found unfinished: they end billing, and asking twice changes nothing."""
ON_ITS_WAY = timedelta(seconds=WRITE_SECONDS)
"""A call whose sender was killed, or gave up, may still be carried out for as long as its reply would be waited for."""


def reconcile(cloud: Cloud, ledger: Ledger, *, now: datetime | None = None) -> list[Action]:
    """Settle every unfinished row of the account; returns the rows that changed.

    A wish of which AWS made nothing is closed as failed: launching it hours later would surprise. One of which a part
    was made is completed, so that no resource is left without its auto-stop. What AWS cannot say now stays as it is,
    and so does, for ON_ITS_WAY, what it does not show yet. `now` is aware UTC by the wall clock.
    """
    now = now or datetime.now(UTC)
    return [
        settled
        for action in ledger.unfinished(cloud.account.key)
        if not is_under_way(action.intent)
        and (settled := _settle(cloud.at(action.region), ledger, action, now)) is not None
    ]


def _settle(cloud: Cloud, ledger: Ledger, action: Action, now: datetime) -> Action | None:
    calls = [Call(c["service"], c["method"], c["parameters"]) for c in json.loads(action.plan)["calls"]]
    open_steps = [step for step in action.steps if step.state is not State.DONE]
    try:
        found = {step.position for step in open_steps if happened(cloud, calls[step.position])}
    except DeckError:
        return None
    if any(step.position not in found and now - step.at < ON_ITS_WAY for step in open_steps):
        return None
    for position in found:
        ledger.end_step(action.id, position, State.DONE, "found again")
    done = found | {step.position for step in action.steps if step.state is State.DONE}
    if action.act not in FINISHED_LATER and not any(takes_effect(calls[position]) for position in done):
        return ledger.end(action.id, State.FAILED, CUT_SHORT, clocks.account_time(cloud.account))
    left = [(position, call) for position, call in enumerate(calls) if position not in done]
    return run_steps(cloud, ledger, action, left, begun=True)
