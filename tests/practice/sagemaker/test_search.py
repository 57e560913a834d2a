"""Search over training jobs: filters of every operator, nested expressions, sort, pages, whole records with tags."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from practice.sagemaker.search_expressions import matches
from tests.practice.sagemaker.training_helpers import Trainings, channel
from tests.support.local_account import Local


@pytest.fixture(scope="module")
def trainings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trainings]:
    """Three jobs that have not begun: small, large and other, in this order."""
    local = Local(tmp_path_factory.mktemp("search") / "home")
    local.world.clock.set_speed(0.001)
    made = Trainings(local)
    made.put(data__one="1", extra__one="1")
    made.create("small", hyperparameters={"rate": "0.05"}, Tags=[{"Key": "owner", "Value": "kim"}])
    local.advance(seconds=0.5)
    made.create(
        "large",
        hyperparameters={"rate": "0.5"},
        resources={"InstanceCount": 3, "InstanceType": "ml.m5.xlarge"},
        channels=[channel("train", "data"), channel("test", "extra")],
        Tags=[{"Key": "owner", "Value": "lee"}, {"Key": "stage", "Value": "try"}],
    )
    local.advance(seconds=0.5)
    made.create("other", resources={"InstanceCount": 2}, EnableInterContainerTrafficEncryption=True)
    yield made
    local.account.close()


def names(trainings: Trainings, expression: dict[str, Any] | None = None, **asked: Any) -> list[str]:
    if expression is not None:
        asked["SearchExpression"] = expression
    asked = {"SortBy": "CreationTime", "SortOrder": "Ascending", **asked}
    found = trainings.sagemaker.search(Resource="TrainingJob", **asked)["Results"]
    return [one["TrainingJob"]["TrainingJobName"] for one in found]


def where(name: str, operator: str | None = None, value: str | None = None) -> dict[str, Any]:
    given = {"Name": name, "Operator": operator, "Value": value}
    return {"Filters": [{key: text for key, text in given.items() if text is not None}]}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (where("TrainingJobName", "Equals", "small"), ["small"]),
        (where("TrainingJobName", value="small"), ["small"]),
        (where("TrainingJobName", "NotEquals", "small"), ["large", "other"]),
        (where("TrainingJobName", "Contains", "l"), ["small", "large"]),
        (where("TrainingJobName", "In", "small, other"), ["small", "other"]),
        (where("Tags.owner", "Equals", "lee"), ["large"]),
        (where("Tags.owner", "Exists"), ["small", "large"]),
        (where("Tags.owner"), ["small", "large"]),
        (where("Tags.owner", "NotExists"), ["other"]),
        (where("HyperParameters.rate", "LessThan", "0.1"), ["small"]),
        (where("ResourceConfig.InstanceType", "Equals", "ml.m5.xlarge"), ["large"]),
        (where("ResourceConfig.InstanceCount", "GreaterThan", "2"), ["large"]),
        (where("ResourceConfig.InstanceCount", "GreaterThanOrEqualTo", "2"), ["large", "other"]),
        (where("ResourceConfig.InstanceCount", "LessThanOrEqualTo", "2"), ["small", "other"]),
        (where("ResourceConfig.InstanceCount", "Equals", "3"), ["large"]),
        (where("EnableInterContainerTrafficEncryption", "Equals", "true"), ["other"]),
        (where("InputDataConfig.ChannelName", "Equals", "test"), ["large"]),
        (where("TrainingJobStatus", "Equals", "InProgress"), ["small", "large", "other"]),
        (where("FailureReason", "Exists"), []),
        ({**where("Tags.stage"), "SubExpressions": [where("TrainingJobName", value="other")], "Operator": "Or"},
         ["large", "other"]),
        ({"Filters": [*where("Tags.owner")["Filters"], *where("Tags.stage")["Filters"]]}, ["large"]),
    ],
)  # fmt: skip
def test_filters(trainings: Trainings, expression: dict[str, Any], found: list[str]) -> None:
    assert names(trainings, expression) == found


def test_a_nested_filter_holds_for_one_object_of_the_list(trainings: Trainings) -> None:
    def nested(channel_name: str, key: str) -> dict[str, Any]:
        uri = "InputDataConfig.DataSource.S3DataSource.S3Uri"
        both = [*where("InputDataConfig.ChannelName", value=channel_name)["Filters"]]
        both += where(uri, "Contains", key)["Filters"]
        return {"NestedFilters": [{"NestedPropertyName": "InputDataConfig", "Filters": both}]}

    assert names(trainings, nested("train", "data")) == ["large"]
    assert names(trainings, nested("train", "extra")) == []


def test_times_are_compared_as_times(trainings: Trainings) -> None:
    created = trainings.describe("large")["CreationTime"]
    assert names(trainings, where("CreationTime", "GreaterThan", created.isoformat())) == ["other"]
    naive = (created - timedelta(milliseconds=1)).replace(tzinfo=None).isoformat()
    assert names(trainings, where("CreationTime", "LessThan", naive)) == ["small"]
    assert names(trainings, where("CreationTime", "Equals", created.isoformat())) == ["large"]


def test_sort_and_pages(trainings: Trainings) -> None:
    assert names(trainings) == ["small", "large", "other"]
    assert names(trainings, SortBy="ResourceConfig.InstanceCount") == ["small", "other", "large"]
    assert names(trainings, SortBy="Tags.owner") == ["other", "small", "large"]
    assert names(trainings, SortBy="EnableInterContainerTrafficEncryption", SortOrder="Descending")[0] == "other"
    by_change = trainings.sagemaker.search(Resource="TrainingJob")["Results"]
    assert [one["TrainingJob"]["TrainingJobName"] for one in by_change] == ["other", "large", "small"]
    paginator = trainings.sagemaker.get_paginator("search")
    pages = list(paginator.paginate(Resource="TrainingJob", PaginationConfig={"PageSize": 2}))
    assert [len(page["Results"]) for page in pages] == [2, 1]
    assert pages[0]["TotalHits"] == {"Value": 3, "Relation": "EqualTo"}
    assert names(trainings, CrossAccountFilterOption="CrossAccount") == []


def test_a_record_is_the_whole_job_with_its_tags(trainings: Trainings) -> None:
    expression = where("TrainingJobName", value="large")
    (found,) = trainings.sagemaker.search(Resource="TrainingJob", SearchExpression=expression)["Results"]
    job = trainings.describe("large")
    del job["ResponseMetadata"]
    tags = [{"Key": "owner", "Value": "lee"}, {"Key": "stage", "Value": "try"}]
    assert found["TrainingJob"] == {**job, "Tags": tags}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"SearchExpression": where("NoSuchThing", value="x")}, "Unknown property name: NoSuchThing"),
        ({"SearchExpression": {"SubExpressions": [where("Name.Of.None", value="x")]}}, "Unknown property name"),
        ({"SortBy": "ResourceConfig.Colour"}, "Unknown property name: ResourceConfig.Colour"),
        ({"SearchExpression": where("TrainingJobName", "Equals")}, "needs a Value"),
        ({"SearchExpression": where("TrainingJobName", "LessThan", "x")}, "not supported for the text property"),
        ({"SearchExpression": where("CreationTime", "LessThan", "yesterday")}, "cannot be compared"),
    ],
)
def test_what_cannot_be_searched_is_a_validation_exception(
    trainings: Trainings, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(ClientError) as caught:
        trainings.sagemaker.search(Resource="TrainingJob", **asked)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert words in caught.value.response["Error"]["Message"]


def test_a_kind_that_cannot_be_searched_yet_says_so(trainings: Trainings) -> None:
    with pytest.raises(ClientError, match="does not implement sagemaker:Search of FeatureGroup"):
        trainings.sagemaker.search(Resource="FeatureGroup")


def test_metrics_are_numbers_and_an_empty_expression_fits_all() -> None:
    record = {"FinalMetricDataList": [{"MetricName": "loss", "Value": 0.25}]}
    assert matches(where("Metrics.loss", "LessThan", "0.5"), record)
    assert matches(where("Metrics.loss", "Equals", "0.250"), record)
    assert not matches(where("Metrics.loss", "In", "1,2"), record)
    assert matches({}, record)
