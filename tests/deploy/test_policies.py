"""The shipped policies are enough, and nothing in them is too much: shown by what real requests needed of IAM."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.permissions.policies import Grant, Wanted, read_policy, refusal
from services import identities, inventory, launches
from services.access import Role
from services.cloud import Account, Cloud
from services.errors import AccessDenied
from services.launches import carry_out
from services.ledger import Ledger, State
from tests.support import journeys
from tests.support.deck_wishes import ACCOUNT_ID, KIM, deck_account
from tests.support.journeys import Traveller
from tests.support.practice_account import REGION, running
from tests.support.practice_account import Account as Practice

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
NAMES = ("viewer", "operator", "scheduler", "execution")
STATEMENTS = [(name, statement["Sid"]) for name in NAMES for statement in identities.shipped(name)["Statement"]]
USER = f"arn:aws:iam::{ACCOUNT_ID}:user/flightdeck-"
EXPORT = f"arn:aws:bcm-data-exports:us-east-1:{ACCOUNT_ID}:export/flightdeck-1"
SM = f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}:"

ELSEWHERE: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "viewer": (
        ("sagemaker", "list_training_jobs", {}),
        ("sagemaker", "list_domains", {}),
        ("sagemaker", "list_spaces", {}),
        ("sagemaker", "list_apps", {}),
        ("sagemaker", "list_clusters", {}),
        ("sagemaker", "list_inference_components", {}),
        ("sagemaker", "list_mlflow_tracking_servers", {}),
        ("sagemaker", "list_training_plans", {}),
        ("sagemaker", "describe_cluster", {"ClusterName": "c"}),
        ("sagemaker", "describe_app", {"DomainId": "d-1", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "a"}),
        ("resourcegroupstaggingapi", "get_resources", {}),
        ("cloudtrail", "lookup_events", {}),
        ("logs", "describe_log_groups", {}),
        ("pricing", "get_products", {"ServiceCode": "AmazonSageMaker"}),
        ("savingsplans", "describe_savings_plans_offering_rates", {"products": ["SageMaker"]}),
        ("ec2", "describe_instance_type_offerings", {}),
        ("ec2", "describe_spot_price_history", {}),
        ("ec2", "describe_regions", {}),
        ("ec2", "describe_subnets", {}),
        ("ec2", "describe_security_groups", {}),
        ("ec2", "describe_vpc_endpoints", {}),
        ("kms", "describe_key", {"KeyId": f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/k"}),
        ("s3", "get_bucket_location", {"Bucket": f"sagemaker-{REGION}-{ACCOUNT_ID}"}),
        ("iam", "get_role", {"RoleName": "flightdeck-execution"}),
        ("iam", "list_account_aliases", {}),
        ("iam", "simulate_principal_policy", {"PolicySourceArn": USER + "viewer", "ActionNames": ["s3:PutObject"]}),
        ("budgets", "describe_budgets", {"AccountId": ACCOUNT_ID}),
        ("cur", "describe_report_definitions", {}),
        ("bcm-data-exports", "list_exports", {}),
        (
            "bcm-data-exports",
            "get_export",
            {"ExportArn": EXPORT},
        ),
        (
            "ce",
            "get_cost_and_usage",
            {
                "TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"},
                "Granularity": "DAILY",
                "Metrics": ["UnblendedCost"],
            },
        ),
        (
            "ce",
            "get_cost_and_usage_with_resources",
            {
                "TimePeriod": {"Start": "2026-01-01", "End": "2026-01-02"},
                "Granularity": "DAILY",
                "Filter": {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker"]}},
            },
        ),
    ),
    "operator": (
        ("sagemaker", "delete_app", {"DomainId": "d-1", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "a"}),
        ("s3", "list_objects_v2", {"Bucket": f"flightdeck-bills-{ACCOUNT_ID}"}),
        ("s3", "get_object", {"Bucket": f"flightdeck-bills-{ACCOUNT_ID}", "Key": "bills/flightdeck/data/x.parquet"}),
        ("s3", "abort_multipart_upload", {"Bucket": f"sagemaker-{REGION}-1", "Key": "flightdeck/k", "UploadId": "u"}),
    ),
}
"""Calls that the journey does not make: of services the practice account has no resources of, and the end of an
upload that is cut. They are made by themselves; whether there is an answer does not count, only whether IAM lets
them through."""

UNSEEN = {"savingsplans:DescribeSavingsPlans"}
"""Of a service that the practice account does not have at all: it cannot tell which action a request would need."""

BY_SAGEMAKER = {
    ("logs:CreateLogGroup", "arn:aws:logs:r:1:log-group:/aws/sagemaker/TrainingJobs:log-stream:"),
    ("logs:CreateLogStream", "arn:aws:logs:r:1:log-group:/aws/sagemaker/TrainingJobs:log-stream:j"),
    ("logs:DescribeLogStreams", "arn:aws:logs:r:1:log-group:/aws/sagemaker/TrainingJobs:log-stream:"),
    ("logs:PutLogEvents", "arn:aws:logs:r:1:log-group:/aws/sagemaker/TrainingJobs:log-stream:j"),
    ("cloudwatch:PutMetricData", "*"),
    ("ecr:GetAuthorizationToken", "*"),
    ("ecr:BatchCheckLayerAvailability", "arn:aws:ecr:r:1:repository/sagemaker-scikit-learn"),
    ("ecr:GetDownloadUrlForLayer", "arn:aws:ecr:r:1:repository/sagemaker-scikit-learn"),
    ("ecr:BatchGetImage", "arn:aws:ecr:r:1:repository/sagemaker-scikit-learn"),
    ("s3:GetBucketLocation", "arn:aws:s3:::sagemaker-r-1"),
    ("s3:AbortMultipartUpload", "arn:aws:s3:::sagemaker-r-1/flightdeck/k"),
    ("s3:ListMultipartUploadParts", "arn:aws:s3:::sagemaker-r-1/flightdeck/k"),
}
"""What SageMaker does as the execution role and this account does by itself:
docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html, permissions of CreateTrainingJob and CreateModel."""


@dataclass(frozen=True, slots=True)
class Travelled:
    """What each identity needed of IAM, and was allowed, on the whole journey."""

    needed: dict[str, list[Wanted]]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practice]:
    yield from running(tmp_path_factory.mktemp("policies") / "practice")


@pytest.fixture(scope="module")
def accounts(practice: Practice) -> dict[Role, Account]:
    return identities.ensure(deck_account(practice), practice.home / "identities.json")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    opened = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.sqlite3")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def viewer(practice: Practice, accounts: dict[Role, Account], ledger: Ledger) -> Traveller:
    return Traveller(practice, Cloud(accounts[Role.VIEWER], REGION), ledger, practice.home)


@pytest.fixture(scope="module")
def operator(practice: Practice, accounts: dict[Role, Account], ledger: Ledger) -> Traveller:
    return Traveller(practice, Cloud(accounts[Role.OPERATOR], REGION), ledger, practice.home)


@pytest.fixture(scope="module")
def travelled(viewer: Traveller, operator: Traveller) -> Travelled:
    """The whole journey as operator, and every read as viewer on the way."""
    journeys.make(operator)
    journeys.look(operator)
    journeys.look(viewer)
    report_a_failure(operator)
    journeys.end(operator)
    for who, calls in ((viewer, ELSEWHERE["viewer"]), (operator, ELSEWHERE["operator"])):
        for service, method, request in calls:
            assert passes(who.cloud, service, method, request), (service, method)
    needed: dict[str, list[Wanted]] = {}
    for made in operator.practice.control("GET", "permissions")["decisions"]:
        if made["allowed"]:
            context = {key: tuple(values) for key, values in made["context"].items()}
            wanted = Wanted(made["action"], made["resource"], context, made["tags_known"])
            needed.setdefault(made["identity"], []).append(wanted)
    return Travelled(
        {
            "viewer": needed[USER + "viewer"],
            "operator": needed[USER + "operator"],
            "scheduler": needed[f"arn:aws:iam::{ACCOUNT_ID}:role/flightdeck-scheduler"],
            "execution": [
                *(wanted for wanted in needed[f"arn:aws:iam::{ACCOUNT_ID}:user/practice"] if is_of_a_job(wanted)),
                *(Wanted(action, arn, {"cloudwatch:namespace": ("/aws/sagemaker/x",)}) for action, arn in BY_SAGEMAKER),
            ],
        }
    )


def report_a_failure(operator: Traveller) -> None:
    """A schedule whose endpoint is not there reports to the dead-letter queue."""
    practice = operator.practice
    practice.client("sqs").create_queue(QueueName="flightdeck-undelivered")
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:flightdeck-undelivered"
    target = {
        "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint",
        "RoleArn": operator.profile.scheduler_role,
        "Input": json.dumps({"EndpointName": "not-there"}),
        "DeadLetterConfig": {"Arn": queue},
    }
    scheduler = operator.cloud.writer("scheduler")
    scheduler.create_schedule(
        Name="flightdeck-once",
        ScheduleExpression="rate(30 days)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target,
    )
    practice.advance(5)
    scheduler.delete_schedule(Name="flightdeck-once")


def is_of_a_job(wanted: Wanted) -> bool:
    """What the account's own machinery fetched and stored for the job and the endpoint."""
    return str(wanted.resource).startswith("arn:aws:s3:::sagemaker-")


def passes(cloud: Cloud, service: str, method: str, request: dict[str, Any]) -> bool:
    try:
        getattr(cloud.writer(service), method)(**request)
    except ClientError as error:
        return "not authorized to perform" not in str(error) and "403" not in str(error)
    return True


def grant(*names: str, without: tuple[str, str] | None = None) -> Grant:
    """The policies together, one statement left out."""
    kept = [
        statement
        for name in names
        for statement in read_policy(identities.shipped(name))
        if (name, statement.sid) != without
    ]
    return Grant("identity-based policy", tuple(kept))


HOLDERS = {**{name: (name,) for name in NAMES}, "operator": ("viewer", "operator")}
"""Whose policies are held together: an operator holds the viewer's too."""


def test_as_viewer_every_write_fails_cleanly_and_nothing_is_launched(viewer: Traveller, operator: Traveller) -> None:
    tried = set()
    for plan in journeys.all_writes(viewer):
        action = carry_out(viewer.cloud, viewer.ledger, plan, KIM)
        assert action.state is State.FAILED, plan
        assert "is not authorized to perform" in str(action.error)
        for call in plan.calls:
            tried.add(call.method)
            if call.method != "get_schedule":
                with pytest.raises(AccessDenied):
                    launches.send(viewer.cloud, call, plan.name)
    source = "".join(path.read_text() for path in (ROOT / "services").glob("*.py"))
    assert tried >= set(re.findall(r'Call\(\s*"[\w-]+",\s*"(\w+)"', source))
    known = inventory.take(operator.cloud)
    assert (known.notebooks, known.trainings, known.endpoints, known.restorables) == ((), (), (), ())
    assert operator.practice.client("s3").list_buckets()["Buckets"] == []
    assert operator.practice.client("scheduler").list_schedules()["Schedules"] == []


def test_the_whole_journey_passes_as_operator_and_every_read_as_viewer(travelled: Travelled) -> None:
    for name, wanted in travelled.needed.items():
        assert [each for each in wanted if refusal([grant(*HOLDERS[name])], each)] == []


@pytest.mark.parametrize(("name", "sid"), STATEMENTS)
def test_without_any_one_statement_something_is_denied(travelled: Travelled, name: str, sid: str) -> None:
    less = grant(*HOLDERS[name], without=(name, sid))
    assert [each for each in travelled.needed[name] if refusal([less], each)]


@pytest.mark.parametrize("name", NAMES)
def test_no_action_is_granted_that_nothing_needs(travelled: Travelled, name: str) -> None:
    granted = {action for statement in read_policy(identities.shipped(name)) for action in statement.actions}
    assert granted - {each.action for each in travelled.needed[name]} - UNSEEN == set()
