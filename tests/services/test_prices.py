"""Prices with their evidence, and clear words where there is none."""

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest

from services import prices, spot_rates
from services.errors import NotFound
from services.prices import Confidence


def test_a_listed_price_says_its_date_and_source() -> None:
    price = prices.sagemaker_price("ap-northeast-2", "ml.g5.xlarge", "studio")
    assert price == prices.Price(
        usd_per_hour=Decimal("1.732"),
        as_of=date(2026, 9, 24),
        source="cloud-architect-ky/av3.0-blueprint-lab@189af6d scripts/av30_instance_rates.py",
        confidence=Confidence.LISTED,
        note="generated from AWS Price List API by a third party",
    )


def test_a_missing_component_takes_anothers_rate_and_says_whose() -> None:
    price = prices.sagemaker_price("ap-southeast-1", "ml.m5.xlarge", "training")
    studio = prices.sagemaker_price("ap-southeast-1", "ml.m5.xlarge", "studio")
    assert price.usd_per_hour == studio.usd_per_hour
    assert (studio.confidence, price.confidence) == (Confidence.LISTED, Confidence.OTHER_COMPONENT)
    assert price.note == "the studio rate"


def test_a_type_without_any_rate_there_is_estimated_from_ec2() -> None:
    price = prices.sagemaker_price("ap-northeast-2", "ml.m7i.large", "hosting")
    ec2 = prices.ec2_price("ap-northeast-2", "m7i.large")
    assert price.confidence is Confidence.ESTIMATED
    assert price.note == "EC2 on-demand x 1.2"
    assert price.usd_per_hour == (ec2.usd_per_hour * Decimal("1.2")).quantize(Decimal("0.0001"))
    assert price.as_of == ec2.as_of


def test_an_old_rate_from_before_a_price_cut_is_not_used() -> None:
    price = prices.sagemaker_price("us-east-1", "ml.p4d.24xlarge", "hosting")
    assert str(price.usd_per_hour) == "25.2512883"
    assert price.confidence is Confidence.OTHER_COMPONENT


@pytest.mark.parametrize(
    ("region", "instance_type", "component"),
    [
        ("ap-southeast-1", "ml.g5.xlarge", "training"),
        ("us-east-1", "ml.m5.large", "toaster"),
        ("us-east-1", "ml.c5.metal", "training"),
        ("sa-east-1", "ml.m5.large", "training"),
    ],
)
def test_what_has_no_figure_says_so(region: str, instance_type: str, component: str) -> None:
    with pytest.raises(NotFound, match=f"{component} rate of {instance_type} in {region}") as caught:
        prices.sagemaker_price(region, instance_type, component)
    assert caught.value.resource == instance_type
    assert caught.value.remedy == prices.MISSING_REMEDY


def test_ec2_is_on_demand_unless_spot_is_asked_for() -> None:
    on_demand = prices.ec2_price("us-east-1", "m5.large")
    spot = prices.ec2_price("us-east-1", "m5.large", "spot")
    assert spot.usd_per_hour < on_demand.usd_per_hour
    with pytest.raises(NotFound, match=r"spot rate of m5\.giant in us-east-1"):
        prices.ec2_price("us-east-1", "m5.giant", "spot")


def test_a_reservation_says_what_is_paid_when() -> None:
    no, partial, everything = (
        prices.reserved_price("ap-northeast-2", "g5.xlarge", 1, way)
        for way in ("no_upfront", "partial_upfront", "all_upfront")
    )
    assert (no.upfront_usd, no.usd_per_hour, no.confidence) == (Decimal(0), Decimal("0.77931"), Confidence.LISTED)
    assert (partial.upfront_usd, partial.usd_per_hour) == (Decimal("3250.84"), Decimal("0.3711"))
    assert (everything.upfront_usd, everything.usd_per_hour) == (Decimal("6371.41"), Decimal(0))
    assert partial.confidence is everything.confidence is Confidence.ESTIMATED
    assert everything.effective_usd_per_hour == Decimal("0.72733")


def test_every_way_to_reserve_is_listed() -> None:
    found = prices.reserved_prices("ap-northeast-2", "g5.xlarge")
    ways = {(price.term_years, price.payment_option, price.offering_class) for price in found}
    assert len(found) == len(ways) == 12
    assert prices.reserved_prices("us-east-1", "p3.2xlarge") == ()


def test_a_reservation_that_is_not_sold_says_so() -> None:
    with pytest.raises(NotFound, match=r"1-year no_upfront standard rate of p5\.48xlarge"):
        prices.reserved_price("us-east-1", "p5.48xlarge", 1)


def test_storage_by_volume_type_and_ml_storage_as_an_assumption() -> None:
    assert prices.storage_price("us-east-1", "gp3").usd_per_gib_month == Decimal("0.08")
    assert prices.storage_price("us-east-1", "ml").usd_per_gib_month == Decimal("0.14")
    ml = prices.storage_price("us-east-1", "ml")
    assert (ml.as_of, ml.confidence, ml.note) == (date(2024, 7, 18), Confidence.ASSUMPTION, "gp2 x 1.4")
    with pytest.raises(NotFound, match="gp4 volume rate in us-east-1"):
        prices.storage_price("us-east-1", "gp4")


def test_spot_history_runs_from_old_to_new() -> None:
    history = spot_rates.spot_history("ap-northeast-2", "g5.xlarge")
    assert [str(price.usd_per_hour) for price in history] == [
        *("0.3283", "0.354", "0.3717", "0.448", "0.2749", "0.3779", "0.3648", "0.3584")
    ]
    assert [price.as_of for price in history] == sorted(price.as_of for price in history)
    newest = prices.ec2_price("ap-northeast-2", "g5.xlarge", "spot")
    assert (history[-1].as_of, history[-1].usd_per_hour) == (newest.as_of, newest.usd_per_hour)
    assert spot_rates.spot_history("ap-northeast-2", "m5.giant") == ()


def test_a_spot_rate_at_the_floor_is_doubtful() -> None:
    price = prices.ec2_price("us-east-2", "p3.8xlarge", "spot")
    assert price.confidence is Confidence.DOUBTFUL
    assert "floor" in price.note


def test_spot_advice_by_date() -> None:
    old, new = spot_rates.spot_advice("ap-northeast-2", "g5.xlarge")
    assert (old.as_of, old.interruption, old.savings_pct) == (date(2024, 2, 28), "<5%", 65)
    assert (new.as_of, new.interruption, new.savings_pct) == (date(2025, 6, 28), ">20%", 48)
    assert spot_rates.spot_advice("ap-northeast-2", "m5.giant") == ()


def test_importing_prices_reads_nothing() -> None:
    """The deck's start must not wait for pyarrow or a table."""
    code = "import sys; from services import prices, catalogue, spot_rates; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
