"""What the plans of each kind would do: the exact requests, what they cost, and what stands against them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services import endpoint_plans, notebook_plans, rates, training_plans
from services.endpoint_plans import EndpointWish, endpoint_arn
from services.endpoints import Restorable
from services.notebook_plans import NotebookWish
from services.notebooks import notebook_arn
from services.planning import Surroundings, stop_time
from services.plans import Plan, Quota, Severity
from services.schedules import schedule_name
from services.training_plans import TrainingWish, Upload
from tests.support.deck_rows import BORN, REGION, endpoint, job, notebook

ROLE = "arn:aws:iam::123456789012:role/execution"
SCHEDULER = "arn:aws:iam::123456789012:role/scheduler"
QUOTA = Quota("q", "L-1", 1, 4, 1)
AROUND = Surroundings(BORN, "123456789012", "kim", QUOTA)
TAGS = [{"Key": "flightdeck:intent", "Value": "wish"}, {"Key": "flightdeck:owner", "Value": "kim"}]
NOTEBOOK = NotebookWish("Lab", REGION, "ml.t3.medium", 20, ROLE, 8.0, SCHEDULER)
ENDPOINT = EndpointWish(
    "scores",
    REGION,
    "ml.m5.large",
    2,
    ROLE,
    "image:1",
    "s3://b/m.tar.gz",
    {"A": "1"},
    2.0,
    scheduler_role_arn=SCHEDULER,
)
TRAINING = TrainingWish(
    name="fit",
    region=REGION,
    instance_type="ml.m5.large",
    instance_count=2,
    volume_gib=30,
    max_run_seconds=7200,
    role_arn=ROLE,
    image="image:1",
    entry_point="train.py",
    bucket="bucket",
    source=Path("/tmp/s.tar.gz"),
    source_digest="abc",
)


def methods(plan: Plan) -> list[str]:
    return [call.method for call in plan.calls]


def sent(plan: Plan, method: str) -> dict[str, Any]:
    return dict(next(call.parameters for call in plan.calls if call.method == method))


def found(plan: Plan) -> dict[str, Severity]:
    return {check.code: check.severity for check in plan.checks}


def rate(what: Any) -> Decimal:
    assert what is not None
    per_hour: Decimal = what.usd_per_hour
    return per_hour


def test_a_notebook_launch_is_exactly_this() -> None:
    plan = notebook_plans.plan_launch(NOTEBOOK, AROUND, "wish")
    assert methods(plan) == ["create_notebook_instance", "delete_schedule", "create_schedule", "get_schedule"]
    assert sent(plan, "create_notebook_instance") == {
        "NotebookInstanceName": "Lab",
        "InstanceType": "ml.t3.medium",
        "RoleArn": ROLE,
        "VolumeSizeInGB": 20,
        "Tags": TAGS,
    }
    name = schedule_name("arn:aws:sagemaker:ap-northeast-2:123456789012:notebook-instance/lab")
    assert sent(plan, "create_schedule") == {
        "Name": name,
        "GroupName": "default",
        "ClientToken": "wish",
        "Description": "Flightdeck stops notebook Lab",
        "ScheduleExpression": "at(2026-03-01T20:00:00)",
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "ActionAfterCompletion": "DELETE",
        "Target": {
            "Arn": "arn:aws:scheduler:::aws-sdk:sagemaker:stopNotebookInstance",
            "RoleArn": SCHEDULER,
            "Input": '{"NotebookInstanceName": "Lab"}',
            "RetryPolicy": {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400},
        },
    }
    assert sent(plan, "get_schedule") == {"Name": name, "GroupName": "default"}
    assert (plan.stops_at, plan.quota, plan.intent) == (BORN + timedelta(hours=8), QUOTA, "wish")


def test_a_notebook_launch_says_what_it_costs() -> None:
    plan = notebook_plans.plan_launch(NOTEBOOK, AROUND)
    instance = rate(rates.instance_part(REGION, "ml.t3.medium", "notebook"))
    storage = rate(rates.storage_part(REGION, 20))
    assert [part.what for part in plan.prices] == ["instance", "storage"]
    assert plan.effect.adds_usd_per_hour == instance + storage
    assert plan.effect.goes_on_usd_per_hour == storage
    assert plan.effect.worst_case_usd == (instance + storage) * 8
    assert found(plan) == {}


def test_a_notebook_without_auto_stop_is_warned_of_and_has_no_worst_case() -> None:
    plan = notebook_plans.plan_launch(replace(NOTEBOOK, auto_stop_hours=None), AROUND)
    assert methods(plan) == ["create_notebook_instance", "delete_schedule"]
    assert (plan.stops_at, plan.effect.worst_case_usd) == (None, None)
    assert found(plan) == {"no_auto_stop": Severity.WARNING}


@pytest.mark.parametrize(
    ("changes", "code", "severity"),
    [
        ({"name": "no good"}, "name_invalid", Severity.REFUSAL),
        ({"volume_gib": 4}, "volume_size", Severity.REFUSAL),
        ({"volume_gib": 16385}, "volume_size", Severity.REFUSAL),
        ({"auto_stop_hours": 0.0}, "auto_stop_hours", Severity.REFUSAL),
        ({"auto_stop_hours": 24.0 * 31}, "auto_stop_hours", Severity.REFUSAL),
        ({"instance_type": "ml.moon.large"}, "not_offered", Severity.WARNING),
        ({"instance_type": "ml.moon.large"}, "price_unknown", Severity.WARNING),
        ({"instance_type": "ml.p4d.24xlarge"}, "expensive", Severity.WARNING),
        ({"instance_type": "ml.c6i.12xlarge", "region": "ap-northeast-1"}, "price_estimated", Severity.NOTE),
    ],
)
def test_what_stands_against_a_notebook(changes: dict[str, Any], code: str, severity: Severity) -> None:
    plan = notebook_plans.plan_launch(replace(NOTEBOOK, **changes), AROUND)
    assert found(plan)[code] is severity
    assert plan.refused == (severity is Severity.REFUSAL)


def test_a_quota_refuses_by_what_is_left_and_warns_when_nothing_is_known() -> None:
    full = replace(AROUND, quota=replace(QUOTA, used=4))
    plan = notebook_plans.plan_launch(NOTEBOOK, full)
    assert found(plan) == {"quota_exceeded": Severity.REFUSAL}
    assert plan.checks[0].values == {"name": "q", "used": 4, "limit": 4, "needs": 1}
    unknown = notebook_plans.plan_launch(NOTEBOOK, replace(AROUND, quota=None))
    assert found(unknown) == {"quota_unknown": Severity.WARNING}


def test_optional_members_are_sent_only_when_wished() -> None:
    plan = notebook_plans.plan_launch(replace(NOTEBOOK, lifecycle_config="setup", repository="https://git/r"), AROUND)
    request = sent(plan, "create_notebook_instance")
    assert (request["LifecycleConfigName"], request["DefaultCodeRepository"]) == ("setup", "https://git/r")


def test_starting_guards_anew_before_it_starts() -> None:
    row = notebook("Stopped")
    plan = notebook_plans.plan_start(row, AROUND, 4.0, SCHEDULER)
    assert methods(plan)[-1] == "start_notebook_instance"
    assert methods(plan)[0] == "delete_schedule"
    assert plan.effect.adds_usd_per_hour - plan.effect.goes_on_usd_per_hour == rate(row.parts()[0])
    assert plan.stops_at == BORN + timedelta(hours=4)


def test_stopping_a_notebook_saves_the_instance_and_keeps_the_home_folder() -> None:
    row = notebook()
    plan = notebook_plans.plan_stop(row)
    assert methods(plan) == ["stop_notebook_instance", "delete_schedule"]
    assert plan.effect.saves_usd_per_hour + plan.effect.goes_on_usd_per_hour == row.burn
    assert (plan.effect.keeps, plan.effect.loses) == (("home_folder",), ("running_kernels",))


def test_resizing_says_the_new_rate_and_never_shrinks_a_volume() -> None:
    row = notebook("Stopped", volume_gib=20)
    plan = notebook_plans.plan_resize(row, "ml.t3.large", 30, AROUND)
    assert sent(plan, "update_notebook_instance") == {
        "NotebookInstanceName": "n",
        "InstanceType": "ml.t3.large",
        "VolumeSizeInGB": 30,
    }
    large = rate(rates.instance_part(REGION, "ml.t3.large", "notebook"))
    assert plan.effect.adds_usd_per_hour == large + plan.effect.goes_on_usd_per_hour
    assert "volume_shrinks" in found(notebook_plans.plan_resize(row, "ml.t3.large", 10, AROUND))


def test_deleting_a_notebook_loses_its_home() -> None:
    row = notebook("Stopped")
    plan = notebook_plans.plan_delete(row)
    assert methods(plan) == ["delete_notebook_instance", "delete_schedule"]
    assert (plan.effect.saves_usd_per_hour, plan.effect.loses) == (row.burn, ("home_folder",))


def test_an_endpoint_launch_is_exactly_this() -> None:
    plan = endpoint_plans.plan_launch(ENDPOINT, AROUND, "wish")
    assert methods(plan)[:3] == ["create_model", "create_endpoint_config", "create_endpoint"]
    assert methods(plan)[3:] == ["delete_schedule", "create_schedule", "get_schedule"]
    container = {"Image": "image:1", "ModelDataUrl": "s3://b/m.tar.gz", "Environment": {"A": "1"}}
    assert sent(plan, "create_model") == {
        "ModelName": "scores",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": container,
        "Tags": TAGS,
    }
    (variant,) = sent(plan, "create_endpoint_config")["ProductionVariants"]
    assert variant == {
        "VariantName": "AllTraffic",
        "ModelName": "scores",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
    }
    expected = {"EndpointName": "scores", "EndpointConfigName": "scores", "Tags": TAGS}
    assert sent(plan, "create_endpoint") == expected
    assert sent(plan, "create_schedule")["Target"]["Arn"].endswith(":deleteEndpoint")
    both = rate(rates.instance_part(REGION, "ml.m5.large", "hosting", 2))
    assert (plan.effect.adds_usd_per_hour, plan.effect.worst_case_usd) == (both, both * 2)
    assert plan.effect.goes_on_usd_per_hour == 0


def test_stopping_an_endpoint_deletes_it_and_keeps_what_restores_it() -> None:
    row = endpoint()
    plan = endpoint_plans.plan_stop(row)
    assert methods(plan) == ["delete_endpoint", "delete_schedule"]
    assert (plan.effect.saves_usd_per_hour, plan.effect.keeps) == (row.burn, ("endpoint_config", "model"))


def test_restoring_and_deleting_what_a_stopped_endpoint_left() -> None:
    left = Restorable("scores", REGION, BORN, endpoint().variants)
    plan = endpoint_plans.plan_restore(left, AROUND, 8.0, SCHEDULER)
    assert methods(plan) == ["create_endpoint", "delete_schedule", "create_schedule", "get_schedule"]
    assert plan.effect.adds_usd_per_hour == endpoint().burn
    gone = endpoint_plans.plan_delete(left)
    assert methods(gone) == ["delete_endpoint_config", "delete_model"]
    assert gone.effect.loses == ("endpoint_config",)


def test_a_training_launch_is_exactly_this() -> None:
    wish = replace(
        TRAINING,
        inputs={"train": "s3://bucket/data/"},
        uploads=(Upload("test", "deep/t.csv", Path("/tmp/t.csv")),),
        hyperparameters={"epochs": "3"},
        metrics=(("loss", "loss=([0-9.]+)"),),
    )
    plan = training_plans.plan_launch(wish, AROUND, "wish")
    assert methods(plan) == ["upload_file", "upload_file", "create_training_job"]
    request = sent(plan, "create_training_job")
    assert request["ResourceConfig"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 30}
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200}
    assert request["AlgorithmSpecification"]["MetricDefinitions"] == [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    uris = {c["ChannelName"]: c["DataSource"]["S3DataSource"]["S3Uri"] for c in request["InputDataConfig"]}
    assert uris == {"train": "s3://bucket/data/", "test": "s3://bucket/flightdeck/jobs/fit/input/test/"}
    uploads = {call.parameters["Key"] for call in plan.calls if call.method == "upload_file"}
    source = request["HyperParameters"]["sagemaker_submit_directory"].strip('"')
    assert {f"s3://bucket/{key}" for key in uploads} == {source, uris["test"] + "deep/t.csv"}
    assert request["HyperParameters"]["epochs"] == "3"
    assert request["Tags"] == TAGS
    per_hour = rate(rates.instance_part(REGION, "ml.m5.large", "training", 2)) + rate(rates.storage_part(REGION, 30, 2))
    assert (plan.effect.adds_usd_per_hour, plan.effect.worst_case_usd) == (per_hour, per_hour * 2)


def test_spot_training_waits_at_least_as_long_as_it_may_run() -> None:
    spot = replace(TRAINING, spot=True, max_wait_seconds=9000)
    plan = training_plans.plan_launch(spot, AROUND)
    request = sent(plan, "create_training_job")
    assert request["EnableManagedSpotTraining"] is True
    assert request["StoppingCondition"] == {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 9000}
    assert found(plan) == {"spot_saving_unknown": Severity.NOTE}
    short = training_plans.plan_launch(replace(spot, max_wait_seconds=100), AROUND)
    assert found(short)["max_wait"] is Severity.REFUSAL


@pytest.mark.parametrize(("region", "where"), [(REGION, {"LocationConstraint": REGION}), ("us-east-1", None)])
def test_a_bucket_that_is_missing_is_made_first(region: str, where: dict[str, str] | None) -> None:
    plan = training_plans.plan_launch(replace(TRAINING, region=region, make_bucket=True), AROUND)
    assert methods(plan)[0] == "create_bucket"
    assert sent(plan, "create_bucket").get("CreateBucketConfiguration") == where
    assert found(plan)["bucket_made"] is Severity.NOTE


def test_training_has_limits_and_can_run_on_several_hosts() -> None:
    for seconds in (0, 28 * 86400 + 1):
        assert training_plans.plan_launch(replace(TRAINING, max_run_seconds=seconds), AROUND).refused
    plan = training_plans.plan_launch(replace(TRAINING, distributed=True), AROUND)
    assert sent(plan, "create_training_job")["HyperParameters"]["sagemaker_torch_distributed_enabled"] == "true"


def test_stopping_a_job_saves_all_its_hosts() -> None:
    plan = training_plans.plan_stop(job())
    assert methods(plan) == ["stop_training_job"]
    assert plan.effect.saves_usd_per_hour == rates.total(job().parts()) == job().burn


def test_a_rate_that_is_not_known_is_left_out() -> None:
    assert rates.storage_part("mars-north-1", 5) is None
    assert rates.instance_part(REGION, "ml.moon.large", "notebook") is None
    assert rates.known(None, rates.storage_part(REGION, 5)) == (rates.storage_part(REGION, 5),)


def test_what_an_endpoint_can_do_follows_its_state() -> None:
    assert [(row.can_stop, row.can_invoke) for row in map(endpoint, ("InService", "Failed", "Creating"))] == [
        (True, True),
        (True, False),
        (False, False),
    ]


def test_names_in_arns_are_in_lower_case() -> None:
    assert notebook_arn("r", "1", "MyLab").endswith("notebook-instance/mylab")
    assert endpoint_arn("r", "1", "MyE").endswith("endpoint/mye")


def test_a_schedule_fires_on_the_whole_second() -> None:
    assert stop_time(BORN + timedelta(microseconds=5), 1.5) == BORN + timedelta(hours=1.5)
    assert stop_time(BORN, None) is None
