"""The time periods that Cost Explorer is asked about: UTC, the end exclusive.

docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_DateInterval.html
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from practice.bill.periods import month_of, next_month
from practice.borrowed import birth
from practice.errors import ServiceError, validation_error
from practice.operations import Request

HOURLY_DAYS = 14
_FORMS = {"HOURLY": ("%Y-%m-%dT%H:00:00Z", "yyyy-MM-ddTHH:mm:ssZ"), "DAILY": ("%Y-%m-%d", "yyyy-MM-dd")}
_FORMS["MONTHLY"] = _FORMS["DAILY"]


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start` to before `end`."""

    start: datetime
    end: datetime


def read_interval(request: Request, granularity: str = "DAILY") -> Interval:
    """The request's TimePeriod. Raises ServiceError ValidationException."""
    said = request["TimePeriod"]
    start, end = (_moment(name, said[name], granularity) for name in ("Start", "End"))
    if start >= end:
        raise validation_error("Start date (and hour) should be before end date (and hour)")
    return Interval(start, end)


def past(request: Request, now: datetime, granularity: str = "DAILY", *, resources: bool = False) -> Interval:
    """A period of what was billed. Raises ServiceError: ValidationException, DataUnavailableException."""
    found = read_interval(request, granularity)
    if found.end > next_month(now):
        raise validation_error("end date past the beginning of next month")
    if (granularity == "HOURLY" or resources) and found.start < midnight(now) - timedelta(days=HOURLY_DAYS):
        raise validation_error(
            "start date is too old for hourly, the max supported days for hourly granularity is 14 days"
        )
    if found.end <= midnight(birth.moment()):
        raise unavailable("Data is not available. Please try to adjust the time period.")
    return found


def unavailable(message: str) -> ServiceError:
    return ServiceError("DataUnavailableException", message)


def midnight(moment: datetime) -> datetime:
    """The beginning of its day."""
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)


def shown(start: datetime, end: datetime, granularity: str = "DAILY") -> dict[str, str]:
    """A TimePeriod as replies have it."""
    form = _FORMS[granularity][0]
    return {"Start": start.strftime(form), "End": end.strftime(form)}


def is_estimated(end: datetime, now: datetime) -> bool:
    """Until its month is over, a bill is an estimate."""
    return end > month_of(now)


def _moment(name: str, said: str, granularity: str) -> datetime:
    form, told = _FORMS[granularity]
    try:
        return datetime.strptime(said, form).replace(tzinfo=UTC)
    except ValueError as exc:
        raise validation_error(f"{name} time {said} is invalid. Valid format is: {told}.") from exc
