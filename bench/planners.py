"""The planners: a month over forty types, and a thousand runs of a job on spot, each against the same work bare."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from bench.harness import Figure, median_seconds, seconds
from services import catalogue, mix_models
from services.mix_models import Allowed, Model
from services.mix_pricings import HOURS_PER_MONTH
from services.offers import shipped
from services.purchase_mixes import Mix, drop, find_mix
from services.purchase_rates import Rate, rates_of
from services.spot_jobs import Checkpoint, Job
from services.spot_markets import Market, shipped_market
from services.spot_plans import plan, with_best_interval
from services.spot_simulations import simulate
from services.usages import Line, Usage

REGION = "ap-northeast-2"
TYPES, HOURS = 40, 730
RUNS = 1_000
JOB = Job("g5.xlarge", 16, 200, 260, Checkpoint(1, 0.03, 0.1))
OFTEN = 10.0


def figures() -> Iterator[Figure]:
    yield from mixes()
    yield from spot()


def mixes() -> Iterator[Figure]:
    """No two hours are alike, which is the worst that can come."""
    usage = month()
    rates = rates_of(shipped(), usage.lines)
    allowed = Allowed()
    mix = find_mix(usage, rates, allowed)
    took = median_seconds(lambda: find_mix(usage, rates, allowed), 3)
    bare, least = _whole_program(usage, mix_models.model(usage.lines, rates, allowed))
    gap = mix.pricing.usd / Decimal(least) - 1
    yield Figure(f"the cheapest mix of {TYPES} types", took, "s", at_most=1, floor=bare)
    yield Figure("what it costs over one whole program's least", float(gap) * 1e6, "millionths", at_most=20)
    yield Figure("what it says itself it could cost over the least", _said_gap(mix), "millionths", at_most=20)
    yield Figure("the same when usage drops", seconds(lambda: drop(mix, usage, rates, allowed)), "s", at_most=1)
    three = Allowed(longest_term_years=3, interruptible_share=Decimal("0.3"))
    yield Figure("the mix with spot and three years", median_seconds(lambda: find_mix(usage, rates, three), 3), "s", 1)
    reserved = Allowed(frozenset({"reserved"}))
    yield Figure("reserved instances alone", median_seconds(lambda: find_mix(usage, rates, reserved), 3), "s", 1)
    both = Allowed(frozenset({"reserved", "compute_savings_plan"}))
    yield Figure("reserved instances and Compute plans", median_seconds(lambda: find_mix(usage, rates, both), 3), "s")
    yield Figure("how far from the least it says it may be", _said_gap(find_mix(usage, rates, both)), "millionths")
    lower = [_lower(rate) for rate in rates]
    yield Figure("everything, reserved below any plan", median_seconds(lambda: find_mix(usage, lower, allowed), 3), "s")


def spot() -> Iterator[Figure]:
    """Against the random numbers and prices that as many pieces of work need, without what is made of them."""
    market = _market()
    job = with_best_interval(JOB, market)
    yield Figure("a market of two regions", median_seconds(_market), "s")
    took = median_seconds(lambda: simulate(job, market, runs=RUNS, seed=0, switches=True))
    floor = median_seconds(lambda: _draws(job, market))
    yield Figure(f"{RUNS:,} runs of a job on spot", took, "s", at_most=2, floor=floor)
    yield Figure("every way of running it", median_seconds(lambda: plan(job, market)), "s", at_most=2)
    yield Figure("its cheapest interval", median_seconds(lambda: with_best_interval(JOB, market)), "s", at_most=2)


def _market() -> Market:
    return shipped_market(JOB.instance_type, [REGION, "us-west-2"], times_as_often=OFTEN)


def _lower(rate: Rate) -> Rate:
    """A private discount on reservations, so that no plan stands in for them."""
    usd = rate.effective_usd_per_hour * Decimal("0.98")
    return replace(rate, effective_usd_per_hour=usd) if rate.purchase_option == "reserved" else rate


def _said_gap(mix: Mix) -> float:
    return float(mix.pricing.usd / mix.least_usd - 1) * 1e6


def month() -> Usage:
    """Forty types with a base, a working day and noise of their own."""
    draws = np.random.default_rng(0)
    names = [spec.instance_type for spec in catalogue.instance_types(REGION, "ec2")]
    lines = tuple(Line(REGION, name) for name in draws.permutation(names)[:TYPES].tolist())
    hour = np.arange(HOURS)[:, None] % 24
    day = draws.uniform(0, 8, TYPES) * np.clip(np.sin(hour / 24 * 2 * np.pi), 0, 1)
    counts = np.rint(draws.uniform(0, 10, TYPES) + day + draws.normal(0, 1.5, (HOURS, TYPES))).clip(0).astype(int)
    hours = tuple(tuple(Decimal(count) for count in row) for row in counts.tolist())
    return Usage(datetime(2026, 11, 1, tzinfo=UTC), lines, hours)


def _whole_program(usage: Usage, model: Model) -> tuple[float, float]:
    """Seconds of HiGHS alone, and the least cost a month: an allocation for every hour, item and plan at once."""
    counts = np.array([[float(hour[item.at]) for item in model.items] for hour in usage.counts])
    hours, items = counts.shape
    values = np.array([float(item.usd_per_hour) for item in model.items])
    ways = [
        (number, item, float(usd))
        for number, each in enumerate(model.plannables)
        for item, usd in zip(each.items, each.usd_per_hour, strict=True)
    ]
    plans, cells = len(model.plannables), hours * len(ways)
    hour = np.repeat(np.arange(hours), len(ways))
    of_plan, of_item, take = (np.tile([way[at] for way in ways], hours) for at in range(3))
    capacity = hours * items + hour * plans + of_plan
    commitments = hours * items + np.arange(hours * plans)
    rows = np.concatenate([hour * items + of_item, capacity, commitments])
    columns = np.concatenate([np.arange(cells), np.arange(cells), cells + np.tile(np.arange(plans), hours)])
    entries = np.concatenate([np.ones(cells), take, -np.ones(hours * plans)])
    table = csr_matrix((entries, (rows, columns)))
    limits = np.concatenate([counts.ravel(), np.zeros(hours * plans)])
    costs = np.concatenate([-values[of_item], np.full(plans, float(hours))])
    found: list[Any] = []
    took = seconds(lambda: found.append(linprog(costs, A_ub=table, b_ub=limits, method="highs-ds")))
    least = (found[0].fun + float((counts * values).sum())) * float(HOURS_PER_MONTH) / hours
    return took, least


def _draws(job: Job, market: Market) -> None:
    """The random numbers alone that as many pieces of work need, and their sums of prices."""
    assert job.checkpoint is not None
    draws = np.random.default_rng(0)
    for _ in range(int(job.work_hours / job.checkpoint.interval_hours)):
        market.usd_per_hour[draws.integers(0, market.usd_per_hour.shape[0], RUNS)].min(axis=1)
        draws.standard_exponential(RUNS)
