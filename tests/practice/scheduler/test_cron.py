"""AWS's cron dialect, field by field, and across daylight saving."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice.scheduler import cron

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")


def following(fields: str, moment: str, zone: ZoneInfo = SEOUL, count: int = 1) -> list[str]:
    """The next `count` occurrences as local ISO minutes."""
    parsed, at, found = cron.parse(fields), datetime.fromisoformat(moment).replace(tzinfo=zone), []
    for _ in range(count):
        after = parsed.after(at, zone)
        if after is None:
            break
        found.append(after.astimezone(zone).strftime("%Y-%m-%d %H:%M"))
        at = after
    return found


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("0 10 * * ? *", ["2026-11-23 10:00", "2026-11-24 10:00"]),
        ("0/30 9-10 * * ? *", ["2026-11-23 09:30", "2026-11-23 10:00"]),
        ("0 18 ? * MON-FRI *", ["2026-11-23 18:00", "2026-11-24 18:00"]),
        ("0 18 ? * 7,1 *", ["2026-11-28 18:00", "2026-11-29 18:00"]),
        ("0 18 ? * L *", ["2026-11-28 18:00", "2026-12-05 18:00"]),
        ("15 12 ? * 6L *", ["2026-11-27 12:15", "2026-12-25 12:15"]),
        ("15 12 ? * FRIL *", ["2026-11-27 12:15", "2026-12-25 12:15"]),
        ("0 9 ? * MON#2 *", ["2026-12-14 09:00", "2027-01-11 09:00"]),
        ("0 9 ? * 3#5 *", ["2026-12-29 09:00", "2027-03-30 09:00"]),
        ("0 8 L * ? *", ["2026-11-30 08:00", "2026-12-31 08:00"]),
        ("0 8 LW * ? *", ["2026-11-30 08:00", "2026-12-31 08:00"]),
        ("0 8 1W * ? 2027", ["2027-01-01 08:00", "2027-02-01 08:00"]),
        ("0 8 1W MAY ? *", ["2027-05-03 08:00", "2028-05-01 08:00"]),
        ("0 8 13W 12 ? *", ["2026-12-14 08:00", "2027-12-13 08:00"]),
        ("0 8 31W 10 ? *", ["2027-10-29 08:00", "2028-10-31 08:00"]),
        ("0 8 12W 12 ? *", ["2026-12-11 08:00", "2027-12-13 08:00"]),
        ("0 0 29 FEB ? *", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 1 JAN,JUL ? 2027-2028", ["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("0 0 ? 1/6 * *", ["2027-01-01 00:00", "2027-01-02 00:00"]),
        ("0 0 31 2 ? *", []),
        ("0 0 1 1 ? 2025", []),
        ("0-15/15 8-8 ? * 2,3,4,5,6,7 *", ["2026-11-24 08:00", "2026-11-24 08:15"]),
    ],
)
def test_occurrences(fields: str, expected: list[str]) -> None:
    assert following(fields, "2026-11-23T09:10", count=2) == expected


def test_a_weekday_near_the_month_end_stays_in_its_month() -> None:
    # 31 October 2027 is a Sunday: the nearest weekday would be 1 November.
    assert following("0 8 31W 10 ? 2027", "2027-01-01T00:00") == ["2027-10-29 08:00"]
    # 28 February 2027 is a Sunday, and there is no 31 February.
    assert following("0 8 31W 2 ? 2027", "2027-01-01T00:00") == ["2027-02-26 08:00"]


@pytest.mark.parametrize(
    "fields",
    [
        *("0 10 * * *", "0 10 * * * *", "0 10 ? * ? *", "60 * * * ? *", "* 24 * * ? *", "* * 32 * ? *"),
        *("* * * 13 ? *", "* * ? * 8 *", "* * ? * MOM *", "* * * * ? 1969", "5-1 * * * ? *", "*/0 * * * ? *"),
        *("a * * * ? *", "* * 0W * ? *", "* * ? * 2#6 *", "* * ? * 9L *", "1,, * * * ? *", "-1 * * * ? *"),
    ],
)
def test_what_aws_would_not_take_is_refused(fields: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        cron.parse(fields)


def test_a_local_time_that_daylight_saving_skips_is_skipped() -> None:
    assert following("30 2 * * ? *", "2027-03-13T12:00", NEW_YORK, 2) == ["2027-03-15 02:30", "2027-03-16 02:30"]


def test_a_local_time_that_comes_twice_counts_once() -> None:
    assert following("30 1 * * ? *", "2027-11-06T12:00", NEW_YORK, 2) == ["2027-11-07 01:30", "2027-11-08 01:30"]
    first = cron.parse("30 1 * * ? *").after(datetime(2027, 11, 7, tzinfo=NEW_YORK), NEW_YORK)
    assert first == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)


@given(minute=st.integers(0, 59), hour=st.integers(0, 23), seconds=st.integers(0, 80 * 365 * 86400))
def test_a_daily_time_comes_within_a_day_and_after_the_moment(minute: int, hour: int, seconds: int) -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    found = cron.parse(f"{minute} {hour} * * ? *").after(moment, UTC)
    assert found is not None
    assert 0 < (found - moment).total_seconds() <= 86400
    assert (found.hour, found.minute, found.second) == (hour, minute, 0)
