"""What a month will end at, measured on a backtest against the same weekday of the week before."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bills.forecasts import forecast, seasonal_naive

AMOUNTS = st.floats(0, 1e6, allow_nan=False)


def series(seed: int, kind: str, days: int = 120) -> list[float]:
    """A team's daily dollars: weekdays above weekends, by kind with growth, a step or rare dear jobs."""
    chance = random.Random(seed)
    out = []
    for day in range(days):
        base = 100.0 if day % 7 < 5 else 45.0
        base *= {"growing": 1 + day / 100, "stepped": 1.6 if day > days // 2 else 1.0}.get(kind, 1.0)
        spike = 400.0 if kind == "spiky" and chance.random() < 0.05 else 0.0
        out.append(base * chance.uniform(0.85, 1.15) + spike)
    return out


def missed(daily: Sequence[float], ahead: int) -> tuple[float, float, bool]:
    """(our error of the total, seasonal-naive's, whether the band held it), from one origin."""
    known, rest = daily[:-ahead], math.fsum(daily[-ahead:])
    ours = forecast(known, ahead)
    return (
        abs(ours.total - rest) / rest,
        abs(math.fsum(seasonal_naive(known, ahead)) - rest) / rest,
        ours.low <= rest <= ours.high,
    )


@pytest.mark.parametrize("kind", ["steady", "growing", "stepped", "spiky"])
def test_totals_are_nearer_than_seasonal_naive_and_the_band_holds(kind: str) -> None:
    tried = [missed(series(seed, kind)[: 120 - shift], 20) for seed in range(12) for shift in range(0, 28, 7)]
    ours, naive = (sum(each[at] for each in tried) / len(tried) for at in (0, 1))
    assert ours < naive
    assert sum(each[2] for each in tried) / len(tried) >= 0.6


@given(st.lists(AMOUNTS, min_size=1, max_size=60), st.integers(1, 31))
def test_a_forecast_is_as_long_as_asked_never_below_nothing_and_inside_its_band(daily: list[float], ahead: int) -> None:
    found = forecast(daily, ahead)
    assert len(found.days) == ahead
    assert 0 <= found.low <= found.total * (1 + 1e-9) + 1e-6
    assert found.total <= found.high * (1 + 1e-9) + 1e-6


def test_a_constant_goes_on() -> None:
    found = forecast([7.5] * 30, 10)
    assert found.total == pytest.approx(75)
    assert found.low == pytest.approx(75)
    assert found.high == pytest.approx(75)


def test_a_few_days_go_on_with_their_mean() -> None:
    assert forecast([1.0, 3.0], 2).days == (2.0, 2.0)


def test_without_a_day_there_is_no_forecast() -> None:
    with pytest.raises(ValueError, match="needs a day"):
        forecast([], 3)
