"""What the practice process tells the first process of a cell, as one JSON line."""

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


def read_spec(leash: int) -> Spec | None:
    """The first line from the leash, read no further than its end; None when the other end is gone before it."""
    text = bytearray()
    while not text.endswith(b"\n"):
        piece = os.read(leash, 1)
        if not piece:
            return None
        text += piece
    return cast(Spec, json.loads(text))
