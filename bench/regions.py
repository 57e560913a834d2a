"""Eight regions and their quotas read side by side, against the slowest alone; the account throttles as AWS does.

On one machine all eight regions share its processors, which AWS's do not: so the bound is held where each call takes as
long as one to a region far away, and what it comes to without any distance is printed beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.harness import Figure, median_seconds
from services import inventory, quota_grids
from services.cloud import Account as DeckAccount
from services.cloud import Cloud
from services.known import Inventory
from tests.support import fault_proxy, seeded_account
from tests.support.deck_wishes import deck_account
from tests.support.faults import SLOW_SECONDS, Fault
from tests.support.practice_account import Account

SIZES = {
    "ap-northeast-2": 500,
    "us-east-1": 100,
    "us-west-2": 50,
    "eu-west-1": 50,
    "ap-northeast-1": 20,
    "eu-central-1": 10,
    "ap-southeast-1": 5,
    "us-east-2": 0,
}
"""Region → training jobs: one is the company's own, the others are used a little."""
NOTEBOOKS = 5
TIMES = 3


def figures() -> Iterator[Figure]:
    with TemporaryDirectory(prefix="flightdeck-bench-") as folder:
        account = Account(Path(folder) / "practice", throttling=True)
        _seed(account)
        try:
            account.start()
            yield from _measured(account)
        finally:
            account.stop()


def _seed(account: Account) -> None:
    with seeded_account.seeding(account.home) as world:
        for region, jobs in SIZES.items():
            seeded_account.training_jobs(world, region, [f"j{number:04}" for number in range(jobs)])
            seeded_account.notebooks(world, region, [f"n{number:02}" for number in range(NOTEBOOKS)])


def _measured(account: Account) -> Iterator[Figure]:
    near = deck_account(account)
    yield from _inventories(near, "without distance", None)
    with fault_proxy.running([Fault("slow")]) as proxy:
        yield from _inventories(replace(near, proxy_url=proxy.url), f"at {SLOW_SECONDS:g} s a call", 1.5)
    yield from _quotas(account)


def _inventories(deck: DeckAccount, distance: str, ratio_at_most: float | None) -> Iterator[Figure]:
    known = {region: inventory.take(Cloud(deck, region)) for region in SIZES}

    def refresh(cloud: Cloud) -> Inventory:
        seen = inventory.take(cloud, known[cloud.region])
        assert seen.failures == {}, seen.failures
        return seen

    alone = {region: median_seconds(partial(refresh, Cloud(deck, region)), TIMES) for region in SIZES}
    together = median_seconds(lambda: inventory.take_regions(deck, SIZES, refresh), TIMES)
    yield Figure(f"the regions one after the other {distance}", sum(alone.values()), "s")
    name = f"{len(SIZES)} regions side by side {distance}"
    yield Figure(name, together, "s", floor=max(alone.values()), ratio_at_most=ratio_at_most)


def _quotas(account: Account) -> Iterator[Figure]:
    """Each time by a deck that knows nothing yet."""

    def cold(regions: Iterable[str]) -> None:
        found = quota_grids.gather_regions(deck_account(account), regions)
        assert all(each.failures == {} for each in found.values()), found

    alone = {region: median_seconds(partial(cold, [region]), TIMES) for region in SIZES}
    together = median_seconds(partial(cold, list(SIZES)), TIMES)
    yield Figure("the quotas of the slowest region alone", max(alone.values()), "s")
    name = f"the quotas of {len(SIZES)} regions side by side"
    yield Figure(name, together, "s", floor=max(alone.values()), ratio_at_most=1.5)
