"""Quotas of all regions: what is used is what runs, EC2's vCPUs too; requests with their states; each fails alone."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from services import default_quotas, ec2_quotas, offers, quota_grids, rooms
from services.cloud import Account as DeckAccount
from services.cloud import Cloud
from services.errors import NotConnected, NotFound
from services.launches import carry_out
from services.ledger import Ledger, State
from services.quota_increases import Increase, plan_increases
from services.quota_uses import HeadRoom, QuotaUse, RegionQuotas, room_of, tightest_first
from tests.support import deck_wishes
from tests.support.deck_wishes import KIM, cloud_of
from tests.support.practice_account import REGION, Account
from tests.support.tampering import denied

REGIONS = [REGION, "us-east-1", "eu-west-1"]
STANDARD, GPUS = "L-1216C47A", "L-DB2E81BA"


def run(account: Account, kind: str, region: str = REGION, **more: Any) -> None:
    ec2 = account.client("ec2", region)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, InstanceType=kind, MinCount=1, MaxCount=1, **more)


@pytest.fixture
def deck(practice: Account) -> DeckAccount:
    return deck_wishes.deck_account(practice)


def test_several_regions_with_what_runs_in_each(practice: Account, deck: DeckAccount) -> None:
    run(practice, "m5.2xlarge")
    run(practice, "m5.xlarge", InstanceMarketOptions={"MarketType": "spot"})
    run(practice, "t3.medium", "us-east-1")
    sagemaker = practice.client("sagemaker")
    role = "arn:aws:iam::123456789012:role/flightdeck-execution"
    sagemaker.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=role)
    found = quota_grids.gather_regions(deck, REGIONS)
    assert list(found) == REGIONS
    assert all(each.failures == {} for each in found.values())
    standard = found[REGION].find(STANDARD)
    assert (standard.used, standard.limit, standard.default, standard.left) == (8, 64, 5, 56)
    spot = next(row for row in found[REGION].rows if row.usage == "ec2_spot" and row.family == "standard")
    assert (spot.used, spot.unit) == (4, "vcpu")
    assert found["us-east-1"].find(STANDARD).used == 2
    assert found["eu-west-1"].find(STANDARD).used == 0
    notebook = default_quotas.quota_for("ml.t3.medium", "notebook")
    row = found[REGION].find(notebook.code)
    assert (row.used, row.limit, row.family, row.room) == (1, 6, "t3", HeadRoom.FREE)
    assert found[REGION].find(GPUS).room is HeadRoom.NONE
    left = {(one.usage, one.instance_type): one.left for one in found[REGION].rooms}
    assert (left["ec2", "m5.8xlarge"], left["ec2", "g5.xlarge"], left["ec2_spot", "m5.xlarge"]) == (1, 0, 15)
    assert left["notebook", "ml.t3.medium"] == 5


def test_a_batch_of_increases_is_one_plan_asked_for_once_and_approved(
    practice: Account, cloud: Cloud, ledger: Ledger
) -> None:
    before = quota_grids.gather(cloud)
    training = default_quotas.quota_for("ml.g5.xlarge", "training")
    wishes = [
        Increase(REGION, before.find(training.code).needing(2), 2),
        Increase(REGION, before.find(GPUS).needing(8), 8, service="ec2"),
    ]
    plan = plan_increases(wishes)
    assert [call.parameters["ServiceCode"] for call in plan.calls] == ["sagemaker", "ec2"]
    for _ in range(2):
        assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    asked = quota_grids.list_requests(cloud)
    assert sorted((row.code, row.desired, row.status) for row in asked) == sorted(
        [(training.code, 2, "PENDING"), (GPUS, 8, "PENDING")]
    )
    practice.advance(2 * 3600)
    assert {row.status for row in quota_grids.list_requests(cloud)} == {"CASE_OPENED"}
    practice.advance(48 * 3600)
    after = quota_grids.gather(cloud)
    assert {row.status for row in after.requests} == {"APPROVED"}
    assert (after.find(training.code).limit, after.find(GPUS).limit) == (2, 8)
    assert all(row.updated > row.created for row in after.requests)


def test_a_service_that_is_denied_leaves_the_others(cloud: Cloud) -> None:
    with denied(cloud, "ec2", "DescribeInstances"):
        found = quota_grids.gather(cloud)
    assert set(found.failures) == {"ec2"}
    assert isinstance(found.failures["ec2"], NotConnected)
    assert {row.service for row in found.rows} == {"sagemaker"}
    with denied(cloud, "sagemaker", "ListNotebookInstances"):
        found = quota_grids.gather(cloud)
    assert {row.service for row in found.rows} == {"ec2"}, "an unread list must not look like an unused quota"


def test_a_quota_that_is_not_there_is_named() -> None:
    with pytest.raises(NotFound, match="L-NONE"):
        RegionQuotas(REGION).find("L-NONE")


def test_regions_are_counted_as_they_answer(deck: DeckAccount) -> None:
    told: list[tuple[int, int]] = []
    found = quota_grids.gather_regions(
        deck, REGIONS, lambda cloud: RegionQuotas(cloud.region), lambda *so_far: told.append(so_far)
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert list(found) == REGIONS


def test_a_request_of_which_aws_says_little_is_shown_as_far_as_it_is_told() -> None:
    asked = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [
        {"ServiceCode": "ec2", "QuotaCode": GPUS, "Created": asked},
        {"ServiceCode": "ec2", "QuotaCode": GPUS},
        {"QuotaCode": "L-OTHER", "Created": asked},
    ]

    class Client:
        def get_paginator(self, _: str) -> "Client":
            return self

        def paginate(self) -> list[dict[str, Any]]:
            return [{"RequestedQuotas": rows}, {}]

    class Told:
        region = REGION

        def client(self, _: str) -> Client:
            return Client()

    (only,) = quota_grids.list_requests(Told())  # type: ignore[arg-type]
    assert (only.code, only.name, only.desired, only.status, only.updated) == (GPUS, GPUS, 0, "", asked)


@pytest.mark.parametrize(
    ("code", "usage"),
    [(STANDARD, "ec2"), (default_quotas.quota_for("ml.g5.xlarge", "training").code, "training"), ("L-NONE", None)],
)
def test_a_code_says_what_it_counts(code: str, usage: str | None) -> None:
    assert quota_grids.usage_of(code) == usage


def test_a_use_has_the_families_that_its_quotas_count() -> None:
    assert {"g5", "m5", "all"} <= quota_grids.families("training")
    assert quota_grids.families("ec2") == {"standard", "g", "p", "inf", "trn"}
    assert quota_grids.families("moonshot") == frozenset()


def test_the_tightest_come_first_and_what_was_never_granted_last() -> None:
    def use(kind: str, used: int, limit: int) -> QuotaUse:
        return QuotaUse(REGION, "sagemaker", kind, kind, "training", kind, "instances", limit, used, None, True)

    rows = [use("none", 0, 0), use("free", 0, 4), use("half", 2, 4), use("tight", 9, 10), use("full", 4, 4)]
    assert [row.code for row in tightest_first(rows)] == ["full", "tight", "half", "free", "none"]


@pytest.mark.parametrize(
    ("used", "limit", "room"),
    [
        (0, 0, HeadRoom.NONE),
        (1, 0, HeadRoom.FULL),
        (0, 1, HeadRoom.FREE),
        (4, 5, HeadRoom.TIGHT),
        (5, 5, HeadRoom.FULL),
        (3, 5, HeadRoom.FREE),
    ],
)
def test_head_room_is_told_from_use_and_limit(used: int, limit: int, room: HeadRoom) -> None:
    assert room_of(used, limit) is room


def test_a_quota_over_all_types_has_no_family_of_its_own() -> None:
    row = QuotaUse(REGION, "sagemaker", "L", "n", "training", None, "instances", 4, 9, None, True)
    assert (row.family, row.left) == ("all", 0)


@pytest.mark.parametrize(
    ("instance_type", "market", "name"),
    [
        ("m5.large", "on_demand", "standard"),
        ("im4gn.large", "on_demand", "standard"),
        ("g4dn.xlarge", "spot", "g"),
        ("p4de.24xlarge", "spot", "p"),
        ("p5.48xlarge", "spot", "p5"),
        ("p5.48xlarge", "on_demand", "p"),
        ("inf2.xlarge", "on_demand", "inf"),
        ("trn1.2xlarge", "spot", "trn"),
        ("dl1.24xlarge", "on_demand", None),
        ("u-6tb1.metal", "on_demand", None),
    ],
)
def test_each_type_has_its_class(instance_type: str, market: str, name: str | None) -> None:
    assert ec2_quotas.class_of(instance_type, market) == name
    quota = ec2_quotas.quota_of(instance_type, market)
    assert (quota.instance_class if quota else None) == name


def test_room_is_known_of_every_offer_there_is(cloud: Cloud) -> None:
    found = quota_grids.gather(cloud)
    asked = offers.Wanted(regions=(REGION,), components=("training", "notebook", "hosting"))
    counted = offers.shipped().search(asked, found.rooms, most=10_000).offers
    assert counted
    assert {one.usage for one in counted if one.left is None} <= {"training", "endpoint", "notebook", "spot_training"}
    assert all(one.left is not None for one in counted if one.service == "ec2")


def test_vcpus_without_a_figure_are_counted_as_the_reply_tells_them(cloud: Cloud) -> None:
    class Pages:
        def paginate(self, **_: object) -> list[dict[str, Any]]:
            odd = {"InstanceType": "m99.huge", "CpuOptions": {"CoreCount": 3, "ThreadsPerCore": 2}}
            return [{"Reservations": [{"Instances": [odd, {"InstanceType": "u-6tb1.metal"}]}]}]

    class Client:
        def get_paginator(self, _: str) -> Pages:
            return Pages()

    class Told:
        def client(self, _: str) -> Client:
            return Client()

    assert ec2_quotas.vcpus_in_use(Told()) == Counter({("on_demand", "standard"): 6})  # type: ignore[arg-type]


def test_rooms_of_ec2_follow_what_is_left() -> None:
    left = rooms.ec2_rooms(REGION, {STANDARD: 10}, Counter({("on_demand", "standard"): 3}))
    assert {one.instance_type: one.left for one in left}["m5.large"] == 3
    assert {one.usage for one in left} == {"ec2"}


def test_an_account_of_its_own_sees_its_own(shared_practice: Account) -> None:
    assert quota_grids.gather(cloud_of(shared_practice)).find(STANDARD).limit >= 64
