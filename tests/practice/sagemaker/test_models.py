"""Models and endpoint configurations as an AWS client sees them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support import served_models
from tests.support.local_account import Local
from tests.support.served_models import IMAGE, ROLE, create_config, create_model

MODEL_ARN = "arn:aws:sagemaker:ap-northeast-2:123456789012:model/"
CONFIG_ARN = "arn:aws:sagemaker:ap-northeast-2:123456789012:endpoint-config/"


@pytest.fixture
def sagemaker(local: Local) -> Any:
    return local.client("sagemaker")


def refused(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **named)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_model_is_described_as_it_was_made(local: Local, sagemaker: Any) -> None:
    uri = served_models.put_model_data(local, "weights")
    assert create_model(local, "Churn", ModelDataUrl=uri) == f"{MODEL_ARN}churn"
    found = sagemaker.describe_model(ModelName="Churn")
    assert found["PrimaryContainer"] == {
        "Image": IMAGE,
        "Mode": "SingleModel",
        "ModelDataUrl": uri,
        "Environment": {"NAME": "Churn"},
    }
    assert (found["ModelName"], found["ExecutionRoleArn"]) == ("Churn", ROLE)
    assert found["EnableNetworkIsolation"] is False
    assert "VpcConfig" not in found
    assert "Containers" not in found


def test_one_container_in_a_list_is_a_model_too(sagemaker: Any) -> None:
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, Containers=[{"Image": IMAGE}])
    found = sagemaker.describe_model(ModelName="m")
    assert found["Containers"] == [{"Image": IMAGE}]
    assert "PrimaryContainer" not in found


def test_model_data_must_be_there(local: Local, sagemaker: Any) -> None:
    uri = served_models.put_model_data(local, "weights", key="models/one/model.tar.gz")
    prefix = uri.removesuffix("model.tar.gz")
    source = {"S3DataSource": {"S3Uri": prefix, "S3DataType": "S3Prefix", "CompressionType": "None"}}
    create_model(local, "plain-files", ModelDataSource=source)
    for missing in (uri + ".old", "s3://nobodys-bucket/model.tar.gz"):
        code, message = refused(create_model, local, "m", ModelDataUrl=missing)
        assert (code, message) == ("ValidationException", f"Could not find model data at {missing}.")
    assert "is not an s3:// URI" in refused(create_model, local, "m", ModelDataUrl="https://example.com/m.tar.gz")[1]


def test_names_are_taken_once_whatever_their_case(local: Local, sagemaker: Any) -> None:
    create_model(local, "m")
    assert refused(create_model, local, "M")[1] == f'Cannot create already existing model "{MODEL_ARN}m".'
    create_config(local, "c", "m")
    message = refused(create_config, local, "C", "m")[1]
    assert message == f'Cannot create already existing endpoint configuration "{CONFIG_ARN}c".'


def test_unknown_names_in_awss_words(local: Local, sagemaker: Any) -> None:
    for call in (sagemaker.describe_model, sagemaker.delete_model):
        assert refused(call, ModelName="ghost") == ("ValidationException", f'Could not find model "{MODEL_ARN}ghost".')
    for call in (sagemaker.describe_endpoint_config, sagemaker.delete_endpoint_config):
        message = refused(call, EndpointConfigName="ghost")[1]
        assert message == f'Could not find endpoint configuration "{CONFIG_ARN}ghost".'
    assert refused(create_config, local, "c", "ghost")[1] == f'Could not find model "{MODEL_ARN}ghost".'


def test_lists_filter_sort_and_page(local: Local, sagemaker: Any) -> None:
    for name in ("b-model", "a-model", "other"):
        create_model(local, name)
        create_config(local, name, name)
        local.advance(seconds=1)
    first = sagemaker.list_models(MaxResults=2)
    assert [row["ModelName"] for row in first["Models"]] == ["other", "a-model"]
    second = sagemaker.list_models(MaxResults=2, NextToken=first["NextToken"])
    assert [row["ModelName"] for row in second["Models"]] == ["b-model"]
    by_name = sagemaker.list_models(NameContains="model", SortBy="Name", SortOrder="Ascending")["Models"]
    assert [row["ModelName"] for row in by_name] == ["a-model", "b-model"]
    configs = sagemaker.list_endpoint_configs(NameContains="model", SortBy="Name", SortOrder="Ascending")
    assert [row["EndpointConfigName"] for row in configs["EndpointConfigs"]] == ["a-model", "b-model"]


def test_deleted_is_gone_and_its_name_is_free(local: Local, sagemaker: Any) -> None:
    create_model(local, "m")
    create_config(local, "c", "m")
    sagemaker.delete_model(ModelName="m")
    sagemaker.delete_endpoint_config(EndpointConfigName="c")
    assert sagemaker.list_models()["Models"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    create_model(local, "m")


def test_models_are_their_regions_own(local: Local) -> None:
    create_model(local, "m")
    assert local.client("sagemaker", "us-east-1").list_models()["Models"] == []


def test_a_configuration_is_described_as_it_was_made(local: Local, sagemaker: Any) -> None:
    create_model(local, "m")
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    capture = {
        "EnableCapture": False,
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://b/x",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    tags = [{"Key": "sagemaker.amazonaws.com/model-source", "Value": "s3://models/model.tar.gz"}]
    sagemaker.create_endpoint_config(
        EndpointConfigName="c", ProductionVariants=[variant], DataCaptureConfig=capture, Tags=tags
    )
    found = sagemaker.describe_endpoint_config(EndpointConfigName="c")
    assert found["ProductionVariants"] == [{**variant, "InitialVariantWeight": 1.0}]
    assert found["DataCaptureConfig"] == capture
    assert "VpcConfig" not in found
    assert sagemaker.list_tags(ResourceArn=found["EndpointConfigArn"])["Tags"] == tags
    create_config(local, "plain", "m")
    assert "DataCaptureConfig" not in sagemaker.describe_endpoint_config(EndpointConfigName="plain")


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"PrimaryContainer": {"Image": IMAGE}, "Containers": [{"Image": IMAGE}]},
        {"PrimaryContainer": {"Environment": {}}},
        {"PrimaryContainer": {"Image": IMAGE}, "ExecutionRoleArn": "arn:aws:iam::999999999999:role/Foreign"},
    ],
)
def test_models_that_aws_forbids(sagemaker: Any, wish: dict[str, Any]) -> None:
    assert refused(sagemaker.create_model, ModelName="m", **wish)[0] == "ValidationException"


@pytest.mark.parametrize(
    "wish",
    [
        {"Containers": [{"Image": IMAGE}, {"Image": IMAGE}]},
        {"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel"}},
        {"PrimaryContainer": {"ModelPackageName": "p"}},
        {"PrimaryContainer": {"Image": IMAGE, "AdditionalModelDataSources": []}},
    ],
)
def test_models_that_this_account_cannot_serve_are_a_clean_501(sagemaker: Any, wish: dict[str, Any]) -> None:
    assert refused(sagemaker.create_model, ModelName="m", **wish)[0] == "NotImplemented"


VARIANT = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


@pytest.mark.parametrize(
    ("code", "wish"),
    [
        ("ValidationException", {"ProductionVariants": [VARIANT, VARIANT]}),
        ("ValidationException", {"ProductionVariants": [{**VARIANT, "InstanceType": "ml.z9.large"}]}),
        ("ValidationException", {"ProductionVariants": [{"VariantName": "v", "ModelName": "m"}]}),
        ("NotImplemented", {"ProductionVariants": [{"VariantName": "v"}]}),
        (
            "NotImplemented",
            {"ProductionVariants": [{**VARIANT, "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1}}]},
        ),
        (
            "NotImplemented",
            {
                "ProductionVariants": [VARIANT],
                "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://bucket/x"}},
            },
        ),
        (
            "NotImplemented",
            {
                "ProductionVariants": [VARIANT],
                "DataCaptureConfig": {
                    "EnableCapture": True,
                    "InitialSamplingPercentage": 10,
                    "DestinationS3Uri": "s3://b/x",
                    "CaptureOptions": [{"CaptureMode": "Input"}],
                },
            },
        ),
    ],
)
def test_configurations_that_cannot_be(local: Local, sagemaker: Any, code: str, wish: dict[str, Any]) -> None:
    create_model(local, "m")
    assert refused(sagemaker.create_endpoint_config, EndpointConfigName="c", **wish)[0] == code
