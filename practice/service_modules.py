"""The modules whose import registers operations and lifecycles."""

from importlib import import_module

MODULES: tuple[str, ...] = (
    "practice.service_quotas",
    "practice.quota_utilization",
    "practice.scheduler.groups",
    "practice.scheduler.schedules",
    "practice.logs.groups",
    "practice.logs.streams",
    "practice.logs.events",
    "practice.cloudtrail.lookups",
    "practice.pricing.queries",
    "practice.savings_plans.queries",
    "practice.savings_plans.purchases",
    "practice.tagging",
    "practice.ec2.spot_prices",
    "practice.ec2.spot_instances",
    "practice.ec2.reserved_offerings",
    "practice.ec2.reserved_instances",
    "practice.sagemaker.tags",
    "practice.sagemaker.training_jobs",
    "practice.sagemaker.search",
    "practice.sagemaker.models",
    "practice.sagemaker.endpoint_configs",
    "practice.sagemaker.endpoints",
    "practice.sagemaker.runtime",
    "practice.sagemaker.notebook_instances",
    "practice.sagemaker.notebook_lifecycle_configs",
    "practice.sagemaker.domains",
    "practice.sagemaker.user_profiles",
    "practice.sagemaker.spaces",
    "practice.sagemaker.apps",
    "practice.sagemaker.never_made",
    "practice.bill.exports",
    "practice.bill.cost_explorer",
    "practice.bill.cost_values",
    "practice.bill.forecasts",
)


def load() -> None:
    """Import them all; a second call changes nothing."""
    for name in MODULES:
        import_module(name)
