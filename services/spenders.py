"""What else spends, as rows: Studio apps and spaces, Canvas, HyperPod clusters, inference components, warm pools,
MLflow tracking servers and training plans.

What bills in which state: aws.amazon.com/sagemaker/ai/pricing and the pages that each kind's `list_` function names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from services import rates
from services.plans import PricePart
from services.trainings import TrainingJob


class SpenderKind(StrEnum):
    """What spends, beside notebook instances, training jobs and endpoints."""

    APP = "app"
    CANVAS = "canvas"
    SPACE = "space"
    CLUSTER = "cluster"
    INFERENCE_COMPONENT = "inference_component"
    WARM_POOL = "warm_pool"
    MLFLOW_SERVER = "mlflow_server"
    TRAINING_PLAN = "training_plan"


class Billing(StrEnum):
    """What is known of what a row bills."""

    NOTHING = "nothing"
    """In its present state it bills nothing."""
    RATED = "rated"
    """At listed rates."""
    UNRATED = "unrated"
    """It bills, and the catalogue has no rate for it."""
    ELSEWHERE = "elsewhere"
    """It bills with the resource that it stands on, which has a row of its own."""
    PREPAID = "prepaid"
    """It was paid for when it was bought."""


FREE = "system"
"""The instance of a JupyterServer app, which AWS does not bill."""

COMPONENTS = {SpenderKind.APP: "studio", SpenderKind.WARM_POOL: "warm_pool"}
"""Kind → the component of the price list that its instances bill under; the other kinds have none there."""

_STANDING = ("InService", "Updating", "Update_Failed", "Delete_Failed")
_SERVING = (
    *("Created", "Started", "Updating", "Updated", "UpdateFailed", "StopFailed", "DeleteFailed"),
    *("MaintenanceInProgress", "MaintenanceComplete", "MaintenanceFailed"),
)
BILLS: Mapping[SpenderKind, Mapping[str, tuple[str, ...]]] = {
    SpenderKind.APP: {"InService": ("instance",)},
    SpenderKind.CANVAS: {"InService": ("instance",)},
    SpenderKind.SPACE: dict.fromkeys(_STANDING, ("storage",)),
    SpenderKind.CLUSTER: dict.fromkeys(("InService", "Updating", "SystemUpdating", "RollingBack"), ("instance",)),
    SpenderKind.WARM_POOL: {"Available": ("instance",)},
    SpenderKind.MLFLOW_SERVER: dict.fromkeys(
        (*_SERVING, "MaintenanceInProgress", "MaintenanceComplete"), ("instance",)
    ),
}
"""Kind → state → the parts that bill in it."""

_ELSEWHERE = {(SpenderKind.INFERENCE_COMPONENT, "InService"), (SpenderKind.WARM_POOL, "InUse")}
_PREPAID = {(SpenderKind.TRAINING_PLAN, state) for state in ("Active", "Scheduled")}
_MOVING = frozenset({"Pending", "Creating", "Starting"})
USAGES = {SpenderKind.WARM_POOL: "warm_pool", SpenderKind.CLUSTER: "cluster", SpenderKind.CANVAS: "canvas"}
"""Kind → the usage that its quota counts; an app's depends on its type."""
APP_USAGES = {
    "JupyterLab": "studio_jupyterlab",
    "CodeEditor": "studio_code_editor",
    "KernelGateway": "studio_kernel_gateway",
    "RSessionGateway": "rsession_gateway",
    "RStudioServerPro": "rstudio",
}


@dataclass(frozen=True, slots=True)
class Spender:
    """One row. `arn` is AWS's where a listing has one, else put together from its names."""

    kind: SpenderKind
    name: str
    arn: str
    region: str
    status: str
    created: datetime | None = None
    instances: tuple[tuple[str, int], ...] = ()
    """(type, count); empty where AWS's listing does not say."""
    volume_gib: int = 0
    owner: str = ""
    """Of Studio: the user profile. Empty where AWS's listing does not say."""
    place: str = ""
    """What it belongs to: a domain and a space, an endpoint, a training job."""
    app_type: str = ""
    upfront: str = ""
    """What a training plan cost when it was bought: amount and currency, as AWS writes them."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The members that name it in a request."""

    @property
    def can_stop(self) -> bool:
        """Acting is ours for Studio apps alone."""
        return self.kind is SpenderKind.APP and self.status in ("InService", "Pending")

    @property
    def runs(self) -> bool:
        """Whether it works or bills right now, or is about to; a space alone is storage."""
        return self.kind is not SpenderKind.SPACE and (self.status in _MOVING or bool(self._billing()))

    @property
    def usage(self) -> str:
        """The usage whose quota counts its instances; empty where none does."""
        return APP_USAGES.get(self.app_type, "") if self.kind is SpenderKind.APP else USAGES.get(self.kind, "")

    def parts(self) -> tuple[PricePart, ...]:
        """What it bills per hour in its present state, as far as the catalogue knows the rates."""
        billing, component = self._billing(), COMPONENTS.get(self.kind)
        instances = self.instances if "instance" in billing and component else ()
        return rates.known(
            *(rates.instance_part(self.region, name, str(component), count) for name, count in instances),
            rates.storage_part(self.region, self.volume_gib) if "storage" in billing and self.volume_gib else None,
        )

    @property
    def billing(self) -> Billing:
        if (self.kind, self.status) in _ELSEWHERE:
            return Billing.ELSEWHERE
        if (self.kind, self.status) in _PREPAID:
            return Billing.PREPAID
        billing = self._billing()
        if not billing or ("storage" in billing and not self.volume_gib):
            return Billing.NOTHING
        due = max(1, len(self.instances)) if "instance" in billing else 1
        return Billing.RATED if len(self.parts()) == due else Billing.UNRATED

    @property
    def burn(self) -> Decimal:
        """USD per hour right now; what has no known rate is not in it, `billing` says so."""
        return rates.total(self.parts())

    @property
    def usd_per_hour(self) -> Decimal | None:
        """The same, None when it bills at a rate that is not known."""
        return None if self.billing is Billing.UNRATED else self.burn

    def _billing(self) -> tuple[str, ...]:
        if self.instances and all(name == FREE for name, _ in self.instances):
            return ()
        return BILLS.get(self.kind, {}).get(self.status, ())


@dataclass(frozen=True, slots=True)
class Spenders:
    """All rows of a region, and which lists could not be read: list → the kind of error. Their rows are the last known
    ones."""

    rows: tuple[Spender, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


def warm_pools(jobs: tuple[TrainingJob, ...]) -> tuple[Spender, ...]:
    """The instances that ended training jobs keep: docs.aws.amazon.com/sagemaker/latest/dg/train-warm-pools.html."""
    return tuple(
        Spender(
            kind=SpenderKind.WARM_POOL,
            name=job.name,
            arn=f"{job.arn}#warm-pool",
            region=job.region,
            status=job.warm_pool,
            created=job.ended,
            instances=((job.instance_type, job.instance_count),) if job.instance_type else (),
            owner=job.owner,
            place=job.name,
        )
        for job in jobs
        if job.warm_pool in ("Available", "InUse")
    )
