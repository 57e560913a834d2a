"""Cost and Usage Reports, legacy and 2.0, by AWS's rules for them.

docs.aws.amazon.com/cur/latest/userguide/table-dictionary-cur2.html; amortised cost as AWS reckons it in
docs.aws.amazon.com/cur/latest/userguide/amortized-reservation.html and …/cur-sp.html
"""

import re
from collections.abc import Mapping

from services.bills.sagemaker_usage import COMPONENT, PART, service
from services.bills.sources import Columns, Format, literal

REQUIRED = (
    "bill_payer_account_id",
    "bill_billing_period_start_date",
    "line_item_usage_start_date",
    "line_item_usage_end_date",
    "line_item_line_item_type",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_unblended_cost",
    "line_item_currency_code",
)

INSTANCE_TYPE = r"((?:(?:ml|db|cache|dms)\.)?(?:u-[0-9]+)?[a-z]+[0-9][a-z0-9-]*\.[a-z0-9-]+)$"
"""At the end of a usage type, as in `APN2-SpotUsage:c5.large` and `APN2-Studio:JupyterLab-ml.t3.medium`."""

POD_OPERATIONS = ("EKSPod-EC2", "ECSTask-EC2")
"""Lines that split an instance's cost again among what ran on it."""

_CATEGORIES = {
    "Purchase": ("Fee", "RIFee", "SavingsPlanUpfrontFee", "SavingsPlanRecurringFee"),
    "Tax": ("Tax",),
    "Credit": ("Credit",),
    "Adjustment": ("Refund", "Discount", "BundledDiscount", "EdpDiscount", "PrivateRateDiscount", "RiVolumeDiscount"),
}
_TAG_COLUMN = re.compile(r"^(?:resourceTags/|resource_tags_)(.+)$")


def version(columns: Columns) -> str:
    """CUR 2.0 keeps tags in a map, the legacy report in a column each."""
    return "CUR 2.0" if columns.find("resource_tags") or columns.find("bill_payer_account_name") else "legacy CUR"


def tag_columns(columns: Columns) -> dict[str, str]:
    """Tag key → its column in the file; of the legacy report."""
    return {found[1]: name for name in columns.types if (found := _TAG_COLUMN.match(name))}


def keep(columns: Columns) -> str:
    """SQL of which lines count."""
    names = ", ".join(literal(each) for each in POD_OPERATIONS)
    return f"coalesce({columns.text('line_item_operation')}, '') NOT IN ({names})"


def rules(columns: Columns) -> Mapping[str, str]:
    """As `Format.rules` has it."""
    text, number, time = columns.text, columns.number, columns.time
    upfront = number("reservation_unused_amortized_upfront_fee_for_billing_period")
    return {
        "billing_period": f"date_trunc('month', {time('bill_billing_period_start_date')})::DATE",
        "charge_period_start": time("line_item_usage_start_date"),
        "charge_period_end": time("line_item_usage_end_date"),
        "billing_account_id": text("bill_payer_account_id"),
        "sub_account_id": text("line_item_usage_account_id"),
        "line_item_type": text("line_item_line_item_type"),
        "charge_category": _category(),
        "service_code": text("line_item_product_code"),
        "service_name": service(
            f"coalesce({text('product_product_name')}, {columns.entry('product', 'product_name')})"
        ),
        "usage_type": text("line_item_usage_type"),
        "operation": text("line_item_operation"),
        "charge_description": text("line_item_line_item_description"),
        "resource_id": text("line_item_resource_id"),
        "region_id": text("product_region_code", "product_region"),
        "instance_type": (
            f"coalesce({text('product_instance_type')},"
            f" nullif(regexp_extract(usage_type, {literal(INSTANCE_TYPE)}, 1), ''))"
        ),
        "plan_arn": text("savings_plan_savings_plan_a_r_n"),
        "reservation_arn": text("reservation_reservation_a_r_n"),
        "purchase_option": _purchase_option(),
        "component": COMPONENT,
        "part": PART,
        "commitment_discount_id": "coalesce(plan_arn, reservation_arn)",
        "commitment_discount_status": (
            "CASE WHEN line_item_type IN ('DiscountedUsage', 'SavingsPlanCoveredUsage') THEN 'Used'"
            " WHEN line_item_type IN ('RIFee', 'SavingsPlanRecurringFee') THEN 'Unused' END"
        ),
        "pricing_unit": text("pricing_unit"),
        "consumed_quantity": number("line_item_usage_amount"),
        "reserved_hours": f"if(line_item_type = 'RIFee', {number('line_item_usage_amount')}, 0)",
        "unused_hours": number("reservation_unused_quantity"),
        "billed": number("line_item_unblended_cost"),
        "effective": (
            "CASE line_item_type"
            f" WHEN 'SavingsPlanCoveredUsage' THEN {number('savings_plan_savings_plan_effective_cost')}"
            f" WHEN 'SavingsPlanRecurringFee' THEN {number('savings_plan_total_commitment_to_date')}"
            f" - {number('savings_plan_used_commitment')}"
            " WHEN 'SavingsPlanNegation' THEN 0 WHEN 'SavingsPlanUpfrontFee' THEN 0"
            f" WHEN 'DiscountedUsage' THEN {number('reservation_effective_cost')}"
            f" WHEN 'RIFee' THEN coalesce({upfront}, 0) + coalesce({number('reservation_unused_recurring_fee')}, 0)"
            " WHEN 'Fee' THEN if(reservation_arn IS NULL, billed, 0)"
            " ELSE billed END"
        ),
        "listed": number("pricing_public_on_demand_cost"),
        "billing_currency": text("line_item_currency_code"),
    }


def _category() -> str:
    cases = " ".join(
        f"WHEN line_item_type IN ({', '.join(literal(each) for each in types)}) THEN {literal(category)}"
        for category, types in _CATEGORIES.items()
    )
    return f"CASE {cases} ELSE 'Usage' END"


def _purchase_option() -> str:
    return (
        "CASE WHEN plan_arn IS NOT NULL THEN 'savings_plan' WHEN reservation_arn IS NOT NULL THEN 'reserved'"
        " WHEN charge_category <> 'Usage' THEN NULL"
        " WHEN usage_type LIKE '%Spot%' OR usage_type LIKE '%TrSpt%' THEN 'spot' ELSE 'on_demand' END"
    )


FORMAT = Format(REQUIRED, version, rules, keep, tag_columns, "resource_tags")
