"""Unusual days are found, and usual ones left alone: measured on days that were made dear on purpose."""

import random
from datetime import date, timedelta

import pytest

from services.bills.anomalies import Anomaly, find
from tests.services.bills.test_forecasts import series

START = date(2026, 6, 1)
DAY = timedelta(days=1)


def days(daily: list[float]) -> dict[date, float]:
    return {START + DAY * at: amount for at, amount in enumerate(daily)}


def test_days_made_dear_are_found_and_others_seldom() -> None:
    """Of 240 days that were made 1.6 to 3 times as dear, in 40 series of 90 days to look at."""
    chance, hits, misses, false = random.Random(5), 0, 0, 0
    for seed in range(40):
        daily = series(seed, "steady", 120)
        events = set(chance.sample(range(30, 120), 6))
        for at in events:
            daily[at] *= chance.uniform(1.6, 3)
        found = {(each.day - START).days for each in find({"x": days(daily)}, START + DAY * 30, START + DAY * 120)}
        hits, misses, false = hits + len(found & events), misses + len(events - found), false + len(found - events)
    score = 2 * hits / (2 * hits + misses + false)
    assert score >= 0.85, (hits, misses, false)
    assert false / 40 <= 1.0, "false alarms for each series of three months"


def test_a_weekend_is_not_unusual_and_a_step_is_only_until_it_is_the_rule() -> None:
    assert find({"x": days([100.0 if at % 7 < 5 else 10.0 for at in range(90)])}, START, START + DAY * 90) == ()
    stepped = [100.0] * 60 + [200.0] * 60
    found = find({"x": days(stepped)}, START, START + DAY * 120)
    assert found[0] == Anomaly(START + DAY * 60, "x", 200.0, 100.0)
    assert max(each.day for each in found) < START + DAY * 90


def test_what_began_lately_and_what_costs_next_to_nothing_is_left_alone() -> None:
    assert find({"x": days([0.01] * 60 + [0.9]), "y": days([5.0] * 10 + [500.0])}, START, START + DAY * 90) == ()


def test_what_does_not_show_in_a_days_cost_is_left_alone() -> None:
    small = [2.0] * 60 + [12.0]
    assert len(find({"x": days(small)}, START, START + DAY * 90)) == 1
    assert find({"x": days(small), "y": days([1000.0] * 61)}, START, START + DAY * 90) == ()
    assert find({}, START, START + DAY * 90) == ()


@pytest.mark.parametrize(("at", "found"), [(69, 0), (70, 1)])
def test_only_the_days_asked_for(at: int, found: int) -> None:
    daily = [100.0] * 70 + [300.0]
    assert len(find({"x": days(daily)}, START + DAY * 50, START + DAY * (at + 1))) == found
