"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.05


def eventually(
    read: Callable[[], T], until: Callable[[T], object] = bool, *, timeout: float = 30, **expected: object
) -> T:
    """The first value of `read` for which `until` holds, or, when attributes are expected, that has them all.

    `timeout` is in seconds.

    Raises:
        AssertionError: no value did in time; it names the last value read.
    """
    accept = (lambda value: _has(value, expected)) if expected else until
    deadline = time.monotonic() + timeout
    while True:
        value = read()
        if accept(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {timeout} s: {expected or accept}; last read: {value!r}")
        time.sleep(POLL_SECONDS)


def _has(value: object, expected: dict[str, object]) -> bool:
    return all(getattr(value, name) == wanted for name, wanted in expected.items())
