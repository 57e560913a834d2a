"""Launches: two clicks, two tabs, a closed tab, and a deck that is killed amid them at three faults in ten calls."""

import random
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.accounts import fresh_account
from bench.harness import Figure, seconds
from bench.soaking.kills import quiet, said_until_killed
from services import launches, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn
from services.ledger import Action, Ledger, State
from services.plans import new_intent
from services.reconciliations import reconcile
from tests.support.deck_wishes import ACCOUNT_ID, KIM, cloud_of, put_echo_model, unserved_plan
from tests.support.fault_proxy import cloud_through, running
from tests.support.faults import mixed
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

AT_ONCE = 8
LIFE_SECONDS = 1.0
"""A launch of an unserved endpoint takes about that long."""
RECONCILED_SECONDS = 60.0
FAULTS = mixed(0.3)


def figures(rounds: int) -> Iterator[Figure]:
    """`rounds` wishes that are sent twice, and a fifth as many kills."""
    with fresh_account() as account, TemporaryDirectory() as folder:
        put_echo_model(account)
        ledger = Ledger(Path(folder) / "ledger.sqlite3")
        yield from doubled(account, ledger, rounds)
        ledger.close()
        yield from killed(account, Path(folder), max(rounds // 5, 1))


def doubled(account: Account, ledger: Ledger, rounds: int) -> Iterator[Figure]:
    """Every wish sent by a double click, from two tabs, or by a tab that is closed and opened again, by turns."""
    cloud = cloud_of(account)
    wishes = [(f"d{number:05}", new_intent()) for number in range(rounds)]
    for begin in range(0, rounds, AT_ONCE):
        ways = islice(cycle((_double_click, _two_tabs, _closed_tab)), begin, None)
        batch = zip(ways, wishes[begin : begin + AT_ONCE], strict=False)
        wait([sending for way, wish in batch for sending in way(cloud, ledger, *wish)])
    rows = ledger.actions(cloud.account.key, limit=2 * rounds)
    made = _made(cloud, "d")
    yield Figure(f"{rounds:,} wishes sent twice: launched more than once", _surplus(rows, made), "launches", at_most=0)
    done = sum(row.state is State.DONE for row in rows)
    yield Figure(f"{rounds:,} wishes sent twice: launched", done, "launches", at_least=rounds)


def _double_click(cloud: Cloud, ledger: Ledger, name: str, intent: str) -> Iterator[Future[Action]]:
    plan = unserved_plan(cloud, name, intent)
    yield launches.submit(cloud, ledger, plan, KIM)
    yield launches.submit(cloud, ledger, plan, KIM)


def _two_tabs(cloud: Cloud, ledger: Ledger, name: str, intent: str) -> Iterator[Future[Action]]:
    """The second one was given another name meanwhile: it is the same wish all the same."""
    yield launches.submit(cloud, ledger, unserved_plan(cloud, name, intent), KIM)
    yield launches.submit(cloud, ledger, unserved_plan(cloud, f"{name}-b", intent), KIM)


def _closed_tab(cloud: Cloud, ledger: Ledger, name: str, intent: str) -> Iterator[Future[Action]]:
    launches.submit(cloud, ledger, unserved_plan(cloud, name, intent), KIM)
    eventually(lambda: not launches.is_under_way(intent))
    yield launches.submit(cloud, ledger, unserved_plan(cloud, name, intent), KIM)


def killed(account: Account, folder: Path, rounds: int) -> Iterator[Figure]:
    """A deck is killed amid a launch; the next one reconciles, and is sent the same wish again."""
    chance = random.Random(3)
    lives = [chance.uniform(0, LIFE_SECONDS) for _ in range(rounds)]
    with running(FAULTS, seed=4) as proxy, ThreadPoolExecutor(AT_ONCE) as decks:
        cloud = cloud_through(proxy, account)
        ended = list(decks.map(partial(_killed, cloud, account, folder), range(rounds), lives))
        met = sum(times for (_, _, kind), times in proxy.met.items() if kind)
    plain, rows = cloud_of(account), [row for each in ended for row in each.rows]
    made = _made(plain, "k")
    yield Figure(f"{rounds:,} kills: launched more than once", _surplus(rows, made), "launches", at_most=0)
    yield Figure(f"{rounds:,} kills: orphans", sum(_is_orphan(plain, row, made) for row in rows), "launches", at_most=0)
    left = sum(row.state in (State.RUNNING, State.UNKNOWN) for row in rows) + rounds - len(rows)
    yield Figure(f"{rounds:,} kills: wishes without an end", left, "launches", at_most=0)
    yield Figure(f"{rounds:,} kills: faults met on the way", met, "calls", at_least=1)
    longest = f"{rounds:,} kills: longest until reconciled after the restart"
    yield Figure(longest, max(each.seconds for each in ended), "s", at_most=RECONCILED_SECONDS)


@dataclass(frozen=True, slots=True)
class _Ended:
    """What a deck that was killed left in its ledger, and how long the next one took to settle it."""

    rows: list[Action]
    seconds: float


def _killed(cloud: Cloud, account: Account, folder: Path, number: int, life: float) -> _Ended:
    name, intent, path = f"k{number:04}", new_intent(), folder / f"killed-{number:04}.sqlite3"
    wish = (str(account.home), str(cloud.account.proxy_url), str(path), name, intent)
    said_until_killed("bench.soaking.launches", *wish, after=life)
    with closing(Ledger(path)) as ledger:
        took = seconds(partial(_reconciled, cloud, ledger))
        # As a page would that came back.
        launches.carry_out(cloud, ledger, unserved_plan(cloud, name, intent), KIM)
        _reconciled(cloud, ledger)
        return _Ended(ledger.actions(cloud.account.key), took)


def _reconciled(cloud: Cloud, ledger: Ledger) -> None:
    """As the deck does behind its screens, until nothing is unfinished any more."""

    def settled() -> bool:
        reconcile(cloud, ledger)
        return not ledger.unfinished(cloud.account.key)

    eventually(settled, timeout=2 * RECONCILED_SECONDS)


def launch(home: str, proxy_url: str, path: str, name: str, intent: str) -> None:
    """The deck that will be killed; it says when the wish is on record."""
    account = Account(Path(home))
    account.attach()
    plain = cloud_of(account)
    plan = unserved_plan(plain, name, intent)
    cloud = replace(plain, account=replace(plain.account, proxy_url=proxy_url))
    sending = launches.submit(cloud, Ledger(Path(path)), plan, KIM)
    print(intent, flush=True)
    sending.result()


def _made(cloud: Cloud, prefix: str) -> set[str]:
    """The models whose names begin so: one for every launch."""
    pages = cloud.client("sagemaker").get_paginator("list_models").paginate()
    return {row["ModelName"] for page in pages for row in page["Models"] if row["ModelName"].startswith(prefix)}


def _surplus(rows: list[Action], made: set[str]) -> int:
    """How many more were made than there are wishes that were done."""
    return max(len(made) - sum(row.state is State.DONE for row in rows), 0)


def _is_orphan(cloud: Cloud, row: Action, made: set[str]) -> bool:
    """Whether something was made for a wish that failed, or is missing of one that was done."""
    guarded = schedules.find_guard(cloud, endpoint_arn(REGION, ACCOUNT_ID, row.name)) is not None
    whole = row.state is State.DONE
    return (guarded, row.name in made) != (whole, whole)


if __name__ == "__main__":
    quiet()
    launch(*sys.argv[1:])
