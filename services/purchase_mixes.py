"""The mix of purchase options with the lowest cost for a month of hourly usage, and what it costs when usage drops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from services import mix_models, mix_pricings
from services.errors import InvalidRequest
from services.mix_models import Allowed, Model, Plannable, Reservable
from services.mix_pricings import HOURS_PER_MONTH, ZERO, Pricing
from services.offer_rates import HOURS_A_YEAR, RESERVED, upfront_share
from services.purchase_rates import Rate
from services.usages import Usage

COMMITMENT_STEP = Decimal("0.00001")
"""AWS takes a commitment with at most five digits after the decimal point, from 0.001 on."""
LEAST_COMMITMENT = Decimal("0.001")
DROP = Decimal("0.3")
"""How much usage drops in the what-if that every mix is shown with."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A reservation of so many instances, or a Savings Plan of so many dollars an hour."""

    purchase_option: str
    scope: str
    """The type and region that is reserved, the family and region of an EC2 Instance Savings Plan, else empty."""
    term_years: int
    payment_option: str
    offering_class: str
    quantity: Decimal
    """Instances, or US dollars an hour."""
    usd_per_hour: Decimal
    """With what was paid at the start spread evenly over the term."""
    upfront_usd: Decimal
    """Due at once."""
    used_share: Decimal
    """Of its cost, by the usage it was found for."""
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix and what it costs a month. `least_usd` is proven: no other mix of the same options costs less."""

    commitments: tuple[Commitment, ...]
    pricing: Pricing
    least_usd: Decimal
    model: Model
    levels: tuple[Decimal, ...]

    @property
    def upfront_usd(self) -> Decimal:
        return sum((each.upfront_usd for each in self.commitments), ZERO)

    @property
    def coverage_by_hours(self) -> Decimal:
        """The instance-hours that commitments cover, of all that are not spot; 0 to 1."""
        return _coverage([(part.purchase_option, part.instance_hours) for part in self.pricing.parts])

    @property
    def coverage_by_cost(self) -> Decimal:
        """The same, each hour weighed by its on-demand cost."""
        return _coverage([(part.purchase_option, part.on_demand_usd) for part in self.pricing.parts])

    @property
    def utilization_by_cost(self) -> Decimal | None:
        """What is used of all commitments, of what they cost; None without any."""
        committed = sum(self.pricing.committed_usd, ZERO)
        return sum(self.pricing.used_usd, ZERO) / committed if committed else None

    @property
    def utilization_by_hours(self) -> Decimal | None:
        """The reserved instance-hours that are used, of those bought; None without a reservation."""
        bought = sum((each.quantity for each in self.commitments if each.purchase_option == RESERVED), ZERO)
        used = sum((p.instance_hours for p in self.pricing.parts if p.purchase_option == RESERVED), ZERO)
        return used / (bought * HOURS_PER_MONTH) if bought else None


@dataclass(frozen=True, slots=True)
class Drop:
    """The same mix after usage dropped by a `share`, against the mix that would then have been the cheapest."""

    share: Decimal
    kept: Pricing
    best: Pricing

    @property
    def regret_usd(self) -> Decimal:
        """A month's dollars that the commitments cost over the best mix for the lower usage."""
        return self.kept.usd - self.best.usd


def find_mix(usage: Usage, rates: Iterable[Rate], allowed: Allowed) -> Mix:
    """The cheapest mix of what is `allowed`, to within a millionth of its cost or what `least_usd` says.

    Raises: NotFound when a line has no on-demand rate, InvalidRequest for a usage without hours or lines.
    """
    if not usage.lines or not any(any(hour) for hour in usage.counts):
        raise InvalidRequest("There is no usage to buy for.", resource="usage")
    model = mix_models.model(usage.lines, rates, allowed)
    levels, least_usd = _solve(usage, model)
    pricing = mix_pricings.price(usage, model, levels)
    return Mix(
        commitments=_commitments(model, levels, pricing),
        pricing=pricing,
        least_usd=min(Decimal(least_usd) * HOURS_PER_MONTH / usage.hours, pricing.usd),
        model=model,
        levels=levels,
    )


def drop(mix: Mix, usage: Usage, rates: Iterable[Rate], allowed: Allowed, share: Decimal = DROP) -> Drop:
    """What happens to the mix when every count of the usage it was found for falls by `share`."""
    lower = usage.times(1 - share)
    kept = mix_pricings.price(lower, mix.model, mix.levels)
    return Drop(share, kept, find_mix(lower, rates, allowed).pricing)


def _solve(usage: Usage, model: Model) -> tuple[tuple[Decimal, ...], float]:
    """Levels as AWS sells them, and the least cost of all hours."""
    # numpy and, in it, scipy: nothing else in the deck's start needs them.
    import numpy as np

    from services.mix_cuts import Cover, Problem
    from services.mix_solvers import solve

    distinct = usage.distinct()
    shares = np.array([float(item.share) for item in model.items])
    columns = [item.at for item in model.items]
    counts = np.array([[float(count) for count in hour] for hour in distinct])[:, columns] * shares
    covers = [
        Cover(np.array(each.items), np.ones(len(each.items)), float(each.rate.effective_usd_per_hour), whole=True)
        for each in model.reservables
    ] + [
        Cover(np.array(plan.items), np.array([float(usd) for usd in plan.usd_per_hour]), 1.0, whole=False)
        for plan in model.plannables
    ]
    usd = np.array([float(item.usd_per_hour) for item in model.items])
    found = solve(Problem(counts, np.array(list(distinct.values()), dtype=np.float64), usd, covers))
    levels = [_sold(level, cover_is_whole=cover.whole) for level, cover in zip(found.levels, covers, strict=True)]
    return tuple(levels), found.least_usd


def _sold(level: float, *, cover_is_whole: bool) -> Decimal:
    if cover_is_whole:
        return Decimal(round(level))
    commitment = Decimal(level).quantize(COMMITMENT_STEP, ROUND_HALF_EVEN)
    return commitment if commitment >= LEAST_COMMITMENT else ZERO


def _commitments(model: Model, levels: Sequence[Decimal], pricing: Pricing) -> tuple[Commitment, ...]:
    sold: list[Reservable | Plannable] = [*model.reservables, *model.plannables]
    return tuple(
        _commitment(each, level, used / committed)
        for each, level, used, committed in zip(sold, levels, pricing.used_usd, pricing.committed_usd, strict=True)
        if level
    )


def _commitment(sold: Reservable | Plannable, level: Decimal, used_share: Decimal) -> Commitment:
    if isinstance(sold, Reservable):
        rate = sold.rate
        return Commitment(
            RESERVED,
            f"{rate.instance_type} {rate.region}",
            rate.term_years,
            rate.payment_option,
            rate.offering_class,
            level,
            level * rate.effective_usd_per_hour,
            level * rate.upfront_usd,
            used_share,
            (rate,),
        )
    upfront = level * upfront_share(sold.payment_option) * HOURS_A_YEAR * sold.term_years
    region, family = sold.scope
    return Commitment(
        sold.purchase_option,
        f"{family} {region}".strip(),
        sold.term_years,
        sold.payment_option,
        "",
        level,
        level,
        upfront,
        used_share,
        sold.rates,
    )


def _coverage(parts: Sequence[tuple[str, Decimal]]) -> Decimal:
    firm = [(option, amount) for option, amount in parts if option != "spot"]
    total = sum((amount for _, amount in firm), ZERO)
    covered = sum((amount for option, amount in firm if option != "on_demand"), ZERO)
    return covered / total if total else ZERO
