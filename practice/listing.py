"""What every List operation shares: filters, sort order and pages, as AWS documents them for SageMaker."""

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from practice.errors import ServiceError, validation_error
from practice.operations import Request
from practice.world import Resource

DEFAULT_PAGE = 10
"""SageMaker's default MaxResults: docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html."""

Row = TypeVar("Row")

_SORT_KEYS: dict[str, Callable[[Resource], Any]] = {
    "Name": lambda row: row.name,
    "CreationTime": lambda row: row.created,
    "LastModifiedTime": lambda row: row.modified,
    "Status": lambda row: row.state,
}


def select(
    rows: Sequence[Resource], request: Request, *, sort_by: str = "CreationTime", sort_order: str = "Descending"
) -> list[Resource]:
    """Apply NameContains, StatusEquals, CreationTime* and LastModifiedTime* filters, SortBy and SortOrder.

    SageMaker sorts by creation time, newest first, unless asked otherwise; pass what an operation documents instead.
    """
    kept = [row for row in rows if _wanted(row, request)]
    key = _SORT_KEYS[request.get("SortBy", sort_by)]
    descending = request.get("SortOrder", sort_order) == "Descending"
    return sorted(kept, key=lambda row: (key(row), row.name), reverse=descending)


def _wanted(row: Resource, request: Request) -> bool:
    contains = request.get("NameContains", "").lower()
    status = next(
        (value for key, value in request.items() if key.endswith("StatusEquals") or key == "StatusEquals"), None
    )
    bounds = (
        ("CreationTimeAfter", row.created, 1),
        ("CreationTimeBefore", row.created, -1),
        ("LastModifiedTimeAfter", row.modified, 1),
        ("LastModifiedTimeBefore", row.modified, -1),
    )
    return (
        contains in row.name.lower()
        and status in (None, row.state)
        and all(
            key not in request or (moment - request[key]).total_seconds() * sign > 0 for key, moment, sign in bounds
        )
    )


def page(
    rows: Sequence[Row], request: Request, key: Callable[[Row], str], *, size: int = DEFAULT_PAGE
) -> tuple[list[Row], str | None]:
    """One page and the token of the next. The token names the last row handed out, so that rows that come or go in
    between neither repeat nor skip others. Raises ValidationException for a token that is not ours."""
    start = 0
    token = request.get("NextToken")
    if token is not None:
        last, position = read_token(token, 2)
        if not (isinstance(last, str) and isinstance(position, int)):
            raise invalid_token()
        keys = [key(row) for row in rows]
        start = keys.index(last) + 1 if last in keys else min(position, len(rows))
    size = request.get("MaxResults", size)
    end = start + size
    shown = list(rows[start:end])
    return shown, write_token(key(shown[-1]), end) if end < len(rows) else None


def listed(
    rows: Sequence[Resource], request: Request, member: str, summary: Callable[[Resource], dict[str, Any]]
) -> dict[str, Any]:
    """A List operation's reply: under `member` one page of `rows`, each as `summary` shows it."""
    shown, token = page(rows, request, lambda row: row.name)
    return reply({member: [summary(row) for row in shown], "NextToken": token})


def write_token(*said: str | int) -> str:
    """A NextToken that carries some values."""
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


def read_token(token: str, length: int) -> list[Any]:
    """The values of a NextToken. Raises: ValidationException for one that does not carry so many."""
    try:
        said = json.loads(base64.urlsafe_b64decode(token))
    except ValueError as exc:
        raise invalid_token() from exc
    if not isinstance(said, list) or len(said) != length:
        raise invalid_token()
    return said


def invalid_token() -> ServiceError:
    """What a token that this account did not write gets."""
    return validation_error("Invalid NextToken")


def reply(members: dict[str, Any]) -> dict[str, Any]:
    """A reply without the members that have no value: AWS leaves them out."""
    return {name: value for name, value in members.items() if value is not None}


def require(found: Resource | None, message: str) -> Resource:
    """The resource, or the ValidationException that SageMaker answers for a name that it does not know."""
    if found is None:
        raise ServiceError("ValidationException", message)
    return found
