"""InvokeEndpoint: what the container sees, what the caller gets, and what CloudWatch learns."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.sagemaker.runtime import MAX_BODY_BYTES
from tests.support.local_account import Local
from tests.support.served_models import create_config, create_model, put_model_data, register_image, serving
from tests.support.waiting import eventually

pytestmark = pytest.mark.heavy


@pytest.fixture
def runtime(local: Local) -> Any:
    return local.client("sagemaker-runtime")


def refused(call: Any, **named: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        call(**named)
    return dict(caught.value.response)


def test_the_container_sees_the_request_and_the_caller_its_answer(local: Local, runtime: Any) -> None:
    register_image(local)
    create_model(local, "a", ModelDataUrl=put_model_data(local, "weights"))
    create_config(local, "c", "a")
    local.client("sagemaker").create_endpoint(EndpointName="e", EndpointConfigName="c")
    local.advance(seconds=11)
    answer = runtime.invoke_endpoint(
        EndpointName="e",
        Body=b'{"x": 1}',
        ContentType="application/json",
        Accept="text/csv",
        CustomAttributes="trace=7",
        InferenceId="one",
    )
    assert json.loads(answer["Body"].read()) == {
        "name": "a",
        "body": '{"x": 1}',
        "content_type": "application/json",
        "accept": "text/csv",
        "custom": "trace=7",
        "inference_id": "one",
        "model": "weights",
    }
    assert answer["InvokedProductionVariant"] == "v-a"
    assert answer["ContentType"] == "application/json"
    assert answer["CustomAttributes"] == "from the container"


def test_traffic_is_split_by_weight_and_a_variant_can_be_named(local: Local, runtime: Any) -> None:
    register_image(local)
    for name in ("a", "b"):
        create_model(local, name)
    sagemaker = local.client("sagemaker")
    variants = [
        {
            "VariantName": name,
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }
        for name, weight in (("a", 0.0), ("b", 3.0))
    ]
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="e", EndpointConfigName="c")
    local.advance(seconds=11)

    def ask(**more: Any) -> str:
        said: str = runtime.invoke_endpoint(EndpointName="e", Body=b"x", **more)["InvokedProductionVariant"]
        return said

    assert {ask() for _ in range(10)} == {"b"}
    assert ask(TargetVariant="a") == "a"
    message = refused(runtime.invoke_endpoint, EndpointName="e", Body=b"x", TargetVariant="ghost")["Error"]["Message"]
    assert message == "Variant ghost not found for Request"
    weights = [{"VariantName": name, "DesiredWeight": weight} for name, weight in (("a", 1.0), ("b", 1.0))]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=weights)
    local.advance(seconds=11)
    eventually(lambda: {ask() for _ in range(10)}, until=lambda seen: seen == {"a", "b"})
    nothing = [{"VariantName": name, "DesiredWeight": 0.0} for name in ("a", "b")]
    sagemaker.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=nothing)
    local.advance(seconds=11)
    assert refused(runtime.invoke_endpoint, EndpointName="e", Body=b"x")["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(("status", "whose"), [(400, "client"), (500, "server"), (503, "server")])
def test_an_error_of_the_model_is_a_model_error(local: Local, runtime: Any, status: int, whose: str) -> None:
    serving(local)
    response = refused(runtime.invoke_endpoint, EndpointName="e", Body=str(status).encode(), ContentType="text/status")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["Error"]["Code"] == "ModelError"
    assert response["Error"]["Message"].startswith(
        f'Received {whose} error ({status}) from primary with message "broken".'
    )
    assert response["OriginalStatusCode"] == status
    assert response["OriginalMessage"] == "broken"
    assert response["LogStreamArn"].endswith(":log-group:/aws/sagemaker/Endpoints/e")


def test_an_endpoint_that_is_not_in_service_is_not_found(local: Local, runtime: Any) -> None:
    response = refused(runtime.invoke_endpoint, EndpointName="ghost", Body=b"x")
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"]["Code"] == "ValidationError"
    assert response["Error"]["Message"] == "Endpoint ghost of account 123456789012 not found."
    serving(local)
    assert refused(runtime.invoke_endpoint, EndpointName="E", Body=b"x")["Error"]["Code"] == "ValidationError"


def test_what_a_single_model_endpoint_cannot_do(local: Local, runtime: Any) -> None:
    serving(local)
    for more in ({"TargetModel": "other.tar.gz"}, {"SessionId": "NEW_SESSION"}, {"InferenceComponentName": "ic"}):
        assert (
            refused(runtime.invoke_endpoint, EndpointName="e", Body=b"x", **more)["Error"]["Code"] == "ValidationError"
        )
    large = b"x" * (MAX_BODY_BYTES + 1)
    assert "at most" in refused(runtime.invoke_endpoint, EndpointName="e", Body=large)["Error"]["Message"]


def test_streams_and_asynchronous_invocations_are_a_clean_501(local: Local, runtime: Any) -> None:
    call = runtime.invoke_endpoint_with_response_stream
    assert refused(call, EndpointName="e", Body=b"x")["Error"]["Code"] == "NotImplemented"
    call = runtime.invoke_endpoint_async
    assert refused(call, EndpointName="e", InputLocation="s3://b/x")["Error"]["Code"] == "NotImplemented"


def test_cloudwatch_learns_of_every_invocation(local: Local, runtime: Any) -> None:
    serving(local)
    for body in (b"200", b"200", b"400", b"500"):
        content_type = "text/plain" if body == b"200" else "text/status"
        try:
            runtime.invoke_endpoint(EndpointName="e", Body=body, ContentType=content_type)
        except ClientError:
            assert body != b"200"
    cloudwatch, now = local.client("cloudwatch"), local.world.clock.now()

    def sum_of(metric: str, statistic: str = "Sum") -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v-a"}],
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=10),
            Period=3600,
            Statistics=[statistic],
        )["Datapoints"]
        return float(sum(point[statistic] for point in points))

    eventually(lambda: sum_of("Invocations"), until=lambda found: found == 4)
    assert sum_of("Invocation4XXErrors") == 1
    assert sum_of("Invocation5XXErrors") == 1
    assert sum_of("InvocationsPerInstance") == 4
    assert 0 < sum_of("ModelLatency", "Average") < 10e6
    assert 0 <= sum_of("OverheadLatency", "Minimum") < 10e6
