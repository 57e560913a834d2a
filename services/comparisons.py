"""The same workload under every way to pay: what a month costs by the hours used, and which is the cheapest when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.errors import InvalidRequest
from services.offer_rates import MANAGED_SPOT, ON_DEMAND, SPOT
from services.offers import HOURS_A_MONTH, Offer

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """What `count` instances cost in a month, bought one way: a straight line over the hours used."""

    offer: Offer
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise InvalidRequest(f"{self.count} instances are none", resource=self.offer.instance_type)

    @property
    def fixed_usd(self) -> Decimal:
        """Of a commitment: the whole month at its effective rate, used or not."""
        return self.offer.effective_usd_per_hour * HOURS_A_MONTH * self.count if self.offer.commits else ZERO

    @property
    def usd_per_hour(self) -> Decimal:
        """For each further hour used."""
        return ZERO if self.offer.commits else self.offer.usd_per_hour * self.count

    @property
    def may_be_interrupted(self) -> bool:
        """Whether AWS may take the capacity back."""
        return self.offer.purchase_option in (SPOT, MANAGED_SPOT)

    def month_usd(self, hours: Decimal | int) -> Decimal:
        """What a month costs in which each instance is used so many hours."""
        return self.fixed_usd + self.usd_per_hour * hours


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch of hours a month over which a line is the cheapest."""

    line: Line
    from_hours: Decimal
    to_hours: Decimal

    @property
    def from_utilisation(self) -> Decimal:
        """0 to 1, of all hours of a month."""
        return self.from_hours / HOURS_A_MONTH


@dataclass(frozen=True, slots=True)
class Flow:
    """What is paid in one month of a term, counted from 0, and up to its end."""

    month: int
    usd: Decimal
    total_usd: Decimal


def bands(lines: Sequence[Line], most_hours: int = HOURS_A_MONTH) -> tuple[Band, ...]:
    """Which line is the cheapest over which hours, from none to `most_hours`: their lower envelope. Of two that cost
    the same the first one counts."""
    if not lines:
        return ()
    at, end = ZERO, Decimal(most_hours)
    best = min(lines, key=lambda line: (line.fixed_usd, line.usd_per_hour))
    found = []
    while at < end:
        crossings = [
            (hours, line) for line in lines if (hours := _crossing(best, line)) is not None and at < hours < end
        ]
        if not crossings:
            break
        hours = min(crossing for crossing, _ in crossings)
        found.append(Band(best, at, hours))
        at, best = hours, min((line for each, line in crossings if each == hours), key=lambda line: line.usd_per_hour)
    return (*found, Band(best, at, end))


def break_even_hours(committed: Line, flexible: Line) -> Decimal | None:
    """From how many hours a month on a commitment costs less than paying for each hour; None when in no month."""
    if flexible.usd_per_hour == 0:
        return None
    hours = (committed.fixed_usd - flexible.fixed_usd) / flexible.usd_per_hour
    return hours if 0 <= hours <= HOURS_A_MONTH else None


def cash_flow(line: Line, hours: Decimal | int, months: int) -> tuple[Flow, ...]:
    """What is paid month by month: the upfront part at once and again with each new term, hourly parts as they come."""
    offer, total, flows = line.offer, ZERO, []
    term_months = offer.term_years * 12
    monthly = offer.usd_per_hour * line.count * (HOURS_A_MONTH if offer.commits else hours)
    for month in range(months):
        begins = term_months > 0 and month % term_months == 0
        paid = monthly + (offer.upfront_usd * line.count if begins else ZERO)
        total += paid
        flows.append(Flow(month, paid, total))
    return tuple(flows)


def premium(offers: Iterable[Offer]) -> dict[str, Decimal]:
    """SageMaker component → what it adds to EC2's on-demand rate for the same hardware in the same region, as a share;
    empty when EC2's is not among them."""
    listed = [offer for offer in offers if offer.purchase_option == ON_DEMAND]
    bare = next((offer.usd_per_hour for offer in listed if offer.service == "ec2"), None)
    if not bare:
        return {}
    return {offer.component: offer.usd_per_hour / bare - 1 for offer in listed if offer.service == "sagemaker"}


def _crossing(best: Line, other: Line) -> Decimal | None:
    """From how many hours on `other` is cheaper than `best`; None when never."""
    gained = best.usd_per_hour - other.usd_per_hour
    return (other.fixed_usd - best.fixed_usd) / gained if gained > 0 else None
