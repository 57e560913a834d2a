"""What the deck can make use of in an account, as data: the actions each thing needs, and how it is probed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from services.cost_capabilities import COSTS
from services.probes import (
    BILLING_REGION,
    FREE,
    METRIC_USD,
    Capability,
    Read,
    Simulation,
    first,
    nothing,
    one_metric,
    region_off,
    sagemaker_arn,
)

CAPABILITIES: tuple[Capability, ...] = (
    Capability(
        "identity", "account", ("sts:GetCallerIdentity",), Read("sts", "get_caller_identity", nothing), needed=True
    ),
    Capability(
        "region",
        "account",
        ("ec2:DescribeRegions",),
        Read(
            "ec2",
            "describe_regions",
            lambda question: {"AllRegions": True, "RegionNames": [question.cloud.region]},
            lacks=region_off,
            # A region that is off does not know the account's keys; this one is always on.
            region=BILLING_REGION,
        ),
    ),
    Capability(
        "notebooks",
        "resources",
        ("sagemaker:ListNotebookInstances", "sagemaker:DescribeNotebookInstance", "sagemaker:ListTags"),
        Read("sagemaker", "list_notebook_instances", first()),
        needed=True,
    ),
    Capability(
        "trainings",
        "resources",
        ("sagemaker:ListTrainingJobs", "sagemaker:DescribeTrainingJob", "sagemaker:Search", "sagemaker:ListTags"),
        Read("sagemaker", "list_training_jobs", first()),
        needed=True,
    ),
    Capability(
        "endpoints",
        "resources",
        ("sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig"),
        Read("sagemaker", "list_endpoints", first()),
        needed=True,
    ),
    Capability("studio", "resources", ("sagemaker:ListDomains",), Read("sagemaker", "list_domains", first())),
    Capability("hyperpod", "resources", ("sagemaker:ListClusters",), Read("sagemaker", "list_clusters", first())),
    Capability(
        "logs",
        "resources",
        ("logs:DescribeLogGroups", "logs:DescribeLogStreams", "logs:GetLogEvents"),
        Read("logs", "describe_log_groups", first("limit")),
    ),
    Capability(
        "metrics",
        "resources",
        ("cloudwatch:GetMetricData",),
        Read("cloudwatch", "get_metric_data", one_metric, usd=METRIC_USD),
    ),
    Capability(
        "tags",
        "resources",
        ("tag:GetResources",),
        Read("resourcegroupstaggingapi", "get_resources", first("ResourcesPerPage")),
    ),
    Capability("past", "resources", ("cloudtrail:LookupEvents",), Read("cloudtrail", "lookup_events", first())),
    Capability(
        "quotas",
        "resources",
        ("servicequotas:ListServiceQuotas",),
        Read("service-quotas", "list_service_quotas", lambda question: {"ServiceCode": "sagemaker", "MaxResults": 1}),
    ),
    Capability(
        "launch_notebook",
        "acts",
        ("sagemaker:CreateNotebookInstance", "sagemaker:AddTags"),
        Simulation((sagemaker_arn("notebook-instance"),) * 2),
    ),
    Capability(
        "launch_training",
        "acts",
        ("sagemaker:CreateTrainingJob", "sagemaker:AddTags"),
        Simulation((sagemaker_arn("training-job"),) * 2),
    ),
    Capability(
        "launch_endpoint",
        "acts",
        (
            *("sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint"),
            "sagemaker:AddTags",
        ),
        Simulation(tuple(map(sagemaker_arn, ("model", "endpoint-config", "endpoint", "endpoint")))),
    ),
    Capability(
        "stop",
        "acts",
        ("sagemaker:StopNotebookInstance", "sagemaker:StopTrainingJob", "sagemaker:DeleteEndpoint"),
        Simulation(tuple(map(sagemaker_arn, ("notebook-instance", "training-job", "endpoint")))),
    ),
    Capability("pass_role", "acts", ("iam:PassRole",), Simulation((), passes_roles=True)),
    Capability(
        "bucket",
        "acts",
        ("s3:ListBucket", "s3:CreateBucket", "s3:PutObject", "s3:AbortMultipartUpload"),
        Read("s3", "head_bucket", lambda question: {"Bucket": question.bucket}),
    ),
    Capability("guards", "acts", ("scheduler:ListSchedules",), Read("scheduler", "list_schedules", first())),
    Capability(
        "set_guard",
        "acts",
        ("scheduler:CreateSchedule", "scheduler:GetSchedule", "scheduler:DeleteSchedule"),
        Simulation(("arn:aws:scheduler:{region}:{account}:schedule/default/flightdeck-preflight",) * 3),
    ),
    Capability(
        "raise_quota",
        "acts",
        ("servicequotas:RequestServiceQuotaIncrease",),
        Simulation(("arn:aws:servicequotas:{region}:{account}:sagemaker/flightdeck-preflight",)),
    ),
    *COSTS,
)

BY_KEY: Mapping[str, Capability] = {each.key: each for each in CAPABILITIES}
GROUPS = tuple(dict.fromkeys(each.group for each in CAPABILITIES))


def most_usd(capabilities: tuple[Capability, ...] = CAPABILITIES) -> Decimal:
    """What asking all of them costs at most."""
    return sum((each.probe.usd for each in capabilities if isinstance(each.probe, Read)), FREE)


_BILLING_CONSOLE = "https://console.aws.amazon.com/costmanagement/"
SWITCHES: Mapping[str, str] = {
    "costs_off": _BILLING_CONSOLE,
    "resources_off": _BILLING_CONSOLE,
    "denied_payer": _BILLING_CONSOLE,
    "no_export": _BILLING_CONSOLE,
    "region_off": "https://console.aws.amazon.com/billing/home#/account",
    "not_subscribed": "https://portal.aws.amazon.com/billing/signup",
}
"""Reason → where in the console it is mended."""

MENDED_BY_STATEMENT = frozenset({"denied", "denied_no_policy", "denied_boundary", "denied_session"})
"""Reasons that an Allow takes away."""


def fix(key: str, reason: str, action: str, roles: Sequence[str] = ()) -> dict[str, Any] | None:
    """The statement that mends it, None where no statement does."""
    if reason == "untold":
        return {"Sid": "FlightdeckSimulate", "Effect": "Allow", "Action": [action], "Resource": "*"}
    return statement(BY_KEY[key], roles) if reason in MENDED_BY_STATEMENT else None


def statement(capability: Capability, roles: Sequence[str] = ()) -> dict[str, Any]:
    """The IAM statement that would allow it: what goes into a policy's `Statement`."""
    name = "".join(word.capitalize() for word in capability.key.split("_"))
    allowed: dict[str, Any] = {"Sid": f"Flightdeck{name}", "Effect": "Allow", "Action": list(capability.actions)}
    if isinstance(capability.probe, Simulation) and capability.probe.passes_roles:
        services = ["sagemaker.amazonaws.com", "scheduler.amazonaws.com"]
        condition = {"StringEquals": {"iam:PassedToService": services}}
        return {**allowed, "Resource": list(roles) or "*", "Condition": condition}
    return {**allowed, "Resource": "*"}
