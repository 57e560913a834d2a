"""Every way to buy an hour of an instance, as rows of one schema: of the shipped catalogue, an account or the user.

Where several know a rate, the user's own comes before the account's, and the account's before the catalogue's.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final

from services import figures

if TYPE_CHECKING:
    import pyarrow as pa

ON_DEMAND: Final = "on_demand"
SPOT: Final = "spot"
MANAGED_SPOT: Final = "managed_spot"
RESERVED: Final = "reserved"
EC2_INSTANCE_PLAN: Final = "ec2_instance_savings_plan"
COMPUTE_PLAN: Final = "compute_savings_plan"
SAGEMAKER_PLAN: Final = "sagemaker_savings_plan"
SAVINGS_PLANS: Final = (EC2_INSTANCE_PLAN, COMPUTE_PLAN, SAGEMAKER_PLAN)
PURCHASE_OPTIONS: Final = (ON_DEMAND, RESERVED, *SAVINGS_PLANS, SPOT, MANAGED_SPOT)
"""In the order in which they are shown and coloured: on-demand, reserved, savings plans, spot."""
PAYMENT_OPTIONS: Final = ("no_upfront", "partial_upfront", "all_upfront")
HOURS_A_YEAR: Final = 8_760
"""Of a year of a term: 365 days, also in a leap year."""

KEY: Final = (
    *("region", "service", "instance_type", "component"),
    *("purchase_option", "term_years", "payment_option", "offering_class"),
)
"""What tells one way to buy from another. `component`, `payment_option` and `offering_class` are empty and `term_years`
is 0 where there is none."""
COLUMNS: Final = (
    *KEY,
    *("usd_per_hour", "upfront_usd", "effective_usd_per_hour"),
    *("as_of", "source", "confidence", "note"),
)
"""Money is decimal text: `usd_per_hour` is paid each hour, `upfront_usd` once at the start, `effective_usd_per_hour` is
both over the term."""


def upfront_share(payment_option: str) -> Decimal:
    """The part of a Savings Plan's commitment that is paid at its start: all, half of it, or none.

    docs.aws.amazon.com/savingsplans/latest/userguide/sp-purchase-options.html
    """
    return {"all_upfront": Decimal(1), "partial_upfront": Decimal("0.5")}.get(payment_option, Decimal(0))


MANAGED_SPOT_NOTE: Final = "the training rate x EC2's spot over its on-demand rate: SageMaker publishes none"


@dataclass(frozen=True, slots=True)
class Layer:
    """One table of rates; what comes earlier in a list of them wins."""

    name: str
    """own, account or catalogue."""
    rates: "pa.Table"


@cache
def catalogue() -> "pa.Table":
    """The shipped figures, all regions and purchase options: about 65,000 rows in the columns of this module.

    Savings Plans and managed spot are assumptions, and marked so.
    """
    import duckdb
    import pyarrow as pa

    with duckdb.connect() as database:
        for name in ("ec2_prices", "sagemaker_prices", "savings_plan_rates"):
            path = str(figures.FOLDER / f"{name}.parquet")
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")  # noqa: S608 - our own path
        found = database.sql(_CATALOGUE, params={"note": MANAGED_SPOT_NOTE}).to_arrow_table()
    return found.set_column(5, "term_years", found["term_years"].cast(pa.int8()))


_CATALOGUE = """
SELECT region, 'ec2' AS service, instance_type, '' AS component, purchase_option,
    coalesce(term_years, 0)::TINYINT AS term_years, coalesce(payment_option, '') AS payment_option,
    coalesce(offering_class, '') AS offering_class, usd_per_hour, upfront_usd, effective_usd_per_hour,
    as_of, source, confidence, coalesce(note, '') AS note
FROM ec2_prices
UNION ALL
SELECT region, 'sagemaker', instance_type, component, 'on_demand', 0, '', '', usd_per_hour, '0', usd_per_hour,
    as_of, source, confidence, coalesce(note, '')
FROM sagemaker_prices
UNION ALL
SELECT region, if(component IS NULL, 'ec2', 'sagemaker'), instance_type, coalesce(component, ''),
    plan_type || '_savings_plan', term_years, payment_option, '',
    CASE payment_option WHEN 'no_upfront' THEN usd_per_hour WHEN 'all_upfront' THEN '0'
        ELSE (usd_per_hour::DECIMAL(18, 9) / 2)::DECIMAL(18, 9)::VARCHAR END,
    CASE payment_option WHEN 'no_upfront' THEN '0' WHEN 'all_upfront' THEN
        (usd_per_hour::DECIMAL(18, 9) * 8760 * term_years)::DECIMAL(18, 2)::VARCHAR
        ELSE (usd_per_hour::DECIMAL(18, 9) * 4380 * term_years)::DECIMAL(18, 2)::VARCHAR END,
    usd_per_hour, as_of, source, confidence, coalesce(note, '')
FROM savings_plan_rates
UNION ALL
SELECT training.region, 'sagemaker', training.instance_type, 'training', 'managed_spot', 0, '', '',
    rate::VARCHAR, '0', rate::VARCHAR, least(training.as_of, spot.as_of), spot.source, 'assumption', $note
FROM sagemaker_prices AS training
JOIN ec2_prices AS spot ON spot.region = training.region AND 'ml.' || spot.instance_type = training.instance_type
    AND spot.purchase_option = 'spot'
JOIN ec2_prices AS listed ON listed.region = spot.region AND listed.instance_type = spot.instance_type
    AND listed.purchase_option = 'on_demand',
LATERAL (SELECT (training.usd_per_hour::DOUBLE
    * least(spot.usd_per_hour::DOUBLE / listed.usd_per_hour::DOUBLE, 1))::DECIMAL(18, 6) AS rate)
WHERE training.component = 'training'
"""
