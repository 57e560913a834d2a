"""A spot plan as what one takes away: JSON, and the commands that look at spot before one asks for it."""

import json
import shlex
from dataclasses import asdict
from typing import Any

from services.spot_plans import ON_DEMAND, SpotPlan


def commands(plan: SpotPlan) -> tuple[str, ...]:
    """AWS CLI lines that read today's prices and how likely the capacity is; none of them asks for any."""
    regions = sorted({zone[:-1] for each in plan.outcomes if each.way != ON_DEMAND for zone in each.where})
    name, count = shlex.quote(plan.job.instance_type), plan.job.instances
    history = (
        f"aws ec2 describe-spot-price-history --region {region} --instance-types {name}"
        " --product-descriptions Linux/UNIX --max-items 20"
        for region in regions
    )
    scores = (
        f"aws ec2 get-spot-placement-scores --region {regions[0]} --instance-types {name} --target-capacity {count}"
        f" --single-availability-zone --region-names {' '.join(regions)}"
    )
    return (*history, scores)


def console_address(plan: SpotPlan) -> str:
    """Where spot is asked for in the AWS console, at home."""
    (region,) = plan.outcomes[0].where
    return f"https://{region}.console.aws.amazon.com/ec2/home?region={region}#SpotInstances:"


def as_json(plan: SpotPlan) -> str:
    """The job, every way of running it and the checkpoint intervals; what never ends is null."""
    said: dict[str, Any] = {
        "job": asdict(plan.job),
        "checkpoint_interval_hours": {"young": plan.young_hours, "daly": plan.daly_hours},
        "mean_hours_between_interruptions": plan.mean_hours,
        "on_demand": {
            "usd_per_hour": str(plan.on_demand.usd_per_hour),
            "as_of": plan.on_demand.as_of.isoformat(),
            "source": plan.on_demand.source,
        },
        "ways": [asdict(each) for each in plan.outcomes],
        "best": plan.best.way,
    }
    return json.dumps(_finite(said), indent=2)


def _finite(value: Any) -> Any:
    """JSON has no infinity."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if value in (float("inf"), float("-inf")) else value
