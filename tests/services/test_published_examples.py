"""Every read function of the services over AWS's own example replies, and over the least and the most that botocore's
service models let AWS send: all are read, into the rows a person would expect."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services import (
    capacities,
    endpoints,
    idleness,
    logs,
    metrics,
    notebooks,
    owners,
    quotas,
    schedules,
    studios,
    trainings,
    variants,
    witnesses,
)
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud
from services.endpoints import EndpointStatus
from services.errors import Unavailable
from services.logs import Line
from services.notebooks import NotebookStatus
from services.plans import INTENT_TAG, OWNER_TAG, Call
from services.spenders import Spender, SpenderKind
from services.studios import Activity
from services.trainings import TrainingStatus
from tests.support.deck_wishes import ACCOUNT_ID, KIM
from tests.support.practice_account import REGION
from tests.support.replies import WHEN, Replies, item, least, most, operation_model

PUBLISHED = sorted((Path(__file__).parent / "published").glob("*.json"))
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}"
LATER = WHEN + timedelta(hours=1)


@pytest.fixture
def replies(server: Replies) -> Replies:
    server.said = {}
    return server


@pytest.fixture(scope="module")
def told(server: Replies) -> Cloud:
    """An account of a real AWS's kind, so that no practice clock is asked; its calls go to the server."""
    return Cloud(DeckAccount(AccountKind.REAL, ACCOUNT_ID, "", server.url, changes=True), REGION)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


# -- as AWS published them

ROWS: dict[str, tuple[Callable[[Cloud], Any], Any]] = {
    "logs.DescribeLogStreams": (lambda cloud: logs.streams(cloud, "my-logs", "2015"), ("20150531", "20150601")),
    "logs.GetLogEvents": (
        lambda cloud: [(round(line.at.timestamp() * 1000), line.text) for line in logs.tail(cloud, "my-logs", "s")],
        [
            (1433190184356, "Example Event 1"),
            (1433190184356, "Example Event 1"),
            (1433190184358, "Example Event 2"),
        ],
    ),
    "service-quotas.ListServiceQuotas": (quotas.applied_limits, {"L-87D14FB7": 60, "L-0485CB21": 200}),
}


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_a_published_example_is_read_into_its_rows(told: Cloud, replies: Replies, path: Path) -> None:
    example = json.loads(path.read_text())
    assert example["source"].startswith("https://docs.aws.amazon.com/")
    replies.said[path.stem.partition(".")[2]] = json.dumps(example["reply"])
    read, rows = ROWS[path.stem]
    assert read(told) == rows


def test_every_published_example_is_replayed() -> None:
    assert {path.stem for path in PUBLISHED} == set(ROWS)


# -- as the service models allow

TAGGED = [{"Key": OWNER_TAG, "Value": "kim"}]

IDENTITY: dict[str, dict[str, Any]] = {
    "NotebookInstanceSummary": {"NotebookInstanceStatus": "InService", "CreationTime": WHEN},
    "TrainingJob": {
        "TrainingJobName": "j",
        "TrainingJobArn": f"{ARN}:training-job/j",
        "TrainingJobStatus": "Stopped",
        "CreationTime": WHEN,
    },
    "AppDetails": {"Status": "InService"},
    "ScheduleSummary": {"Name": "flightdeck-s", "LastModificationDate": WHEN},
    "LogStream": {"logStreamName": "s"},
    "OutputLogEvent": {"timestamp": 1},
    "MetricDataResult": {"Id": "m0"},
    "ServiceQuota": {"QuotaCode": "L-1"},
}
"""Members that the models call optional and without which there is no row: its name, its state."""


def rows_of(service: str, shape: str, *, full: bool, **given: Any) -> Any:
    return item(service, shape, full=full, **{**IDENTITY.get(shape, {}), **given})


@pytest.mark.parametrize("full", [False, True], ids=["least", "most"])
class TestWhatTheModelAllows:
    """`full`: every optional member is there; else none of them is."""

    def test_notebooks(self, told: Cloud, replies: Replies, full: bool) -> None:
        row = rows_of("sagemaker", "NotebookInstanceSummary", full=full, NotebookInstanceName="n")
        whole = most("sagemaker", "DescribeNotebookInstance", NotebookInstanceStatus="Stopped")
        told_row = {"NotebookInstanceName": "n", "NotebookInstanceArn": "arn", **IDENTITY["NotebookInstanceSummary"]}
        replies.said["ListNotebookInstances"] = {"NotebookInstances": [row]}
        replies.said["DescribeNotebookInstance"] = whole if full else told_row
        replies.said["CreatePresignedNotebookInstanceUrl"] = {"AuthorizedUrl": "https://x"}
        (listed,) = notebooks.list_notebooks(told)
        assert (listed.name, listed.status, listed.created) == ("n", NotebookStatus.IN_SERVICE, WHEN)
        assert (listed.changed, bool(listed.instance_type)) == (WHEN, full)
        found = notebooks.get_notebook(told, "n")
        assert (found.volume_gib is not None, bool(found.role_arn), bool(found.failure)) == (full, full, full)
        assert found.burn >= 0
        assert notebooks.open_url(told, "n", KIM) == "https://x"

    def test_trainings(self, told: Cloud, replies: Replies, full: bool) -> None:
        job = rows_of("sagemaker", "TrainingJob", full=full)
        described = (most if full else least)("sagemaker", "DescribeTrainingJob", **IDENTITY["TrainingJob"])
        replies.said["Search"] = {"Results": [{"TrainingJob": job}]}
        replies.said["DescribeTrainingJob"] = described
        replies.said["ListTags"] = {"Tags": [{"Key": OWNER_TAG, "Value": "kim"}]} if full else {"Tags": []}
        (listed,) = trainings.list_training_jobs(told)
        found = trainings.get_training_job(told, "j")
        for row in (listed, found):
            assert (row.name, row.status, row.created, row.runs) == ("j", TrainingStatus.STOPPED, WHEN, False)
            assert (bool(row.instance_type), bool(row.phases), bool(row.metrics)) == (full, full, full)
            assert row.burn == 0
        assert found.owner == ("kim" if full else "")
        assert listed.warm_pool == ("Available" if full else "")

    def test_endpoints(self, told: Cloud, replies: Replies, full: bool) -> None:
        made = most if full else least
        summary = rows_of("sagemaker", "EndpointSummary", full=full, EndpointStatus="InService", EndpointName="e")
        replies.said["ListEndpoints"] = {"Endpoints": [summary]}
        replies.said["DescribeEndpoint"] = made("sagemaker", "DescribeEndpoint", EndpointConfigName="c")
        variant = rows_of("sagemaker", "ProductionVariant", full=full, VariantName="AllTraffic")
        config = {"EndpointConfigName": "c", "ProductionVariants": [variant]}
        replies.said["DescribeEndpointConfig"] = made("sagemaker", "DescribeEndpointConfig", **config)
        other = rows_of("sagemaker", "EndpointConfigSummary", full=full, EndpointConfigName="left")
        replies.said["ListEndpointConfigs"] = {"EndpointConfigs": [other]}
        replies.said["ListTags"] = {"Tags": []}
        (listed,) = endpoints.list_endpoints(told)
        assert (listed.name, listed.status, listed.can_invoke) == ("e", EndpointStatus.IN_SERVICE, True)
        found = endpoints.get_endpoint(told, "e")
        (shown,) = found.variants
        assert (shown.name, bool(shown.instance_type), shown.instance_count > 0) == ("AllTraffic", full, full)
        assert found.burn >= 0
        assert variants.get_variants(told, "c")[0].volume_gib == (1 if full else 0)
        assert [row.name for row in endpoints.list_restorable(told, (found,))] == ["left"]
        assert endpoints.example_of(told, found) == ""

    def test_owners(self, told: Cloud, replies: Replies, full: bool) -> None:
        row = rows_of("resourcegroupstaggingapi", "ResourceTagMapping", full=full, ResourceARN="arn", Tags=TAGGED)
        replies.said["GetResources"] = {"ResourceTagMappingList": [row]}
        assert owners.tagged(told, OWNER_TAG) == {"arn": "kim"}

    def test_an_invocation(self, told: Cloud, replies: Replies, full: bool) -> None:
        made = (most if full else least)("sagemaker-runtime", "InvokeEndpoint", Body=b"[1]")
        replies.said["InvokeEndpoint"] = made
        answer = endpoints.invoke(told, "e", b"{}", "application/json", KIM)
        assert (answer.body, bool(answer.variant)) == (b"[1]", full)

    def test_schedules(self, told: Cloud, replies: Replies, full: bool) -> None:
        row = rows_of("scheduler", "ScheduleSummary", full=full)
        replies.said["ListSchedules"] = {"Schedules": [row]}
        at = {"Name": "s", "ScheduleExpression": "at(2026-11-20T12:00:00)"}
        zone = {"ScheduleExpressionTimezone": "Asia/Seoul"}
        replies.said["GetSchedule"] = most("scheduler", "GetSchedule", **at, **zone) if full else at
        assert schedules.list_guards(told) == {"flightdeck-s": WHEN}
        guard = schedules.find_guard(told, "arn")
        assert guard is not None
        assert (guard.stops_at.hour, guard.enabled) == (3 if full else 12, True)

    def test_quotas(self, told: Cloud, replies: Replies, full: bool) -> None:
        row = rows_of("service-quotas", "ServiceQuota", full=full)
        change = rows_of("service-quotas", "RequestedServiceQuotaChange", full=full)
        replies.said["ListServiceQuotas"] = {"Quotas": [row]}
        replies.said["ListRequestedServiceQuotaChangeHistoryByQuota"] = {"RequestedQuotas": [change]}
        assert quotas.applied_limits(told) == ({"L-1": 1} if full else {})
        asked = {"ServiceCode": "sagemaker", "QuotaCode": "L-1", "DesiredValue": 1.5}
        call = Call("service-quotas", "request_service_quota_increase", asked)
        assert witnesses.happened(told, call) is full

    def test_logs(self, told: Cloud, replies: Replies, full: bool) -> None:
        replies.said["DescribeLogStreams"] = {"logStreams": [rows_of("logs", "LogStream", full=full)]}
        events = [rows_of("logs", "OutputLogEvent", full=full)]
        replies.said["GetLogEvents"] = most("logs", "GetLogEvents", events=events) if full else {"events": events}
        assert logs.streams(told, "g") == ("s",)
        (line,) = logs.tail(told, "g", "s")
        assert isinstance(line, Line)
        assert bool(line.text) is full
        assert bool(logs.read(told, "g", "s")[1]) is full

    def test_metrics(self, told: Cloud, replies: Replies, full: bool) -> None:
        row = rows_of("cloudwatch", "MetricDataResult", full=full)
        replies.said["GetMetricData"] = {"MetricDataResults": [row]}
        made = most if full else least
        replies.said["DescribeTrainingJob"] = made("sagemaker", "DescribeTrainingJob", CreationTime=WHEN)
        replies.said["DescribeEndpoint"] = most("sagemaker", "DescribeEndpoint", CreationTime=WHEN)
        replies.said["DescribeEndpointConfig"] = most("sagemaker", "DescribeEndpointConfig")
        found = metrics.training_metrics(told, "j")
        assert [bool(metric.points) for metric in found] == ([True] if full else [])
        assert len(metrics.endpoint_metrics(told, "e")) == len(metrics.ENDPOINT_METRICS)
        endpoint = endpoints.get_endpoint(told, "e")
        serves = replace(endpoint, status=EndpointStatus.IN_SERVICE)
        (idle,) = idleness.read_invocations(told, [serves], LATER).values()
        assert idle.use in idleness.Use

    def test_studio(self, told: Cloud, replies: Replies, full: bool) -> None:
        replies.said["ListApps"] = {"Apps": [rows_of("sagemaker", "AppDetails", full=full)]}
        replies.said["ListSpaces"] = {"Spaces": [rows_of("sagemaker", "SpaceDetails", full=full)]}
        replies.said["DescribeApp"] = most("sagemaker", "DescribeApp") if full else {"AppName": "a"}
        (app,) = studios.list_apps(told)
        (space,) = studios.list_spaces(told)
        assert (app.kind, bool(app.created), bool(app.instances)) == (SpenderKind.APP, full, full)
        assert (space.volume_gib > 0, bool(space.owner)) == (full, full)
        assert app.burn + space.burn >= 0
        named = Spender(SpenderKind.APP, "a", "arn", REGION, "InService", names=APP)
        assert studios.get_activity(told, named) == (Activity(WHEN, WHEN) if full else Activity(None, None))

    def test_capacities(self, told: Cloud, replies: Replies, full: bool) -> None:
        cluster = rows_of("sagemaker", "ClusterSummary", full=full, ClusterArn=f"arn:{full}")
        group = rows_of("sagemaker", "ClusterInstanceGroupDetails", full=full)
        made = most if full else least
        replies.said |= {
            "ListClusters": {"ClusterSummaries": [cluster]},
            "DescribeCluster": made("sagemaker", "DescribeCluster", InstanceGroups=[group]),
            "ListInferenceComponents": made("sagemaker", "ListInferenceComponents"),
            "ListMlflowTrackingServers": {
                "TrackingServerSummaries": [rows_of("sagemaker", "TrackingServerSummary", full=full)]
            },
            "ListTrainingPlans": made("sagemaker", "ListTrainingPlans"),
        }
        (found,) = capacities.list_clusters(told)
        assert bool(found.instances) is full
        (component,) = capacities.list_inference_components(told)
        assert component.place.startswith("a-")
        (tracker,) = capacities.list_mlflow_servers(told)
        assert bool(tracker.name) is full
        (plan,) = capacities.list_training_plans(told)
        assert (bool(plan.upfront), bool(plan.instances)) == (full, full)

    def test_witnesses(self, told: Cloud, replies: Replies, full: bool) -> None:
        for method, lookup in witnesses.LOOKUPS.items():
            operation = "".join(word.capitalize() for word in lookup.method.split("_"))
            made = most("sagemaker", operation)
            output = operation_model("sagemaker", operation).output_shape
            required = output.required_members if output is not None else []
            replies.said[operation] = made if full else {name: made[name] for name in {*required, lookup.arn}}
            replies.said["ListTags"] = {"Tags": [{"Key": INTENT_TAG, "Value": "i"}]} if full else {"Tags": []}
            tags = [{"Key": INTENT_TAG, "Value": "i"}]
            call = Call("sagemaker", method, {lookup.parameter: "n", "Tags": tags})
            assert witnesses.happened(told, call) is full


APP = {"DomainId": "d-a", "SpaceName": "s", "AppType": "JupyterLab", "AppName": "a"}


@pytest.mark.parametrize(
    ("statuses", "shape"),
    [
        (NotebookStatus, "NotebookInstanceStatus"),
        (EndpointStatus, "EndpointStatus"),
        (TrainingStatus, "TrainingJobStatus"),
    ],
)
def test_every_status_that_aws_has_is_known(statuses: Any, shape: str) -> None:
    model = operation_model("sagemaker", "ListEndpoints").service_model
    enum: Any = model.shape_for(shape)
    assert {str(status) for status in statuses} == set(enum.enum)
    unheard_of = statuses("Levitating")
    assert (unheard_of, unheard_of.name, unheard_of in set(statuses)) == ("Levitating", "Levitating", False)
    with pytest.raises(ValueError, match="is not a valid"):
        statuses(None)


def test_a_reply_that_is_cut_off_is_no_empty_answer_of_any_json_service(told: Cloud, replies: Replies) -> None:
    """CloudWatch names another protocol first and speaks JSON with botocore."""
    replies.said |= {"GetMetricData": "{}", "ListNotebookInstances": "<html>", "ListServiceQuotas": "{"}
    running = SimpleNamespace(arn="a", name="e", can_invoke=True, variants=(SimpleNamespace(name="v"),), changed=WHEN)
    reads: list[Callable[[], Any]] = [
        lambda: idleness.read_invocations(told, [running], WHEN),  # type: ignore[list-item]
        lambda: notebooks.list_notebooks(told),
        lambda: quotas.applied_limits(told),
    ]
    for read in reads:
        with pytest.raises(Unavailable):
            read()
