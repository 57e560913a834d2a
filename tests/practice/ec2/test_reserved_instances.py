"""Reserved instances: every listed rate can be bought at its price, once paid is active, and retires with its term."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.listed_prices import RESERVED
from tests.support.local_account import Local

SEOUL = "ap-northeast-2"
YEAR = 31_536_000


def offered(local: Local, region: str = SEOUL, **asked: Any) -> list[dict[str, Any]]:
    pages = local.client("ec2", region).get_paginator("describe_reserved_instances_offerings").paginate(**asked)
    return [row for page in pages for row in page["ReservedInstancesOfferings"]]


def refused(call: Any, **asked: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**asked)
    return str(error.value.response["Error"]["Code"])


@pytest.mark.parametrize(("region", "kind", "years", "offering_class", "usd"), RESERVED)
def test_a_rate_taken_by_hand_is_offered_with_nothing_upfront(
    local: Local, region: str, kind: str, years: int, offering_class: str, usd: str
) -> None:
    asked = {"InstanceType": kind, "OfferingClass": offering_class, "OfferingType": "No Upfront"}
    [row] = [row for row in offered(local, region, **asked) if row["Duration"] == years * YEAR]
    assert Decimal(str(row["RecurringCharges"][0]["Amount"])) == Decimal(usd)
    assert (row["FixedPrice"], row["UsagePrice"], row["Scope"], row["CurrencyCode"]) == (0, 0, "Region", "USD")


def test_every_way_to_pay_is_offered_over_both_terms_and_classes(local: Local) -> None:
    rows = offered(local, InstanceType="g5.xlarge")
    ways = {(row["Duration"] // YEAR, row["OfferingClass"], row["OfferingType"]) for row in rows}
    assert len(ways) == len(rows) == 12
    [all_upfront] = [
        row
        for row in rows
        if (row["Duration"], row["OfferingClass"], row["OfferingType"]) == (YEAR, "standard", "All Upfront")
    ]
    assert (all_upfront["FixedPrice"], all_upfront["RecurringCharges"][0]["Amount"]) == (6371.41, 0)


def test_pages_filters_and_terms_keep_what_was_asked_for(local: Local) -> None:
    whole = offered(local, InstanceType="m5.large")
    assert offered(local, InstanceType="m5.large", PaginationConfig={"PageSize": 5}) == whole
    by_filter = [{"Name": "instance-type", "Values": ["m5.lar*"]}, {"Name": "offering-class", "Values": ["standard"]}]
    assert offered(local, Filters=by_filter) == [row for row in whole if row["OfferingClass"] == "standard"]
    assert {row["Duration"] for row in offered(local, InstanceType="m5.large", MinDuration=2 * YEAR)} == {3 * YEAR}
    one = whole[0]["ReservedInstancesOfferingId"]
    assert offered(local, ReservedInstancesOfferingIds=[one]) == whole[:1]
    assert offered(local, AvailabilityZone="ap-northeast-2a") == []
    bad = local.client("ec2").describe_reserved_instances_offerings
    assert refused(bad, Filters=[{"Name": "colour", "Values": ["red"]}]) == "InvalidParameterValue"


def buy(local: Local, count: int = 1, **more: Any) -> str:
    offering = offered(local, InstanceType="g5.xlarge", OfferingType="All Upfront", MaxDuration=YEAR)[0]
    identity = offering["ReservedInstancesOfferingId"]
    ec2 = local.client("ec2")
    bought = ec2.purchase_reserved_instances_offering(ReservedInstancesOfferingId=identity, InstanceCount=count, **more)
    return str(bought["ReservedInstancesId"])


def bought(local: Local, identity: str) -> dict[str, Any]:
    [row] = local.client("ec2").describe_reserved_instances(ReservedInstancesIds=[identity])["ReservedInstances"]
    return dict(row)


def test_what_was_bought_is_paid_active_for_its_term_and_then_retired(local: Local) -> None:
    identity = buy(local, 2)
    row = bought(local, identity)
    assert (row["State"], row["InstanceCount"]) == ("payment-pending", 2)
    assert row["End"] - row["Start"] == timedelta(seconds=YEAR)
    local.advance(minutes=2)
    assert bought(local, identity)["State"] == "active"
    local.restart()
    assert bought(local, identity)["State"] == "active"
    local.advance(days=360)
    assert bought(local, identity)["State"] == "active"
    local.advance(days=6)
    assert bought(local, identity)["State"] == "retired"
    active = [{"Name": "state", "Values": ["active"]}]
    assert local.client("ec2").describe_reserved_instances(Filters=active)["ReservedInstances"] == []


def test_a_purchase_may_be_queued(local: Local) -> None:
    when = local.world.clock.now() + timedelta(days=10)
    identity = buy(local, PurchaseTime=when)
    assert bought(local, identity)["State"] == "queued"
    local.advance(days=11)
    row = bought(local, identity)
    assert row["State"] == "active"
    assert abs(row["Start"] - when) < timedelta(seconds=1)


def test_what_may_not_be_bought_is_refused(local: Local) -> None:
    ec2 = local.client("ec2")
    purchase = ec2.purchase_reserved_instances_offering
    unknown = {"ReservedInstancesOfferingId": "no-such-offering", "InstanceCount": 1}
    assert refused(purchase, **unknown) == "InvalidReservedInstancesOfferingId"
    assert refused(lambda: buy(local, 21)) == "ReservedInstancesLimitExceeded"
    cheap = {"Amount": 10.0, "CurrencyCode": "USD"}
    assert refused(lambda: buy(local, LimitPrice=cheap)) == "InvalidParameterValue"
    assert refused(lambda: buy(local, DryRun=True)) == "DryRunOperation"
    assert ec2.describe_reserved_instances()["ReservedInstances"] == []
    assert refused(ec2.describe_reserved_instances, ReservedInstancesIds=["r-none"]) == "InvalidReservedInstancesId"
