"""GetResources: what we own and what moto holds in one list, filtered and in pages."""

import pytest
from botocore.exceptions import ClientError

from tests.support.local_account import REGION, Local

ROLE = "arn:aws:iam::123456789012:role/execution"


@pytest.fixture
def tagged(local: Local) -> Local:
    """Resources of four services with tags, and some without."""
    sagemaker = local.client("sagemaker")
    image = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/x:1"
    for name, team in (("a", "risk"), ("b", "risk"), ("c", "desk")):
        tags = [{"Key": "Team", "Value": team}, {"Key": "Name", "Value": name}]
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image}, Tags=tags)
    sagemaker.create_model(ModelName="plain", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    sagemaker.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="plain")
    local.client("logs").create_log_group(logGroupName="g", tags={"Team": "risk"})
    local.client("scheduler").create_schedule_group(Name="s", Tags=[{"Key": "Team", "Value": "desk"}])
    local.client("sqs").create_queue(QueueName="q", tags={"Team": "risk"})
    return local


def found(local: Local, region: str = REGION, **asked: object) -> list[str]:
    rows = local.client("resourcegroupstaggingapi", region).get_resources(**asked)["ResourceTagMappingList"]
    return [row["ResourceARN"].split(":", 5)[5] for row in rows]


def test_filters_by_tag_and_by_type(tagged: Local) -> None:
    assert sorted(found(tagged)) == ["log-group:g", "model/a", "model/b", "model/c", "q", "schedule-group/s"]
    risk = [{"Key": "Team", "Values": ["risk"]}]
    assert sorted(found(tagged, TagFilters=risk)) == ["log-group:g", "model/a", "model/b", "q"]
    assert found(tagged, TagFilters=[*risk, {"Key": "Name"}]) == ["model/a", "model/b"]
    assert found(tagged, ResourceTypeFilters=["sagemaker:model"]) == ["model/a", "model/b", "model/c"]
    assert found(tagged, ResourceTypeFilters=["sagemaker:endpoint"]) == []
    assert sorted(found(tagged, ResourceTypeFilters=["scheduler", "sqs"])) == ["q", "schedule-group/s"]
    assert found(tagged, "us-east-1") == []


def test_pages(tagged: Local) -> None:
    client = tagged.client("resourcegroupstaggingapi")
    pages = list(client.get_paginator("get_resources").paginate(PaginationConfig={"PageSize": 2}))
    sizes = [len(page["ResourceTagMappingList"]) for page in pages]
    assert sizes == [2, 2, 2]
    arns = [row["ResourceARN"] for page in pages for row in page["ResourceTagMappingList"]]
    assert len(set(arns)) == 6
    with pytest.raises(ClientError, match="PaginationTokenExpired"):
        client.get_resources(PaginationToken="never")


def test_named_resources_and_their_tags(tagged: Local) -> None:
    client = tagged.client("resourcegroupstaggingapi")
    arn = f"arn:aws:sagemaker:{REGION}:123456789012:model/c"
    (row,) = client.get_resources(ResourceARNList=[arn])["ResourceTagMappingList"]
    assert {tag["Key"]: tag["Value"] for tag in row["Tags"]} == {"Team": "desk", "Name": "c"}
    with pytest.raises(ClientError, match="InvalidParameter"):
        client.get_resources(ResourceARNList=[arn], ResourceTypeFilters=["sagemaker"])
    tagged.client("sagemaker").delete_tags(ResourceArn=arn, TagKeys=["Team", "Name"])
    assert "model/c" not in found(tagged)
