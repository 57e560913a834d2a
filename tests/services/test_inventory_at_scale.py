"""What an inventory of many resources asks AWS, with the practice account throttling as AWS does."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from services import descriptions, inventory, trainings
from services.cloud import Cloud
from services.errors import AccessDenied, NotConnected
from services.history import History
from services.known import Inventory
from tests.support import seeded_account
from tests.support.deck_wishes import cloud_of, deck_account
from tests.support.practice_account import REGION, Account, running
from tests.support.tampering import denied

JOBS, NOTEBOOKS, ENDPOINTS = 1_000, 150, 150
SEASON = timedelta(days=90)
SMALL = ("us-east-1", "us-west-2", "eu-west-1")
LISTS = {
    *("Search", "ListNotebookInstances", "ListEndpoints", "ListEndpointConfigs", "ListSchedules", "GetResources"),
}
OTHERS = {
    *("ListApps", "ListSpaces", "ListClusters", "ListInferenceComponents", "ListMlflowTrackingServers"),
    "ListTrainingPlans",
}
"""What else spends: one call each, of which none depends on how many jobs there are."""


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """1,000 training jobs and 300 notebook instances and endpoints; some are nobody's."""
    home = tmp_path_factory.mktemp("crowded") / "practice"
    with seeded_account.seeding(home) as world:
        seeded_account.training_jobs(world, REGION, [f"j{number:04}" for number in range(JOBS)], over=SEASON)
        seeded_account.notebooks(world, REGION, [f"n{number:03}" for number in range(NOTEBOOKS - 1)])
        seeded_account.notebooks(world, REGION, ["unowned"], owner="")
        seeded_account.endpoints(world, REGION, [f"e{number:03}" for number in range(ENDPOINTS)], "config")
        for region in SMALL:
            seeded_account.training_jobs(world, region, ["j"])
    yield from running(home, throttling=True)


@pytest.fixture(scope="module")
def taken(crowded: Account) -> Inventory:
    """The first look, which describes everything."""
    return inventory.take(cloud_of(crowded))


class Counted:
    """The calls that leave for an account from now on."""

    def __init__(self, cloud: Cloud) -> None:
        self.names: Counter[str] = Counter()
        for service in ("sagemaker", "scheduler", "service-quotas", "resourcegroupstaggingapi"):
            cloud.client(service).meta.events.register("before-send", self._count, unique_id=f"counted-{id(self)}")

    def _count(self, event_name: str, **_: object) -> None:
        self.names[event_name.rpartition(".")[2]] += 1


@pytest.mark.heavy
def test_a_first_look_sees_all_of_it_within_the_rates(taken: Inventory) -> None:
    assert taken.failures == {}
    assert (len(taken.trainings), len(taken.notebooks), len(taken.endpoints)) == (JOBS, NOTEBOOKS, ENDPOINTS)
    assert all(row.volume_gib for row in taken.notebooks)
    assert all(row.variants for row in taken.endpoints)
    assert set(taken.owners.values()) == {"kim"}
    assert len(taken.owners) == JOBS + NOTEBOOKS + ENDPOINTS - 1


@pytest.mark.heavy
def test_a_refresh_lists_and_describes_nothing_again_even_after_a_restart_of_the_deck(
    crowded: Account, taken: Inventory, tmp_path: Path
) -> None:
    cloud, before = cloud_of(crowded), tmp_path / "history.sqlite3"
    history = History(before)
    history.observe(cloud.account.key, taken)
    history.close()
    reopened, calls = History(before), Counted(cloud)
    again = inventory.take(cloud, reopened.last(cloud.account.key, REGION))
    reopened.close()
    assert again.failures == {}
    assert (again.notebooks, again.endpoints, again.owners) == (taken.notebooks, taken.endpoints, taken.owners)
    assert set(calls.names) == LISTS | OTHERS
    assert calls.names["Search"] == 1
    assert again.trainings == taken.trainings
    assert calls.names["GetResources"] == 3
    assert calls.names.total() - len(OTHERS) <= 20


@pytest.mark.heavy
def test_a_job_that_is_gone_is_noticed_beside_thousands_that_are_not_asked_for(
    crowded: Account, taken: Inventory
) -> None:
    cloud, at = cloud_of(crowded), taken.at
    listed = trainings.list_training_jobs(cloud, known=taken.trainings, known_at=at)
    assert [job.name for job in listed] == [f"j{number:04}" for number in reversed(range(JOBS))]
    crowded.client("sagemaker").delete_training_job(TrainingJobName="j0007")
    calls = Counted(cloud)
    left = trainings.list_training_jobs(cloud, known=taken.trainings, known_at=at)
    assert {job.name for job in listed} - {job.name for job in left} == {"j0007"}
    assert calls.names["Search"] == JOBS / 100
    calls = Counted(cloud)
    assert trainings.list_training_jobs(cloud, known=left, known_at=at) == left
    assert calls.names["Search"] == 1


@pytest.mark.heavy
def test_regions_are_taken_side_by_side_and_each_fails_alone(crowded: Account) -> None:
    account = deck_account(crowded)
    for region in SMALL:
        cloud_of(crowded, region).client("sagemaker")
    with denied(cloud_of(crowded, SMALL[0]), "sagemaker", "Search"):
        found = inventory.take_regions(account, SMALL)
    assert list(found) == list(SMALL)
    assert [set(seen.failures) for seen in found.values()] == [{"trainings"}, set(), set()]
    assert isinstance(found[SMALL[0]].failures["trainings"], NotConnected | AccessDenied)
    assert [len(seen.trainings) for seen in found.values()] == [0, 1, 1]
    assert inventory.take_regions(account, ()) == {}


@pytest.mark.heavy
def test_what_changed_is_described_again_and_nothing_else(crowded: Account, taken: Inventory) -> None:
    cloud = cloud_of(crowded)
    crowded.client("sagemaker").update_notebook_instance(NotebookInstanceName="n007", VolumeSizeInGB=50)
    crowded.advance(30)
    calls = Counted(cloud)
    problems: list[object] = []
    rows = {row.name: row for row in descriptions.notebooks(cloud, taken.notebooks, [])}
    assert (rows["n007"].volume_gib, problems) == (50, [])
    assert calls.names["DescribeNotebookInstance"] == 1
