"""Endpoints through their lifecycle, each with a real server process behind it."""

import json
from datetime import timedelta
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from practice.sagemaker import limits
from tests.support.local_account import Local
from tests.support.served_models import (
    create_config,
    create_model,
    put_model_data,
    register_image,
    serving,
    status,
)
from tests.support.waiting import eventually

ARN = "arn:aws:sagemaker:ap-northeast-2:123456789012:endpoint/"

pytestmark = pytest.mark.heavy


@pytest.fixture
def sagemaker(local: Local) -> Any:
    return local.client("sagemaker")


def refused(call: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def invoke(local: Local, name: str = "e") -> str:
    """The name that the serving model says."""
    said = local.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=b"x", ContentType="text/plain")
    found: str = json.loads(said["Body"].read())["name"]
    return found


def variant(sagemaker: Any, name: str = "e") -> dict[str, Any]:
    found: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)["ProductionVariants"][0]
    return found


def streams(local: Local, name: str = "e") -> dict[str, str]:
    """Log stream → its lines; empty before the first line."""
    logs, group = local.client("logs"), f"/aws/sagemaker/Endpoints/{name}"
    found: dict[str, str] = {}
    try:
        events = logs.filter_log_events(logGroupName=group)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return {}
    for event in events:
        found[event["logStreamName"]] = found.get(event["logStreamName"], "") + event["message"] + "\n"
    return found


def test_an_endpoint_is_created_serves_and_is_deleted_with_its_process(local: Local, sagemaker: Any) -> None:
    others = set(psutil.Process().children(recursive=True))
    register_image(local)
    create_model(local, "a", ModelDataUrl=put_model_data(local, "weights"))
    create_config(local, "c", "a")
    assert sagemaker.create_endpoint(EndpointName="E", EndpointConfigName="c")["EndpointArn"] == f"{ARN}e"
    creating = sagemaker.describe_endpoint(EndpointName="E")
    assert creating["EndpointStatus"] == "Creating"
    assert creating["ProductionVariants"][0]["CurrentInstanceCount"] == 0
    assert refused(sagemaker.delete_endpoint, EndpointName="E")[1] == f'Cannot update in-progress endpoint "{ARN}e".'
    local.advance(seconds=2)
    assert status(local, "E") == "Creating"
    local.advance(seconds=10)
    found = sagemaker.describe_endpoint(EndpointName="E")
    assert found["EndpointStatus"] == "InService"
    assert timedelta(seconds=10) <= found["LastModifiedTime"] - found["CreationTime"] < timedelta(seconds=60)
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert found["ProductionVariants"][0]["CurrentWeight"] == 1.0
    said = eventually(lambda: streams(local, "E"), until=lambda found: "serving a" in "".join(found.values()))
    assert all(stream.startswith("v-a/i-") for stream in said)
    mine = set(psutil.Process().children(recursive=True)) - others
    sagemaker.delete_endpoint(EndpointName="e")
    assert status(local, "E") == "Deleting"
    assert limits.in_use(local.world, "ap-northeast-2", "endpoint") == 0
    local.advance(seconds=6)
    code, message = refused(sagemaker.describe_endpoint, EndpointName="E")
    assert (code, message) == ("ValidationException", f'Could not find endpoint "{ARN}e".')
    assert mine
    eventually(lambda: [process for process in mine if process.is_running()], until=lambda left: not left)
    assert eventually(lambda: list((local.home / "endpoints").glob("*/*")), until=lambda left: not left) == []


def test_a_name_is_taken_once_whatever_its_case(local: Local, sagemaker: Any) -> None:
    serving(local)
    message = refused(sagemaker.create_endpoint, EndpointName="E", EndpointConfigName="c-a")[1]
    assert message == f'Cannot create already existing endpoint "{ARN}e".'


def test_what_an_endpoint_names_must_be_there(local: Local, sagemaker: Any) -> None:
    config = "arn:aws:sagemaker:ap-northeast-2:123456789012:endpoint-config/ghost"
    message = refused(sagemaker.create_endpoint, EndpointName="e", EndpointConfigName="ghost")[1]
    assert message == f'Could not find endpoint configuration "{config}".'
    create_model(local, "a")
    create_config(local, "c", "a")
    sagemaker.delete_model(ModelName="a")
    message = refused(sagemaker.create_endpoint, EndpointName="e", EndpointConfigName="c")[1]
    assert message == 'Could not find model "arn:aws:sagemaker:ap-northeast-2:123456789012:model/a".'
    for call in (sagemaker.delete_endpoint, sagemaker.describe_endpoint):
        assert refused(call, EndpointName="ghost")[1] == f'Could not find endpoint "{ARN}ghost".'


@pytest.mark.parametrize(
    ("container", "reason"),
    [
        ({"Environment": {"STARTS": "never"}}, "v-a did not come up"),
        ({"Image": "nobody/knows:1"}, "nobody/knows"),
    ],
)
def test_a_server_that_does_not_come_up_fails_the_endpoint_with_its_reason(
    local: Local, sagemaker: Any, container: dict[str, Any], reason: str
) -> None:
    register_image(local)
    create_model(local, "a", **container)
    create_config(local, "c", "a")
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    local.advance(seconds=11)
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert found["EndpointStatus"] == "Failed"
    assert reason in found["FailureReason"]
    assert "CloudWatch logs" in found["FailureReason"]
    assert limits.in_use(local.world, "ap-northeast-2", "endpoint") == 0
    update = refused(sagemaker.update_endpoint, EndpointName="e", EndpointConfigName="c")[1]
    assert "Cannot update failed endpoint" in update
    sagemaker.delete_endpoint(EndpointName="e")
    local.advance(seconds=6)
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_model_data_that_is_gone_or_broken_fails_the_endpoint(local: Local, sagemaker: Any) -> None:
    register_image(local)
    uri = put_model_data(local, "weights")
    create_model(local, "a", ModelDataUrl=uri)
    create_config(local, "c", "a")
    local.client("s3").put_object(Bucket="models", Key="model.tar.gz", Body=b"no archive")
    sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="c")
    local.client("s3").put_object(Bucket="models", Key="files/model.txt", Body=b"plain")
    source = {"S3DataSource": {"S3Uri": "s3://models/files/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
    create_model(local, "b", ModelDataSource=source)
    create_config(local, "plain", "b")
    sagemaker.create_endpoint(EndpointName="plain", EndpointConfigName="plain")
    local.advance(seconds=11)
    assert status(local, "broken") == "Failed"
    assert status(local, "plain") == "InService"


def test_an_update_serves_the_old_version_until_the_new_one_is_healthy(local: Local, sagemaker: Any) -> None:
    serving(local)
    create_model(local, "b")
    create_config(local, "c-b", "b")
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c-b")
    updating = sagemaker.describe_endpoint(EndpointName="e")
    assert updating["EndpointStatus"] == "Updating"
    assert updating["EndpointConfigName"] == "c-a"
    assert updating["PendingDeploymentSummary"]["EndpointConfigName"] == "c-b"
    assert updating["PendingDeploymentSummary"]["ProductionVariants"][0]["InstanceType"] == "ml.m5.large"
    assert limits.in_use(local.world, "ap-northeast-2", "endpoint") == 2
    for call in (sagemaker.update_endpoint, sagemaker.delete_endpoint):
        more = {"EndpointConfigName": "c-b"} if call == sagemaker.update_endpoint else {}
        assert refused(call, EndpointName="e", **more)[1] == f'Cannot update in-progress endpoint "{ARN}e".'
    assert invoke(local) == "a"
    local.advance(seconds=11)
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "c-b")
    assert "PendingDeploymentSummary" not in found
    assert invoke(local) == "b"
    assert limits.in_use(local.world, "ap-northeast-2", "endpoint") == 1


def test_an_update_that_fails_rolls_back(local: Local, sagemaker: Any) -> None:
    serving(local)
    create_model(local, "b", Environment={"STARTS": "never"})
    create_config(local, "c-b", "b")
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c-b")
    local.advance(seconds=11)
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "c-a")
    assert "v-b did not come up" in found["FailureReason"]
    assert invoke(local) == "a"


def test_weights_and_capacities_change_within_the_quota(local: Local, sagemaker: Any) -> None:
    serving(local)
    wish = {"VariantName": "v-a", "DesiredWeight": 0.5, "DesiredInstanceCount": 3}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=[wish])
    assert status(local) == "Updating"
    shown = variant(sagemaker)
    assert (shown["CurrentInstanceCount"], shown["DesiredInstanceCount"]) == (1, 3)
    assert (shown["CurrentWeight"], shown["DesiredWeight"]) == (1.0, 0.5)
    local.advance(seconds=11)
    shown = variant(sagemaker)
    assert (status(local), shown["CurrentInstanceCount"], shown["CurrentWeight"]) == ("InService", 3, 0.5)
    assert limits.in_use(local.world, "ap-northeast-2", "endpoint", "ml.m5.large") == 3
    code, message = refused(
        sagemaker.update_endpoint_weights_and_capacities,
        EndpointName="e",
        DesiredWeightsAndCapacities=[{"VariantName": "v-a", "DesiredInstanceCount": 5}],
    )
    assert code == "ResourceLimitExceeded"
    assert "utilization of 3 Instances and a request delta of 2 Instances" in message
    down = {"VariantName": "v-a", "DesiredInstanceCount": 1}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=[down])
    local.advance(seconds=11)
    assert variant(sagemaker)["CurrentInstanceCount"] == 1


def test_wishes_that_cannot_be(local: Local, sagemaker: Any) -> None:
    serving(local)
    call = sagemaker.update_endpoint_weights_and_capacities
    ghost = [{"VariantName": "ghost", "DesiredWeight": 1.0}]
    assert '"ghost" do not exist' in refused(call, EndpointName="e", DesiredWeightsAndCapacities=ghost)[1]
    serverless = [{"VariantName": "v-a", "ServerlessUpdateConfig": {"MaxConcurrency": 1}}]
    assert refused(call, EndpointName="e", DesiredWeightsAndCapacities=serverless)[0] == "NotImplemented"


def test_an_update_may_keep_weights_and_counts(local: Local, sagemaker: Any) -> None:
    serving(local)
    wish = {"VariantName": "v-a", "DesiredWeight": 0.5, "DesiredInstanceCount": 2}
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=[wish])
    local.advance(seconds=11)
    create_config(local, "again", "a", InitialVariantWeight=0.9)
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    }
    sagemaker.update_endpoint(
        EndpointName="e",
        EndpointConfigName="again",
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[{"VariantPropertyType": "DesiredWeight"}],
        DeploymentConfig=deployment,
    )
    local.advance(seconds=11)
    shown = variant(sagemaker)
    assert (shown["CurrentInstanceCount"], round(shown["CurrentWeight"], 3)) == (2, 0.9)
    sagemaker.update_endpoint(EndpointName="e", EndpointConfigName="c-a", RetainDeploymentConfig=True)
    local.advance(seconds=11)
    found = sagemaker.describe_endpoint(EndpointName="e")
    assert found["LastDeploymentConfig"] == deployment
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 1


def test_past_the_quota_nothing_is_created(local: Local, sagemaker: Any) -> None:
    create_model(local, "a")
    create_config(local, "c", "a", InitialInstanceCount=5)
    code, message = refused(sagemaker.create_endpoint, EndpointName="e", EndpointConfigName="c")
    assert code == "ResourceLimitExceeded"
    assert "'ml.m5.large for endpoint usage' is 4 Instances" in message
    assert sagemaker.list_endpoints()["Endpoints"] == []


def test_lists_filter_sort_and_page(local: Local, sagemaker: Any) -> None:
    for name, model in (("b-one", "a"), ("a-one", "b"), ("other", "c")):
        serving(local, name, model)
    sagemaker.delete_endpoint(EndpointName="other")
    assert [row["EndpointName"] for row in sagemaker.list_endpoints(StatusEquals="Deleting")["Endpoints"]] == ["other"]
    first = sagemaker.list_endpoints(NameContains="one", SortBy="Name", SortOrder="Ascending", MaxResults=1)
    assert [row["EndpointName"] for row in first["Endpoints"]] == ["a-one"]
    second = sagemaker.list_endpoints(
        NameContains="one", SortBy="Name", SortOrder="Ascending", MaxResults=1, NextToken=first["NextToken"]
    )
    assert [row["EndpointName"] for row in second["Endpoints"]] == ["b-one"]
    created = sagemaker.describe_endpoint(EndpointName="a-one")["CreationTime"]
    later = sagemaker.list_endpoints(CreationTimeAfter=created)["Endpoints"]
    assert [row["EndpointName"] for row in later] == ["other"]


def test_a_server_that_dies_in_service_is_started_again(local: Local, sagemaker: Any) -> None:
    serving(local)
    runtime = local.client("sagemaker-runtime")
    with pytest.raises(ClientError, match="ModelError"):
        runtime.invoke_endpoint(EndpointName="e", Body=b"die")
    hosting = local.world.running[local.world.get("endpoint", "ap-northeast-2", "e").uid]
    eventually(lambda: hosting.current.failed)
    with pytest.raises(ClientError, match="ServiceUnavailable"):
        runtime.invoke_endpoint(EndpointName="e", Body=b"x")
    assert status(local) == "InService"
    local.advance(seconds=11)
    assert invoke(local) == "a"


def test_a_restart_of_the_account_brings_every_server_back(local: Local, sagemaker: Any) -> None:
    serving(local)
    serving(local, "updating", "b")
    create_model(local, "new")
    create_config(local, "c-new", "new")
    sagemaker.update_endpoint(EndpointName="updating", EndpointConfigName="c-new")
    sagemaker.create_endpoint(EndpointName="creating", EndpointConfigName="c-new")
    local.restart()
    assert invoke(local) == "a"
    local.advance(seconds=11)
    assert status(local, "creating") == status(local, "updating") == "InService"
    assert invoke(local, "updating") == invoke(local, "creating") == "new"


def test_readiness_that_comes_after_the_ten_seconds_is_enough(local: Local, sagemaker: Any) -> None:
    register_image(local)
    create_model(local, "a")
    create_config(local, "c", "a")
    local.world.clock.set_speed(100_000)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    eventually(lambda: status(local), until=lambda found: found == "InService")
    assert invoke(local) == "a"
