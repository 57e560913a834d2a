"""What the practice process tells the first process of a cell: JSON, after its length in 8 hexadecimal digits."""

import json
import os
from typing import Literal, TypedDict, cast

MARK = "FLIGHTDECK_CELL"
"""Variable that marks every process of a cell with the cell's own token."""


class Spec(TypedDict):
    """A command and the world it sees."""

    command: list[str]
    folder: str
    environment: dict[str, str]
    mounts: list[tuple[str, str]]
    """(absolute path inside, folder or file outside)"""
    hostname: str | None
    isolation: Literal["root", "user"] | None
    """How namespaces are had here: as root, as root of a user namespace, not at all."""


def written(spec: Spec) -> bytes:
    """The spec as `read_spec` reads it."""
    text = json.dumps(spec).encode()
    return f"{len(text):08x}".encode() + text


def read_spec(leash: int) -> Spec | None:
    """The spec from the leash, read no further than its end; None when the other end is gone before it."""
    length = read_exactly(leash, 8)
    text = read_exactly(leash, int(length, 16)) if length else None
    return cast(Spec, json.loads(text)) if text else None


def read_exactly(pipe: int, count: int) -> bytes | None:
    """So many bytes, or None when the end of file comes first."""
    text = b""
    while len(text) < count:
        piece = os.read(pipe, count - len(text))
        if not piece:
            return None
        text += piece
    return text
