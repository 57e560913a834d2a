"""A memory that forgets the least used."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.caches import Cache


def test_a_value_is_made_once_and_the_least_used_is_forgotten() -> None:
    cache: Cache[int] = Cache(2)
    made: list[str] = []

    def get(key: str) -> int:
        def make() -> int:
            made.append(key)
            return len(made)

        return cache.get(key, make)

    assert [get("a"), get("a"), get("b"), get("a"), get("c"), get("a"), get("b")] == [1, 1, 2, 1, 3, 1, 4]
    assert made == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_what_fails_is_asked_for_again() -> None:
    cache: Cache[int] = Cache(2)

    def fail() -> int:
        raise KeyError("x")

    with pytest.raises(KeyError):
        cache.get("a", fail)
    assert cache.get("a", lambda: 7) == 7


def test_it_may_be_asked_by_many_at_once() -> None:
    cache: Cache[int] = Cache(50)
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda n: cache.get(n % 100, lambda: n % 100), range(2000)))
    assert found == [n % 100 for n in range(2000)]
    assert len(cache) == 50


def test_a_value_can_be_put_in_place_of_another() -> None:
    cache: Cache[int] = Cache(1)
    cache.put("a", 1)
    cache.put("a", 2)
    assert cache.get("a", lambda: 3) == 2
    cache.put("b", 4)
    assert cache.get("a", lambda: 3) == 3
