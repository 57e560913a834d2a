"""Line items: so much of one usage type by one resource, under its tags, in one hour or another period."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from practice.bill.periods import Piece, split
from practice.bill.spans import Tags, billed
from practice.bill.usage_types import UsageType, used
from practice.world import World

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Charged:
    """What a line is about."""

    resource: str
    """Its ARN; a name used again has the same."""
    usage_type: UsageType
    tags: Tags


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a bill. `amount` is in microseconds of one instance or of one GiB."""

    about: Charged
    start: datetime
    end: datetime
    amount: int

    @property
    def quantity(self) -> Decimal:
        """In the pricing unit: Hrs or GB-Mo."""
        return self.about.usage_type.quantity(self.amount)

    @property
    def cost(self) -> Decimal:
        """US dollars, not rounded."""
        return self.about.usage_type.cost(self.amount)


Charge = tuple[Charged, Piece]
"""Who used what, and from when to when."""


def charges(world: World, until: datetime) -> Iterator[Charge]:
    """All that was used up to `until`, in unbroken stretches."""
    for resource in billed(world, until):
        for span in resource.spans:
            for usage_type, count in used(resource.region, span.held, span.parts):
                yield Charged(resource.arn, usage_type, span.tags), (span.start, span.end, count)


def sums(found: Iterable[Charge], between: Sequence[datetime], key: Callable[[Charged], Key]) -> dict[Key, list[int]]:
    """The amounts of what has the same key, in each period. The key must tell usage types apart: their amounts cannot
    be added."""
    pieces: dict[Key, list[Piece]] = {}
    begin, end = between[0], between[-1]
    for about, piece in found:
        if piece[0] < end and piece[1] > begin:
            pieces.setdefault(key(about), []).append(piece)
    return {name: split(stretches, between) for name, stretches in pieces.items()}


def line_items(
    world: World, until: datetime, between: Sequence[datetime], about: Callable[[Charged], Charged] = lambda it: it
) -> list[Line]:
    """The lines of each period, by what they are `about` and then in time: of an hour one line, whatever came and went
    within it."""
    return [
        Line(charged, start, end, amount)
        for charged, amounts in sums(charges(world, until), between, about).items()
        for start, end, amount in zip(between[:-1], between[1:], amounts, strict=True)
        if amount
    ]
