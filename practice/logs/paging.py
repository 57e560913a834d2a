"""Pages of logs' Describe operations: `nextToken` and `limit` in place of SageMaker's names."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from practice import listing
from practice.errors import ServiceError
from practice.listing import reply
from practice.operations import Request

MAX_LIMIT = 50

Row = TypeVar("Row")


def page(rows: Sequence[Row], request: Request, key: Callable[[Row], str]) -> tuple[list[Row], str | None]:
    """One page and the token of the next. Raises InvalidParameterException for a token that is not ours."""
    asked = reply({"NextToken": request.get("nextToken"), "MaxResults": request.get("limit", MAX_LIMIT)})
    try:
        return listing.page(rows, asked, key)
    except ServiceError as error:
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.") from error
