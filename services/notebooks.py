"""Notebook instances: what there is, what each bills, and the URL that opens one."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services import rates
from services.access import Actor, require, require_changes
from services.cloud import Cloud
from services.errors import translated
from services.plans import Act, PricePart
from services.statuses import Status

USAGE = "notebook"
COMPONENT = "notebook"
PAGES = {"PageSize": 100}
"""The most that SageMaker gives at once; it gives 10 unless asked."""


class NotebookStatus(Status):
    """As AWS names them."""

    PENDING = "Pending"
    IN_SERVICE = "InService"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"
    DELETING = "Deleting"
    UPDATING = "Updating"
    PENDING_MAINTENANCE = "PendingMaintenance"
    IN_MAINTENANCE = "InMaintenance"


@dataclass(frozen=True, slots=True)
class Notebook:
    """One notebook instance as its last listing or description saw it."""

    name: str
    arn: str
    region: str
    instance_type: str
    status: NotebookStatus
    created: datetime
    changed: datetime
    volume_gib: int | None = None
    """None until it was described: a listing does not say."""
    role_arn: str = ""
    lifecycle_config: str = ""
    repository: str = ""
    failure: str = ""

    @property
    def can_stop(self) -> bool:
        return self.status is NotebookStatus.IN_SERVICE

    @property
    def can_start(self) -> bool:
        return self.status in (NotebookStatus.STOPPED, NotebookStatus.FAILED)

    @property
    def can_open(self) -> bool:
        return self.status is NotebookStatus.IN_SERVICE

    @property
    def can_change(self) -> bool:
        """Whether it may be resized or deleted: AWS allows both only while it is stopped."""
        return self.can_start

    @property
    def holds_instance(self) -> bool:
        """Whether it counts towards the quota of its type."""
        return self.status not in (NotebookStatus.STOPPED, NotebookStatus.FAILED, NotebookStatus.DELETING)

    def parts(self) -> tuple[PricePart, ...]:
        """What it bills when it runs: instance and volume."""
        volume = rates.storage_part(self.region, self.volume_gib) if self.volume_gib else None
        return rates.known(rates.instance_part(self.region, self.instance_type, COMPONENT), volume)

    @property
    def burn(self) -> Decimal:
        """USD per hour right now: instance and volume while it is in service, the volume alone otherwise."""
        billing = BILLS.get(self.status, ())
        return rates.total_of(self.parts(), *billing)


BILLS: dict[str, tuple[str, ...]] = {
    NotebookStatus.PENDING: ("storage",),
    NotebookStatus.IN_SERVICE: ("instance", "storage"),
    NotebookStatus.PENDING_MAINTENANCE: ("instance", "storage"),
    NotebookStatus.IN_MAINTENANCE: ("instance", "storage"),
    NotebookStatus.STOPPING: ("storage",),
    NotebookStatus.STOPPED: ("storage",),
    NotebookStatus.UPDATING: ("storage",),
    NotebookStatus.FAILED: ("storage",),
    NotebookStatus.DELETING: (),
}
"""State → the parts that bill in it. aws.amazon.com/sagemaker/ai/pricing: instances by the second while InService,
volumes for as long as they exist. That an instance bills while AWS maintains it is an assumption."""


def list_notebooks(cloud: Cloud) -> tuple[Notebook, ...]:
    """Every notebook instance of the region, without what only a description says. Raises: DeckError."""
    with translated("notebook instances"):
        pages = cloud.client("sagemaker").get_paginator("list_notebook_instances").paginate(PaginationConfig=PAGES)
        return tuple(_notebook(row, cloud.region) for page in pages for row in page.get("NotebookInstances", ()))


def get_notebook(cloud: Cloud, name: str) -> Notebook:
    """One notebook instance in full. Raises: NotFound, DeckError."""
    with translated(name):
        return _notebook(cloud.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name), cloud.region)


def open_url(cloud: Cloud, name: str, actor: Actor) -> str:
    """A URL that opens its JupyterLab without further sign-in; it carries a secret and lives five minutes.

    Raises: InvalidRequest when it is not InService, AccessDenied where nothing may be changed: it opens a shell.
    """
    require(actor, Act.OPEN)
    require_changes(cloud.account)
    with translated(name):
        reply = cloud.client("sagemaker").create_presigned_notebook_instance_url(NotebookInstanceName=name)
        return str(reply["AuthorizedUrl"])


def notebook_arn(region: str, account_id: str, name: str) -> str:
    """SageMaker writes the name in lower case."""
    return f"arn:aws:sagemaker:{region}:{account_id}:notebook-instance/{name.lower()}"


def _notebook(row: dict[str, Any], region: str) -> Notebook:
    return Notebook(
        name=row["NotebookInstanceName"],
        arn=row["NotebookInstanceArn"],
        region=region,
        instance_type=row.get("InstanceType", ""),
        status=NotebookStatus(row["NotebookInstanceStatus"]),
        created=row["CreationTime"],
        changed=row.get("LastModifiedTime", row["CreationTime"]),
        volume_gib=row.get("VolumeSizeInGB"),
        role_arn=row.get("RoleArn", ""),
        lifecycle_config=row.get("NotebookInstanceLifecycleConfigName", ""),
        repository=row.get("DefaultCodeRepository", ""),
        failure=row.get("FailureReason", ""),
    )
