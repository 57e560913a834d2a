"""The offers of a comparison in numbers, a row each."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pages.ui import market_reads
from pages.ui.columns import Column, Kind
from services import comparisons
from services.comparisons import Line
from services.errors import DeckError
from services.offer_rates import ON_DEMAND
from services.offers import Offer


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One offer as the table shows it."""

    name: str
    line: Line
    month_usd: Decimal
    fixed_usd: Decimal
    usd_per_hour: Decimal
    upfront_usd: Decimal
    break_even: Decimal | None
    year_usd: Decimal
    three_years_usd: Decimal
    usd_per_gpu_hour: Decimal | None
    usd_per_tflop_hour: Decimal | None
    premium: float | None


COLUMNS = (
    Column("name", "compare.column_name", Kind.NAME),
    Column("month_usd", "compare.column_month", Kind.USD),
    Column("fixed_usd", "compare.column_fixed", Kind.USD),
    Column("usd_per_hour", "compare.column_hour", Kind.USD_PER_HOUR),
    Column("upfront_usd", "compare.column_upfront", Kind.USD),
    Column("year_usd", "compare.column_year", Kind.USD, help="compare.column_year_help"),
    Column("three_years_usd", "compare.column_three_years", Kind.USD, help="compare.column_year_help"),
    Column("break_even", "compare.column_break_even", Kind.NUMBER, help="compare.break_even_help"),
    Column("usd_per_gpu_hour", "compare.column_gpu", Kind.USD_PER_HOUR),
    Column("usd_per_tflop_hour", "compare.column_tflop", Kind.USD_PER_HOUR),
    Column("premium", "compare.column_premium", Kind.SHARE, help="compare.column_premium_help"),
)


def row_of(line: Line, name: str, hours: int, on_demand: Line | None) -> ComparedRow:
    """A line in numbers; its break-even is with `on_demand`, when that is compared."""
    offer = line.offer
    known = [one for one in (_listed(offer, "ec2"), _listed(offer, "sagemaker")) if one is not None]
    added = comparisons.premium(known).get(offer.component) if offer.component else None
    return ComparedRow(
        name,
        line,
        line.month_usd(hours),
        line.fixed_usd,
        line.usd_per_hour,
        offer.upfront_usd * line.count,
        comparisons.break_even_hours(line, on_demand) if on_demand and offer.commits else None,
        comparisons.cash_flow(line, hours, 12)[-1].total_usd,
        comparisons.cash_flow(line, hours, 36)[-1].total_usd,
        offer.usd_per_gpu_hour,
        offer.usd_per_tflop_hour,
        None if added is None else float(added),
    )


def _listed(offer: Offer, service: str) -> Offer | None:
    """The same hardware on demand, of EC2 or for the same use of SageMaker."""
    bare = offer.instance_type.removeprefix("ml.")
    name, component = (bare, "") if service == "ec2" else (f"ml.{bare}", offer.component)
    try:
        known = market_reads.all_offers().find(name, offer.region, (ON_DEMAND,))
    except DeckError:
        return None
    return next((one for one in known if one.component == component), None)


def telling(rows: Sequence[ComparedRow]) -> list[Column]:
    """The columns in which at least one of the offers has something."""
    return [column for column in COLUMNS if any(column.of(row) for row in rows)]
