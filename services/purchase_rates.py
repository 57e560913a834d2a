"""Every way to buy an hour of what a usage counts, as one kind of row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.errors import NotFound
from services.figures import Confidence
from services.offers import Offer, Offers
from services.usages import Line

HOURS_PER_YEAR = 8_760
ON_DEMAND, SPOT, RESERVED = "on_demand", "spot", "reserved"
EC2_INSTANCE, COMPUTE, SAGEMAKER = "ec2_instance_savings_plan", "compute_savings_plan", "sagemaker_savings_plan"
SAVINGS_PLANS = (EC2_INSTANCE, COMPUTE, SAGEMAKER)
PURCHASE_OPTIONS = (ON_DEMAND, SPOT, RESERVED, *SAVINGS_PLANS)
PAYMENT_OPTIONS = ("no_upfront", "partial_upfront", "all_upfront")


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
    """Every way to buy an hour of each line; none of what is not known. Spot is EC2's alone: of managed spot training
    nobody publishes a rate."""
    return tuple(rate for line in lines for rate in _of(offered, line))


def _of(offered: Offers, line: Line) -> Iterable[Rate]:
    try:
        found = offered.find(line.instance_type, line.region, PURCHASE_OPTIONS)
    except NotFound:
        return ()
    return (_rate(offer) for offer in found if offer.component == line.component)


def _rate(offer: Offer) -> Rate:
    return Rate(**{name: getattr(offer, name) for name in Rate.__slots__})


def upfront_share(payment_option: str) -> Decimal:
    """The part of a Savings Plan's commitment that is paid at its start: all, half of it, or none.

    docs.aws.amazon.com/savingsplans/latest/userguide/sp-purchase-options.html
    """
    return {"all_upfront": Decimal(1), "partial_upfront": Decimal("0.5")}.get(payment_option, Decimal(0))
