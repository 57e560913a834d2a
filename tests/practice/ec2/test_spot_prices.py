"""Spot prices: each snapshot to its last digit, between them a walk within what was seen, in EC2's own XML."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.ec2 import spot_walks
from tests.support.listed_prices import EC2
from tests.support.local_account import Local

SEOUL, G5 = "ap-northeast-2", "g5.xlarge"
NEWEST = datetime(2026, 1, 19, tzinfo=UTC)
SPOT = [(region, kind, usd, as_of) for region, kind, option, usd, as_of in EC2 if option == "spot"]


def history(local: Local, region: str = SEOUL, **asked: Any) -> list[dict[str, Any]]:
    pages = local.client("ec2", region).get_paginator("describe_spot_price_history").paginate(**asked)
    return [row for page in pages for row in page["SpotPriceHistory"]]


@pytest.mark.parametrize(("region", "kind", "usd", "as_of"), SPOT)
def test_a_snapshot_taken_by_hand_is_the_price_of_its_day_in_every_zone(
    region: str, kind: str, usd: str, as_of: str
) -> None:
    at = datetime.fromisoformat(as_of).replace(tzinfo=UTC)
    known = spot_walks.snapshots()[region, kind]
    for zone in "abc":
        assert spot_walks.price(known, region + zone, kind, at) == Decimal(usd)


def test_the_walk_stays_within_what_was_seen_and_goes_through_every_snapshot() -> None:
    known = spot_walks.snapshots()[SEOUL, G5]
    low, high = min(usd for _, usd in known), max(usd for _, usd in known)
    found = list(spot_walks.changes(SEOUL, G5, "ap-northeast-2a", known[0][0], NEWEST + timedelta(days=300)))
    assert all(low <= usd <= high for _, usd in found)
    assert [at for at, _ in found] == sorted((at for at, _ in found), reverse=True)
    for at, usd in known:
        assert next(price for when, price in found if when <= at) == usd
    assert len({usd for _, usd in found}) > 100
    assert all(usd == usd.quantize(Decimal("0.0001")) for _, usd in found)


def test_the_same_moment_has_the_same_price_whoever_asks_and_zones_differ() -> None:
    known, at = spot_walks.snapshots()[SEOUL, G5], NEWEST + timedelta(days=100)
    prices = {zone: spot_walks.price(known, zone, G5, at) for zone in ("a", "b", "c")}
    assert prices == {zone: spot_walks.price(known, zone, G5, at) for zone in ("c", "b", "a")}
    assert len(set(prices.values())) > 1


def test_before_the_first_snapshot_its_price_and_of_unknown_types_none() -> None:
    known = spot_walks.snapshots()[SEOUL, G5]
    assert spot_walks.price(known, "a", G5, known[0][0] - timedelta(days=30)) == known[0][1]
    assert list(spot_walks.changes(SEOUL, "m99.huge", "a", NEWEST, NEWEST)) == []


def test_a_client_is_answered_newest_first_with_what_held_at_the_start(local: Local) -> None:
    now = local.world.clock.now()
    rows = history(local, InstanceTypes=[G5], ProductDescriptions=["Linux/UNIX"], StartTime=now - timedelta(days=3))
    zones = {row["AvailabilityZone"] for row in rows}
    assert zones <= {f"{SEOUL}{zone}" for zone in "abcd"}
    assert zones
    times = [row["Timestamp"] for row in rows]
    assert times == sorted(times, reverse=True)
    for zone in zones:
        first = min(row["Timestamp"] for row in rows if row["AvailabilityZone"] == zone)
        assert first <= now - timedelta(days=3), "the price that held when the time asked for began"
    known = spot_walks.snapshots()[SEOUL, G5]
    for row in rows:
        assert Decimal(row["SpotPrice"]) == spot_walks.price(
            known, row["AvailabilityZone"], G5, row["Timestamp"].astimezone(UTC)
        )
    assert {row["ProductDescription"] for row in rows} == {"Linux/UNIX"}


def test_pages_hold_all_of_it_once(local: Local) -> None:
    now = local.world.clock.now()
    asked = {"StartTime": now - timedelta(days=10), "InstanceTypes": [G5, "g4dn.xlarge"]}
    whole = history(local, **asked)
    cut = history(local, **asked, PaginationConfig={"PageSize": 7})
    assert cut == whole
    assert len({(row["AvailabilityZone"], row["InstanceType"], row["Timestamp"]) for row in whole}) == len(whole)


def test_a_whole_region_is_worked_out_only_as_far_as_it_is_read(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[datetime] = []
    price = spot_walks.price

    def counted(known: spot_walks.Snapshots, zone: str, kind: str, at: datetime) -> Decimal:
        asked.append(at)
        return price(known, zone, kind, at)

    monkeypatch.setattr(spot_walks, "price", counted)
    ec2, rows, token = local.client("ec2", SEOUL), [], ""
    for _ in range(3):
        page = ec2.describe_spot_price_history(NextToken=token)
        rows += page["SpotPriceHistory"]
        token = page["NextToken"]
    assert len(rows) == 3 * 1000
    assert len({(row["AvailabilityZone"], row["InstanceType"], row["Timestamp"]) for row in rows}) == len(rows)
    order = [(-row["Timestamp"].timestamp(), row["InstanceType"], row["AvailabilityZone"]) for row in rows]
    assert order == sorted(order)
    assert token, "there is more"
    assert len(asked) < 12 * len(rows), "of some 100,000 in 90 days"


@pytest.mark.parametrize(
    ("name", "values", "member"),
    [
        ("availability-zone", ["ap-northeast-2a"], "AvailabilityZone"),
        ("instance-type", ["g4dn.*"], "InstanceType"),
        ("product-description", ["Linux/UNIX"], "ProductDescription"),
    ],
)
def test_filters_keep_what_fits(local: Local, name: str, values: list[str], member: str) -> None:
    now = local.world.clock.now()
    asked = {"InstanceTypes": [G5, "g4dn.xlarge", "g4dn.2xlarge"], "StartTime": now}
    rows, kept = history(local, **asked), history(local, **asked, Filters=[{"Name": name, "Values": values}])
    pattern = values[0].rstrip("*")
    assert kept == [row for row in rows if row[member].startswith(pattern)]
    assert kept


def test_what_is_not_there_is_empty_and_what_is_wrong_is_said(local: Local) -> None:
    assert history(local, ProductDescriptions=["Windows"]) == []
    assert history(local, InstanceTypes=["p3.2xlarge"], AvailabilityZone="ap-northeast-2a") == []
    later = local.world.clock.now() + timedelta(days=1)
    assert history(local, InstanceTypes=[G5], StartTime=later) == []
    for wrong, code in (
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue"),
        ({"DryRun": True}, "DryRunOperation"),
        ({"NextToken": "nonsense"}, "InvalidParameterValue"),
    ):
        with pytest.raises(ClientError) as refused:
            local.client("ec2").describe_spot_price_history(**wrong)
        assert refused.value.response["Error"]["Code"] == code


def test_the_rest_of_ec2_is_motos_still(local: Local) -> None:
    ec2 = local.client("ec2")
    assert ec2.describe_availability_zones()["AvailabilityZones"]
    assert ec2.describe_instances()["Reservations"] == []
