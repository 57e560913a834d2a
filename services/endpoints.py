"""Endpoints: what serves, what each bills, what can be restored, and a call to try one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services import rates
from services.access import Actor, require, require_changes
from services.cloud import Cloud
from services.errors import Unavailable, translated
from services.plans import EXAMPLE_TAG, Act, PricePart
from services.statuses import Status
from services.variants import Variant, get_variants

USAGE = "endpoint"
COMPONENT = "hosting"
PAGES = {"PageSize": 100}
"""The most that SageMaker gives at once; it gives 10 unless asked."""


class EndpointStatus(Status):
    """As AWS names them."""

    OUT_OF_SERVICE = "OutOfService"
    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    ROLLING_BACK = "RollingBack"
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"
    UPDATE_ROLLBACK_FAILED = "UpdateRollbackFailed"


BILLING = frozenset(
    {
        EndpointStatus.IN_SERVICE,
        EndpointStatus.UPDATING,
        EndpointStatus.SYSTEM_UPDATING,
        EndpointStatus.ROLLING_BACK,
        EndpointStatus.UPDATE_ROLLBACK_FAILED,
    }
)
"""States in which the variants' instances bill: while they serve."""

HOLDING = BILLING | {EndpointStatus.CREATING}
"""States in which they count towards the quota of their type."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint, with its variants as its configuration and its description say."""

    name: str
    arn: str
    region: str
    status: EndpointStatus
    created: datetime
    changed: datetime
    config: str = ""
    variants: tuple[Variant, ...] = ()
    failure: str = ""

    @property
    def can_stop(self) -> bool:
        return self.status in (EndpointStatus.IN_SERVICE, EndpointStatus.FAILED)

    @property
    def can_invoke(self) -> bool:
        return self.status is EndpointStatus.IN_SERVICE

    def parts(self) -> tuple[PricePart, ...]:
        """What it bills per hour while it serves: every variant's instances and their volumes."""
        return parts_of(self.region, self.variants)

    @property
    def volume_gib(self) -> int:
        """Of all its instances together."""
        return volume_of(self.variants)

    @property
    def burn(self) -> Decimal:
        """USD per hour right now."""
        return rates.total(self.parts()) if self.status in BILLING else Decimal(0)


@dataclass(frozen=True, slots=True)
class Restorable:
    """A configuration that no endpoint uses: its endpoint can be made again from it. It costs nothing."""

    name: str
    region: str
    created: datetime
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What an endpoint answered, and how long the whole round trip took."""

    body: bytes
    content_type: str
    variant: str
    seconds: float


def volume_of(variants: tuple[Variant, ...]) -> int:
    """GiB of all instances together."""
    return sum(variant.volume_gib * variant.instance_count for variant in variants)


def parts_of(region: str, variants: tuple[Variant, ...]) -> tuple[PricePart, ...]:
    """What variants bill per hour while they serve: their instances and their volumes."""
    volume = volume_of(variants)
    return rates.known(
        *(rates.instance_part(region, v.instance_type, COMPONENT, v.instance_count) for v in variants),
        rates.storage_part(region, volume) if volume else None,
    )


def list_endpoints(cloud: Cloud) -> tuple[Endpoint, ...]:
    """Every endpoint of the region, without variants: a listing does not say. Raises: DeckError."""
    with translated("endpoints"):
        pages = cloud.client("sagemaker").get_paginator("list_endpoints").paginate(PaginationConfig=PAGES)
        return tuple(_endpoint(row, cloud.region, ()) for page in pages for row in page["Endpoints"])


def get_endpoint(cloud: Cloud, name: str) -> Endpoint:
    """One endpoint with its variants. Raises: NotFound, DeckError."""
    with translated(name):
        row = cloud.client("sagemaker").describe_endpoint(EndpointName=name)
    live = {variant["VariantName"]: variant for variant in row.get("ProductionVariants", ())}
    variants = tuple(
        Variant(
            v.name,
            v.model,
            v.instance_type,
            # None are there yet while it is being created.
            live.get(v.name, {}).get("CurrentInstanceCount") or v.instance_count,
            live.get(v.name, {}).get("CurrentWeight", v.weight),
            v.volume_gib,
        )
        for v in get_variants(cloud, row["EndpointConfigName"])
    )
    return _endpoint(row, cloud.region, variants)


def list_restorable(
    cloud: Cloud,
    endpoints: tuple[Endpoint, ...],
    variants: Callable[[str, datetime], tuple[Variant, ...]] | None = None,
) -> tuple[Restorable, ...]:
    """Configurations that none of `endpoints` (as described) uses. Raises: DeckError.

    `variants` gives those of a configuration by its name and creation time, for callers that remember them.
    """
    present = {endpoint.name for endpoint in endpoints} | {endpoint.config for endpoint in endpoints}
    ask = variants or (lambda name, _: get_variants(cloud, name))
    with translated("endpoint configurations"):
        pages = cloud.client("sagemaker").get_paginator("list_endpoint_configs").paginate(PaginationConfig=PAGES)
        rows = [row for page in pages for row in page["EndpointConfigs"] if row["EndpointConfigName"] not in present]
    found = [(row["EndpointConfigName"], row["CreationTime"]) for row in rows]
    return tuple(Restorable(name, cloud.region, created, ask(name, created)) for name, created in found)


def example_of(cloud: Cloud, endpoint: Endpoint) -> str:
    """The shipped example whose model it serves; empty when it is none's. Raises: DeckError."""
    with translated(endpoint.name):
        pages = cloud.client("sagemaker").get_paginator("list_tags").paginate(ResourceArn=endpoint.arn)
        found = {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", ())}
    return str(found.get(EXAMPLE_TAG, ""))


def invoke(
    cloud: Cloud, name: str, body: bytes, content_type: str, actor: Actor, accept: str = "application/json"
) -> Prediction:
    """Send one payload.

    Raises: InvalidRequest (the model refused it: its own message), NotFound, DeckError; Unavailable for what no variant
    answered; AccessDenied where the account is connected read-only: a model may do anything with what it is sent.
    """
    require(actor, Act.INVOKE)
    require_changes(cloud.account)
    begun = time.perf_counter()
    with translated(name):
        reply = cloud.invoker().invoke_endpoint(EndpointName=name, Body=body, ContentType=content_type, Accept=accept)
        content = reply["Body"].read()
    seconds = time.perf_counter() - begun
    variant = reply.get("InvokedProductionVariant", "")
    if not variant and "RequestId" not in reply["ResponseMetadata"]:
        # By its body alone a model's answer cannot be told from a web page in between.
        raise Unavailable("The reply has neither a request's id nor a variant: it is not SageMaker's.", resource=name)
    return Prediction(content, reply.get("ContentType", ""), variant, seconds)


def _endpoint(row: dict[str, Any], region: str, variants: tuple[Variant, ...]) -> Endpoint:
    return Endpoint(
        name=row["EndpointName"],
        arn=row["EndpointArn"],
        region=region,
        status=EndpointStatus(row["EndpointStatus"]),
        created=row["CreationTime"],
        changed=row["LastModifiedTime"],
        config=row.get("EndpointConfigName", ""),
        variants=variants,
        failure=row.get("FailureReason", ""),
    )
