"""What EC2's own operations share: dry runs, and filters with wildcards."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from practice.errors import ServiceError
from practice.operations import Request

Wanted = Mapping[str, Sequence[Sequence[str]]]
"""Member of a row → lists of patterns, in each of which the member's value must be."""


def check_dry_run(request: Request) -> None:
    """Raises: ServiceError DryRunOperation when only the permission was asked about."""
    if request.get("DryRun"):
        raise ServiceError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")


def wanted(request: Request, filters: Mapping[str, str], members: Mapping[str, str]) -> Wanted:
    """What a request asks of rows, by its `Filters` (their names → members of a row) and by members of its own (theirs
    → members of a row). Raises: ServiceError InvalidParameterValue for a filter that there is not."""
    found: dict[str, list[Sequence[str]]] = {}
    for each in request.get("Filters", ()):
        name = each.get("Name", "")
        if name not in filters:
            raise ServiceError("InvalidParameterValue", f"The filter '{name}' is invalid")
        found.setdefault(filters[name], []).append(list(each.get("Values", ())))
    for name, member in members.items():
        if name in request:
            said = request[name]
            found.setdefault(member, []).append(said if isinstance(said, list) else [str(said)])
    return found


def fits(value: Any, patterns: Sequence[Sequence[str]]) -> bool:
    """Whether a value is in every list of patterns."""
    return all(any(fnmatchcase(str(value), pattern) for pattern in each) for each in patterns)


def kept(row: Mapping[str, Any], asked: Wanted) -> bool:
    """Whether a row is what was asked for."""
    return all(fits(row.get(member, ""), patterns) for member, patterns in asked.items())
