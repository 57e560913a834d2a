"""Offers: every way to buy the hardware one asks for, in one question over regions, types and purchase options."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from services import offer_queries, offer_rates, offer_tables
from services.errors import NotFound
from services.figures import Confidence
from services.offer_queries import HOURS_A_MONTH as HOURS_A_MONTH
from services.offer_queries import Room as Room
from services.offer_queries import Wanted as Wanted
from services.offer_rates import KEY, Layer

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to buy an hour of one instance, and what an asked month of it costs."""

    region: str
    service: str
    instance_type: str
    component: str
    purchase_option: str
    term_years: int
    payment_option: str
    offering_class: str
    usd_per_hour: Decimal
    upfront_usd: Decimal
    effective_usd_per_hour: Decimal
    month_usd: Decimal
    """The asked hours at the rate; of a commitment the whole month, which it bills used or not."""
    as_of: date
    source: str
    confidence: Confidence
    note: str
    layer: str
    """Whose rate it is: own, account or catalogue."""
    usage: str
    """What its quota is called."""
    offered: bool
    left: int | None
    """Instances the quotas leave; None when that is not known."""
    vcpu: int
    memory_gib: float
    architecture: str
    accelerator: str | None
    """GPU, Neuron or None."""
    gpu_name: str | None
    gpu_count: int
    gpu_memory_gib: float
    """Of all its accelerators together."""
    tflops: Decimal | None
    """Of all its accelerators together, dense, in the precision that `data/accelerators.csv` names."""

    @property
    def id(self) -> str:
        """The same for the same way to buy, in every list."""
        return "/".join(str(getattr(self, name)) for name in KEY)

    @property
    def commits(self) -> bool:
        """Whether it bills the whole term, used or not."""
        return self.term_years > 0

    @property
    def usd_per_gpu_hour(self) -> Decimal | None:
        return self.effective_usd_per_hour / self.gpu_count if self.gpu_count else None

    @property
    def usd_per_gib_gpu_hour(self) -> Decimal | None:
        """For a GiB of accelerator memory."""
        return self.effective_usd_per_hour / Decimal(str(self.gpu_memory_gib)) if self.gpu_memory_gib else None

    @property
    def usd_per_tflop_hour(self) -> Decimal | None:
        return self.effective_usd_per_hour / self.tflops if self.tflops else None


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest offers, and how many there are in all."""

    offers: tuple[Offer, ...]
    total: int


class Offers:
    """A table of offers to ask, from layers of rates: the first that knows a rate wins. Safe to share by threads."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._table: DuckDBPyConnection = offer_tables.build(layers)

    def cursor(self) -> "DuckDBPyConnection":
        """The table itself, `offers`, to be asked in SQL."""
        return self._table.cursor()

    def search(self, wanted: Wanted, room: Iterable[Room] | None = None, most: int = MOST) -> Found:
        """At most `most` offers, the cheapest month first; then the lower rate, then by name.

        Without `room` nothing is known of quotas, and an offer's `left` is None.
        """
        with self.cursor() as cursor:
            total, rows = offer_queries.search(cursor, wanted, room, most)
        return Found(tuple(_offer(row) for row in rows), total)

    def find(self, instance_type: str, region: str, purchase_options: Sequence[str] = ()) -> tuple[Offer, ...]:
        """Every offer of a type in a region, also where it is no longer offered. Raises NotFound, InvalidRequest."""
        asked = Wanted(
            regions=(region,),
            instance_types=(instance_type,),
            purchase_options=tuple(purchase_options),
            offered_only=False,
        )
        offers = self.search(asked, most=1_000).offers
        if not offers:
            raise NotFound(
                f"There is no price of {instance_type} in {region}.",
                resource=instance_type,
                remedy="Choose another instance type or region, or enter your own rate.",
            )
        return offers


@cache
def shipped() -> Offers:
    """The offers of the shipped catalogue alone."""
    return Offers((Layer("catalogue", offer_rates.catalogue()),))


def _offer(row: Mapping[str, Any]) -> Offer:
    plain: dict[str, Any] = {
        name: _as_published(value) if isinstance(value, Decimal) else value for name, value in row.items()
    }
    return Offer(**plain | {"confidence": Confidence(row["confidence"])})


def _as_published(figure: Decimal) -> Decimal:
    """Without the zeros that a column of the table fills up with."""
    return figure.normalize() + 0
