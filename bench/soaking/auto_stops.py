"""Auto-stop: how late it comes, after an outage too, and whether one that fails holds up the others."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from bench.accounts import ROLE, fresh_account
from bench.harness import Figure
from services.launches import carry_out
from services.ledger import Ledger, State
from tests.support.deck_wishes import ECHO, KIM, cloud_of, notebook_plan
from tests.support.practice_account import Account
from tests.support.waiting import eventually

NAME = "watched"
OUTAGE = timedelta(hours=72)
MINUTE = 60


def figures(rounds: int) -> Iterator[Figure]:
    """`rounds` is how many stops fall due at once."""
    with fresh_account() as account:
        yield in_time(account)
    with fresh_account() as account:
        yield from after_outage(account)
    with fresh_account() as account:
        yield beside_a_failure(account, rounds)


def in_time(account: Account) -> Figure:
    """A notebook instance in service for an hour: minutes of the clock from its time to its end."""
    stops_at = _launch(account, hours=1)
    account.advance((stops_at - account.clock()).total_seconds() - MINUTE)
    assert _status(account) == "InService"
    while _status(account) == "InService":
        account.advance(MINUTE)
    late = (account.clock() - stops_at).total_seconds() / MINUTE
    return Figure("auto-stop: after its time", late, "min", at_most=5)


def after_outage(account: Account) -> Iterator[Figure]:
    """The practice account is killed and stays away for 72 hours of its clock, in which the time falls."""
    stops_at = _launch(account, hours=60)
    account.kill()
    _let_pass(account)
    account.restart()
    looks = 1
    while _status(account) == "InService":
        account.advance(1)
        looks += 1
    yield Figure("auto-stop after the outage: ticks", looks, "ticks", at_most=2)
    stopped = account.client("sagemaker").describe_notebook_instance(NotebookInstanceName=NAME)["LastModifiedTime"]
    late = (stopped - stops_at).total_seconds() / MINUTE
    yield Figure("auto-stop after the outage: after its time", late, "min", at_most=5)


def _let_pass(account: Account) -> None:
    """Date the clock on disk back, as if it had been left so long ago."""
    with closing(sqlite3.connect(account.home / "account.sqlite3")) as store, store:
        (text,) = store.execute("SELECT value FROM meta WHERE key = 'clock'").fetchone()
        clock = json.loads(text)
        clock["wall"] = (datetime.fromisoformat(clock["wall"]) - OUTAGE).isoformat()
        store.execute("UPDATE meta SET value = ? WHERE key = 'clock'", (json.dumps(clock),))


def beside_a_failure(account: Account, rounds: int) -> Figure:
    """As many deletions by schedule at one moment, one of them of what does not exist and is tried 185 times."""
    sagemaker, scheduler = account.client("sagemaker"), account.client("scheduler")
    at = account.clock() + timedelta(hours=1)
    names = [f"model-{number:03}" for number in range(rounds)]
    failing = names[len(names) // 2]
    for name in names:
        if name != failing:
            container = {"Image": ECHO}
            sagemaker.create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)
        scheduler.create_schedule(Name=name, **_deletion(name, at))
    account.advance((at - account.clock()).total_seconds() + 5 * MINUTE)
    left = len(sagemaker.list_models(MaxResults=100)["Models"])
    return Figure(f"{rounds} stops at once, one failing: others held up", left, "stops", at_most=0)


def _deletion(name: str, at: datetime) -> dict[str, Any]:
    return {
        "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:deleteModel",
            "RoleArn": ROLE,
            "Input": f'{{"ModelName": "{name}"}}',
            "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400},
        },
    }


def _launch(account: Account, hours: float) -> datetime:
    cloud, ledger = cloud_of(account), Ledger(account.home.parent / "ledger.sqlite3")
    plan = notebook_plan(cloud, NAME, auto_stop_hours=hours)
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    ledger.close()
    eventually(lambda: _status(account), until=lambda status: status == "InService", timeout=120)
    assert plan.stops_at is not None
    return plan.stops_at


def _status(account: Account) -> str:
    found = account.client("sagemaker").describe_notebook_instance(NotebookInstanceName=NAME)
    return str(found["NotebookInstanceStatus"])
