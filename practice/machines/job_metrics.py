"""Metric definitions: values that a training script prints."""

import math
import re
from collections.abc import Callable, Iterable

from practice.machines.job_specs import MetricPattern


def metric_reader(patterns: Iterable[MetricPattern]) -> Callable[[str], list[tuple[str, float]]]:
    """A function that gives the (metric, value) pairs of a log line: the first group of each pattern that is found.

    Raises: ValueError for a pattern that is no regular expression.
    """
    compiled = []
    for pattern in patterns:
        try:
            compiled.append((pattern.name, re.compile(pattern.regex)))
        except re.error as error:
            message = f"ClientError: the regex of metric {pattern.name} is not one: {error}"
            raise ValueError(message) from error

    def read(line: str) -> list[tuple[str, float]]:
        found = ((name, regex.search(line)) for name, regex in compiled)
        values = ((name, number(match)) for name, match in found if match)
        return [(name, value) for name, value in values if value is not None]

    return read


def number(match: re.Match[str]) -> float | None:
    """The finite number in the first group (or the whole match, where there is none)."""
    text = match[1] if match.re.groups else match[0]
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
