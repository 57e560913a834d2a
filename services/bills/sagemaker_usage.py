"""What of SageMaker a line is about, read from its usage type, which names nothing else.

A usage type is a region's prefix, a component and an instance type: `APN2-Notebk:ml.t3.medium`. The order matters: the
first that fits counts.
"""

from services.bills.sources import literal

SERVICE = "Amazon SageMaker"
_USAGE_TYPES = (
    ("RStudio", "rstudio"),
    ("Canvas", "canvas"),
    ("Studio", "studio"),
    ("Notebk", "notebook"),
    ("AsyncInf", "async_inference"),
    ("Host", "hosting"),
    ("Processing", "processing"),
    ("TrainWarmPool", "warm_pool"),
    ("TrSpt", "managed_spot_training"),
    ("Train", "training"),
    ("Tsform", "batch_transform"),
    ("Cluster", "hyperpod"),
)

COMPONENT = (
    f"CASE WHEN service_name <> {literal(SERVICE)} OR charge_category <> 'Usage' THEN NULL "
    + " ".join(f"WHEN contains(usage_type, {literal(part)}) THEN {literal(name)}" for part, name in _USAGE_TYPES)
    + " ELSE 'other' END"
)
"""SQL: the component, for usage of SageMaker alone."""

PART = (
    "CASE WHEN component IS NULL THEN NULL WHEN contains(usage_type, 'VolumeUsage') THEN 'storage'"
    " WHEN instance_type IS NOT NULL THEN 'instance' ELSE 'other' END"
)
"""SQL: whether SageMaker bills an instance, its volume or something else."""


def service(name: str) -> str:
    """SQL: the service's name as AWS writes it on a bill; its code where a line has none."""
    return f"if(service_code = 'AmazonSageMaker', {literal(SERVICE)}, coalesce({name}, service_code))"
