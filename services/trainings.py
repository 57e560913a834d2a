"""Training jobs: what there is, what each went through and what it billed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services import rates
from services.cloud import Cloud
from services.errors import translated
from services.plans import EXAMPLE_TAG, OWNER_TAG, PricePart
from services.statuses import Status

USAGE = "training"
SPOT_USAGE = "spot_training"
COMPONENT = "training"
PAGE = 100
SEARCH_LAG = timedelta(minutes=15)
"""How much later than another a change may come to be found: Search reads an index. An assumption of ours."""
WARM = ("Available", "InUse", "Reused")
"""States of a warm pool that is still to change."""


class TrainingStatus(Status):
    """As AWS names them."""

    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    FAILED = "Failed"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    DELETING = "Deleting"


@dataclass(frozen=True, slots=True)
class Phase:
    """One secondary status: what the job was at, from when to when (None: still)."""

    status: str
    start: datetime
    end: datetime | None
    message: str


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """One training job. Times are aware UTC; `started` and `ended` are None until it trains and has ended."""

    name: str
    arn: str
    region: str
    status: TrainingStatus
    secondary: str
    instance_type: str
    instance_count: int
    volume_gib: int
    image: str
    created: datetime
    changed: datetime
    started: datetime | None
    ended: datetime | None
    training_seconds: int | None
    billable_seconds: int | None
    max_run_seconds: int
    spot: bool
    owner: str = ""
    example: str = ""
    """The shipped example it runs, if it is one."""
    model_uri: str = ""
    failure: str = ""
    role_arn: str = ""
    phases: tuple[Phase, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    """Each metric's last value."""
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    warm_pool: str = ""
    """Of the instances that it keeps after its end: Available, InUse, Reused, Terminated; empty where it keeps none."""

    @property
    def runs(self) -> bool:
        return self.status in (TrainingStatus.IN_PROGRESS, TrainingStatus.STOPPING)

    @property
    def can_stop(self) -> bool:
        return self.status is TrainingStatus.IN_PROGRESS

    @property
    def can_deploy(self) -> bool:
        return self.status is TrainingStatus.COMPLETED and bool(self.model_uri)

    def parts(self) -> tuple[PricePart, ...]:
        """What it bills per hour of its run: all its instances and their volumes."""
        return rates.known(
            rates.instance_part(self.region, self.instance_type, COMPONENT, self.instance_count),
            rates.storage_part(self.region, self.volume_gib, self.instance_count),
        )

    @property
    def burn(self) -> Decimal:
        """USD per hour right now: nothing before the instances work and after they ended."""
        return rates.total(self.parts()) if self.runs and self.started is not None else Decimal(0)

    @property
    def billed_usd(self) -> Decimal | None:
        """What the run billed so far at the shipped rates; None until AWS says for how many seconds."""
        if self.billable_seconds is None:
            return None
        return rates.total(self.parts()) * self.billable_seconds / 3600


def list_training_jobs(
    cloud: Cloud, owner_tag: str = OWNER_TAG, known: tuple[TrainingJob, ...] = (), known_at: datetime | None = None
) -> tuple[TrainingJob, ...]:
    """Every training job of the region in full, newest first, through Search: a listing has no instance type.

    Of `known`, which an earlier call returned at `known_at` (the account's time), what ended well before that is not
    asked for again: Search gives the latest change first, and its count tells whether the rest is still there.
    Raises: DeckError.
    """
    rows, settled = {job.arn: job for job in known}, _settled_before(known, known_at)
    read: dict[str, TrainingJob] = {}
    with translated("training jobs"):
        pages = (
            cloud.client("sagemaker")
            .get_paginator("search")
            .paginate(
                Resource="TrainingJob",
                SortBy="LastModifiedTime",
                SortOrder="Descending",
                PaginationConfig={"PageSize": PAGE},
            )
        )
        for page in pages:
            jobs = [_job(row["TrainingJob"], cloud.region, owner_tag) for row in page.get("Results", ())]
            read |= {job.arn: job for job in jobs}
            rows |= read
            past = settled is not None and bool(jobs) and jobs[-1].changed < settled
            if past and page.get("TotalHits", {}).get("Value") == len(rows):
                break
        else:
            rows = read
    return tuple(sorted(rows.values(), key=lambda job: job.created, reverse=True))


def _settled_before(known: tuple[TrainingJob, ...], known_at: datetime | None) -> datetime | None:
    """No job that was changed before it can have changed since; None when that cannot be said."""
    if known_at is None:
        return None
    moving = [job.changed for job in known if job.runs or job.warm_pool in WARM]
    return min([known_at - SEARCH_LAG, *moving])


def get_training_job(cloud: Cloud, name: str) -> TrainingJob:
    """One training job. Raises: NotFound, DeckError."""
    with translated(name):
        client = cloud.client("sagemaker")
        row = client.describe_training_job(TrainingJobName=name)
        pages = client.get_paginator("list_tags").paginate(ResourceArn=row["TrainingJobArn"])
        return _job({**row, "Tags": [tag for page in pages for tag in page.get("Tags", ())]}, cloud.region)


def _job(row: dict[str, Any], region: str, owner_tag: str = OWNER_TAG) -> TrainingJob:
    resources = row.get("ResourceConfig", {})
    tags = {tag["Key"]: tag["Value"] for tag in row.get("Tags", ())}
    return TrainingJob(
        name=row["TrainingJobName"],
        arn=row["TrainingJobArn"],
        region=region,
        status=TrainingStatus(row["TrainingJobStatus"]),
        secondary=row.get("SecondaryStatus", row["TrainingJobStatus"]),
        instance_type=resources.get("InstanceType", ""),
        instance_count=resources.get("InstanceCount", 1),
        volume_gib=resources.get("VolumeSizeInGB", 0),
        image=row.get("AlgorithmSpecification", {}).get("TrainingImage", ""),
        created=row["CreationTime"],
        changed=row.get("LastModifiedTime", row["CreationTime"]),
        started=row.get("TrainingStartTime"),
        ended=row.get("TrainingEndTime"),
        training_seconds=row.get("TrainingTimeInSeconds"),
        billable_seconds=row.get("BillableTimeInSeconds"),
        max_run_seconds=row.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 86400),
        spot=row.get("EnableManagedSpotTraining", False),
        owner=tags.get(owner_tag, ""),
        example=tags.get(EXAMPLE_TAG, ""),
        model_uri=row.get("ModelArtifacts", {}).get("S3ModelArtifacts", ""),
        failure=row.get("FailureReason", ""),
        role_arn=row.get("RoleArn", ""),
        phases=tuple(_phase(phase) for phase in row.get("SecondaryStatusTransitions", ())),
        metrics={
            metric["MetricName"]: metric["Value"]
            for metric in row.get("FinalMetricDataList", ())
            if "MetricName" in metric and "Value" in metric
        },
        hyperparameters=row.get("HyperParameters", {}),
        warm_pool=row.get("WarmPoolStatus", {}).get("Status", ""),
    )


def _phase(row: dict[str, Any]) -> Phase:
    return Phase(row["Status"], row["StartTime"], row.get("EndTime"), row.get("StatusMessage", ""))
