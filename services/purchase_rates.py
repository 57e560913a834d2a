"""Every way to buy an hour of what a usage counts, as one kind of row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.errors import NotFound
from services.figures import Confidence
from services.offer_rates import ON_DEMAND, RESERVED, SAVINGS_PLANS, SPOT
from services.offers import Offer, Offers
from services.usages import Line

BOUGHT = (ON_DEMAND, SPOT, RESERVED, *SAVINGS_PLANS)
"""What a mix is made of: of managed spot training nobody publishes a rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One way to buy an hour of an instance type: a row of the offers."""

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
    """The hourly rate and the upfront payment spread evenly over the term. Of a savings plan: what an hour takes of
    the commitment."""
    as_of: date
    source: str
    confidence: Confidence
    note: str = ""

    @property
    def line(self) -> Line:
        return Line(self.region, self.instance_type, self.component)


def rates_of(offered: Offers, lines: Iterable[Line]) -> tuple[Rate, ...]:
    """Every way to buy an hour of each line; none of what is not known."""
    return tuple(rate for line in lines for rate in _of(offered, line))


def _of(offered: Offers, line: Line) -> Iterable[Rate]:
    try:
        found = offered.find(line.instance_type, line.region, BOUGHT)
    except NotFound:
        return ()
    return (_rate(offer) for offer in found if offer.component == line.component)


def _rate(offer: Offer) -> Rate:
    return Rate(**{name: getattr(offer, name) for name in Rate.__slots__})
