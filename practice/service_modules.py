"""The modules whose import registers operations and lifecycles."""

from importlib import import_module

MODULES: tuple[str, ...] = (
    "practice.service_quotas",
    "practice.scheduler.groups",
    "practice.scheduler.schedules",
    "practice.logs.groups",
    "practice.logs.streams",
    "practice.logs.events",
    "practice.cloudtrail.lookups",
    "practice.tagging",
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
)


def load() -> None:
    """Import them all; a second call changes nothing."""
    for name in MODULES:
        import_module(name)
