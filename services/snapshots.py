"""The last good inventory as text, so that a page has something to draw before AWS has answered."""

from functools import cache
from typing import TYPE_CHECKING

from services.known import Known

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def dump(known: Known) -> str:
    """JSON: times as ISO 8601."""
    return _adapter().dump_json(known).decode()


def load(text: str) -> Known | None:
    """None for what an earlier version wrote and this one cannot read: it is only a memory."""
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text)
    except ValidationError:
        return None


@cache
def _adapter() -> "TypeAdapter[Known]":
    # Not at the top: a tenth of a second that the deck's start need not wait for.
    from pydantic import TypeAdapter

    return TypeAdapter(Known)
