"""Unfinished ledger rows against AWS: after a crash or a lost reply, what really happened, and what is left to do."""

import json

from services.cloud import Cloud
from services.errors import DeckError
from services.launches import LOOKUPS, is_under_way, made_by_intent, run_steps
from services.ledger import Action, Ledger, State
from services.plans import Call

CUT_SHORT = "cut short before AWS was asked; nothing was launched"


def reconcile(cloud: Cloud, ledger: Ledger) -> list[Action]:
    """Settle every unfinished row of the account; returns the rows that changed.

    A wish of which nothing happened is closed as failed: launching it hours later would surprise. One of which a part
    happened is completed, so that no resource is left without its auto-stop. What AWS cannot say stays unknown.
    """
    return [
        settled
        for action in ledger.unfinished(cloud.account.key)
        if not is_under_way(action.intent) and (settled := _settle(cloud.at(action.region), ledger, action)) is not None
    ]


def _settle(cloud: Cloud, ledger: Ledger, action: Action) -> Action | None:
    calls = [Call(c["service"], c["method"], c["parameters"]) for c in json.loads(action.plan)["calls"]]
    done = {step.position for step in action.steps if step.state is State.DONE}
    in_doubt = [step.position for step in action.steps if step.state in (State.RUNNING, State.UNKNOWN)]
    for position in in_doubt:
        call = calls[position]
        if call.method not in LOOKUPS:
            continue
        try:
            happened = made_by_intent(cloud, call)
        except DeckError:
            return None
        if happened:
            ledger.end_step(action.id, position, State.DONE, "found again")
            done.add(position)
    if not done and not (in_doubt and calls[in_doubt[0]].method not in LOOKUPS):
        return ledger.end(action.id, State.FAILED, CUT_SHORT)
    # Stops and deletes change nothing when they are asked for twice.
    return run_steps(cloud, ledger, action, [(n, call) for n, call in enumerate(calls) if n not in done])
