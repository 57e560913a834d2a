"""Hourly usage: how many instances of what ran in each hour of about a month, measured, uploaded or drawn."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal

from services.errors import InvalidRequest

HOUR = timedelta(hours=1)
MOST_HOURS = 744
"""The hours of the longest month."""
HOURS_PER_WEEK = 168
DRAWN_WEEKS = 4
BURST_HOURS, BURST_EVERY_HOURS = 6, 50
"""A drawn burst lasts six hours and the next begins two hours later in the day than the one before, two days on."""
OFFICE_BEGINS, OFFICE_ENDS, WORKDAYS = 9, 18, 5


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What is counted: an EC2 instance type, or an `ml.` type under a SageMaker component, in a region."""

    region: str
    instance_type: str
    component: str = ""

    @property
    def service(self) -> str:
        return "sagemaker" if self.instance_type.startswith("ml.") else "ec2"

    @property
    def family(self) -> str:
        """`m5` of `m5.xlarge`: what an EC2 Instance Savings Plan is bound to, within its region."""
        return self.instance_type.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Usage:
    """Instances by hour: `counts[hour][line]`, on average over the hour, so that they need not be whole."""

    start: datetime
    """Aware UTC, a full hour."""
    lines: tuple[Line, ...]
    counts: tuple[tuple[Decimal, ...], ...]

    @property
    def hours(self) -> int:
        return len(self.counts)

    def times(self, factor: Decimal) -> "Usage":
        """The same hours with every count multiplied."""
        return replace(self, counts=tuple(tuple(count * factor for count in hour) for hour in self.counts))

    def distinct(self) -> Mapping[tuple[Decimal, ...], int]:
        """Each hour's counts once, with how many hours have them: equal hours cost the same."""
        return Counter(self.counts)

    def instance_hours(self) -> tuple[Decimal, ...]:
        """Of each line, over all hours."""
        return tuple(sum(column, Decimal(0)) for column in zip(*self.counts, strict=True))


PATTERNS = ("steady", "office", "weekdays", "bursts")


def draw(pattern: str, line: Line, *, base: int, peak: int, start: datetime, zone: tzinfo = UTC) -> Usage:
    """Four weeks of one line from `start` (aware, cut to its hour): `base` instances always, `peak` while the pattern
    says so, by the clock of `zone`.

    steady: always; office: 9 to 18 from Monday to Friday; weekdays: all of Monday to Friday; bursts: six hours about
    every second day. Raises: InvalidRequest for an unknown pattern, a negative base or a peak below it.
    """
    if pattern not in PATTERNS:
        raise InvalidRequest(f"There is no pattern {pattern}; there are {', '.join(PATTERNS)}.", resource=pattern)
    if not 0 <= base <= peak or peak == 0:
        raise InvalidRequest(f"A peak of {peak} on a base of {base} cannot be drawn.", resource="peak")
    begin = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    hours = (
        peak if _is_peak(pattern, at, (begin + at * HOUR).astimezone(zone)) else base
        for at in range(DRAWN_WEEKS * HOURS_PER_WEEK)
    )
    return Usage(begin, (line,), tuple((Decimal(count),) for count in hours))


def _is_peak(pattern: str, at: int, when: datetime) -> bool:
    workday = when.weekday() < WORKDAYS
    match pattern:
        case "office":
            return workday and OFFICE_BEGINS <= when.hour < OFFICE_ENDS
        case "weekdays":
            return workday
        case "bursts":
            return at % BURST_EVERY_HOURS < BURST_HOURS
    return True
