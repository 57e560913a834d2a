"""Actions are not calls: what each request needs to be allowed, as data.

Source: the tables of docs.aws.amazon.com/service-authorization/latest/reference/, 2026-11: actions, resource types and
dependent actions. A service or operation that is not here needs the action of its own name, on a resource that this
account cannot tell: only a statement about all resources allows it, and any denial of the action forbids it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Need:
    """An action that a request needs, and on what. Texts in braces are members of the request, or `region`, `account`.

    `only_with` names the member without which it is not needed.
    """

    action: str
    resource: str | None = "*"
    only_with: str = ""
    context: Mapping[str, str] = field(default_factory=dict)
    """Condition key → its value, or the member it is taken from."""


PREFIXES = {
    "monitoring": "cloudwatch",
    "tagging": "tag",
    "email": "ses",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
}
"""Service as it is called or signed for → prefix of its actions, where these differ."""

FREE = frozenset(("sts:GetCallerIdentity", "sts:GetSessionToken"))
"""What anyone may do who has a key: nothing allows or forbids it."""

_SAGEMAKER_ARN = "arn:aws:sagemaker:{region}:{account}:"
_APP = _SAGEMAKER_ARN + "app/{DomainId}/{UserProfileName|SpaceName}/{AppType}/{AppName}"

_KINDS = {
    "NotebookInstance": "notebook-instance/{NotebookInstanceName}",
    "NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config/{NotebookInstanceLifecycleConfigName}",
    "TrainingJob": "training-job/{TrainingJobName}",
    "ProcessingJob": "processing-job/{ProcessingJobName}",
    "TransformJob": "transform-job/{TransformJobName}",
    "HyperParameterTuningJob": "hyper-parameter-tuning-job/{HyperParameterTuningJobName}",
    "Model": "model/{ModelName}",
    "EndpointConfig": "endpoint-config/{EndpointConfigName}",
    "Endpoint": "endpoint/{EndpointName}",
    "InferenceComponent": "inference-component/{InferenceComponentName}",
    "MlflowTrackingServer": "mlflow-tracking-server/{TrackingServerName}",
    "TrainingPlan": "training-plan/{TrainingPlanName}",
    "Cluster": "cluster/{ClusterName}",
    "Domain": "domain/{DomainId}",
    "Space": "space/{DomainId}/{SpaceName}",
    "UserProfile": "user-profile/{DomainId}/{UserProfileName}",
}
_VERBS = ("Create", "Describe", "Update", "Start", "Stop", "Delete")

_PASSED = {
    "CreateNotebookInstance": "RoleArn",
    "UpdateNotebookInstance": "RoleArn",
    "CreateTrainingJob": "RoleArn",
    "CreateProcessingJob": "RoleArn",
    "CreateModel": "ExecutionRoleArn",
    "CreateEndpointConfig": "ExecutionRoleArn",
    "CreateMlflowTrackingServer": "RoleArn",
}
"""Operation → the member that names a role which it hands to SageMaker."""

_TYPES = {
    "CreateNotebookInstance": "InstanceType",
    "UpdateNotebookInstance": "InstanceType",
    "CreateTrainingJob": "ResourceConfig.InstanceType",
    "CreateEndpointConfig": "ProductionVariants.InstanceType",
}


def _pass_role(member: str, service: str) -> Need:
    return Need("iam:PassRole", f"{{{member}}}", member, {"iam:passedtoservice": service})


def _sagemaker() -> dict[tuple[str, str], tuple[Need, ...]]:
    """Create, describe, change and delete of each kind: on the resource itself, and what comes with it."""
    found: dict[tuple[str, str], tuple[Need, ...]] = {}
    for verb in _VERBS:
        for kind, path in _KINDS.items():
            operation, arn = verb + kind, _SAGEMAKER_ARN + path
            types = {"sagemaker:instancetypes": f"{{{_TYPES[operation]}}}"} if operation in _TYPES else {}
            needs = [Need(f"sagemaker:{operation}", arn, context=types)]
            if operation in ("CreateEndpoint", "UpdateEndpoint"):
                needs.append(Need(f"sagemaker:{operation}", _SAGEMAKER_ARN + _KINDS["EndpointConfig"]))
            if operation in _PASSED:
                needs.append(_pass_role(_PASSED[operation], "sagemaker.amazonaws.com"))
            if verb == "Create":
                needs.append(Need("sagemaker:AddTags", arn, "Tags", {"sagemaker:taggingaction": operation}))
            found["sagemaker", operation] = tuple(needs)
    return found


def _on(service: str, resource: str | None, *operations: str) -> dict[tuple[str, str], tuple[Need, ...]]:
    """Operations whose action has their own name."""
    prefix = PREFIXES.get(service, service)
    return {(service, name): (Need(f"{prefix}:{name}", resource),) for name in operations}


_ASSUMED = {"sts:externalid": "{ExternalId}", "sts:rolesessionname": "{RoleSessionName}"}
_SCHEDULE = "arn:aws:scheduler:{region}:{account}:schedule/{GroupName=default}/{Name}"
_GROUP = "arn:aws:scheduler:{region}:{account}:schedule-group/{Name}"
_STREAM = "arn:aws:logs:{region}:{account}:log-group:{logGroupName|logGroupNamePrefix=}:log-stream:{logStreamName=}"
_PLAN = "arn:aws:savingsplans::{account}:savingsplan/"
_EXPORT = "arn:aws:bcm-data-exports:us-east-1:{account}:export/{Export.Name}-*"
_EXPORTED = "{Export.DestinationConfigurations.S3Destination.S3Bucket}"
_QUEUE = "arn:aws:sqs:{region}:{account}:{QueueUrl|QueueName}"


def _schedule(operation: str) -> dict[tuple[str, str], tuple[Need, ...]]:
    needs = (Need(f"scheduler:{operation}", _SCHEDULE), _pass_role("Target.RoleArn", "scheduler.amazonaws.com"))
    return {("scheduler", operation): needs}


NEEDS: dict[tuple[str, str], tuple[Need, ...]] = {
    **_sagemaker(),
    **_on("sagemaker", "{ResourceArn}", "AddTags", "ListTags", "DeleteTags"),
    **_on("sagemaker", _SAGEMAKER_ARN + _KINDS["NotebookInstance"], "CreatePresignedNotebookInstanceUrl"),
    **_on("sagemaker", _SAGEMAKER_ARN + _KINDS["Endpoint"], "UpdateEndpointWeightsAndCapacities"),
    **_on("sagemaker", _APP, "DescribeApp", "DeleteApp"),
    ("sagemaker", "CreateApp"): (
        Need("sagemaker:CreateApp", _APP, context={"sagemaker:instancetypes": "{ResourceSpec.InstanceType}"}),
        Need("sagemaker:AddTags", _APP, "Tags", {"sagemaker:taggingaction": "CreateApp"}),
    ),
    **_on("sagemaker-runtime", _SAGEMAKER_ARN + _KINDS["Endpoint"], "InvokeEndpoint"),
    **_schedule("CreateSchedule"),
    **_schedule("UpdateSchedule"),
    **_on("scheduler", _SCHEDULE, "GetSchedule", "DeleteSchedule"),
    **_on("scheduler", _GROUP, "CreateScheduleGroup", "GetScheduleGroup", "DeleteScheduleGroup"),
    **_on("scheduler", "{ResourceArn}", "TagResource", "UntagResource", "ListTagsForResource"),
    **_on("logs", _STREAM, "CreateLogGroup", "DescribeLogGroups", "DeleteLogGroup", "CreateLogStream",
          "DescribeLogStreams", "DeleteLogStream", "PutLogEvents", "GetLogEvents", "FilterLogEvents",
          "PutRetentionPolicy", "DeleteRetentionPolicy"),
    **_on("logs", "{resourceArn}", "TagResource", "UntagResource", "ListTagsForResource"),
    **_on("service-quotas", "arn:aws:servicequotas:{region}:{account}:{ServiceCode}/{QuotaCode}",
          "RequestServiceQuotaIncrease"),
    **_on("ec2", "*", "PurchaseReservedInstancesOffering"),
    **_on("iam", "{PolicySourceArn}", "SimulatePrincipalPolicy"),
    **_on("iam", "arn:aws:iam::{account}:role/{RoleName}", "GetRole"),
    **_on("savingsplans", "*", "DescribeSavingsPlans", "DescribeSavingsPlansOfferings",
          "DescribeSavingsPlansOfferingRates"),
    **_on("savingsplans", _PLAN + "{savingsPlanId}", "DeleteQueuedSavingsPlan", "ReturnSavingsPlan"),
    ("savingsplans", "CreateSavingsPlan"): (
        Need("savingsplans:CreateSavingsPlan"), Need("savingsplans:TagResource", _PLAN + "*", "tags")
    ),
    **_on("bcm-data-exports", "{ExportArn}", "GetExport", "DeleteExport", "ListExecutions", "GetExecution"),
    # On AWS the bucket's own policy lets the service write; that is not looked at here, and who makes the export must
    # be allowed to.
    ("bcm-data-exports", "CreateExport"): (
        Need("bcm-data-exports:CreateExport", _EXPORT), Need("s3:PutObject", f"arn:aws:s3:::{_EXPORTED}/*"),
        Need("bcm-data-exports:TagResource", _EXPORT, "ResourceTags"),
    ),
    ("budgets", "DescribeBudgets"): (Need("budgets:ViewBudget", "arn:aws:budgets::{account}:budget/*"),),
    ("sts", "AssumeRole"): (Need("sts:AssumeRole", "{RoleArn}", context=_ASSUMED),),
    **_on("sqs", _QUEUE, "SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueUrl", "GetQueueAttributes",
          "CreateQueue", "DeleteQueue", "PurgeQueue"),
    **_on("sns", "{TopicArn}", "Publish"),
    **_on("kms", "{KeyId}", "DescribeKey"),
}  # fmt: skip

WITHOUT_RESOURCES = {
    "sagemaker": ("List", "Search"),
    "service-quotas": ("List", "Get", "StartQuotaUtilizationReport"),
    "scheduler": ("List",),
    "monitoring": ("Get", "List", "Put"),
    "tagging": ("Get",),
    "ec2": ("Describe",),
    "ce": ("Get",),
    "bcm-data-exports": ("ListExports", "ListTables", "GetTable"),
    "pricing": ("Get", "Describe", "List"),
    "cloudtrail": ("LookupEvents",),
    "sqs": ("ListQueues",),
}
"""Service → how those of its operations begin that are about no resource: their action is on `*`."""
