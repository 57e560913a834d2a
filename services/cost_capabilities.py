"""What can be known of prices and costs in an account: the capabilities of `capabilities` that are about money."""

from services.probes import (
    BILLING_REGION,
    COST_EXPLORER_USD,
    Capability,
    Read,
    first,
    no_costs,
    none_in,
    nothing,
    yesterday,
    yesterday_by_resource,
)

COSTS: tuple[Capability, ...] = (
    Capability(
        "offerings",
        "money",
        ("ec2:DescribeInstanceTypeOfferings",),
        Read("ec2", "describe_instance_type_offerings", first(count=5)),
    ),
    Capability(
        "spot_prices",
        "money",
        ("ec2:DescribeSpotPriceHistory",),
        Read(
            "ec2",
            "describe_spot_price_history",
            lambda question: {"InstanceTypes": ["m5.large"], "StartTime": question.now, "MaxResults": 1},
        ),
    ),
    Capability(
        "prices",
        "money",
        ("pricing:GetProducts",),
        Read(
            "pricing",
            "get_products",
            lambda question: {"ServiceCode": "AmazonSageMaker", "MaxResults": 1},
            region=BILLING_REGION,
        ),
    ),
    Capability(
        "plan_rates",
        "money",
        ("savingsplans:DescribeSavingsPlansOfferingRates",),
        Read(
            "savingsplans",
            "describe_savings_plans_offering_rates",
            lambda _: {"products": ["SageMaker"], "maxResults": 1},
            region=BILLING_REGION,
        ),
    ),
    Capability(
        "costs",
        "money",
        ("ce:GetCostAndUsage",),
        Read("ce", "get_cost_and_usage", yesterday, usd=COST_EXPLORER_USD, lacks=no_costs),
    ),
    Capability(
        "costs_by_resource",
        "money",
        ("ce:GetCostAndUsageWithResources",),
        Read(
            "ce",
            "get_cost_and_usage_with_resources",
            yesterday_by_resource,
            usd=COST_EXPLORER_USD,
            # Two reasons share one error code: without data at all, nothing is learnt from asking for its details.
            after="costs",
        ),
    ),
    Capability(
        "exports",
        "money",
        ("bcm-data-exports:ListExports", "bcm-data-exports:GetExport"),
        Read("bcm-data-exports", "list_exports", nothing, region=BILLING_REGION, lacks=none_in("Exports", "no_export")),
    ),
    Capability(
        "reports",
        "money",
        ("cur:DescribeReportDefinitions",),
        Read(
            "cur",
            "describe_report_definitions",
            nothing,
            region=BILLING_REGION,
            lacks=none_in("ReportDefinitions", "no_report"),
        ),
    ),
    Capability(
        "budgets",
        "money",
        # DescribeBudgets is guarded by an action of another name.
        ("budgets:ViewBudget",),
        Read(
            "budgets",
            "describe_budgets",
            lambda question: {"AccountId": question.cloud.account.account_id, "MaxResults": 1},
        ),
    ),
    Capability(
        "savings_plans",
        "money",
        ("savingsplans:DescribeSavingsPlans",),
        Read("savingsplans", "describe_savings_plans", first("maxResults")),
    ),
)
