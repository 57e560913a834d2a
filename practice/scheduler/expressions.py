"""Schedule expressions: `at(...)`, `rate(...)`, `cron(...)`, and the moments at which they invoke.

docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from practice.scheduler import cron

_SHAPE = re.compile(r"(at|rate|cron)\((.+)\)")
_RATE = re.compile(r"([1-9]\d*) +(minute|hour|day)s?")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule invokes: an expression, its time zone, and the bounds of a recurring one."""

    expression: str
    zone: str = "UTC"
    start: datetime | None = None
    end: datetime | None = None

    @property
    def recurs(self) -> bool:
        return not self.expression.startswith("at(")

    def after(self, moment: datetime, created: datetime) -> datetime | None:
        """The first invocation after `moment`, in UTC; None when there is none. Raises ValueError.

        A rate counts from `start`, or from when the schedule was created; a one-time schedule has no bounds, as on AWS.
        """
        kind, body = _split(self.expression)
        zone = _zone(self.zone)
        if kind == "at":
            at = _at(body, zone)
            return at if at > moment else None
        if kind == "rate":
            found: datetime | None = _rate_after(_rate(body), self.start or created, moment)
        else:
            # `after` excludes its bound, a start date does not.
            begin = moment if self.start is None else max(moment, self.start - timedelta(microseconds=1))
            found = cron.parse(body).after(begin, zone)
        return None if found is None or (self.end is not None and found > self.end) else found


def check(expression: str, zone: str) -> None:
    """Raises ValueError for an expression or a time zone that cannot be read."""
    kind, body = _split(expression)
    readable = _zone(zone)
    match kind:
        case "at":
            _at(body, readable)
        case "rate":
            _rate(body)
        case _:
            cron.parse(body)


def _split(expression: str) -> tuple[str, str]:
    found = _SHAPE.fullmatch(expression.strip())
    if found is None:
        raise ValueError("an expression is at(...), rate(...) or cron(...)")
    return found[1], found[2]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as exc:
        raise ValueError(f"{name} is not a time zone") from exc


def _at(body: str, zone: ZoneInfo) -> datetime:
    return datetime.strptime(body, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone).astimezone(UTC)


def _rate(body: str) -> timedelta:
    found = _RATE.fullmatch(body.strip())
    if found is None:
        raise ValueError("a rate is a positive number and minutes, hours or days")
    return int(found[1]) * _UNITS[found[2]]


def _rate_after(every: timedelta, origin: datetime, moment: datetime) -> datetime:
    if moment < origin:
        return origin
    return origin + every * ((moment - origin) // every + 1)
