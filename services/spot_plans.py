"""A job on demand, on spot in one zone, over the zones of a region and over regions: what each costs and when it ends.

Percentiles of simulated runs, never one number. Spot is not planned without a checkpoint: what that would cost is said.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from services import spot_jobs
from services.errors import InvalidRequest
from services.prices import Price
from services.spot_jobs import FromZero, Job
from services.spot_markets import Market, mean_hours
from services.spot_simulations import Runs, simulate

if TYPE_CHECKING:
    from services.spot_simulations import Floats

RUNS = 1_000
MOST_HALVINGS = 7
NO_MATTER = 0.01
"""A difference of cost for which nobody manages more zones."""
DEFAULT_WAIT_HOURS = 2.0
"""How long one zone has no capacity after it took some back, on average: an assumption."""
CENT = Decimal("0.01")
ON_DEMAND, ONE_ZONE, ZONES, REGIONS = "on_demand", "one_zone", "zones", "regions"


@dataclass(frozen=True, slots=True)
class Spread:
    """The 5th, 50th and 95th of a hundred runs."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a way of running the job turns out. Dollars are simulated, so to the cent and not beyond."""

    way: str
    """on_demand, one_zone, zones or regions."""
    where: tuple[str, ...]
    """Zones, or the region of on demand."""
    usd: Spread
    mean_usd: float
    hours: Spread
    on_time_share: float
    """Of the runs, 0 to 1, with the switch to on demand."""
    on_time_share_unswitched: float
    """The same if the job stayed on spot whatever happens."""
    switched_share: float
    interruptions: float
    """On average."""


@dataclass(frozen=True, slots=True)
class SpotPlan:
    """All ways of running a job; at home is where the market's first zone is."""

    job: Job
    outcomes: tuple[Outcome, ...]
    """The simplest first: on demand, one zone, the zones at home, all."""
    mean_hours: float
    """Between interruptions of the job, in the zone that is best."""
    young_hours: float
    daly_hours: float
    """Intervals of work between checkpoints that cost least as far as closed forms know, which know no deadline."""
    on_demand: Price
    """Where the first zone is."""

    @property
    def best(self) -> Outcome:
        """Of those that are on time in at least as many runs as any the simplest that costs, on average, no more than a
        percent over the cheapest of them."""
        most = max(each.on_time_share for each in self.outcomes)
        on_time = [each for each in self.outcomes if each.on_time_share >= most]
        most_usd = min(each.mean_usd for each in on_time) * (1 + NO_MATTER)
        return next(each for each in on_time if each.mean_usd <= most_usd)


def plan(
    job: Job, market: Market, *, runs: int = RUNS, seed: int = 0, wait_hours: float = DEFAULT_WAIT_HOURS
) -> SpotPlan:
    """Every way of running the job that the market has zones for; the same seed gives the same plan.

    Raises: InvalidRequest, with the field, for a job that cannot be planned; for one without a checkpoint it says what
    beginning again from zero would cost. InvalidRequest for a market that is shorter than the deadline.
    """
    spot_jobs.check(job)
    if wait_hours < 0:
        raise InvalidRequest("Capacity comes back after no negative time.", resource="wait_hours")
    if job.checkpoint is None:
        raise _without_checkpoint(job, market)
    safest = min(zone.hazard_per_hour for zone in market.zones)
    mean = mean_hours(safest, job.instances)
    ways = _ways(market)
    outcomes = [_outcome(job, market.only(at), way, runs, seed, wait_hours) for way, at in ways]
    save = job.checkpoint.save_hours
    daly = spot_jobs.daly_interval_hours(save, mean)
    young = spot_jobs.young_interval_hours(save, mean)
    return SpotPlan(
        job,
        (_on_demand(job, market), *outcomes),
        mean,
        min(young, job.work_hours),
        min(daly, job.work_hours),
        market.zones[0].on_demand,
    )


def with_best_interval(job: Job, market: Market, *, runs: int = RUNS, seed: int = 0) -> Job:
    """The same job with the interval that costs least on average in simulation: Daly's, or a half, a quarter, down to a
    128th of it where the deadline leaves no room to lose so much. Raises: InvalidRequest as `plan` does."""
    spot_jobs.check(replace(job, checkpoint=None))
    if job.checkpoint is None:
        return job
    mean = mean_hours(min(zone.hazard_per_hour for zone in market.zones), job.instances)
    least = max(spot_jobs.SHORTEST_INTERVAL_HOURS, job.work_hours / spot_jobs.CLOSEST_SAVES)
    daly = spot_jobs.daly_interval_hours(job.checkpoint.save_hours, mean)
    tried = {min(max(daly / 2**halvings, least), job.work_hours) for halvings in range(MOST_HALVINGS + 1)}
    jobs = [replace(job, checkpoint=replace(job.checkpoint, interval_hours=each)) for each in sorted(tried)]
    home = market.only(_zones_at_home(market))
    return min(jobs, key=lambda each: simulate(each, home, runs=runs, seed=seed, switches=True).usd.mean())


def from_zero(job: Job, market: Market) -> FromZero:
    """What the job comes to on average in the market's safest zone at its mean price, without any checkpoint."""
    safest = min(range(len(market.zones)), key=lambda at: market.zones[at].hazard_per_hour)
    usd = Decimal(float(market.usd_per_hour[:, safest].mean()))
    return spot_jobs.from_zero(job, mean_hours(market.zones[safest].hazard_per_hour, job.instances), usd)


def _without_checkpoint(job: Job, market: Market) -> InvalidRequest:
    again = from_zero(job, market)
    cost = "beyond all bounds" if again.hours == inf else f"${again.usd.quantize(CENT):,} and {again.hours:,.1f} hours"
    return InvalidRequest(
        f"Spot is not planned without a checkpoint: each interruption begins the work again from zero, {cost} on"
        " average, and nothing bounds when it is done.",
        resource="checkpoint",
        remedy="Let the job save its state, or run it on demand.",
        code="NoCheckpoint",
    )


def _zones_at_home(market: Market) -> tuple[int, ...]:
    """Those of the first zone's region."""
    return tuple(at for at, zone in enumerate(market.zones) if zone.region == market.zones[0].region)


def _ways(market: Market) -> list[tuple[str, tuple[int, ...]]]:
    """The zone at home that is cheapest on average; all zones at home; all zones, where there are others."""
    home, means = _zones_at_home(market), market.usd_per_hour.mean(axis=0)
    ways: list[tuple[str, tuple[int, ...]]] = [(ONE_ZONE, (min(home, key=lambda at: float(means[at])),))]
    if len(home) > 1:
        ways.append((ZONES, home))
    if len(home) < len(market.zones):
        ways.append((REGIONS, tuple(range(len(market.zones)))))
    return ways


def _on_demand(job: Job, market: Market) -> Outcome:
    home = market.zones[0]
    usd = float(home.on_demand.usd_per_hour) * job.work_hours * job.instances
    hours = Spread(job.work_hours, job.work_hours, job.work_hours)
    return Outcome(ON_DEMAND, (home.region,), Spread(usd, usd, usd), usd, hours, 1.0, 1.0, 1.0, 0.0)


def _outcome(job: Job, market: Market, way: str, runs: int, seed: int, wait_hours: float) -> Outcome:
    kept = simulate(job, market, runs=runs, seed=seed, switches=True, wait_hours=wait_hours)
    stayed = simulate(job, market, runs=runs, seed=seed, switches=False, wait_hours=wait_hours)
    return Outcome(
        way=way,
        where=tuple(zone.name for zone in market.zones),
        usd=_spread(kept.usd),
        mean_usd=float(kept.usd.mean()),
        hours=_spread(kept.hours),
        on_time_share=_on_time(kept, job),
        on_time_share_unswitched=_on_time(stayed, job),
        switched_share=float(kept.switched.mean()),
        interruptions=float(kept.interruptions.mean()),
    )


def _spread(values: "Floats") -> Spread:
    p5, p50, p95 = np.percentile(values, [5, 50, 95])
    return Spread(float(p5), float(p50), float(p95))


def _on_time(runs: Runs, job: Job) -> float:
    return float((runs.hours <= job.deadline_hours + 1e-9).mean())
