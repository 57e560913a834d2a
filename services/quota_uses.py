"""One quota with what is used of it, in one region; and an increase that was asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from services.errors import DeckError, NotFound
from services.offers import Room
from services.plans import Quota
from services.quotas import USED_UP


class HeadRoom(StrEnum):
    """How much of a quota is left: what the colour of its place says."""

    FREE = "free"
    TIGHT = "tight"
    FULL = "full"
    NONE = "none"
    """Nothing of it was ever granted."""


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """One quota in one region."""

    region: str
    service: str
    """As Service Quotas names it: sagemaker, ec2."""
    code: str
    name: str
    usage: str
    """As `services.default_quotas` names it; `ec2` or `ec2_spot` for EC2."""
    instance_type: str | None
    """Of SageMaker; of EC2 the class of types; None for a quota over all types."""
    unit: str
    """instances or vcpu."""
    limit: int
    used: int
    default: int | None
    """AWS's own; None where it is not known."""
    adjustable: bool

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def family(self) -> str:
        """As `family_of` tells."""
        return family_of(self.instance_type)

    @property
    def room(self) -> HeadRoom:
        return room_of(self.used, self.limit)

    def needing(self, needs: int) -> Quota:
        """For a plan that needs so many more."""
        return Quota(self.name, self.code, self.used, self.limit, needs)


@dataclass(frozen=True, slots=True)
class QuotaRequest:
    """An increase that was asked for."""

    region: str
    code: str
    name: str
    desired: int
    status: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class RegionQuotas:
    """The quotas of a region; `failures` says by service what could not be read."""

    region: str
    rows: tuple[QuotaUse, ...] = ()
    requests: tuple[QuotaRequest, ...] = ()
    """The newest first."""
    rooms: tuple[Room, ...] = ()
    """What all of it together leaves, type by type."""
    failures: Mapping[str, DeckError] = field(default_factory=dict)

    def find(self, code: str) -> QuotaUse:
        """Raises NotFound."""
        for row in self.rows:
            if row.code == code:
                return row
        raise NotFound(f"There is no quota {code} in {self.region}.", resource=code)


ALL = "all"
"""The family of a quota over all types."""


def family_of(instance_type: str | None) -> str:
    """`g5` of `ml.g5.xlarge`; of EC2 the class itself; `all` over all types."""
    return ALL if instance_type is None else instance_type.removeprefix("ml.").partition(".")[0]


def room_of(used: int, limit: int) -> HeadRoom:
    """What is left of a limit; also of several added up."""
    if limit == 0 and used == 0:
        return HeadRoom.NONE
    if used >= limit:
        return HeadRoom.FULL
    return HeadRoom.TIGHT if used >= USED_UP * limit else HeadRoom.FREE


def tightest_first(rows: Iterable[QuotaUse]) -> list[QuotaUse]:
    """Used up, nearly so, with room, never granted; within each what has the smallest share left comes first."""
    order = (HeadRoom.FULL, HeadRoom.TIGHT, HeadRoom.FREE, HeadRoom.NONE)
    return sorted(rows, key=lambda row: (order.index(row.room), row.left / max(row.limit, 1), row.left, row.name))
