"""How the account began: what is there from the start stems from one moment and one secret, whenever first seen."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from practice.borrowed import draws, moments


@dataclass(frozen=True, slots=True)
class Birth:
    """When the account began, by its clock, and the secret that all its beginnings are drawn from."""

    moment: datetime
    secret: bytes


_birth = [Birth(datetime.fromtimestamp(0, UTC), b"")]


def set_birth(birth: Birth) -> None:
    _birth[0] = birth


def moment() -> datetime:
    """When the account began, by its clock."""
    return _birth[0].moment


@contextmanager
def conditions(name: str) -> Iterator[None]:
    """Within, time and chance are those of the beginning, for the thing of this name."""
    seed = hashlib.sha256(_birth[0].secret + name.encode()).digest()
    with ExitStack() as stack:
        stack.enter_context(draws.seeded(seed))
        stack.enter_context(moments.pinned(_birth[0].moment, _birth[0].moment))
        yield
