"""HyperPod clusters, inference components, MLflow tracking servers and training plans: looked at, never acted on.

docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListClusters.html, API_ListInferenceComponents.html,
API_ListMlflowTrackingServers.html, API_ListTrainingPlans.html
"""

from collections import Counter
from typing import Any

from services.cloud import Cloud
from services.errors import translated
from services.spenders import Spender, SpenderKind

PAGES = {"PageSize": 100}


def list_clusters(cloud: Cloud) -> tuple[Spender, ...]:
    """Every HyperPod cluster, with its instances. Raises: DeckError.

    Each is described every time: it grows and shrinks, and nothing in a listing says so.
    """
    rows = _rows(cloud, "list_clusters", "ClusterSummaries", "HyperPod clusters")
    return tuple(
        Spender(
            kind=SpenderKind.CLUSTER,
            name=row["ClusterName"],
            arn=row["ClusterArn"],
            region=cloud.region,
            status=row["ClusterStatus"],
            created=row["CreationTime"],
            instances=_held(cloud, row["ClusterName"]),
        )
        for row in rows
    )


def list_inference_components(cloud: Cloud) -> tuple[Spender, ...]:
    """Every inference component; it bills with its endpoint's instances. Raises: DeckError."""
    rows = _rows(cloud, "list_inference_components", "InferenceComponents", "inference components")
    return tuple(
        Spender(
            kind=SpenderKind.INFERENCE_COMPONENT,
            name=row["InferenceComponentName"],
            arn=row["InferenceComponentArn"],
            region=cloud.region,
            status=row.get("InferenceComponentStatus", ""),
            created=row["CreationTime"],
            place=row["EndpointName"],
        )
        for row in rows
    )


def list_mlflow_servers(cloud: Cloud) -> tuple[Spender, ...]:
    """Every MLflow tracking server; a listing does not say its size. Raises: DeckError."""
    rows = _rows(cloud, "list_mlflow_tracking_servers", "TrackingServerSummaries", "MLflow tracking servers")
    return tuple(
        Spender(
            kind=SpenderKind.MLFLOW_SERVER,
            name=row.get("TrackingServerName", ""),
            arn=row.get("TrackingServerArn", ""),
            region=cloud.region,
            status=row.get("TrackingServerStatus", ""),
            created=row.get("CreationTime"),
        )
        for row in rows
    )


def list_training_plans(cloud: Cloud) -> tuple[Spender, ...]:
    """Every training plan that is not over: capacity that is paid for when it is bought. Raises: DeckError."""
    rows = _rows(cloud, "list_training_plans", "TrainingPlanSummaries", "training plans")
    return tuple(_training_plan(row, cloud.region) for row in rows if row["Status"] not in ("Expired", "Failed"))


def _training_plan(row: dict[str, Any], region: str) -> Spender:
    reserved: Counter[str] = Counter()
    for capacity in row.get("ReservedCapacitySummaries", ()):
        reserved[capacity["InstanceType"]] += capacity["TotalInstanceCount"]
    return Spender(
        kind=SpenderKind.TRAINING_PLAN,
        name=row["TrainingPlanName"],
        arn=row["TrainingPlanArn"],
        region=region,
        status=row["Status"],
        created=row.get("StartTime"),
        instances=tuple(reserved.items()),
        upfront=" ".join(filter(None, (row.get("UpfrontFee"), row.get("CurrencyCode")))),
    )


def _held(cloud: Cloud, name: str) -> tuple[tuple[str, int], ...]:
    with translated(name):
        found = cloud.client("sagemaker").describe_cluster(ClusterName=name)
    held: Counter[str] = Counter()
    for group in (*found["InstanceGroups"], *found.get("RestrictedInstanceGroups", ())):
        if "InstanceType" in group:
            held[group["InstanceType"]] += group.get("CurrentCount", 0)
    return tuple((name, count) for name, count in held.items() if count)


def _rows(cloud: Cloud, operation: str, member: str, what: str) -> list[dict[str, Any]]:
    with translated(what):
        pages = cloud.client("sagemaker").get_paginator(operation).paginate(PaginationConfig=PAGES)
        return [row for page in pages for row in page.get(member, ())]
