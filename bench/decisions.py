"""The figures that the records in docs/adr quote, each against its floor where there is one."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.accounts import BUCKET, fresh_account
from bench.harness import Figure, median_seconds, seconds
from practice.permissions.decisions import Decisions
from practice.permissions.identities import Identity
from practice.permissions.policies import Grant, read_policy
from practice.permissions.requests import Asking
from services import identities, meter
from services.access import Role
from services.history import History
from services.ledger import Ledger
from services.plans import Act, Plan
from tests.support.deck_rows import ACCOUNT, BORN, REGION, at, notebook, taken
from tests.support.deck_wishes import deck_account
from tests.support.practice_account import Account

ROLE = "arn:aws:iam::123456789012:role/flightdeck-execution"
MONTH_SECONDS = 30 * 24 * 3600
SCHEDULES = 20
CHANGES = 1_000
LARGE_BODY_MIB = 256
ROWS = 200
WATCHED = 300
WATCHED_HOURS = 24


def figures() -> Iterator[Figure]:
    with fresh_account() as account:
        yield from month(account)
    with fresh_account() as account:
        yield from rebirth(account)
    with fresh_account() as account:
        yield from permissions(account)
    with TemporaryDirectory() as folder:
        yield ledger_row(Path(folder))
        yield from looks(Path(folder))


def month(account: Account) -> Iterator[Figure]:
    """A month in one advance, without and with something due every day: nothing is jumped over."""
    empty = seconds(lambda: account.advance(MONTH_SECONDS))
    account.client("iam").create_role(RoleName="tagged", AssumeRolePolicyDocument="{}")
    role = {"RoleName": "tagged", "Tags": [{"Key": "at", "Value": "<aws.scheduler.scheduled-time>"}]}
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:iam:tagRole",
        "RoleArn": "arn:aws:iam::123456789012:role/scheduler",
        "Input": json.dumps(role),
    }
    scheduler = account.client("scheduler")
    for number in range(SCHEDULES):
        scheduler.create_schedule(
            Name=f"daily-{number:02}",
            ScheduleExpression="rate(1 days)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
    took = seconds(lambda: account.advance(MONTH_SECONDS))
    yield Figure("a month in one advance, nothing due", empty, "s")
    yield Figure(f"a month in one advance, {SCHEDULES * 30} calls by schedules", took, "s")


def rebirth(account: Account) -> Iterator[Figure]:
    """What a change of the borrowed part costs to keep, and to make again at a start."""
    s3, bucket = account.client("s3"), BUCKET
    numbers = iter(range(10 * CHANGES))
    kept = median_seconds(lambda: s3.put_object(Bucket=bucket, Key=f"k{next(numbers)}", Body=b"x"), CHANGES)
    read = median_seconds(lambda: s3.head_object(Bucket=bucket, Key="k1"), 100)
    yield Figure("an object put, on disk before the reply", kept * 1000, "ms", floor=read * 1000)
    yield Figure(f"ready again with {CHANGES:,} changes to repeat", _again(account), "s")
    _put_large(s3, bucket)
    yield Figure(f"the same with an object of {LARGE_BODY_MIB} MiB more", _again(account), "s")


def permissions(account: Account) -> Iterator[Figure]:
    """The deck's own users, made and found again, and what it costs to decide about the request that needs most."""
    owner, kept = deck_account(account), account.home / "identities.json"
    yield Figure("users, roles and policies, made", seconds(lambda: identities.ensure(owner, kept)), "s")
    yield Figure("users, roles and policies, found again", seconds(lambda: identities.ensure(owner, kept)), "s")
    statements = [each for name in identities.HOLDS[Role.OPERATOR] for each in read_policy(identities.shipped(name))]
    operator = Identity("operator", (Grant("identity-based policy", tuple(statements)),))
    decisions = Decisions(lambda key, role: operator, lambda role, principals, wanted: True, lambda arn: None)
    request = {"TrainingJobName": "j", "RoleArn": ROLE, "Tags": [{"Key": "k", "Value": "v"}]}
    asking = Asking("sagemaker", "CreateTrainingJob", REGION, request)
    decide = partial(decisions.decide, asking, "key")
    yield Figure("a training job's three decisions", median_seconds(decide, ROWS) * 1000, "ms")


def _again(account: Account) -> float:
    account.kill()
    return seconds(account.restart)


def _put_large(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="large", Body=bytes(LARGE_BODY_MIB * 1024**2))


def ledger_row(folder: Path) -> Figure:
    """What an action costs before its first call leaves: a row, synced."""
    ledger = Ledger(folder / "ledger.sqlite3")
    took = median_seconds(lambda: ledger.open(Plan(Act.LAUNCH, "notebook", "n", REGION, ()), "a", ACCOUNT), ROWS)
    ledger.close()
    return Figure("a ledger row, on disk", took * 1000, "ms")


def looks(folder: Path) -> Iterator[Figure]:
    """A look at many notebook instances that all changed since the last one, and a month's cost of what was seen."""
    history = History(folder / "history.sqlite3")
    took = [seconds(lambda hour=hour: history.observe(ACCOUNT, _look(hour))) for hour in range(WATCHED_HOURS)]  # type: ignore[misc]
    yield Figure(f"a look at {WATCHED} resources, all changed, kept", sorted(took)[len(took) // 2] * 1000, "ms")
    now = at(WATCHED_HOURS)
    cost = median_seconds(lambda: meter.cost(history, ACCOUNT, BORN, now))
    yield Figure(f"what {WATCHED * WATCHED_HOURS:,} states of them cost", cost * 1000, "ms")
    history.close()


def _look(hour: int) -> Any:
    status = "InService" if hour % 2 else "Stopped"
    return taken(hour, notebooks=tuple(notebook(status, hour, f"n{number}") for number in range(WATCHED)))
