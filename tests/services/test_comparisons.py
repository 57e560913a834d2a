"""Comparisons: costs by the hours used, where lines cross, what is paid when, and what SageMaker adds to EC2."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.comparisons import Line, bands, break_even_hours, cash_flow, premium
from services.errors import InvalidRequest
from services.offers import HOURS_A_MONTH, Offer, shipped

SEOUL = shipped().find("g5.xlarge", "ap-northeast-2")


def bought(option: str, years: int = 0, payment: str = "", offering_class: str = "") -> Offer:
    terms = (option, years, payment, offering_class)
    [offer] = [
        one for one in SEOUL if (one.purchase_option, one.term_years, one.payment_option, one.offering_class) == terms
    ]
    return offer


ON_DEMAND = Line(bought("on_demand"))
YEAR = Line(bought("reserved", 1, "no_upfront", "standard"))
THREE = Line(bought("reserved", 3, "all_upfront", "standard"))


def test_an_hour_on_demand_costs_its_rate_and_a_commitment_the_whole_month() -> None:
    assert ON_DEMAND.month_usd(200) == Decimal("1.237") * 200
    assert YEAR.month_usd(200) == YEAR.month_usd(0) == Decimal("0.77931") * 730
    assert Line(ON_DEMAND.offer, 3).month_usd(10) == Decimal("1.237") * 30
    assert Line(bought("spot")).may_be_interrupted
    assert not ON_DEMAND.may_be_interrupted


def test_the_break_even_is_where_both_cost_the_same() -> None:
    hours = break_even_hours(YEAR, ON_DEMAND)
    assert hours is not None
    assert round(hours, 2) == Decimal("459.90")
    assert round(ON_DEMAND.month_usd(hours), 9) == round(YEAR.month_usd(hours), 9)


def test_a_commitment_dearer_than_on_demand_never_breaks_even() -> None:
    dear = replace(YEAR.offer, effective_usd_per_hour=Decimal("1.238"))
    assert break_even_hours(Line(dear), ON_DEMAND) is None
    assert break_even_hours(ON_DEMAND, YEAR) is None


def test_each_band_names_the_cheapest_from_the_first_hour_to_the_last() -> None:
    found = bands([YEAR, ON_DEMAND, THREE])
    assert [band.line for band in found] == [ON_DEMAND, THREE]
    assert [band.from_hours for band in found] == [Decimal(0), found[0].to_hours]
    assert found[1].to_hours == 730
    assert found[1].from_utilisation == found[1].from_hours / 730
    assert bands([]) == ()
    assert [band.line for band in bands([ON_DEMAND])] == [ON_DEMAND]


rate = st.integers(1, 5_000_000).map(lambda micro: Decimal(micro) / 1_000_000)


@settings(deadline=None)
@given(st.lists(st.tuples(rate, st.booleans()), min_size=1, max_size=6))
def test_no_line_is_cheaper_than_its_band(drawn: list[tuple[Decimal, bool]]) -> None:
    lines = [
        Line(replace(ON_DEMAND.offer, usd_per_hour=usd, effective_usd_per_hour=usd, term_years=int(commits)))
        for usd, commits in drawn
    ]
    found = bands(lines)
    assert found[0].from_hours == 0
    assert found[-1].to_hours == HOURS_A_MONTH
    assert [band.to_hours for band in found[:-1]] == [band.from_hours for band in found[1:]]
    for band in found:
        assert band.from_hours < band.to_hours
        for hours in (band.from_hours, (band.from_hours + band.to_hours) / 2, band.to_hours):
            least = min(line.month_usd(hours) for line in lines)
            assert abs(band.line.month_usd(hours) - least) < Decimal("1e-15")


def test_cash_leaves_at_the_start_of_each_term_and_by_the_hour() -> None:
    partly = bought("reserved", 1, "partial_upfront", "standard")
    flows = cash_flow(Line(partly, 2), 100, 25)
    monthly = partly.usd_per_hour * 2 * 730
    assert [flow.usd for flow in (flows[0], flows[1], flows[12])] == [
        monthly + partly.upfront_usd * 2,
        monthly,
        monthly + partly.upfront_usd * 2,
    ]
    assert flows[-1].total_usd == monthly * 25 + partly.upfront_usd * 2 * 3
    assert [flow.usd for flow in cash_flow(ON_DEMAND, 100, 2)] == [Decimal("123.7"), Decimal("123.7")]


def test_the_premium_is_what_sagemaker_adds_to_the_same_hardware() -> None:
    both = (*SEOUL, *shipped().find("ml.g5.xlarge", "ap-northeast-2"))
    assert premium(both)["studio"] == Decimal("1.732") / Decimal("1.237") - 1
    assert premium(shipped().find("ml.g5.xlarge", "ap-northeast-2")) == {}
    assert premium(SEOUL) == {}


def test_no_instances_are_nothing_to_compare() -> None:
    with pytest.raises(InvalidRequest, match="0 instances"):
        Line(ON_DEMAND.offer, 0)
