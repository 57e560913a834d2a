"""FOCUS 1.0 and 1.2 exports, AWS's and others'.

focus.finops.org/focus-specification; docs.aws.amazon.com/cur/latest/userguide/table-dictionary-focus-1-0-aws.html
"""

from collections.abc import Mapping

from services.bills.cur import INSTANCE_TYPE
from services.bills.sagemaker_usage import COMPONENT, PART, service
from services.bills.sources import Columns, Format, literal

COST_EXPLORER = "Cost Explorer"
REQUIRED = (
    "BillingAccountId",
    "BilledCost",
    "EffectiveCost",
    "BillingCurrency",
    "BillingPeriodStart",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
)


def version(columns: Columns) -> str:
    """1.2 brought the invoice's id; what we made of Cost Explorer's answers says so."""
    if columns.find("x_Source"):
        return COST_EXPLORER
    return "FOCUS 1.2" if columns.find("InvoiceId") else "FOCUS 1.0"


def keep(columns: Columns) -> str:
    """SQL of which lines count: all of them."""
    return "TRUE"


def rules(columns: Columns) -> Mapping[str, str]:
    """As `Format.rules` has it."""
    text, number, time = columns.text, columns.number, columns.time
    return {
        "billing_period": f"date_trunc('month', {time('BillingPeriodStart')})::DATE",
        "charge_period_start": time("ChargePeriodStart"),
        "charge_period_end": time("ChargePeriodEnd"),
        "billing_account_id": text("BillingAccountId"),
        "sub_account_id": text("SubAccountId", "BillingAccountId"),
        "charge_category": text("ChargeCategory"),
        "line_item_type": "charge_category",
        "service_code": text("x_ServiceCode", "ServiceName"),
        "service_name": service(text("ServiceName")),
        "usage_type": text("x_UsageType", "SkuMeter"),
        "operation": text("x_Operation"),
        "charge_description": text("ChargeDescription"),
        "resource_id": text("ResourceId"),
        "region_id": text("RegionId"),
        "instance_type": f"nullif(regexp_extract(usage_type, {literal(INSTANCE_TYPE)}, 1), '')",
        "commitment_discount_id": text("CommitmentDiscountId"),
        "purchase_option": (
            f"CASE WHEN {text('CommitmentDiscountType')} ILIKE '%saving%' THEN 'savings_plan'"
            " WHEN commitment_discount_id IS NOT NULL THEN 'reserved' WHEN charge_category <> 'Usage' THEN NULL"
            f" WHEN {text('PricingCategory')} = 'Dynamic' THEN 'spot' ELSE 'on_demand' END"
        ),
        "component": COMPONENT,
        "part": PART,
        "commitment_discount_status": text("CommitmentDiscountStatus"),
        "pricing_unit": text("PricingUnit"),
        "consumed_quantity": f"coalesce({number('ConsumedQuantity')}, {number('PricingQuantity')})",
        "reserved_hours": "if(commitment_discount_id IS NOT NULL AND pricing_unit ILIKE 'h%', consumed_quantity, 0)",
        "unused_hours": "if(commitment_discount_status = 'Unused', reserved_hours, 0)",
        "billed": number("BilledCost"),
        "effective": number("EffectiveCost"),
        "listed": number("ListCost"),
        "billing_currency": text("BillingCurrency"),
    }


def _no_tag_columns(columns: Columns) -> Mapping[str, str]:
    return {}


FORMAT = Format(REQUIRED, version, rules, keep, _no_tag_columns, "Tags")
