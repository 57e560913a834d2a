"""Savings Plans rates: nobody publishes a table of them, so each is a stated rule on a figure that is, and says so."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from data.compile.scope import ASSUMPTION
from data.compile.tables import Row, money

PLANS: Final = {"standard": "ec2_instance", "convertible": "compute"}
"""The reserved offering class whose effective rate a plan is taken to have: AWS offers an EC2 Instance Savings Plan as
low as standard reserved instances are, a Compute one as convertible ones. aws.amazon.com/savingsplans/compute-pricing
"""

SAGEMAKER_SHARE: Final = Decimal("0.69")
"""Of on-demand, paid by a one-year partial upfront SageMaker plan: the one published sample, 31 % below on-demand."""
OVER_PARTIAL: Final = {
    "no_upfront": Decimal("1.05"),
    "partial_upfront": Decimal(1),
    "all_upfront": Decimal("1.05") * Decimal("0.9333"),
}
"""What another payment costs over partial upfront, as measured on one-year reserved instances."""

MICRO: Final = Decimal("0.000001")


def savings_plan_rates(ec2: Iterable[Row], sagemaker: Iterable[Row]) -> list[Row]:
    """An hour's rate under each plan, term and payment, of everything in the compiled price tables that a plan covers.

    SageMaker plans are known by one sample of a one-year term: of three years there is no rate. EC2 plans leave out
    what the reserved rates leave out, and say of a doubtful rate that it is.
    """
    reserved = [row for row in ec2 if row["purchase_option"] == "reserved"]
    covered = [row for row in sagemaker if row["component"] != "training_plan"]
    return [_of_reserved(row) for row in reserved] + [
        _of_sample(row, payment, factor) for row in covered for payment, factor in OVER_PARTIAL.items()
    ]


def _of_reserved(row: Mapping[str, object]) -> Row:
    doubt = f"; {row['note']}" if row["confidence"] == "doubtful" and row["note"] else ""
    return {
        **row,
        "plan_type": PLANS[str(row["offering_class"])],
        "component": None,
        "usd_per_hour": row["effective_usd_per_hour"],
        "note": f"the effective rate of {row['offering_class']} reserved instances of the same term and payment{doubt}",
        "confidence": ASSUMPTION,
    }


def _of_sample(row: Mapping[str, object], payment: str, factor: Decimal) -> Row:
    share = (SAGEMAKER_SHARE * factor).quantize(Decimal("0.0001"))
    return {
        **row,
        "plan_type": "sagemaker",
        "term_years": 1,
        "payment_option": payment,
        "usd_per_hour": money((Decimal(str(row["usd_per_hour"])) * share).quantize(MICRO)),
        "note": f"on-demand x {share}, after the one published sample (one year, partial upfront: 31 % off)",
        "confidence": ASSUMPTION,
    }
