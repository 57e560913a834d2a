"""The cheapest mix is the cheapest: against every number of reservations and one whole linear program, and by hand."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import mix_models, mix_pricings
from services.errors import InvalidRequest, NotFound
from services.mix_models import Allowed
from services.mix_pricings import HOURS_PER_MONTH, ZERO
from services.offer_rates import COMPUTE_PLAN, EC2_INSTANCE_PLAN, RESERVED, SAGEMAKER_PLAN, SAVINGS_PLANS
from services.offers import shipped
from services.purchase_mixes import Mix, drop, find_mix
from services.purchase_rates import Rate, rates_of
from services.usages import Line, Usage
from tests.services.mix_rows import G5, M5, M5X, ML, START, cheapest, rate, usage

ALL = frozenset({RESERVED, *SAVINGS_PLANS})
SHARES = st.integers(30, 95).map(lambda percent: Decimal(percent) / 100)
COUNTS = st.integers(0, 3)
LINES = (M5, M5X, G5, ML)
ON_DEMAND_USD = {M5: Decimal("0.1"), M5X: Decimal("0.2"), G5: Decimal("1.25"), ML: Decimal("1.75")}


@st.composite
def markets(draw: st.DrawFn) -> tuple[Rate, ...]:
    """Discounts as AWS gives them: the same for all sizes of a family."""
    rows = [rate(line, "on_demand", usd) for line, usd in ON_DEMAND_USD.items()]
    compute = {family: draw(SHARES) for family in ("m5", "g5")}
    instance = {family: draw(SHARES) for family in ("m5", "g5")}
    for line in (M5, M5X, G5):
        usd = ON_DEMAND_USD[line]
        rows += [
            rate(line, COMPUTE_PLAN, usd * compute[line.family]),
            rate(line, EC2_INSTANCE_PLAN, usd * instance[line.family]),
            rate(line, RESERVED, usd * draw(SHARES)),
            rate(line, "spot", usd * draw(SHARES)),
        ]
    return (*rows, rate(ML, SAGEMAKER_PLAN, ON_DEMAND_USD[ML] * draw(SHARES)))


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    hours = draw(st.lists(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS), min_size=1, max_size=5))
    return usage(LINES, (1, 0, 1, 1), *hours)


ALLOWED = st.builds(
    Allowed,
    purchase_options=st.sets(st.sampled_from(sorted(ALL))).map(frozenset),
    interruptible_share=st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1)]),
)


@settings(max_examples=150)
@given(markets(), usages(), ALLOWED)
def test_no_other_mix_costs_less(rates: tuple[Rate, ...], used: Usage, allowed: Allowed) -> None:
    mix = find_mix(used, rates, allowed)
    best = cheapest(used, mix.model) * float(HOURS_PER_MONTH) / used.hours
    assert float(mix.least_usd) <= best * (1 + 1e-6)
    # A commitment has five digits: what it is rounded by shows at the few dollars of these usages.
    assert float(mix.pricing.usd) <= best * (1 + 1e-4)
    assert float(mix.pricing.usd) >= best * (1 - 1e-6)


@settings(max_examples=40)
@given(usages(), SHARES, SHARES)
def test_one_plan_is_as_good_as_every_commitment_worth_trying(used: Usage, m5: Decimal, g5: Decimal) -> None:
    """Costs bend only where some hour's usage is just covered: all those commitments, priced to the last digit."""
    used = replace(used, lines=LINES[:3], counts=tuple(hour[:3] for hour in used.counts))
    shares = {"m5": m5, "g5": g5}
    rates = [
        each
        for line in LINES[:3]
        for each in (
            rate(line, "on_demand", ON_DEMAND_USD[line]),
            rate(line, COMPUTE_PLAN, ON_DEMAND_USD[line] * shares[line.family]),
        )
    ]
    mix = find_mix(used, rates, Allowed(frozenset({COMPUTE_PLAN})))
    (plan,) = mix.model.plannables
    worth_trying = {Decimal(0)}
    for hour in used.counts:
        level = Decimal(0)
        for item, usd in zip(plan.items, plan.usd_per_hour, strict=True):
            level += hour[item] * usd
            worth_trying.add(level)
    best = min(mix_pricings.price(used, mix.model, (level,)).usd for level in worth_trying)
    assert best <= mix.pricing.usd <= best + Decimal("0.01")


def test_a_steady_machine_is_committed_in_full() -> None:
    used = usage([M5], *[(2,)] * 24)
    rates = (rate(M5, "on_demand", "0.10"), rate(M5, RESERVED, "0.06", payment_option="partial_upfront"))
    mix = find_mix(used, rates, Allowed())
    (reserved,) = mix.commitments
    assert (reserved.purchase_option, reserved.quantity, reserved.scope) == (
        RESERVED,
        Decimal(2),
        "m5.large ap-northeast-2",
    )
    assert reserved.upfront_usd == 2 * Decimal("0.06") / 2 * 8760
    assert mix.pricing.usd == 2 * Decimal("0.06") * 730
    assert mix.pricing.saving_usd == 2 * Decimal("0.04") * 730
    assert mix.coverage_by_hours == mix.coverage_by_cost == 1
    assert mix.utilization_by_cost == mix.utilization_by_hours == reserved.used_share == 1
    assert abs(mix.least_usd - mix.pricing.usd) < Decimal("1e-9")


@pytest.mark.parametrize(("busy", "reserved"), [(13, 0), (15, 1)])
def test_a_reservation_pays_from_its_share_of_the_hours_on(busy: int, reserved: int) -> None:
    """At 60 % of on-demand, an instance that runs 60 % of the time breaks even: 14.4 hours of 24."""
    used = usage([M5], *[(1,)] * busy, *[(0,)] * (24 - busy))
    rates = (rate(M5, "on_demand", "0.10"), rate(M5, RESERVED, "0.06"))
    mix = find_mix(used, rates, Allowed())
    assert sum(each.quantity for each in mix.commitments) == reserved
    expected = Decimal("0.06") * 730 if reserved else Decimal("0.10") * 730 * busy / 24
    assert mix.pricing.usd == expected
    assert (mix.utilization_by_hours is None) == (not reserved)


def test_a_plan_covers_the_highest_saving_first() -> None:
    used = usage([M5, G5], (1, 1))
    rates = (
        rate(M5, "on_demand", "1"),
        rate(M5, COMPUTE_PLAN, "0.9"),
        rate(G5, "on_demand", "1"),
        rate(G5, COMPUTE_PLAN, "0.5"),
    )
    model = mix_models.model(used.lines, rates, Allowed())
    priced = mix_pricings.price(used, model, (Decimal("0.95"),))
    hours = {(part.line, part.purchase_option): part.instance_hours for part in priced.parts}
    assert hours[1, COMPUTE_PLAN] == 730
    assert hours[0, COMPUTE_PLAN] == Decimal("0.45") / Decimal("0.9") * 730
    assert priced.by_hour[used.counts[0]] == {COMPUTE_PLAN: Decimal("1.5"), "on_demand": Decimal("0.5")}


def test_what_may_be_interrupted_runs_on_spot_with_its_overhead() -> None:
    used = usage([M5], (4,), (4,))
    rates = (rate(M5, "on_demand", "0.10"), rate(M5, "spot", "0.03"))
    mix = find_mix(used, rates, Allowed(interruptible_share=Decimal("0.5"), spot_overhead=Decimal("0.1")))
    assert mix.pricing.usd == 730 * (2 * Decimal("0.10") + 2 * Decimal("0.03") * Decimal("1.1"))
    assert mix.commitments == ()
    assert mix.coverage_by_hours == 0
    dear = (rate(M5, "on_demand", "0.10"), rate(M5, "spot", "0.095"))
    without = find_mix(used, dear, Allowed(interruptible_share=Decimal(1), spot_overhead=Decimal("0.1")))
    assert {part.purchase_option for part in without.pricing.parts} == {"on_demand"}


def test_an_option_that_another_beats_is_not_tried() -> None:
    rates = (
        rate(M5, "on_demand", "0.10"),
        rate(M5, EC2_INSTANCE_PLAN, "0.06"),
        rate(M5, EC2_INSTANCE_PLAN, "0.055", payment_option="all_upfront"),
        rate(M5, RESERVED, "0.06"),
        rate(M5, COMPUTE_PLAN, "0.11"),
    )
    model = mix_models.model([M5], rates, Allowed())
    assert [(plan.purchase_option, plan.payment_option) for plan in model.plannables] == [
        (EC2_INSTANCE_PLAN, "all_upfront")
    ]
    assert model.reservables == ()
    only = mix_models.model([M5], rates, Allowed(payment_options=frozenset({"no_upfront"})))
    assert [plan.payment_option for plan in only.plannables] == ["no_upfront"]
    reserved = mix_models.model([M5], rates, Allowed(frozenset({RESERVED})))
    assert [each.rate.purchase_option for each in reserved.reservables] == [RESERVED]


def test_a_plan_does_not_cover_what_is_cheaper_on_demand() -> None:
    """An old rate of a plan against a newer, lower one on demand: p4d's."""
    rates = (
        rate(M5, "on_demand", "0.10"),
        rate(M5, COMPUTE_PLAN, "0.06"),
        rate(G5, "on_demand", "1"),
        rate(G5, COMPUTE_PLAN, "1.05"),
    )
    used = usage([M5, G5], (4, 1), (0, 1), (4, 1))
    mix = find_mix(used, rates, Allowed())
    assert {part.purchase_option for part in mix.pricing.parts if part.line == 1} == {"on_demand"}
    assert mix.utilization_by_cost == Decimal(2) / 3


def test_a_longer_term_is_taken_only_where_it_is_allowed() -> None:
    rates = (rate(M5, "on_demand", "0.10"), rate(M5, RESERVED, "0.04", term_years=3), rate(M5, RESERVED, "0.06"))
    used = usage([M5], (1,))
    assert [each.term_years for each in find_mix(used, rates, Allowed()).commitments] == [1]
    assert [each.term_years for each in find_mix(used, rates, Allowed(longest_term_years=3)).commitments] == [3]
    none = Allowed(offering_classes=frozenset({"convertible"}))
    assert find_mix(used, rates, none).commitments == ()


def test_a_drop_of_usage_shows_what_the_commitment_would_cost() -> None:
    used = usage([M5], *[(10,)] * 4)
    rates = (rate(M5, "on_demand", "0.10"), rate(M5, RESERVED, "0.08"))
    mix = find_mix(used, rates, Allowed())
    after = drop(mix, used, rates, Allowed())
    assert after.kept.usd == mix.pricing.usd
    assert after.best.usd == 7 * Decimal("0.08") * 730
    assert after.regret_usd == 3 * Decimal("0.08") * 730
    assert after.kept.saving_usd == 730 * (7 * Decimal("0.10") - 10 * Decimal("0.08"))


def test_a_commitment_has_no_more_digits_than_aws_takes() -> None:
    used = usage([M5, G5], (3, 1), (1, 1), (2, 0))
    rates = rates_of(shipped(), used.lines)
    mix = find_mix(used, rates, Allowed(frozenset({COMPUTE_PLAN})))
    (plan,) = mix.commitments
    assert plan.quantity == round(plan.quantity, 5) > 0
    assert plan.rates


def mixed_month() -> tuple[Usage, tuple[Rate, ...]]:
    lines = [M5, M5X, G5, ML]
    hours = [(2 + (at % 24 > 8), 1 + at % 3, at % 7 // 3, at % 5) for at in range(672)]
    return usage(lines, *hours), rates_of(shipped(), lines)


@pytest.mark.parametrize("options", [ALL, frozenset({RESERVED}), frozenset({RESERVED, COMPUTE_PLAN})], ids=len)
def test_a_month_of_rates_of_is_proven_to_a_millionth(options: frozenset[str]) -> None:
    used, rates = mixed_month()
    mix = find_mix(used, rates, Allowed(options, longest_term_years=3))
    assert mix.least_usd <= mix.pricing.usd <= mix.least_usd * Decimal("1.00001")
    assert mix.pricing.usd < mix.pricing.on_demand_usd
    hours = sum((part.instance_hours for part in mix.pricing.parts), ZERO)
    assert abs(hours - sum(used.instance_hours(), ZERO) * 730 / 672) < Decimal("1e-12")


def test_what_is_paid_in_an_hour_adds_up() -> None:
    used, rates = mixed_month()
    mix = find_mix(used, rates, Allowed())
    for counts, filled in mix.pricing.by_hour.items():
        assert abs(sum(filled.values(), ZERO) - sum(counts, ZERO)) < Decimal("1e-12")
    used_usd = sum((part.usd for part in mix.pricing.parts if part.purchase_option in ALL), ZERO)
    assert abs(used_usd - sum(mix.pricing.used_usd, ZERO)) < Decimal("1e-12")


def test_many_reservations_are_not_branched_on_and_say_how_near_they_are() -> None:
    lines = [Line("ap-northeast-2", name) for name in ("m5", "c5", "r5", "m6i", "c6i", "g5", "t3") for _ in "1"]
    lines = [replace(line, instance_type=f"{line.instance_type}.{size}") for line in lines for size in ("large", "xl")]
    hours = [[(hour * (at + 1)) % 5 for at in range(14)] for hour in range(1, 25)]
    rates = [
        each
        for at, line in enumerate(lines)
        for each in (
            rate(line, "on_demand", "0.10"),
            rate(line, RESERVED, Decimal("0.05") + Decimal(at) / 1000),
            rate(line, COMPUTE_PLAN, "0.07"),
        )
    ]
    mix = find_mix(usage(lines, *hours), rates, Allowed(frozenset({RESERVED, COMPUTE_PLAN})))
    assert len(mix.model.reservables) > 12
    assert mix.least_usd <= mix.pricing.usd <= mix.least_usd * Decimal("1.0001")


def test_nothing_is_bought_for_no_usage_or_without_a_rate() -> None:
    with pytest.raises(InvalidRequest, match="no usage"):
        find_mix(usage([M5], (0,), (0,)), (rate(M5, "on_demand", "0.1"),), Allowed())
    with pytest.raises(NotFound, match=r"no on-demand rate of ml\.g5\.xlarge training"):
        find_mix(Usage(START, (ML,), ((Decimal(1),),)), (), Allowed())
    with pytest.raises(InvalidRequest, match="interruptible share"):
        find_mix(usage([M5], (1,)), (rate(M5, "on_demand", "0.1"),), Allowed(interruptible_share=Decimal(2)))


def test_a_mix_without_commitments_uses_none() -> None:
    mix: Mix = find_mix(usage([M5], (1,)), (rate(M5, "on_demand", "0.1"),), Allowed())
    assert mix.utilization_by_cost is None
    assert mix.upfront_usd == 0
    assert mix.least_usd == mix.pricing.usd == mix.pricing.on_demand_usd
