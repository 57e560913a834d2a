"""A job that may be interrupted: its work, its checkpoints, and how often they pay.

J. W. Young, A first order approximation to the optimum checkpoint interval, Communications of the ACM 17 (1974).
J. T. Daly, A higher order estimate of the optimum checkpoint interval for restart dumps, Future Generation Computer
Systems 22 (2006). Both take interruptions as memoryless: the mean time between them says all.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import ceil, expm1, inf, sqrt

from services.errors import InvalidRequest

MOST_WORK_HOURS = 24 * 31
SHORTEST_INTERVAL_HOURS = 1 / 60
CLOSEST_SAVES = 2_000
"""At most so many checkpoints in a job."""
LARGEST_EXPONENT = 700.0
"""The exponential of more is no number any more."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What it takes to keep the work, and to go on from it."""

    interval_hours: float
    """Of work, from one to the next."""
    save_hours: float
    """The work stands still while one is written."""
    restore_hours: float
    """From a new instance to going on where the last checkpoint was."""


@dataclass(frozen=True, slots=True)
class Job:
    """Hours of work on a number of instances of one type that must run together, and the hour it must be done by."""

    instance_type: str
    instances: int
    work_hours: float
    deadline_hours: float
    """From the start."""
    checkpoint: Checkpoint | None


def check(job: Job) -> None:
    """Raises: InvalidRequest, with the field, for a job that cannot be planned."""
    if job.instances < 1:
        raise _refused("instances", "A job needs at least one instance.")
    if not 0 < job.work_hours <= MOST_WORK_HOURS:
        raise _refused("work_hours", f"A job has more than 0 and at most {MOST_WORK_HOURS} hours of work.")
    if job.deadline_hours < job.work_hours:
        raise _refused(
            "deadline_hours",
            f"The deadline is after {job.deadline_hours:g} hours and the work alone takes {job.work_hours:g}.",
        )
    if job.checkpoint is None:
        return
    if job.checkpoint.save_hours < 0 or job.checkpoint.restore_hours < 0:
        raise _refused("checkpoint", "Saving and restoring a checkpoint take no negative time.")
    least = max(SHORTEST_INTERVAL_HOURS, job.work_hours / CLOSEST_SAVES)
    if job.checkpoint.interval_hours < least:
        raise _refused("interval_hours", f"Checkpoints are at least {least * 60:.1f} minutes apart here.")


def _refused(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(message, resource=field, remedy="Change this field.")


def young_interval_hours(save_hours: float, mean_hours: float) -> float:
    """Young's interval of work between checkpoints: the square root of 2 × saving × the mean time to interruption."""
    return sqrt(2 * save_hours * mean_hours)


def daly_interval_hours(save_hours: float, mean_hours: float) -> float:
    """Daly's interval, his equation 37: closer where interruptions come often. Infinite where they never come."""
    if mean_hours == inf:
        return inf
    if save_hours >= 2 * mean_hours:
        return mean_hours
    ratio = save_hours / (2 * mean_hours)
    return sqrt(2 * save_hours * mean_hours) * (1 + sqrt(ratio) / 3 + ratio / 9) - save_hours


def expected_hours(job: Job, mean_hours: float) -> float:
    """How long the job takes on average when it goes on after every interruption; infinite beyond all numbers.

    Daly's equation 13 piece by piece, of which the last one saves nothing. Without a checkpoint it begins again from
    zero each time.
    """
    checkpoint = job.checkpoint or Checkpoint(job.work_hours, 0, 0)
    count = saves(job.work_hours, checkpoint.interval_hours)
    last = job.work_hours - count * checkpoint.interval_hours
    if mean_hours == inf:
        return job.work_hours + checkpoint.save_hours * count
    pieces = count * _growth((checkpoint.interval_hours + checkpoint.save_hours) / mean_hours)
    again = 1 + _growth(checkpoint.restore_hours / mean_hours)
    return mean_hours * again * (pieces + _growth(last / mean_hours))


def _growth(exponent: float) -> float:
    return expm1(exponent) if exponent < LARGEST_EXPONENT else inf


def saves(work_hours: float, interval_hours: float) -> int:
    """How many checkpoints are written in so much work: none at its end."""
    return max(0, ceil(work_hours / interval_hours - 1e-9) - 1)


@dataclass(frozen=True, slots=True)
class FromZero:
    """What a job without a checkpoint comes to on spot, on average."""

    hours: float
    usd: Decimal
    interrupted_share: float
    """Of the runs, that are interrupted at least once; 0 to 1."""


def from_zero(job: Job, mean_hours: float, usd_per_hour: Decimal) -> FromZero:
    """`usd_per_hour` is of one instance. The expected time until a stretch as long as the work without interruption."""
    hours = job.work_hours if mean_hours == inf else mean_hours * _growth(job.work_hours / mean_hours)
    interrupted_share = -expm1(-job.work_hours / mean_hours)
    return FromZero(hours, Decimal(hours) * usd_per_hour * job.instances, interrupted_share)
