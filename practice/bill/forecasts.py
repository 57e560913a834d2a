"""Cost Explorer's forecast, by a plain method of our own: AWS does not publish its model.

Each day to come costs the mean of the last whole days, seven at most, whichever day of the week it is. Days are taken
to be independent: a stretch of n days lies within z · s · √n of its mean, with s the standard deviation of those days
and z the normal quantile of the asked level. docs.aws.amazon.com/aws-cost-management/latest/APIReference/
API_GetCostForecast.html
"""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import NormalDist, mean, stdev

from practice.bill.dimensions import condition
from practice.bill.intervals import Interval, midnight, read_interval, shown, unavailable
from practice.bill.lines import charges, sums
from practice.bill.metrics import text
from practice.bill.periods import bounds
from practice.borrowed import birth
from practice.errors import validation_error
from practice.operations import Context, Reply, Request, operation

DAYS = 7
"""How far back the mean looks."""
MOST = {"DAILY": timedelta(days=93), "MONTHLY": timedelta(days=550)}
"""How far ahead a forecast may go: three months, and eighteen."""
METRICS = ("AMORTIZED_COST", "BLENDED_COST", "NET_AMORTIZED_COST", "NET_UNBLENDED_COST", "UNBLENDED_COST")


@operation("ce", "GetCostForecast", live=True)
def get_cost_forecast(context: Context, request: Request) -> Reply:
    now, granularity = context.world.clock.now(), request["Granularity"]
    interval = _to_come(request, now)
    days = _past_days(context, request, now)
    middle, spread = mean(days), stdev(days) if len(days) > 1 else Decimal(0)
    level = request.get("PredictionIntervalLevel")
    margin = spread * Decimal(NormalDist().inv_cdf((1 + level / 100) / 2)) if level else None
    results = [
        {"TimePeriod": shown(start, end), **_expected((end - start).days, middle, margin)}
        for start, end in pairwise(bounds(interval.start, interval.end, granularity))
    ]
    total = middle * (interval.end - interval.start).days
    return {"Total": {"Amount": text(total), "Unit": "USD"}, "ForecastResultsByTime": results}


def _expected(days: int, middle: Decimal, margin: Decimal | None) -> dict[str, str]:
    """Of so many days; `margin` is one day's."""
    value = middle * days
    if margin is None:
        return {"MeanValue": text(value)}
    away = margin * Decimal(days).sqrt()
    return {
        "MeanValue": text(value),
        "PredictionIntervalLowerBound": text(max(value - away, Decimal(0))),
        "PredictionIntervalUpperBound": text(value + away),
    }


def _to_come(request: Request, now: datetime) -> Interval:
    """Raises ServiceError ValidationException."""
    granularity, metric = request["Granularity"], request["Metric"]
    if granularity not in MOST:
        raise validation_error("GetCostForecast supports only DAILY and MONTHLY granularities.")
    if metric not in METRICS:
        raise validation_error(f"Invalid metric {metric}. Valid metrics are {', '.join(METRICS)}.")
    found = read_interval(request)
    if found.start < midnight(now):
        raise validation_error(f"Start date {found.start:%Y-%m-%d} is in the past: a forecast begins today or later.")
    if found.end - midnight(now) > MOST[granularity]:
        raise validation_error(f"End date {found.end:%Y-%m-%d} is too far ahead for {granularity} granularity.")
    return found


def _past_days(context: Context, request: Request, now: datetime) -> list[Decimal]:
    """US dollars of each of the last whole days of the account. Raises ServiceError DataUnavailableException."""
    today, began = midnight(now), birth.moment()
    first = max(today - timedelta(days=DAYS), midnight(began) + timedelta(days=midnight(began) != began))
    if first >= today:
        raise unavailable("Insufficient amount of historical data to generate a forecast.")
    wanted = condition(request.get("Filter"))
    between = bounds(first, today, "DAILY")
    meant = (charge for charge in charges(context.world, now) if wanted(charge[0]))
    costs = [Decimal(0)] * (len(between) - 1)
    for usage_type, amounts in sums(meant, between, lambda about: about.usage_type).items():
        for day, amount in enumerate(amounts):
            costs[day] += usage_type.cost(amount)
    return costs
