"""A job on spot capacity, a thousand times over: all runs side by side, a piece of work between checkpoints at a time.

Each run begins at an hour of the market drawn at random. A piece is interrupted after a memoryless time; its work since
the last checkpoint is lost, and paid for, though AWS does not charge an interruption within an instance's first hour.
In one zone the run waits for capacity to come back; with several it goes to the cheapest of the others at once, which
also reads its checkpoint there: the traffic between regions is not priced. Instances start in no time but what a
restore takes.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from services.errors import InvalidRequest
from services.spot_jobs import Checkpoint, Job
from services.spot_markets import Market

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Indices = NDArray[np.intp]

GIVEN_UP = 3
"""A run that never switches is given up when it has taken so many times its deadline."""


@dataclass(frozen=True, slots=True)
class Runs:
    """One value a run."""

    usd: "Floats"
    hours: "Floats"
    """From the start to the end; infinite where it never ended."""
    interruptions: "Indices"
    switched: "Flags"
    """Whether it ended on demand."""


@dataclass(slots=True)
class _State:
    """Where every run is."""

    at: "Floats"
    left: "Floats"
    usd: "Floats"
    zone: "Indices"
    restores: "Flags"
    interruptions: "Indices"
    switched: "Flags"


def simulate(job: Job, market: Market, *, runs: int, seed: int, switches: bool, wait_hours: float = 0.0) -> Runs:
    """`runs` runs of a job with a checkpoint on all zones of the market.

    `switches`: a run goes on demand, for good, at the last checkpoint from which that still makes the deadline should
    the next piece be lost. `wait_hours` is how long, on average, the only zone has no capacity after an interruption.
    Raises: InvalidRequest for a market of fewer hours than the deadline.
    """
    checkpoint = job.checkpoint
    if checkpoint is None:
        raise ValueError("a job without a checkpoint is not simulated")
    hours = market.usd_per_hour.shape[0]
    if hours < job.deadline_hours:
        raise InvalidRequest(
            f"The prices are of {hours:,} hours and the deadline is after {job.deadline_hours:g}.", resource="prices"
        )
    draws = np.random.default_rng(seed)
    begun = draws.uniform(0, hours - job.deadline_hours, runs)
    world = _World(job, checkpoint, market, begun, switches, wait_hours)
    state = _State(
        at=np.zeros(runs),
        left=np.full(runs, float(job.work_hours)),
        usd=np.zeros(runs),
        zone=world.cheapest(begun, np.full(runs, -1)),
        restores=np.zeros(runs, dtype=np.bool_),
        interruptions=np.zeros(runs, dtype=np.intp),
        switched=np.zeros(runs, dtype=np.bool_),
    )
    while (open_ := np.flatnonzero(_is_open(state) & (state.at < GIVEN_UP * job.deadline_hours))).size:
        world.step(state, open_, draws)
    ended = np.where(_is_open(state), np.inf, state.at)
    return Runs(state.usd, ended, state.interruptions, state.switched)


def _is_open(state: _State) -> "Flags":
    return (state.left > 0) & ~state.switched


class _World:
    """What does not change while runs go on."""

    def __init__(
        self, job: Job, checkpoint: Checkpoint, market: Market, begun: "Floats", switches: bool, wait_hours: float
    ) -> None:
        self._job, self._checkpoint, self._market, self._begun = job, checkpoint, market, begun
        self._switches, self._wait_hours = switches, wait_hours
        table = market.usd_per_hour
        self._paid = np.vstack([np.zeros(table.shape[1]), table.cumsum(axis=0)])
        self._hazards = np.array([zone.hazard_per_hour for zone in market.zones]) * job.instances
        self._on_demand = np.array([float(zone.on_demand.usd_per_hour) for zone in market.zones])

    def cheapest(self, when: "Floats", other_than: "Indices") -> "Indices":
        """The zone with the lowest price at the time, other than the one that was just lost where there is another."""
        table = self._market.usd_per_hour
        now = table[np.minimum(when.astype(np.intp), table.shape[0] - 1)].copy()
        if now.shape[1] > 1:
            lost = np.flatnonzero(other_than >= 0)
            now[lost, other_than[lost]] = np.inf
        least: Indices = now.argmin(axis=1)
        return least

    def step(self, state: _State, open_: "Indices", draws: np.random.Generator) -> None:
        """The next piece of every open run: done, lost, or not begun on spot any more."""
        checkpoint, left = self._checkpoint, state.left[open_]
        work = np.minimum(checkpoint.interval_hours, left)
        lasts = work >= left
        takes = work + np.where(lasts, 0, checkpoint.save_hours) + state.restores[open_] * checkpoint.restore_hours
        if self._switches:
            late = state.at[open_] + takes + self._on_demand_hours(left) > self._job.deadline_hours
            self._switch(state, open_[late])
            open_, work, takes = open_[~late], work[~late], takes[~late]
        hazard = self._hazards[state.zone[open_]]
        with np.errstate(divide="ignore"):
            until = draws.standard_exponential(open_.size) / hazard
        lost = until < takes
        lasted = np.minimum(until, takes)
        state.usd[open_] += self._cost(state, open_, lasted)
        state.at[open_] += lasted
        state.left[open_] -= np.where(lost, 0, work)
        state.restores[open_] = lost
        self._interrupt(state, open_[lost], draws)

    def _interrupt(self, state: _State, lost: "Indices", draws: np.random.Generator) -> None:
        state.interruptions[lost] += 1
        if len(self._market.zones) > 1:
            state.zone[lost] = self.cheapest(self._begun[lost] + state.at[lost], state.zone[lost])
            return
        waits = draws.standard_exponential(lost.size) * self._wait_hours
        if self._switches:
            latest = self._job.deadline_hours - self._on_demand_hours(state.left[lost])
            waits = np.clip(latest - state.at[lost], 0, waits)
        state.at[lost] += waits

    def _on_demand_hours(self, left: "Floats") -> "Floats":
        """What on demand takes from the last checkpoint on: nothing needs saving there any more."""
        return left + self._checkpoint.restore_hours

    def _switch(self, state: _State, late: "Indices") -> None:
        left = state.left[late]
        fresh = (left >= self._job.work_hours) & (state.interruptions[late] == 0)
        hours = np.where(fresh, left, self._on_demand_hours(left))
        state.usd[late] += hours * self._on_demand[state.zone[late]] * self._job.instances
        state.at[late] += hours
        state.switched[late] = True

    def _cost(self, state: _State, open_: "Indices", lasted: "Floats") -> "Floats":
        begun = self._begun[open_] + state.at[open_]
        zone = state.zone[open_]
        return (self._integral(begun + lasted, zone) - self._integral(begun, zone)) * self._job.instances

    def _integral(self, when: "Floats", zone: "Indices") -> "Floats":
        """US dollars of one instance from the market's first hour to `when`; after its last the price stays."""
        table = self._market.usd_per_hour
        hour = np.minimum(when.astype(np.intp), table.shape[0] - 1)
        paid: Floats = self._paid[hour, zone] + (when - hour) * table[hour, zone]
        return paid
