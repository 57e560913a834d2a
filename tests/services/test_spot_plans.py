"""Spot: simulated runs against closed forms, the deadline that is always kept, and what is refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from math import exp, inf, isclose, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services import spot_jobs, spot_markets, spot_plans, spot_rates
from services.errors import InvalidRequest, NotFound
from services.figures import Confidence
from services.prices import Price
from services.spot_jobs import Checkpoint, Job, daly_interval_hours, expected_hours, from_zero, young_interval_hours
from services.spot_markets import BAND_MIDDLES, Market, Zone, hazard_per_hour, mean_hours, shipped_market
from services.spot_plans import plan, with_best_interval
from services.spot_simulations import Runs, simulate

SEOUL, OREGON = "ap-northeast-2", "us-west-2"
ON_DEMAND = Price(Decimal(1), date(2026, 1, 1), "test", Confidence.LISTED)


def market(*usd: float, hazard: float = 0.0, hours: int = 2_000, region: str = SEOUL) -> Market:
    """A zone for each steady price."""
    zones = tuple(
        Zone(f"{region}{letter}", region, hazard, ON_DEMAND, None) for letter, _ in zip("abcd", usd, strict=False)
    )
    return Market(zones, np.tile(np.array(usd), (hours, 1)), date(2026, 1, 1), "test", False)


def job(work: float = 10, deadline: float = 100, instances: int = 1, **checkpoint: float) -> Job:
    kept = {"interval_hours": 1.0, "save_hours": 0.05, "restore_hours": 0.1, **checkpoint}
    return Job("g5.xlarge", instances, work, deadline, Checkpoint(**kept))


def runs(of: Job, at: Market, *, switches: bool = False, count: int = 4_000, wait_hours: float = 0.0) -> Runs:
    return simulate(of, at, runs=count, seed=7, switches=switches, wait_hours=wait_hours)


def test_without_interruptions_a_job_takes_its_work_and_its_saves() -> None:
    found = runs(job(work=10.5), market(0.3))
    assert np.allclose(found.hours, 10.5 + 10 * 0.05)
    assert np.allclose(found.usd, 0.3 * (10.5 + 10 * 0.05))
    assert not found.interruptions.any()
    assert expected_hours(job(work=10.5), inf) == pytest.approx(11.0)


@pytest.mark.parametrize("mean", [2.0, 10.0, 200.0])
def test_the_average_run_takes_what_the_closed_form_says(mean: float) -> None:
    wanted = job(work=20, deadline=1_000)
    found = runs(wanted, market(0.3, hazard=1 / mean, hours=3_000))
    error = 4 * found.hours.std() / np.sqrt(found.hours.size)
    assert abs(found.hours.mean() - expected_hours(wanted, mean)) <= error
    assert np.allclose(found.usd, 0.3 * found.hours)


def test_a_fleet_is_interrupted_by_any_of_its_instances() -> None:
    one, four = job(deadline=1_000), job(deadline=1_000, instances=4)
    assert mean_hours(1 / 40, 4) == 10
    found = runs(four, market(0.3, hazard=1 / 40))
    assert found.hours.mean() == pytest.approx(expected_hours(one, 10), rel=0.02)
    assert np.allclose(found.usd, 4 * 0.3 * found.hours)


@pytest.mark.parametrize(("mean", "save"), [(5.0, 0.05), (20.0, 0.1), (60.0, 0.02)])
def test_dalys_interval_is_where_the_simulation_is_cheapest(mean: float, save: float) -> None:
    daly = daly_interval_hours(save, mean)
    at = market(0.3, hazard=1 / mean, hours=10_000)

    def cost(interval: float) -> float:
        wanted = job(work=60, deadline=1_500, interval_hours=interval, save_hours=save)
        return float(runs(wanted, at, count=8_000).usd.mean())

    best = cost(daly)
    assert best <= cost(daly / 3)
    assert best <= cost(daly * 3)
    assert best <= min(cost(daly * factor) for factor in (0.7, 0.85, 1.2, 1.4)) * 1.01


@given(st.floats(0.001, 1), st.floats(1, 1_000))
def test_youngs_interval_is_dalys_when_interruptions_are_rare(save: float, mean: float) -> None:
    assert young_interval_hours(save, mean * 1e6) == pytest.approx(daly_interval_hours(save, mean * 1e6), rel=0.02)
    assert daly_interval_hours(save, mean) > 0


def test_daly_at_his_limits() -> None:
    assert daly_interval_hours(3, 1) == 1
    assert daly_interval_hours(0.1, inf) == inf
    assert young_interval_hours(0.5, 4) == 2


@settings(max_examples=40)
@given(
    work=st.floats(0.5, 30),
    slack=st.floats(0, 20),
    hazard=st.floats(0, 2),
    interval=st.floats(0.1, 5),
    restore=st.floats(0, 1),
    zones=st.integers(1, 3),
)
def test_a_run_that_may_switch_always_makes_the_deadline(
    work: float, slack: float, hazard: float, interval: float, restore: float, zones: int
) -> None:
    wanted = job(work, work + slack, interval_hours=interval, restore_hours=restore)
    at = market(*([0.3, 0.4, 0.5][:zones]), hazard=hazard, hours=200)
    found = runs(wanted, at, switches=True, count=200, wait_hours=3)
    assert (found.hours <= wanted.deadline_hours + 1e-9).all()
    assert (found.hours >= work - 1e-9).all()
    assert np.isfinite(found.usd).all()


def test_a_deadline_without_slack_runs_on_demand_at_once() -> None:
    found = runs(job(10, 10), market(0.3, hazard=0.1), switches=True)
    assert found.switched.all()
    assert np.allclose(found.usd, 10)
    assert np.allclose(found.hours, 10)


def test_a_run_that_stays_on_spot_may_never_end() -> None:
    found = runs(job(10, 20, interval_hours=10), market(0.3, hazard=3.0), count=50)
    assert np.isinf(found.hours).all()


def test_several_zones_do_not_wait_and_take_the_cheapest() -> None:
    wanted = job(work=20, deadline=500)
    one = runs(wanted, market(0.3, hazard=0.1), wait_hours=5)
    two = runs(wanted, market(0.5, 0.3, hazard=0.1), wait_hours=5)
    assert two.hours.mean() < one.hours.mean()
    assert np.allclose(runs(wanted, market(0.5, 0.3)).usd, 0.3 * (20 + 19 * 0.05))
    waits = one.hours.mean() - runs(wanted, market(0.3, hazard=0.1)).hours.mean()
    assert waits == pytest.approx(5 * one.interruptions.mean(), rel=0.1)


def test_the_price_is_that_of_the_hours_the_job_runs_in() -> None:
    rising = replace(market(0.0, hours=101), usd_per_hour=np.arange(101.0)[:, None])
    wanted = job(work=2, deadline=100, interval_hours=2)
    found = runs(wanted, rising, count=1)
    begun = np.random.default_rng(7).uniform(0, 1, 1)[0]
    assert found.usd[0] == pytest.approx((1 - begun) * 0 + 1 + begun * 2)


def test_a_plan_says_percentiles_and_how_often_the_deadline_is_kept() -> None:
    found = plan(job(work=24, deadline=40, instances=8), shipped_market("g5.xlarge", [SEOUL, OREGON], times_as_often=3))
    ways = [each.way for each in found.outcomes]
    assert ways == ["on_demand", "one_zone", "zones", "regions"]
    on_demand, one_zone, zones, _ = found.outcomes
    assert on_demand.mean_usd == pytest.approx(24 * 8 * 1.237)
    assert on_demand.where == (SEOUL,)
    assert len(one_zone.where) == 1 < len(zones.where)
    for each in found.outcomes:
        assert each.usd.p5 <= each.usd.p50 <= each.usd.p95
        assert each.hours.p5 <= each.hours.p50 <= each.hours.p95 <= 40
        assert each.on_time_share == 1 >= each.on_time_share_unswitched
    assert found.best.way != "on_demand"
    assert found.best.mean_usd < on_demand.mean_usd
    assert found.young_hours == pytest.approx(found.daly_hours, rel=0.2)


def test_the_same_seed_is_the_same_plan() -> None:
    wanted, regions = job(work=24, deadline=40), [SEOUL]
    one = plan(wanted, shipped_market("g5.xlarge", regions, seed=3), seed=3)
    assert one == plan(wanted, shipped_market("g5.xlarge", regions, seed=3), seed=3)
    assert one != plan(wanted, shipped_market("g5.xlarge", regions, seed=4), seed=4)


def test_of_two_that_cost_alike_the_simpler_is_best() -> None:
    """Prices that move together leave a second zone nothing to save when nothing is interrupted."""
    found = plan(job(work=24, deadline=60), market(0.300, 0.299))
    assert [each.way for each in found.outcomes] == ["on_demand", "one_zone", "zones"]
    assert found.best.way == "one_zone"


def test_a_tight_deadline_wants_closer_checkpoints_than_daly() -> None:
    at = market(0.3, 0.3, hazard=0.002)
    loose, tight = (with_best_interval(job(work=24, deadline=deadline), at) for deadline in (200, 26))
    assert loose.checkpoint is not None
    assert tight.checkpoint is not None
    assert loose.checkpoint.interval_hours == pytest.approx(daly_interval_hours(0.05, 500))
    assert tight.checkpoint.interval_hours < loose.checkpoint.interval_hours / 2
    assert plan(tight, at).best.mean_usd < plan(replace(tight, checkpoint=loose.checkpoint), at).best.mean_usd
    assert with_best_interval(replace(tight, checkpoint=None), at).checkpoint is None


def test_spot_is_not_planned_without_a_checkpoint_and_its_cost_is_said() -> None:
    bare, at = replace(job(work=10), checkpoint=None), market(0.3, hazard=0.1)
    with pytest.raises(InvalidRequest, match=r"from zero, \$5\.15 and 17\.2 hours") as caught:
        plan(bare, at)
    assert caught.value.code == "NoCheckpoint"
    again = spot_plans.from_zero(bare, at)
    assert again.hours == pytest.approx(10 * (exp(1) - 1))
    assert again.interrupted_share == pytest.approx(1 - exp(-1))
    assert expected_hours(bare, 10) == pytest.approx(again.hours)
    assert from_zero(bare, inf, Decimal("0.3")).hours == 10
    with pytest.raises(InvalidRequest, match="beyond all bounds"):
        plan(replace(bare, work_hours=700, deadline_hours=800), market(0.3, hazard=2))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"work_hours": 0}, "work_hours"),
        ({"work_hours": 1_000}, "work_hours"),
        ({"deadline_hours": 9}, "deadline_hours"),
        ({"instances": 0}, "instances"),
        ({"checkpoint": Checkpoint(0.001, 0, 0)}, "interval_hours"),
        ({"checkpoint": Checkpoint(1, -1, 0)}, "checkpoint"),
        ({"checkpoint": Checkpoint(1, 0, -1)}, "checkpoint"),
    ],
)
def test_a_job_that_cannot_be_names_the_field(changed: dict[str, float], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        plan(replace(job(), **changed), market(0.3))  # type: ignore[arg-type]
    assert caught.value.resource == field


def test_prices_must_reach_to_the_deadline() -> None:
    with pytest.raises(InvalidRequest, match="prices are of 50 hours and the deadline is after 100"):
        plan(job(), market(0.3, hours=50))
    with pytest.raises(InvalidRequest, match="no negative time"):
        plan(job(), market(0.3), wait_hours=-1)
    with pytest.raises(ValueError, match="without a checkpoint"):
        simulate(replace(job(), checkpoint=None), market(0.3), runs=1, seed=0, switches=True)


def test_the_hazard_is_the_advisors_share_of_a_month() -> None:
    for band, share in BAND_MIDDLES.items():
        assert isclose(1 - exp(-730 * hazard_per_hour(band)), share)
    found = shipped_market("g5.xlarge", [SEOUL], times_as_often=2)
    newest = spot_rates.spot_advice(SEOUL, "g5.xlarge")[-1]
    assert {zone.advice for zone in found.zones} == {newest}
    assert {zone.hazard_per_hour for zone in found.zones} == {2 * hazard_per_hour(newest.interruption)}
    assert mean_hours(0, 5) == inf


def test_a_walked_price_meets_every_known_rate_and_stays_among_them() -> None:
    history = spot_rates.spot_history(SEOUL, "g5.xlarge")
    found = shipped_market("g5.xlarge", [SEOUL], seed=1)
    rates = [float(each.usd_per_hour) for each in history]
    assert found.assumed
    assert (found.as_of, found.source) == (history[-1].as_of, history[-1].source)
    assert found.usd_per_hour.min() >= min(rates) - 1e-12
    assert found.usd_per_hour.max() <= max(rates) + 1e-12
    for price in history:
        hour = (price.as_of - history[0].as_of).days * 24
        assert np.allclose(found.usd_per_hour[hour], float(price.usd_per_hour))
    steps = np.diff(np.log(found.usd_per_hour), axis=0)
    assert 0 < np.abs(steps).max() < 10 * spot_markets.WALK_PER_HOUR + abs(log(max(rates) / min(rates)) / 24)
    one, other, *_ = found.usd_per_hour.T
    assert not np.allclose(one, other)


def test_what_is_not_known_has_no_market() -> None:
    with pytest.raises(NotFound, match="no spot history"):
        shipped_market("p9.huge", [SEOUL])
    with pytest.raises(InvalidRequest, match="less often than never"):
        shipped_market("g5.xlarge", [SEOUL], times_as_often=-1)
    with pytest.raises(ValueError, match="column for every zone"):
        replace(market(0.3), zones=())


def test_saves_are_counted_between_pieces() -> None:
    assert [spot_jobs.saves(work, 2) for work in (1, 2, 3, 4, 4.5)] == [0, 0, 1, 1, 2]
