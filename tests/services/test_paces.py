"""A call that would come too soon waits for its turn; different operations do not wait for each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.paces import Pace, Paces


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


def test_so_many_at_once_then_one_at_a_time() -> None:
    time = Time()
    pace = Pace(2.0, 3, lambda: time.now, time.wait)
    for _ in range(5):
        pace.take()
    assert time.waited == [pytest.approx(0.5), pytest.approx(0.5)]
    time.now += 60
    for _ in range(4):
        pace.take()
    assert time.waited[2:] == [pytest.approx(0.5)], "what was not used for long is no more than a burst"


def test_threads_get_turns_of_their_own() -> None:
    waited: list[float] = []
    pace = Pace(10.0, 1, lambda: 0.0, waited.append)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: pace.take(), range(8)))
    assert sorted(waited) == [pytest.approx(number / 10) for number in range(1, 8)]


def test_operations_have_their_own_paces_and_most_have_none() -> None:
    paces = Paces()
    for name in ("cloudtrail.LookupEvents", "sagemaker.Search", "sagemaker.Search", "s3.PutObject"):
        paces.hold_back(event_name=f"before-send.{name}")
    assert set(paces._paces) == {"cloudtrail.LookupEvents", "sagemaker.Search"}
