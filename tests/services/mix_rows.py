"""Rates and usages for tests of purchase mixes, and the cheapest mix found another way: all of it as one program."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog

from services.figures import Confidence
from services.mix_models import Model
from services.offer_rates import HOURS_A_YEAR, ON_DEMAND, upfront_share
from services.purchase_rates import Rate as Rate
from services.usages import Line, Usage

START = datetime(2026, 11, 2, tzinfo=UTC)
REGION = "ap-northeast-2"
M5 = Line(REGION, "m5.large")
M5X = Line(REGION, "m5.xlarge")
G5 = Line(REGION, "g5.xlarge")
ML = Line(REGION, "ml.g5.xlarge", "training")


def rate(line: Line, option: str, usd: str | Decimal, **terms: Any) -> Rate:
    """A listed rate; a commitment is for a year without upfront, unless `terms` says otherwise."""
    commits = option not in (ON_DEMAND, "spot")
    years, payment = terms.get("term_years", int(commits)), terms.get("payment_option", "no_upfront" if commits else "")
    effective, share = Decimal(usd), upfront_share(payment)
    return Rate(
        region=line.region,
        service=line.service,
        instance_type=line.instance_type,
        component=line.component,
        purchase_option=option,
        term_years=years,
        payment_option=payment,
        offering_class=terms.get("offering_class", "standard" if option == "reserved" else ""),
        usd_per_hour=effective * (1 - share),
        upfront_usd=effective * share * HOURS_A_YEAR * years,
        effective_usd_per_hour=effective,
        as_of=date(2026, 1, 1),
        source="test",
        confidence=Confidence.LISTED,
    )


def usage(lines: Sequence[Line], *hours: Sequence[int | str]) -> Usage:
    return Usage(START, tuple(lines), tuple(tuple(Decimal(count) for count in hour) for hour in hours))


def cheapest(used: Usage, model: Model) -> float:
    """US dollars of all hours: every number of reservations tried, and for each one linear program with an allocation
    for every hour, item and plan."""
    counts = np.array([[float(hour[item.at] * item.share) for item in model.items] for hour in used.counts])
    most = [int(np.ceil(counts[:, list(each.items)].sum(1).max())) for each in model.reservables]
    return min(_allocated(counts, model, numbers) for numbers in product(*(range(top + 1) for top in most)))


def _allocated(counts: Any, model: Model, numbers: Sequence[int]) -> float:
    hours, items = counts.shape
    ways = [(k, i, 1.0) for k, each in enumerate(model.reservables) for i in each.items] + [
        (len(numbers) + k, i, float(usd))
        for k, plan in enumerate(model.plannables)
        for i, usd in zip(plan.items, plan.usd_per_hour, strict=True)
    ]
    plans, covers = len(model.plannables), len(numbers) + len(model.plannables)
    cells = [(hour, *way) for hour in range(hours) for way in ways]
    values = [float(item.usd_per_hour) for item in model.items]
    rows = np.zeros((hours * items + hours * covers, len(cells) + plans))
    limits = np.concatenate([counts.ravel(), np.tile([*map(float, numbers), *[0.0] * plans], hours)])
    for column, (hour, cover, item, take) in enumerate(cells):
        rows[hour * items + item, column] = 1
        rows[hours * items + hour * covers + cover, column] = take
    for hour, plan in product(range(hours), range(plans)):
        rows[hours * items + hour * covers + len(numbers) + plan, len(cells) + plan] = -1
    gains = [-values[item] for _, _, item, _ in cells]
    reserved: float = sum(
        number * float(each.rate.effective_usd_per_hour) * hours
        for number, each in zip(numbers, model.reservables, strict=True)
    )
    all_uncovered: float = float((counts * values).sum())
    if not cells:
        return all_uncovered + reserved
    found = linprog([*gains, *[float(hours)] * plans], A_ub=rows, b_ub=limits, method="highs")
    return float(found.fun) + all_uncovered + reserved
