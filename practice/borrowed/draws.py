"""Chance as moto sees it: every draw of a request comes from a seed that its journal entry records.

Moto has one shared generator for ids, secrets and key material, plus a few direct calls of `random`, `uuid` and
`os.urandom`. All of them end here, in a generator of the thread's own: a request that changes something draws from
its own seed without a lock, and draws the same again when it is replayed. Asymmetric keys cannot be drawn from a
seed, and a few results are too dear to reckon twice; they are kept in the entry itself.
"""

import os
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from practice.borrowed.moments import stand_in

T = TypeVar("T")

SEED_BYTES = 32


@dataclass(slots=True)
class Draws:
    """What one request draws. `outcomes` are JSON values: those to use again, then those made new."""

    generator: random.Random
    outcomes: list[Any] = field(default_factory=list)
    outcomes_used: int = 0
    empty_receive: int | None = None
    """For a receive from a queue that found nothing: the seconds that its caller would wait."""


class _Current(threading.local):
    def __init__(self) -> None:
        self.draws = Draws(random.Random(os.urandom(SEED_BYTES)))


_current = _Current()


@contextmanager
def seeded(seed: bytes, outcomes: Sequence[Any] = ()) -> Iterator[Draws]:
    """Within this thread, all chance comes from `seed`, and outcomes first from `outcomes`. Nests."""
    before = _current.draws
    _current.draws = Draws(random.Random(seed), list(outcomes))
    try:
        yield _current.draws
    finally:
        _current.draws = before


def new_seed() -> bytes:
    return os.urandom(SEED_BYTES)


class _Source:
    """The two methods that every other method of `random.Random` draws from."""

    __slots__ = ()

    def random(self) -> float:
        return _current.draws.generator.random()

    def getrandbits(self, k: int, /) -> int:
        return _current.draws.generator.getrandbits(k)


def take_over(shared: random.Random) -> None:
    """From now on this generator draws from the thread's current draws."""
    shared.__class__ = type("Drawn", (_Source, type(shared)), {})


def stand_ins() -> dict[int, Any]:
    """What replaces what in a moto module, by the identity of the original."""
    shared = random.Random(0)
    take_over(shared)

    def new_uuid() -> uuid.UUID:
        return uuid.UUID(int=shared.getrandbits(128), version=4)

    drawn = {name: getattr(shared, name) for name in random.__all__ if name[0].islower() and hasattr(shared, name)}
    return {
        id(random): stand_in(random, **drawn),
        id(uuid): stand_in(uuid, uuid4=new_uuid, uuid1=new_uuid),
        id(uuid.uuid4): new_uuid,
        id(os): stand_in(os, urandom=shared.randbytes),
    }


def note_empty_receive(wait_seconds: int | None) -> None:
    _current.draws.empty_receive = wait_seconds


def outcome(make: Callable[[], T]) -> T:
    """What `make` returns, a JSON value; in a replay, what it returned when the request ran first."""
    draws = _current.draws
    if draws.outcomes_used == len(draws.outcomes):
        draws.outcomes.append(make())
    draws.outcomes_used += 1
    found: T = draws.outcomes[draws.outcomes_used - 1]
    return found


def private_key(make: Callable[[], Any]) -> Any:
    """A private key of the current request: made by `make`, or the one that its journal entry kept."""
    from cryptography.hazmat.primitives import serialization

    encoding, form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    kept = outcome(lambda: make().private_bytes(encoding, form, serialization.NoEncryption()).hex())
    return serialization.load_der_private_key(bytes.fromhex(kept), None)
