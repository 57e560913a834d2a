"""Offers: every listed price is found to its last digit, filters leave what was asked for, the cheapest comes first."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from services import offer_rates
from services.errors import InvalidRequest, NotFound
from services.figures import Confidence
from services.offer_rates import COLUMNS, Layer
from services.offers import Offer, Offers, Room, Wanted, shipped
from tests.support.listed_prices import EC2, RESERVED, SAGEMAKER

G5 = Wanted(hours=200, least_gpus=1, least_gb_per_gpu=24, accelerators=("GPU",), components=("training",))


def only(offers: Sequence[Offer], **wanted: Any) -> Offer:
    [offer] = [one for one in offers if all(getattr(one, name) == value for name, value in wanted.items())]
    return offer


@cache
def everything() -> tuple[Offer, ...]:
    return shipped().search(Wanted(), most=50_000).offers


@pytest.mark.parametrize(("region", "instance_type", "component", "usd", "as_of", "confidence"), SAGEMAKER)
def test_every_sagemaker_rate_taken_by_hand_is_offered(
    region: str, instance_type: str, component: str, usd: str, as_of: str, confidence: str
) -> None:
    offer = only(shipped().find(instance_type, region), component=component, purchase_option="on_demand")
    assert str(offer.usd_per_hour) == str(offer.effective_usd_per_hour) == usd
    assert (offer.as_of.isoformat(), offer.confidence, offer.layer) == (as_of, confidence, "catalogue")


@pytest.mark.parametrize(("region", "instance_type", "option", "usd", "as_of"), EC2)
def test_every_ec2_rate_taken_by_hand_is_offered(
    region: str, instance_type: str, option: str, usd: str, as_of: str
) -> None:
    offer = only(shipped().find(instance_type, region), purchase_option=option)
    assert (str(offer.usd_per_hour), offer.as_of.isoformat()) == (usd, as_of)


@pytest.mark.parametrize(("region", "instance_type", "years", "offering_class", "usd"), RESERVED)
def test_every_reserved_rate_taken_by_hand_is_offered_and_stands_for_a_savings_plan(
    region: str, instance_type: str, years: int, offering_class: str, usd: str
) -> None:
    offers = shipped().find(instance_type, region)
    terms = {"term_years": years, "payment_option": "no_upfront"}
    reserved = only(offers, purchase_option="reserved", offering_class=offering_class, **terms)
    assert (str(reserved.usd_per_hour), str(reserved.upfront_usd)) == (usd, "0")
    plan = "ec2_instance_savings_plan" if offering_class == "standard" else "compute_savings_plan"
    standing_in = only(offers, purchase_option=plan, **terms)
    assert str(standing_in.usd_per_hour) == usd
    assert standing_in.confidence is Confidence.ASSUMPTION


def test_a_commitment_with_money_upfront_costs_its_effective_rate_over_the_term() -> None:
    for offer in shipped().find("g5.xlarge", "ap-northeast-2"):
        hours = offer.term_years * 8760
        if hours:
            spread = offer.usd_per_hour + offer.upfront_usd / hours
            assert abs(spread - offer.effective_usd_per_hour) < Decimal("0.000002"), offer.id


def test_managed_spot_is_the_training_rate_times_what_spot_saves_and_an_assumption() -> None:
    offer = only(shipped().find("ml.g5.xlarge", "ap-northeast-2"), purchase_option="managed_spot")
    assert offer.usd_per_hour == (Decimal("1.732") * Decimal("0.3584") / Decimal("1.237")).quantize(Decimal("0.000001"))
    assert (offer.confidence, offer.usage) == (Confidence.ASSUMPTION, "spot_training")


def test_the_cheapest_month_comes_first_and_a_commitment_bills_the_whole_of_it() -> None:
    found = shipped().search(G5, most=10_000)
    assert found.total == len(found.offers)
    months = [offer.month_usd for offer in found.offers]
    assert months == sorted(months)
    for offer in found.offers:
        hours = 730 if offer.commits else 200
        assert offer.month_usd == offer.effective_usd_per_hour * hours
        assert offer.gpu_count >= 1
        assert offer.gpu_memory_gib / offer.gpu_count >= 22.35
        assert (offer.accelerator, offer.component in ("", "training"), offer.offered) == ("GPU", True, True)
    assert {offer.gpu_name for offer in found.offers} == {"A10G", "L4", "L40S", "A100", "H100"}


def test_a_page_of_offers_says_how_many_there_are() -> None:
    found = shipped().search(Wanted(), most=5)
    assert len(found.offers) == 5
    assert found.total > 40_000


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (Wanted(regions=("ap-northeast-2", "us-east-1")), lambda one: one.region in ("ap-northeast-2", "us-east-1")),
        (Wanted(services=("ec2",)), lambda one: one.service == "ec2" and not one.component),
        (Wanted(purchase_options=("spot", "managed_spot")), lambda one: "spot" in one.purchase_option),
        (Wanted(instance_types=("ml.m5.large",)), lambda one: one.instance_type == "ml.m5.large"),
        (Wanted(gpu_names=("L4",)), lambda one: one.gpu_name == "L4"),
        (Wanted(accelerators=("Neuron",)), lambda one: one.gpu_name in ("Inferentia", "Inferentia2", "Trainium")),
        (Wanted(architectures=("x86_64",)), lambda one: one.architecture == "x86_64"),
        (Wanted(least_gpus=4, most_gpus=8), lambda one: 4 <= one.gpu_count <= 8),
        (Wanted(most_gpus=0), lambda one: one.gpu_count == 0 and one.usd_per_gpu_hour is None),
        (Wanted(least_vcpu=96), lambda one: one.vcpu >= 96),
        (Wanted(least_memory_gib=512), lambda one: one.memory_gib >= 512),
        (Wanted(most_usd_per_hour=Decimal("0.05")), lambda one: one.effective_usd_per_hour <= Decimal("0.05")),
    ],
)
def test_a_filter_leaves_what_was_asked_for(wanted: Wanted, holds: Any) -> None:
    found = shipped().search(wanted, most=50_000)
    assert found.offers
    assert {offer.id for offer in found.offers} == {offer.id for offer in everything() if holds(offer)}


def test_what_is_no_longer_offered_is_shown_only_when_asked_for() -> None:
    p3 = Wanted(instance_types=("p3.2xlarge",), regions=("eu-west-1",))
    assert not shipped().search(p3).offers
    gone = shipped().search(replace(p3, offered_only=False)).offers
    assert gone
    assert not any(offer.offered for offer in gone)


def test_quotas_are_told_of_what_they_count_and_leave_out_what_has_no_room() -> None:
    room = [
        Room("ap-northeast-2", "training", "ml.g5.xlarge", 2),
        Room("ap-northeast-2", "spot_training", "ml.g5.xlarge", 0),
        Room("us-east-1", "ec2", "g5.xlarge", 3),
    ]
    found = shipped().search(G5, room, most=10_000).offers
    left = {(one.region, one.usage, one.instance_type): one.left for one in found if one.left is not None}
    assert left == {(one.region, one.usage, one.instance_type): one.left for one in room}
    with_room = shipped().search(Wanted(hours=200, with_quota_only=True), room, most=10_000).offers
    assert {(one.region, one.usage) for one in with_room} == {("ap-northeast-2", "training"), ("us-east-1", "ec2")}
    assert shipped().search(Wanted(with_quota_only=True)).total == 0
    assert shipped().search(G5, []).offers[0].left is None


def test_dollars_for_what_the_hardware_gives() -> None:
    offer = only(shipped().find("g5.12xlarge", "us-east-1"), purchase_option="on_demand")
    assert offer.usd_per_gpu_hour == offer.usd_per_hour / 4
    assert offer.usd_per_gib_gpu_hour == offer.usd_per_hour / Decimal(str(offer.gpu_memory_gib))
    assert offer.tflops == 280
    assert offer.usd_per_tflop_hour == offer.usd_per_hour / 280
    assert only(shipped().find("m5.large", "us-east-1"), purchase_option="spot").usd_per_tflop_hour is None


def rates(*rows: dict[str, Any]) -> pa.Table:
    catalogue = offer_rates.catalogue()
    first = catalogue.slice(0, 1).to_pylist()[0]
    empty = first | {"component": "", "term_years": 0, "payment_option": "", "offering_class": "", "note": ""}
    return pa.Table.from_pylist([empty | row for row in rows], schema=catalogue.schema)


def test_the_users_own_rate_comes_before_the_accounts_and_that_before_the_catalogues() -> None:
    spot = {"region": "us-east-1", "service": "ec2", "instance_type": "g5.xlarge", "purchase_option": "spot"}
    own = rates({**spot, "usd_per_hour": "0.1", "upfront_usd": "0", "effective_usd_per_hour": "0.1"})
    account = rates(
        {**spot, "usd_per_hour": "0.2", "upfront_usd": "0", "effective_usd_per_hour": "0.2"},
        {**spot, "region": "us-east-2", "usd_per_hour": "0.3", "upfront_usd": "0", "effective_usd_per_hour": "0.3"},
    )
    layers = (Layer("own", own), Layer("account", account), Layer("catalogue", offer_rates.catalogue()))
    offers = Offers(layers)
    asked = Wanted(instance_types=("g5.xlarge",), purchase_options=("spot",))
    found = {one.region: (one.layer, one.usd_per_hour) for one in offers.search(asked).offers}
    assert found["us-east-1"] == ("own", Decimal("0.1"))
    assert found["us-east-2"] == ("account", Decimal("0.3"))
    assert found["us-west-2"][0] == "catalogue"
    assert offers.search(Wanted()).total == shipped().search(Wanted()).total


def test_the_catalogue_is_in_the_columns_of_every_layer_and_knows_each_way_to_buy_once() -> None:
    catalogue = offer_rates.catalogue()
    assert tuple(catalogue.column_names) == COLUMNS
    keys = catalogue.select(list(offer_rates.KEY)).to_pylist()
    assert len({tuple(key.values()) for key in keys}) == len(keys)
    assert set(catalogue["purchase_option"].to_pylist()) == set(offer_rates.PURCHASE_OPTIONS)
    assert not any(None in column.to_pylist() for column in catalogue.columns)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"regions": ("ap-northeast-9",)}, "no region ap-northeast-9"),
        ({"purchase_options": ("free",)}, "no purchase option free"),
        ({"instance_types": ("g5.xlarge", "g99.xlarge")}, "no instance type g99.xlarge"),
        ({"hours": 0}, "0 hours"),
        ({"hours": 745}, "745 hours"),
    ],
)
def test_what_nothing_can_be_is_refused_by_name(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        Wanted(**wrong)


def test_a_type_without_a_price_in_a_region_is_said_to_have_none() -> None:
    with pytest.raises(NotFound, match=r"no price of p5\.48xlarge in eu-west-1"):
        shipped().find("p5.48xlarge", "eu-west-1")


def test_threads_may_ask_one_table_at_once() -> None:
    totals: list[int] = []
    asking = [threading.Thread(target=lambda: totals.append(shipped().search(G5).total)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert len(totals) == 8
    assert len(set(totals)) == 1
