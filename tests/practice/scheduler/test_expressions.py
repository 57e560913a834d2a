"""at(), rate() and cron() with time zones and bounds."""

from datetime import UTC, datetime, timedelta

import pytest

from practice.scheduler import expressions
from practice.scheduler.expressions import Timing

CREATED = datetime(2026, 11, 23, 2, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def test_at_is_once_in_its_time_zone() -> None:
    timing = Timing("at(2026-11-23T19:00:00)", "Asia/Seoul")
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert timing.after(CREATED, CREATED) == at
    assert timing.after(at, CREATED) is None
    assert not timing.recurs


def test_a_rate_counts_from_its_creation_and_starts_at_once() -> None:
    timing = Timing("rate(2 hours)")
    assert timing.recurs
    assert timing.after(CREATED - timedelta(microseconds=1), CREATED) == CREATED
    assert timing.after(CREATED, CREATED) == CREATED + timedelta(hours=2)
    assert timing.after(CREATED + timedelta(hours=3), CREATED) == CREATED + timedelta(hours=4)


def test_a_rate_counts_from_its_start_date_and_ends_with_its_end_date() -> None:
    start = CREATED + DAY
    timing = Timing("rate(1 day)", start=start, end=start + 2 * DAY)
    assert timing.after(CREATED, CREATED) == start
    assert timing.after(start + DAY, CREATED) == start + 2 * DAY
    assert timing.after(start + 2 * DAY, CREATED) is None


def test_a_cron_starts_at_its_start_date_at_the_earliest() -> None:
    start = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert Timing("cron(0 9 * * ? *)", start=start).after(CREATED, CREATED) == start
    assert Timing("cron(0 9 * * ? *)", end=CREATED + timedelta(hours=1)).after(CREATED, CREATED) is None
    assert Timing("cron(0 9 31 2 ? *)").after(CREATED, CREATED) is None


@pytest.mark.parametrize(
    "expression", ["at(2026-11-23T19:00:00)", "rate(1 minute)", "rate(15 minutes)", "cron(0 9 * * ? *)"]
)
def test_readable(expression: str) -> None:
    expressions.check(expression, "America/New_York")


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("every day", "UTC"),
        ("at(2026-11-23 19:00)", "UTC"),
        ("at(2026-13-01T00:00:00)", "UTC"),
        ("rate(0 minutes)", "UTC"),
        ("rate(1 week)", "UTC"),
        ("cron(0 9 * * *)", "UTC"),
        ("rate(1 day)", "Asia/Atlantis"),
        ("rate(1 day)", "../etc/passwd"),
    ],
)
def test_unreadable(expression: str, zone: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        expressions.check(expression, zone)
