"""What a mix may be made of: a usage's lines and every way to pay for them that could be part of the cheapest mix.

A reservation covers whole instances of its type in its region, each hour, used or not; its size flexibility within a
family is left out, so that a mix can only turn out cheaper. A Savings Plan is dollars an hour at plan rates, taken by
the usage on which it saves the highest percentage first: docs.aws.amazon.com/savingsplans/latest/userguide/
sp-applying.html. Reservations are applied before EC2 Instance Savings Plans, those before Compute ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.errors import InvalidRequest, NotFound
from services.offer_rates import EC2_INSTANCE_PLAN, ON_DEMAND, PAYMENT_OPTIONS, RESERVED, SAVINGS_PLANS, SPOT
from services.purchase_rates import Rate
from services.usages import Line

ONE = Decimal(1)
OFFERING_CLASSES = frozenset({"standard", "convertible"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user is ready for."""

    purchase_options: frozenset[str] = frozenset({RESERVED, *SAVINGS_PLANS})
    """Beside on-demand, which there always is."""
    longest_term_years: int = 1
    payment_options: frozenset[str] = frozenset(PAYMENT_OPTIONS)
    offering_classes: frozenset[str] = OFFERING_CLASSES
    interruptible_share: Decimal = Decimal(0)
    """The part of each hour's EC2 usage that bears being interrupted, 0 to 1."""
    spot_overhead: Decimal = Decimal("0.05")
    """Hours that interruptions cost over the hours of work: an assumption of the user's."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line's firm or interruptible share, and what an hour of it costs that no commitment covers."""

    at: int
    """Which line of the usage."""
    share: Decimal
    usd_per_hour: Decimal
    rate: Rate
    """On demand, or spot."""
    on_demand_usd_per_hour: Decimal


@dataclass(frozen=True, slots=True)
class Reservable:
    """One way to reserve a line; `items` are those it covers, the dearest first."""

    rate: Rate
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plannable:
    """One Savings Plan: `items` are those it covers, the highest saving first, each at its rate."""

    purchase_option: str
    scope: tuple[str, str]
    """Region and family of an EC2 Instance Savings Plan, empty texts of the others."""
    term_years: int
    payment_option: str
    items: tuple[int, ...]
    usd_per_hour: tuple[Decimal, ...]
    rates: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """All that the cheapest mix can be made of."""

    items: tuple[Item, ...]
    reservables: tuple[Reservable, ...]
    plannables: tuple[Plannable, ...]
    """In the order in which AWS applies them."""


def model(lines: Sequence[Line], rates: Iterable[Rate], allowed: Allowed) -> Model:
    """The options that are allowed, without those that another one beats whatever is used.

    Raises: NotFound when a line has no on-demand rate, InvalidRequest for shares that are none.
    """
    if not (0 <= allowed.interruptible_share <= 1 and allowed.spot_overhead >= 0):
        raise InvalidRequest("An interruptible share is from 0 to 1 and an overhead not negative.", resource="spot")
    of_line: dict[Line, list[Rate]] = {}
    for rate in rates:
        of_line.setdefault(rate.line, []).append(rate)
    items = tuple(item for at, line in enumerate(lines) for item in _items(at, line, of_line.get(line, ()), allowed))
    open_rates = [(at, rate) for at, line in enumerate(lines) for rate in of_line.get(line, ()) if _may(rate, allowed)]
    plannables = _plannables(items, [(at, rate) for at, rate in open_rates if rate.purchase_option in SAVINGS_PLANS])
    reserved = [(at, rate) for at, rate in open_rates if rate.purchase_option == RESERVED]
    return Model(items, _reservables(items, reserved, plannables), plannables)


def _may(rate: Rate, allowed: Allowed) -> bool:
    return (
        rate.purchase_option in allowed.purchase_options
        and rate.term_years <= allowed.longest_term_years
        and rate.payment_option in allowed.payment_options
        and (rate.purchase_option != RESERVED or rate.offering_class in allowed.offering_classes)
    )


def _items(at: int, line: Line, rates: Sequence[Rate], allowed: Allowed) -> list[Item]:
    listed = {rate.purchase_option: rate for rate in rates if rate.purchase_option in (ON_DEMAND, SPOT)}
    if ON_DEMAND not in listed:
        raise NotFound(
            f"There is no on-demand rate of {line.instance_type} {line.component}".rstrip() + f" in {line.region}.",
            resource=line.instance_type,
            remedy="Choose another instance type or region.",
        )
    on_demand, spot, share = listed[ON_DEMAND], listed.get(SPOT), allowed.interruptible_share
    usd = on_demand.effective_usd_per_hour
    if spot is None or not share or spot.effective_usd_per_hour * (1 + allowed.spot_overhead) >= usd:
        return [Item(at, ONE, usd, on_demand, usd)]
    cheap = Item(at, share, spot.effective_usd_per_hour * (1 + allowed.spot_overhead), spot, usd)
    return [cheap] if share == ONE else [Item(at, ONE - share, usd, on_demand, usd), cheap]


def _reservables(
    items: Sequence[Item], reserved: Sequence[tuple[int, Rate]], plannables: Sequence[Plannable]
) -> tuple[Reservable, ...]:
    """Of each line the lowest rate: all cover the same. None where an EC2 Instance Savings Plan costs no more, which
    covers all that the reservation would."""
    planned = {
        items[item].at: usd
        for plan in plannables
        if plan.purchase_option == EC2_INSTANCE_PLAN
        for item, usd in zip(plan.items, plan.usd_per_hour, strict=True)
    }
    best: dict[int, Rate] = {}
    for at, rate in sorted(reserved, key=lambda each: _preference(each[1])):
        if at not in best or rate.effective_usd_per_hour < best[at].effective_usd_per_hour:
            best[at] = rate
    found = []
    for at, rate in best.items():
        covered = sorted((i for i, item in enumerate(items) if item.at == at), key=lambda i: -items[i].usd_per_hour)
        usd = rate.effective_usd_per_hour
        if usd < items[covered[0]].usd_per_hour and usd < planned.get(at, usd + 1):
            found.append(Reservable(rate, tuple(covered)))
    return tuple(found)


def _plannables(items: Sequence[Item], rates: Sequence[tuple[int, Rate]]) -> tuple[Plannable, ...]:
    offered: dict[tuple[str, tuple[str, str]], dict[tuple[int, str], dict[int, Rate]]] = {}
    for at, rate in sorted(rates, key=lambda each: _preference(each[1])):
        scope = (rate.region, rate.line.family) if rate.purchase_option == EC2_INSTANCE_PLAN else ("", "")
        terms = offered.setdefault((rate.purchase_option, scope), {})
        terms.setdefault((rate.term_years, rate.payment_option), {})[at] = rate
    ordered = sorted(offered, key=lambda key: (SAVINGS_PLANS.index(key[0]), key[1]))
    plans = (
        _plan(items, key, term, at_rates) for key in ordered for term, at_rates in _undominated(offered[key]).items()
    )
    return tuple(plan for plan in plans if plan is not None)


def _preference(rate: Rate) -> tuple[int, int, str]:
    """Of two that cost the same: the shorter term, then the less at once."""
    return rate.term_years, PAYMENT_OPTIONS.index(rate.payment_option), rate.offering_class


Terms = Mapping[tuple[int, str], Mapping[int, Rate]]


def _undominated(terms: Terms) -> Terms:
    kept: dict[tuple[int, str], Mapping[int, Rate]] = {}
    for term, rates in terms.items():
        if not any(_beats(other, rates) for other in kept.values()):
            kept = {each: other for each, other in kept.items() if not _beats(rates, other)} | {term: rates}
    return kept


def _beats(one: Mapping[int, Rate], other: Mapping[int, Rate]) -> bool:
    """Whether `one` covers all that `other` does, at no higher rates."""
    return all(
        at in one and one[at].effective_usd_per_hour <= rate.effective_usd_per_hour for at, rate in other.items()
    )


def _plan(
    items: Sequence[Item], key: tuple[str, tuple[str, str]], term: tuple[int, str], rates: Mapping[int, Rate]
) -> Plannable | None:
    """None for one that never saves anything. What is cheaper on demand no plan covers: AWS has no such rate, but
    figures of different days do."""
    known = {i: rates[item.at].effective_usd_per_hour for i, item in enumerate(items) if item.at in rates}
    usd = {i: rate for i, rate in known.items() if rate < items[i].on_demand_usd_per_hour}
    ranked = sorted(usd, key=lambda i: (-items[i].usd_per_hour / usd[i], usd[i], i))
    if not ranked or items[ranked[0]].usd_per_hour <= usd[ranked[0]]:
        return None
    return Plannable(*key, *term, tuple(ranked), tuple(usd[i] for i in ranked), tuple(rates.values()))
