"""What else spends: read from AWS's lists, each failing alone; what it bills, and what stops it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services import app_plans, inventory, meter, rates, spender_lists, spenders
from services import cloud as clouds
from services.cloud import Account as DeckAccount
from services.cloud import AccountKind, Cloud, take_toll
from services.errors import AccessDenied, CapReached
from services.history import History
from services.idleness import HOLD, Use, Witness
from services.launches import carry_out
from services.ledger import Ledger, State
from services.paid_calls import PaidCalls
from services.spenders import Billing, Spender, SpenderKind, Spenders
from services.trainings import TrainingJob, TrainingStatus
from tests.support.deck_wishes import ACCOUNT_ID, KIM, cloud_of
from tests.support.practice_account import REGION, Account
from tests.support.replies import WHEN, Replies, most
from tests.support.studios import make_studio

EMPTY: dict[str, Any] = {
    "ListApps": {"Apps": []},
    "ListSpaces": {"Spaces": []},
    "ListClusters": {"ClusterSummaries": []},
    "ListInferenceComponents": {"InferenceComponents": []},
    "ListMlflowTrackingServers": {"TrackingServerSummaries": []},
    "ListTrainingPlans": {"TrainingPlanSummaries": []},
}
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT_ID}"


@pytest.fixture
def replies(server: Replies) -> Replies:
    server.said = dict(EMPTY)
    server.asked.clear()
    return server


@pytest.fixture
def told(replies: Replies) -> Cloud:
    """An account that answers what the test says."""
    account = DeckAccount(AccountKind.PRACTICE, ACCOUNT_ID, "", replies.url, "key", "secret")
    return Cloud(account, REGION)


def app(kind: str = "JupyterLab", status: str = "InService", **changes: Any) -> dict[str, Any]:
    row = {
        "DomainId": "d-abc",
        "SpaceName": "lab",
        "AppType": kind,
        "AppName": "default",
        "Status": status,
        "CreationTime": WHEN,
        "ResourceSpec": {"InstanceType": "ml.t3.medium"},
    }
    return {**row, **changes}


SPACE = {
    "DomainId": "d-abc",
    "SpaceName": "lab",
    "Status": "InService",
    "CreationTime": WHEN,
    "SpaceSettingsSummary": {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}}},
    "OwnershipSettingsSummary": {"OwnerUserProfileName": "kim"},
}


def one(cloud: Cloud) -> Spender:
    (row,) = spender_lists.take(cloud, Spenders()).rows
    return row


def test_an_app_bills_its_instance_and_is_its_spaces_owners(told: Cloud, replies: Replies) -> None:
    replies.said |= {"ListApps": {"Apps": [app()]}, "ListSpaces": {"Spaces": [SPACE]}}
    row, space = spender_lists.take(told, Spenders()).rows
    assert (row.kind, row.name, row.owner, row.status) == (SpenderKind.APP, "lab/default", "kim", "InService")
    assert row.names == {"DomainId": "d-abc", "SpaceName": "lab", "AppType": "JupyterLab", "AppName": "default"}
    assert row.arn == f"{ARN}:app/d-abc/lab/jupyterlab/default"
    assert (row.billing, row.usd_per_hour) == (Billing.RATED, Decimal("0.062"))
    assert (row.runs, row.can_stop, row.usage) == (True, True, "studio_jupyterlab")
    assert (space.kind, space.volume_gib, space.runs, space.can_stop) == (SpenderKind.SPACE, 20, False, False)
    assert space.usd_per_hour == rates.total(rates.known(rates.storage_part(REGION, 20)))


@pytest.mark.parametrize(
    ("row", "billing"),
    [
        (app(status="Pending"), Billing.NOTHING),
        (app(status="Deleting"), Billing.NOTHING),
        (app(status="Failed"), Billing.NOTHING),
        (app("JupyterServer", ResourceSpec={"InstanceType": "system"}), Billing.NOTHING),
        (app(ResourceSpec={"InstanceType": "ml.geospatial.interactive"}), Billing.UNRATED),
        (app(ResourceSpec={}), Billing.UNRATED),
        (app("Canvas"), Billing.UNRATED),
    ],
)
def test_what_an_app_bills_is_known_or_said_to_be_unknown(
    told: Cloud, replies: Replies, row: dict[str, Any], billing: Billing
) -> None:
    replies.said["ListApps"] = {"Apps": [row]}
    found = one(told)
    assert found.billing is billing
    assert found.burn == 0
    assert (found.usd_per_hour is None) == (billing is Billing.UNRATED)
    assert (found.kind is SpenderKind.CANVAS) == (row["AppType"] == "Canvas")


def test_a_deleted_app_is_gone_though_aws_still_lists_it(told: Cloud, replies: Replies) -> None:
    replies.said["ListApps"] = {"Apps": [app(status="Deleted")]}
    assert spender_lists.take(told, Spenders()).rows == ()


def test_a_cluster_has_the_instances_of_all_its_groups(told: Cloud, replies: Replies) -> None:
    summary = {
        "ClusterArn": f"{ARN}:cluster/abc",
        "ClusterName": "c",
        "CreationTime": WHEN,
        "ClusterStatus": "InService",
    }
    groups = [
        {"InstanceType": "ml.p5.48xlarge", "CurrentCount": 2},
        {"InstanceType": "ml.p5.48xlarge", "CurrentCount": 1},
        {"InstanceType": "ml.c5.large", "CurrentCount": 0},
        {"CurrentCount": 1},
    ]
    replies.said["ListClusters"] = {"ClusterSummaries": [summary]}
    replies.said["DescribeCluster"] = {
        "ClusterArn": summary["ClusterArn"],
        "ClusterStatus": "InService",
        "InstanceGroups": groups,
        "RestrictedInstanceGroups": [{"InstanceType": "ml.p4d.24xlarge", "CurrentCount": 1}],
    }
    row = one(told)
    assert row.instances == (("ml.p5.48xlarge", 3), ("ml.p4d.24xlarge", 1))
    assert (row.billing, row.usage, row.runs, row.can_stop) == (Billing.UNRATED, "cluster", True, False)
    replies.said["DescribeCluster"] = {**replies.said["DescribeCluster"], "InstanceGroups": groups[:1]}
    assert one(told).instances == (("ml.p5.48xlarge", 2), ("ml.p4d.24xlarge", 1))


def test_an_inference_component_bills_with_its_endpoint(told: Cloud, replies: Replies) -> None:
    component = {
        "CreationTime": WHEN,
        "InferenceComponentArn": f"{ARN}:inference-component/i",
        "InferenceComponentName": "i",
        "EndpointArn": f"{ARN}:endpoint/e",
        "EndpointName": "e",
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": "InService",
        "LastModifiedTime": WHEN,
    }
    replies.said["ListInferenceComponents"] = {"InferenceComponents": [component]}
    row = one(told)
    assert (row.place, row.billing, row.burn, row.runs) == ("e", Billing.ELSEWHERE, Decimal(0), False)


def test_an_mlflow_server_bills_until_it_is_stopped(told: Cloud, replies: Replies) -> None:
    for status, billing in (("Created", Billing.UNRATED), ("Stopped", Billing.NOTHING)):
        server = {"TrackingServerName": "m", "TrackingServerArn": "a", "TrackingServerStatus": status}
        replies.said["ListMlflowTrackingServers"] = {"TrackingServerSummaries": [server]}
        assert one(told).billing is billing


def test_a_training_plan_is_paid_in_advance(told: Cloud, replies: Replies) -> None:
    capacity = {
        "ReservedCapacityArn": "r",
        "InstanceType": "ml.p5.48xlarge",
        "TotalInstanceCount": 4,
        "Status": "Active",
    }
    plan = {
        "TrainingPlanArn": f"{ARN}:training-plan/p",
        "TrainingPlanName": "p",
        "Status": "Active",
        "UpfrontFee": "12345.67",
        "CurrencyCode": "USD",
        "ReservedCapacitySummaries": [capacity],
    }
    over = {**plan, "TrainingPlanName": "old", "Status": "Expired"}
    replies.said["ListTrainingPlans"] = {"TrainingPlanSummaries": [plan, over]}
    row = one(told)
    assert (row.name, row.billing, row.upfront) == ("p", Billing.PREPAID, "12345.67 USD")
    assert row.instances == (("ml.p5.48xlarge", 4),)
    assert not row.runs


def job(warm_pool: str) -> TrainingJob:
    return TrainingJob(
        name="j",
        arn=f"{ARN}:training-job/j",
        region=REGION,
        status=TrainingStatus.COMPLETED,
        secondary="Completed",
        instance_type="ml.m5.large",
        instance_count=2,
        volume_gib=5,
        image="",
        created=WHEN,
        changed=WHEN,
        started=WHEN,
        ended=WHEN,
        training_seconds=1,
        billable_seconds=1,
        max_run_seconds=1,
        spot=False,
        owner="kim",
        warm_pool=warm_pool,
    )


def test_a_warm_pool_bills_while_it_waits_for_the_next_job() -> None:
    (row,) = spenders.warm_pools((job("Available"), job("Terminated"), job("Reused"), job("")))
    assert (row.kind, row.owner, row.billing, row.usage) == (
        SpenderKind.WARM_POOL,
        "kim",
        Billing.RATED,
        "warm_pool",
    )
    assert row.burn == rates.total(rates.known(rates.instance_part(REGION, "ml.m5.large", "warm_pool", 2))) > 0
    (used,) = spenders.warm_pools((job("InUse"),))
    assert (used.billing, used.burn) == (Billing.ELSEWHERE, Decimal(0))


@pytest.mark.parametrize("code", ["NotImplemented", "UnknownOperationException"])
def test_what_a_region_does_not_have_is_none_and_no_failure(told: Cloud, replies: Replies, code: str) -> None:
    replies.said |= {"ListApps": {"Apps": [app()]}, "ListClusters": (400, code), "ListTrainingPlans": (501, code)}
    taken = spender_lists.take(told, Spenders())
    assert ([row.name for row in taken.rows], taken.unread) == (["lab/default"], {})


def test_a_list_that_fails_keeps_its_last_rows_and_leaves_the_others(told: Cloud, replies: Replies) -> None:
    server = {"TrackingServerName": "m", "TrackingServerArn": "a", "TrackingServerStatus": "Created"}
    replies.said["ListMlflowTrackingServers"] = {"TrackingServerSummaries": [server]}
    before = spender_lists.take(told, Spenders())
    replies.said |= {
        "ListApps": {"Apps": [app()]},
        "ListMlflowTrackingServers": (400, "AccessDeniedException"),
        "ListSpaces": (400, "ThrottlingException"),
    }
    taken = spender_lists.take(told, before)
    assert sorted(row.name for row in taken.rows) == ["lab/default", "m"]
    assert taken.unread == {"mlflow_servers": "AccessDenied", "spaces": "Throttled"}


def test_when_no_list_can_be_read_the_whole_source_has_failed(told: Cloud, replies: Replies) -> None:
    replies.said |= dict.fromkeys(EMPTY, (400, "AccessDeniedException"))
    with pytest.raises(AccessDenied):
        spender_lists.take(told, Spenders())


def test_what_is_used_is_asked_again_only_after_a_while(told: Cloud, replies: Replies) -> None:
    replies.said |= {"ListApps": {"Apps": [app()]}, "DescribeApp": {"LastUserActivityTimestamp": WHEN}}
    seen = inventory.take(told)
    again = inventory.take(told, seen)
    assert (again.activity, again.read_at["activity"]) == (seen.activity, seen.at)
    assert replies.asked.count("DescribeApp") == 1
    hold = HOLD[AccountKind.PRACTICE]
    later = inventory.take(told, replace(seen, read_at={**seen.read_at, "activity": seen.at - hold}))
    assert (replies.asked.count("DescribeApp"), later.read_at["activity"]) == (2, later.at)


def test_at_the_cap_what_was_known_of_invocations_is_kept_with_its_age(
    told: Cloud, replies: Replies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    described = {
        "EndpointName": "e",
        "EndpointArn": "arn",
        "EndpointConfigName": "c",
        "EndpointStatus": "InService",
        "CreationTime": WHEN,
        "LastModifiedTime": WHEN,
    }
    replies.said |= {
        "ListEndpoints": {"Endpoints": [{key: described[key] for key in described if key != "EndpointConfigName"}]},
        "DescribeEndpoint": described,
        "DescribeEndpointConfig": most("sagemaker", "DescribeEndpointConfig"),
        "GetMetricData": {"MetricDataResults": []},
    }
    seen = inventory.take(told)
    assert seen.idle("arn").use is Use.IDLE
    paid = PaidCalls(tmp_path / "paid.sqlite3", cap_usd=Decimal(0))
    monkeypatch.setattr(clouds, "_tolls", [])
    take_toll(paid.charge)
    before = replies.asked.count("GetMetricData")
    aged = replace(seen, read_at={**seen.read_at, "invocations": seen.at - timedelta(hours=1)})
    capped = inventory.take(told, aged)
    assert type(capped.failures["invocations"]) is CapReached
    assert (capped.invocations, capped.age("invocations")) == (seen.invocations, timedelta(hours=1))
    assert replies.asked.count("GetMetricData") == before
    paid.close()


@pytest.mark.heavy
def test_a_studio_app_is_seen_idle_billed_counted_and_stopped(
    practice: Account, ledger: Ledger, history: History
) -> None:
    cloud = cloud_of(practice)
    make_studio(practice)
    seen = inventory.take(cloud)
    assert seen.failures == {}
    row = next(each for each in seen.others if each.kind is SpenderKind.APP)
    space = next(each for each in seen.others if each.kind is SpenderKind.SPACE)
    assert (row.owner, row.status, space.volume_gib) == ("kim", "InService", 5)
    assert inventory.burn(seen) == row.burn + space.burn
    assert inventory.in_use(seen) == {("studio_jupyterlab", "ml.t3.medium"): 1}
    (ahead,) = inventory.stops_ahead(seen)
    assert (ahead.kind, ahead.owner, ahead.guarded, ahead.usd_per_hour) == ("app", "kim", False, row.burn)
    assert [(each.kind, each.owner) for each in inventory.running(seen)] == [("app", "kim")]
    assert (seen.idle(row.arn).use, seen.idle(row.arn).witness) == (Use.UNKNOWN, Witness.NEW)
    practice.advance(2 * 3600)
    later = inventory.take(cloud, seen)
    assert (later.idle(row.arn).use, later.idle(row.arn).since) == (Use.IDLE, row.created)
    idle = inventory.idle_since(later)
    assert idle is not None
    assert (idle.count, idle.since) == (1, row.created)
    for each in (seen, later):
        history.observe(cloud.account.key, each)
    plan = app_plans.plan_stop(row, space)
    assert (plan.effect.saves_usd_per_hour, plan.effect.goes_on_usd_per_hour) == (row.burn, space.burn)
    assert carry_out(cloud, ledger, plan, KIM).state is State.DONE
    practice.advance(10)
    gone = inventory.take(cloud, later)
    history.observe(cloud.account.key, gone, ledger.actions(cloud.account.key))
    practice.advance(24 * 3600)
    costs = {each.resource.kind: each.usd for each in meter.cost(history, cloud.account.key, WHEN, practice.clock())}
    bill = {each["kind"]: float(each["usd"]) for each in practice.control("GET", "usage")["resources"]}
    assert float(costs["app"]) == pytest.approx(bill["studio-app"], rel=0.01)
    assert float(costs["space"]) == pytest.approx(bill["studio-space"], rel=0.01)
    assert [each.kind for each in gone.others] == [SpenderKind.SPACE]
    assert inventory.burn(gone) == space.burn
    assert inventory.idle_since(gone) is None
    again = replace(app_plans.plan_stop(row), intent="0" * 16)
    assert carry_out(cloud, ledger, again, KIM).state is State.DONE
