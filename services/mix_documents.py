"""A mix as what one takes away: JSON, and the commands and console pages with which its owner buys it.

Nothing here is sent. The options of the commands are the members of the operations, as botocore's models have them.
"""

import json
import shlex
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.mix_pricings import Pricing
from services.offer_rates import COMPUTE_PLAN, EC2_INSTANCE_PLAN, HOURS_A_YEAR, RESERVED, SAGEMAKER_PLAN
from services.purchase_mixes import Commitment, Drop, Mix
from services.purchase_rates import Rate
from services.usages import Usage

PLAN_TYPES = {EC2_INSTANCE_PLAN: "EC2Instance", COMPUTE_PLAN: "Compute", SAGEMAKER_PLAN: "SageMaker"}
PAYMENTS = {"no_upfront": "No Upfront", "partial_upfront": "Partial Upfront", "all_upfront": "All Upfront"}
SAVINGS_PLANS_CONSOLE = "https://console.aws.amazon.com/costmanagement/home#/savings-plans/purchase"
SAVINGS_PLANS_REGION = "us-east-1"
"""The one region that answers for all Savings Plans of an account."""
CENT = Decimal("0.01")


def commands(commitment: Commitment) -> tuple[str, str]:
    """What looks for the offering, and what buys it once its id is filled in: AWS CLI lines for its owner to run."""
    seconds = commitment.term_years * HOURS_A_YEAR * 3600
    payment = PAYMENTS[commitment.payment_option]
    if commitment.purchase_option == RESERVED:
        return _reservation(commitment, seconds, payment)
    found = {
        "region": SAVINGS_PLANS_REGION,
        "plan-types": PLAN_TYPES[commitment.purchase_option],
        "payment-options": payment,
        "durations": str(seconds),
        "currencies": "USD",
    }
    filters = ""
    if commitment.purchase_option == EC2_INSTANCE_PLAN:
        family, region = commitment.scope.split()
        filters = f" --filters name=region,values={region} name=instanceFamily,values={family}"
    bought = {
        "region": SAVINGS_PLANS_REGION,
        "savings-plan-offering-id": "OFFERING_ID",
        "commitment": f"{commitment.quantity.normalize():f}",
    }
    if commitment.payment_option == "partial_upfront":
        bought["upfront-payment-amount"] = str(commitment.upfront_usd.quantize(CENT))
    return (
        _line("savingsplans describe-savings-plans-offerings", found) + filters,
        _line("savingsplans create-savings-plan", bought),
    )


def _reservation(commitment: Commitment, seconds: int, payment: str) -> tuple[str, str]:
    instance_type, region = commitment.scope.split()
    found = {
        "region": region,
        "instance-type": instance_type,
        "offering-class": commitment.offering_class,
        "offering-type": payment,
        "product-description": "Linux/UNIX",
        "instance-tenancy": "default",
        "min-duration": str(seconds),
        "max-duration": str(seconds),
    }
    bought = {
        "region": region,
        "reserved-instances-offering-id": "OFFERING_ID",
        "instance-count": str(commitment.quantity),
    }
    return (
        _line("ec2 describe-reserved-instances-offerings", found)
        + " --no-include-marketplace --filters Name=scope,Values=Region",
        _line("ec2 purchase-reserved-instances-offering", bought),
    )


def _line(operation: str, options: Mapping[str, str]) -> str:
    return " ".join([f"aws {operation}", *(f"--{name} {shlex.quote(value)}" for name, value in options.items())])


def console_address(commitment: Commitment) -> str:
    """Where it is bought in the AWS console."""
    if commitment.purchase_option != RESERVED:
        return SAVINGS_PLANS_CONSOLE
    region = commitment.scope.split()[1]
    return f"https://{region}.console.aws.amazon.com/ec2/home?region={region}#ReservedInstances:"


def as_json(mix: Mix, lower: Drop, usage: Usage) -> str:
    """The mix with what it rests on; money is decimal text, nothing rounded."""
    said = {
        "usage": {
            "from": usage.start.isoformat(),
            "hours": usage.hours,
            "lines": [
                {"region": line.region, "instance_type": line.instance_type, "component": line.component}
                | {"instance_hours": str(hours)}
                for line, hours in zip(usage.lines, usage.instance_hours(), strict=True)
            ],
        },
        "month_hours": 730,
        "commitments": [_commitment(each) for each in mix.commitments],
        "month": _pricing(mix.pricing),
        "least_possible_usd": str(mix.least_usd),
        "upfront_usd": str(mix.upfront_usd),
        "when_usage_drops": {
            "share": str(lower.share),
            "kept": _pricing(lower.kept),
            "regret_usd": str(lower.regret_usd),
        },
    }
    return json.dumps(said, indent=2)


def _commitment(each: Commitment) -> Mapping[str, Any]:
    find, buy = commands(each)
    return {
        "purchase_option": each.purchase_option,
        "scope": each.scope,
        "term_years": each.term_years,
        "payment_option": each.payment_option,
        "offering_class": each.offering_class,
        "quantity": str(each.quantity),
        "usd_per_hour": str(each.usd_per_hour),
        "upfront_usd": str(each.upfront_usd),
        "used_share_of_cost": str(each.used_share),
        "rates": [_rate(rate) for rate in each.rates],
        "commands": [find, buy],
    }


def _rate(rate: Rate) -> Mapping[str, Any]:
    return {
        "instance_type": rate.instance_type,
        "component": rate.component,
        "effective_usd_per_hour": str(rate.effective_usd_per_hour),
        "as_of": rate.as_of.isoformat(),
        "source": rate.source,
        "confidence": str(rate.confidence),
        "note": rate.note,
    }


def _pricing(pricing: Pricing) -> Mapping[str, str]:
    return {
        "usd": str(pricing.usd),
        "on_demand_usd": str(pricing.on_demand_usd),
        "saving_usd": str(pricing.saving_usd),
    }
