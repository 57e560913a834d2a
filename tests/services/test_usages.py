"""Hourly usage: drawn by a pattern, and as the deck's history saw it."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.errors import InvalidRequest
from services.history import History
from services.usage_pasts import observed
from services.usages import Line, draw
from tests.support.deck_rows import ACCOUNT, REGION, at, job, notebook, taken

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
M5 = Line("ap-northeast-2", "m5.large")
SEOUL = ZoneInfo("Asia/Seoul")


def busy_hours(pattern: str, zone: ZoneInfo | None = None) -> list[int]:
    drawn = draw(pattern, M5, base=1, peak=5, start=MONDAY, zone=zone or UTC)
    assert drawn.hours == 672
    assert {count for (count,) in drawn.counts} <= {Decimal(1), Decimal(5)}
    return [hour for hour, (count,) in enumerate(drawn.counts) if count == 5]


def test_patterns_are_busy_when_they_say() -> None:
    assert len(busy_hours("steady")) == 672
    office = busy_hours("office")
    assert office[:10] == [9, 10, 11, 12, 13, 14, 15, 16, 17, 33]
    assert len(office) == 4 * 5 * 9
    assert busy_hours("office", SEOUL)[:9] == list(range(9))
    assert len(busy_hours("weekdays")) == 4 * 5 * 24
    assert busy_hours("bursts")[:7] == [0, 1, 2, 3, 4, 5, 50]


def test_a_drawn_usage_begins_at_its_hour_in_utc() -> None:
    drawn = draw("steady", M5, base=0, peak=2, start=datetime(2026, 11, 2, 9, 30, 5, tzinfo=SEOUL))
    assert drawn.start == datetime(2026, 11, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(("base", "peak"), [(-1, 2), (3, 2), (0, 0)])
def test_a_peak_is_above_its_base(base: int, peak: int) -> None:
    with pytest.raises(InvalidRequest, match="cannot be drawn"):
        draw("steady", M5, base=base, peak=peak, start=MONDAY)


def test_an_unknown_pattern_says_which_there_are() -> None:
    with pytest.raises(InvalidRequest, match="steady, office, weekdays, bursts"):
        draw("sometimes", M5, base=0, peak=1, start=MONDAY)


def test_usage_is_multiplied_and_equal_hours_are_told_once() -> None:
    drawn = draw("office", M5, base=0, peak=10, start=MONDAY)
    assert drawn.times(Decimal("0.7")).instance_hours() == (Decimal(7) * 180,)
    assert drawn.distinct() == {(Decimal(10),): 180, (Decimal(0),): 492}
    assert (M5.service, M5.family) == ("ec2", "m5")
    assert Line("us-east-1", "ml.p4d.24xlarge", "training").service == "sagemaker"


def test_the_history_is_counted_by_the_hour(history: History) -> None:
    """A notebook in service from hour 0 to 2, and a job of two instances that bills an hour."""
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0),)))
    history.observe(ACCOUNT, taken(2.5, notebooks=(notebook("Stopped", 2),), trainings=(job("Completed"),)))
    found = observed(history, ACCOUNT, REGION, at(4.5), hours=6)
    assert found is not None
    assert found.start == at(-2)
    assert found.lines == (Line(REGION, "ml.m5.large", "training"), Line(REGION, "ml.t3.medium", "notebook"))
    training, notebooks = zip(*found.counts, strict=True)
    assert notebooks == (0, 0, 1, 1, 0, 0)
    assert training == (0, 0, 0, 2, 0, 0)


def test_half_an_hour_counts_half(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("InService", 0.5),)))
    history.observe(ACCOUNT, taken(2, notebooks=(notebook("Stopped", 1.25),)))
    found = observed(history, ACCOUNT, REGION, at(2), hours=2)
    assert found is not None
    assert found.counts == ((Decimal("0.5"),), (Decimal("0.25"),))


def test_nothing_that_billed_is_no_usage(history: History) -> None:
    history.observe(ACCOUNT, taken(1, notebooks=(notebook("Stopped", 0),)))
    assert observed(history, ACCOUNT, REGION, at(3)) is None
