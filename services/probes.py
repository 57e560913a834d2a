"""How a capability is probed: what is asked, in which region, at which price, and what an answer shows to be missing.

A `Read` asks AWS with one call that changes nothing; its action is the first of the capability's. A `Simulation` asks
IAM what it would decide (iam:SimulatePrincipalPolicy), as nobody may try a launch to learn whether it is allowed.
Prices of the calls that cost something: aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing and
aws.amazon.com/cloudwatch/pricing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.cloud import AccountKind, Cloud

BILLING_REGION = "us-east-1"
"""Where AWS keeps the Price List and the exports of bills: docs.aws.amazon.com/general/latest/gr/billing.html."""

FREE = Decimal(0)
COST_EXPLORER_USD = Decimal("0.01")
"""A request to Cost Explorer."""
METRIC_USD = Decimal("0.00001")
"""A metric asked for with GetMetricData."""

Reply = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a preflight is asked about: an account seen from a region, and what launches there would use."""

    cloud: Cloud
    now: datetime
    """Aware UTC."""
    bucket: str = ""
    passed_roles: Mapping[str, str] = field(default_factory=dict)
    """ARN of a role that launches pass → the service it is passed to; without any, nothing is told of them."""


@dataclass(frozen=True, slots=True)
class Read:
    """One call that changes nothing. `lacks` names what its answer shows to be missing, as a reason."""

    service: str
    method: str
    request: Callable[[Question], dict[str, Any]]
    region: str = ""
    """Where it must be asked when that is not the region in question."""
    usd: Decimal = FREE
    lacks: Callable[[Question, Reply], str] = lambda question, reply: ""
    after: str = ""
    """The capability that must be there first; its answer stands for this one when it is not."""

    @property
    def is_dear(self) -> bool:
        """Whether a second try is worth thinking about."""
        return self.usd >= COST_EXPLORER_USD


@dataclass(frozen=True, slots=True)
class Simulation:
    """What IAM would decide on the capability's actions, each on a resource of its own kind, as policies name kinds.

    The ARNs are completed with region and account.
    """

    resources: tuple[str, ...]
    """As many as the capability has actions, in their order."""
    passes_roles: bool = False
    """Whether it is asked about the roles of the question instead."""


@dataclass(frozen=True, slots=True)
class Capability:
    """One line of the preflight. A read probes the first of its actions; the others go with it in a policy.

    `needed`: the deck shows nothing true of an account without it.
    """

    key: str
    group: str
    actions: tuple[str, ...]
    probe: Read | Simulation
    needed: bool = False


def nothing(question: Question) -> dict[str, Any]:
    return {}


def first(member: str = "MaxResults", count: int = 1) -> Callable[[Question], dict[str, Any]]:
    return lambda question: {member: count}


def yesterday(question: Question) -> dict[str, Any]:
    today = question.now.date()
    period = {"Start": str(today - timedelta(days=1)), "End": str(today)}
    return {"TimePeriod": period, "Granularity": "DAILY", "Metrics": ["UnblendedCost"]}


def yesterday_by_resource(question: Question) -> dict[str, Any]:
    of_sagemaker = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}}
    group = [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]
    return {**yesterday(question), "Filter": of_sagemaker, "GroupBy": group}


def one_metric(question: Question) -> dict[str, Any]:
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations"}
    query = {"Id": "m0", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Sum"}}
    start = question.now - timedelta(minutes=5)
    return {"MetricDataQueries": [query], "StartTime": start, "EndTime": question.now}


def region_off(question: Question, reply: Reply) -> str:
    return "region_off" if any(row["OptInStatus"] == "not-opted-in" for row in reply["Regions"]) else ""


def no_costs(question: Question, reply: Reply) -> str:
    if reply["ResultsByTime"]:
        return ""
    return "practice_lacks" if question.cloud.account.kind is AccountKind.PRACTICE else "costs_not_ready"


def none_in(member: str, reason: str) -> Callable[[Question, Reply], str]:
    return lambda question, reply: "" if reply[member] else reason


def sagemaker_arn(kind: str) -> str:
    return f"arn:aws:sagemaker:{{region}}:{{account}}:{kind}/flightdeck-preflight"
