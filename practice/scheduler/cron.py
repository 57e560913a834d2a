"""AWS's dialect of cron: `cron(minutes hours day-of-month month day-of-week year)` on the calendar of a time zone.

docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based. No kept library reads it whole: years,
`?`, `L`, `W` and `#` together are AWS's own.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

YEARS = (1970, 2199)
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = {name: n + 1 for n, name in enumerate(_MONTHS)}
DAYS = {name: n + 1 for n, name in enumerate(_DAYS)}

_PART = re.compile(r"(?:(?P<all>\*)|(?P<low>\w+)(?:-(?P<high>\w+))?)(?:/(?P<step>\d+))?")


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression: the values each field allows, and the rule that picks the days of a month."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    day_of_month: str
    day_of_week: str

    def after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """The first occurrence after `moment` (aware), in UTC; None when there is none until 2199.

        A local time that daylight saving skips is skipped; one that comes twice counts the first time.
        """
        start = moment.astimezone(zone).replace(tzinfo=None)
        for day in self._days(start.date() - timedelta(days=1)):
            for hour in sorted(self.hours):
                for minute in sorted(self.minutes):
                    found = _in_utc(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))
                    if found is not None and found > moment:
                        return found
        return None

    def _days(self, first: date) -> Iterator[date]:
        for year in sorted(year for year in self.years if year >= first.year):
            for month in sorted(self.months):
                days = [date(year, month, day) for day in sorted(self._month_days(year, month))]
                yield from (day for day in days if day >= first)

    def _month_days(self, year: int, month: int) -> set[int]:
        if self.day_of_week == "?":
            return _days_of_month(self.day_of_month, year, month)
        return _days_of_week(self.day_of_week, year, month)


def parse(fields: str) -> Cron:
    """The six fields between the parentheses. Raises ValueError for what AWS would not take."""
    minutes, hours, day_of_month, month, day_of_week, year = fields.upper().split()
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError("exactly one of day-of-month and day-of-week must be ?")
    parsed = Cron(
        _values(minutes, 0, 59),
        _values(hours, 0, 23),
        _values(month, 1, 12, MONTHS),
        _values(year, *YEARS),
        day_of_month,
        day_of_week,
    )
    parsed._month_days(2000, 1)  # raises for a day rule that cannot be read
    return parsed


def _values(field: str, least: int, most: int, names: dict[str, int] | None = None) -> frozenset[int]:
    return frozenset(value for part in field.split(",") for value in _part(part, least, most, names or {}))


def _part(part: str, least: int, most: int, names: dict[str, int]) -> range:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"{part!r} is not a value, a range or an increment")
    low = least if found["all"] else _number(found["low"], least, most, names)
    step = int(found["step"] or 1)
    single = found["step"] is None and not found["all"]
    high = low if single else most
    if found["high"]:
        high = _number(found["high"], least, most, names)
    if step < 1 or high < low:
        raise ValueError(f"{part!r} is empty")
    return range(low, high + 1, step)


def _number(text: str, least: int, most: int, names: dict[str, int]) -> int:
    number = names[text] if text in names else int(text)
    if not least <= number <= most:
        raise ValueError(f"{text} is not between {least} and {most}")
    return number


def _days_of_month(field: str, year: int, month: int) -> set[int]:
    last = monthrange(year, month)[1]
    if field == "L":
        return {last}
    if field == "LW":
        return {_nearest_weekday(year, month, last)}
    if field.endswith("W"):
        return {_nearest_weekday(year, month, min(_number(field[:-1], 1, 31, {}), last))}
    return {day for day in _values(field, 1, 31) if day <= last}


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """Monday to Friday, without leaving the month."""
    last, weekday = monthrange(year, month)[1], date(year, month, day).weekday()
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < last else day - 2
    return day


def _days_of_week(field: str, year: int, month: int) -> set[int]:
    last = monthrange(year, month)[1]
    if field == "L":
        return _weekdays({7}, year, month)
    if field.endswith("L"):
        return {max(_weekdays({_number(field[:-1], 1, 7, DAYS)}, year, month))}
    if "#" in field:
        name, _, nth = field.partition("#")
        days = sorted(_weekdays({_number(name, 1, 7, DAYS)}, year, month))
        return set(days[_number(nth, 1, 5, {}) - 1 :][:1])
    if field == "*":
        return set(range(1, last + 1))
    return _weekdays(_values(field, 1, 7, DAYS), year, month)


def _weekdays(wanted: set[int] | frozenset[int], year: int, month: int) -> set[int]:
    """Days of the month that fall on the wanted weekdays (1 = Sunday, as AWS counts)."""
    last = monthrange(year, month)[1]
    return {day for day in range(1, last + 1) if date(year, month, day).isoweekday() % 7 + 1 in wanted}


def _in_utc(local: datetime) -> datetime | None:
    """None for a local time that does not exist; the earlier moment of one that comes twice (fold 0)."""
    found = local.astimezone(UTC)
    return found if found.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None) else None
