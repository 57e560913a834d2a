"""What a mix costs on a usage, to the last digit: every hour filled in the order in which AWS applies commitments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.mix_models import Model
from services.offer_rates import RESERVED
from services.usages import Usage

HOURS_PER_MONTH = Decimal(730)
"""8,760 / 12, as in AWS's pricing calculator: a usage of more or fewer hours is scaled to it."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a line was paid in one way in a month. `usd` is, of a commitment, what this usage took of it."""

    line: int
    purchase_option: str
    instance_hours: Decimal
    usd: Decimal
    on_demand_usd: Decimal
    """What the same hours cost on demand."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """A month of 730 hours under a mix."""

    usd: Decimal
    """Commitments, used or not, spread over their term, and all that they do not cover."""
    on_demand_usd: Decimal
    """The same usage all on demand."""
    parts: tuple[Part, ...]
    used_usd: tuple[Decimal, ...]
    """What was used of each reservation and plan, in the order of the levels."""
    committed_usd: tuple[Decimal, ...]
    """What each of them costs, used or not."""
    by_hour: Mapping[tuple[Decimal, ...], Mapping[str, Decimal]]
    """An hour's counts → instances by purchase option, all lines together."""

    @property
    def saving_usd(self) -> Decimal:
        """Against all on demand; negative when the mix costs more."""
        return self.on_demand_usd - self.usd


def price(usage: Usage, model: Model, levels: Sequence[Decimal]) -> Pricing:
    """`levels` are whole instances of each reservable, then US dollars an hour of each plannable."""
    on_demand = _on_demand(model)
    totals: dict[tuple[int, str], list[Decimal]] = {}
    used = [ZERO] * len(levels)
    by_hour: dict[tuple[Decimal, ...], Mapping[str, Decimal]] = {}
    for counts, hours in usage.distinct().items():
        filled, taken = _fill(counts, model, levels)
        for at, usd in enumerate(taken):
            used[at] += usd * hours
        by_hour[counts] = _by_option(filled)
        for key, (count, usd) in filled.items():
            sums = totals.setdefault(key, [ZERO, ZERO])
            sums[0] += count * hours
            sums[1] += usd * hours
    a_month = HOURS_PER_MONTH / usage.hours
    parts = tuple(
        Part(line, option, count * a_month, usd * a_month, count * on_demand[line] * a_month)
        for (line, option), (count, usd) in sorted(totals.items())
    )
    committed = tuple(each * HOURS_PER_MONTH for each in _committed(model, levels))
    uncovered = sum((part.usd for part in parts if part.purchase_option in ("on_demand", "spot")), ZERO)
    return Pricing(
        usd=sum(committed, uncovered),
        on_demand_usd=sum((part.on_demand_usd for part in parts), ZERO),
        parts=parts,
        used_usd=tuple(each * a_month for each in used),
        committed_usd=committed,
        by_hour=by_hour,
    )


def _on_demand(model: Model) -> dict[int, Decimal]:
    return {item.at: item.on_demand_usd_per_hour for item in model.items}


def _committed(model: Model, levels: Sequence[Decimal]) -> list[Decimal]:
    """US dollars an hour of each level."""
    rates = [each.rate.effective_usd_per_hour for each in model.reservables]
    return [level * usd for level, usd in zip(levels, [*rates, *[Decimal(1)] * len(model.plannables)], strict=True)]


def _fill(
    counts: Sequence[Decimal], model: Model, levels: Sequence[Decimal]
) -> tuple[dict[tuple[int, str], tuple[Decimal, Decimal]], list[Decimal]]:
    """One hour: (line, purchase option) → instances and US dollars, and what is used of each level, in US dollars."""
    left = [counts[item.at] * item.share for item in model.items]
    filled: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}
    used: list[Decimal] = []

    def put(item: int, option: str, count: Decimal, usd: Decimal) -> None:
        if count:
            left[item] -= count
            before = filled.get((model.items[item].at, option), (ZERO, ZERO))
            filled[model.items[item].at, option] = (before[0] + count, before[1] + usd)

    for each, level in zip(model.reservables, levels, strict=False):
        open_, rate = level, each.rate.effective_usd_per_hour
        for item in each.items:
            count = min(open_, left[item])
            open_ -= count
            put(item, RESERVED, count, count * rate)
        used.append((level - open_) * rate)
    for plan, level in zip(model.plannables, levels[len(model.reservables) :], strict=True):
        open_ = level
        for item, rate in zip(plan.items, plan.usd_per_hour, strict=True):
            if not open_:
                break
            whole = left[item] * rate
            count, usd = (left[item], whole) if whole <= open_ else (open_ / rate, open_)
            open_ -= usd
            put(item, plan.purchase_option, count, usd)
        used.append(level - open_)
    for at, uncovered in enumerate(model.items):
        put(at, uncovered.rate.purchase_option, left[at], left[at] * uncovered.usd_per_hour)
    return filled, used


def _by_option(filled: Mapping[tuple[int, str], tuple[Decimal, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for (_, option), (count, _) in filled.items():
        sums[option] = sums.get(option, ZERO) + count
    return sums
