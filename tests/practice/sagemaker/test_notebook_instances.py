"""Notebook instances as any AWS client sees them: states, refusals, lists, scripts, and a JupyterLab that opens."""

import base64
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest
from botocore.exceptions import ClientError

from tests.support.local_account import Local
from tests.support.waiting import eventually

ROLE = "arn:aws:iam::123456789012:role/flightdeck-execution"
START_SECONDS = 120


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    running = Local(tmp_path_factory.mktemp("notebooks") / "home")
    yield running
    running.account.close()


def create(account: Local, name: str, **more: Any) -> str:
    client = account.client("sagemaker")
    request = {"NotebookInstanceName": name, "InstanceType": "ml.t3.medium", "RoleArn": ROLE, **more}
    return str(client.create_notebook_instance(**request)["NotebookInstanceArn"])


def describe(account: Local, name: str) -> dict[str, Any]:
    found: dict[str, Any] = account.client("sagemaker").describe_notebook_instance(NotebookInstanceName=name)
    return found


def until(account: Local, name: str, state: str) -> dict[str, Any]:
    return eventually(
        lambda: describe(account, name),
        lambda row: row["NotebookInstanceStatus"] == state,
        timeout=START_SECONDS,
    )


def refused(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return str(caught.value.response["Error"]["Message"])


def config(account: Local, name: str, **scripts: str) -> None:
    hooks = {hook: [{"Content": base64.b64encode(text.encode()).decode()}] for hook, text in scripts.items()}
    account.client("sagemaker").create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name, **hooks
    )


def log(account: Local, stream: str) -> list[str]:
    client = account.client("logs")
    events = client.get_log_events(logGroupName="/aws/sagemaker/NotebookInstances", logStreamName=stream)["events"]
    return [event["message"] for event in events]


def test_the_life_of_a_notebook_instance(account: Local) -> None:
    client = account.client("sagemaker")
    arn = create(account, "Life", VolumeSizeInGB=20, Tags=[{"Key": "team", "Value": "risk"}])
    assert arn == "arn:aws:sagemaker:ap-northeast-2:123456789012:notebook-instance/life"
    assert describe(account, "Life")["NotebookInstanceStatus"] == "Pending"
    assert "duplicate" in refused(
        client.create_notebook_instance, NotebookInstanceName="Life", InstanceType="ml.t3.medium", RoleArn=ROLE
    )
    assert "must be InService" in refused(client.create_presigned_notebook_instance_url, NotebookInstanceName="Life")
    row = until(account, "Life", "InService")
    assert (row["VolumeSizeInGB"], row["PlatformIdentifier"]) == (20, "notebook-al2023-v1")
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "risk"}]

    assert "Status (InService) not in ([Stopped, Failed])" in refused(
        client.delete_notebook_instance, NotebookInstanceName="Life"
    )
    assert "Unable to transition to (Pending)" in refused(client.start_notebook_instance, NotebookInstanceName="Life")
    assert "Updating" in refused(client.update_notebook_instance, NotebookInstanceName="Life", VolumeSizeInGB=30)

    client.stop_notebook_instance(NotebookInstanceName="Life")
    assert describe(account, "Life")["NotebookInstanceStatus"] == "Stopping"
    until(account, "Life", "Stopped")
    assert "cannot be decreased" in refused(
        client.update_notebook_instance, NotebookInstanceName="Life", VolumeSizeInGB=10
    )
    client.update_notebook_instance(NotebookInstanceName="Life", InstanceType="ml.t3.large", VolumeSizeInGB=30)
    row = until(account, "Life", "Stopped")
    assert (row["InstanceType"], row["VolumeSizeInGB"]) == ("ml.t3.large", 30)
    client.delete_notebook_instance(NotebookInstanceName="Life")
    eventually(lambda: not client.list_notebook_instances(NameContains="Life")["NotebookInstances"])
    assert refused(client.describe_notebook_instance, NotebookInstanceName="Life") == "RecordNotFound"


def test_its_jupyterlab_opens_and_its_home_folder_survives_a_stop(account: Local) -> None:
    client = account.client("sagemaker")
    create(account, "home")
    until(account, "home", "InService")
    url = client.create_presigned_notebook_instance_url(NotebookInstanceName="home")["AuthorizedUrl"]
    opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    with opener.open(url, timeout=30) as answer:
        assert answer.status == 200
        assert b"JupyterLab" in answer.read()
    uid = account.world.get("notebook-instance", "ap-northeast-2", "home").uid
    note = account.home / "notebooks" / uid / "SageMaker" / "note.txt"
    note.write_text("mine")
    client.stop_notebook_instance(NotebookInstanceName="home")
    until(account, "home", "Stopped")
    assert uid not in account.world.running
    client.start_notebook_instance(NotebookInstanceName="home")
    until(account, "home", "InService")
    assert note.read_text() == "mine"


def test_lifecycle_scripts_run_and_their_output_is_logged(account: Local) -> None:
    config(account, "greet", OnCreate="echo created in $AWS_REGION", OnStart="echo started")
    create(account, "scripted", LifecycleConfigName="greet")
    until(account, "scripted", "InService")
    assert "created in ap-northeast-2" in log(account, "scripted/LifecycleConfigOnCreate")
    assert "started" in log(account, "scripted/LifecycleConfigOnStart")
    client = account.client("sagemaker")
    assert "in use" in refused(
        client.delete_notebook_instance_lifecycle_config, NotebookInstanceLifecycleConfigName="greet"
    )
    client.stop_notebook_instance(NotebookInstanceName="scripted")
    until(account, "scripted", "Stopped")
    client.start_notebook_instance(NotebookInstanceName="scripted")
    until(account, "scripted", "InService")
    assert len(log(account, "scripted/LifecycleConfigOnCreate")) == 1, "OnCreate runs at the first start only"


def test_a_failing_script_fails_the_instance_with_its_reason(account: Local) -> None:
    config(account, "broken", OnStart="echo about to fail; exit 3")
    create(account, "broken", LifecycleConfigName="broken")
    row = until(account, "broken", "Failed")
    assert "LifecycleConfigOnStart" in row["FailureReason"]
    assert "about to fail" in log(account, "broken/LifecycleConfigOnStart")
    client = account.client("sagemaker")
    client.update_notebook_instance(NotebookInstanceName="broken", DisassociateLifecycleConfig=True)
    row = until(account, "broken", "Stopped")
    assert "NotebookInstanceLifecycleConfigName" not in row


def test_lifecycle_configs_are_listed_updated_and_deleted(account: Local) -> None:
    client = account.client("sagemaker")
    config(account, "first", OnStart="true")
    config(account, "second", OnStart="true")
    assert "exists" in refused(
        client.create_notebook_instance_lifecycle_config, NotebookInstanceLifecycleConfigName="first"
    )
    listed = client.list_notebook_instance_lifecycle_configs(MaxResults=1, NameContains="s")
    assert (len(listed["NotebookInstanceLifecycleConfigs"]), "NextToken" in listed) == (1, True)
    client.update_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName="first", OnStart=[{"Content": base64.b64encode(b"false").decode()}]
    )
    shown = client.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="first")
    assert base64.b64decode(shown["OnStart"][0]["Content"]) == b"false"
    client.delete_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="first")
    assert "RecordNotFound" in refused(
        client.describe_notebook_instance_lifecycle_config, NotebookInstanceLifecycleConfigName="first"
    )
    assert "RecordNotFound" in refused(
        client.create_notebook_instance,
        NotebookInstanceName="x",
        InstanceType="ml.t3.medium",
        RoleArn=ROLE,
        LifecycleConfigName="first",
    )


def test_lists_page_filter_and_sort_and_regions_are_apart(tmp_path: Path) -> None:
    local = Local(tmp_path / "home")
    try:
        client = local.client("sagemaker")
        names = ["alpha", "beta", "gamma"]
        for name in names:
            create(local, name, **({"DefaultCodeRepository": "https://example.invalid/x"} if name == "beta" else {}))
        paginator = client.get_paginator("list_notebook_instances")

        def listed(**request: Any) -> list[str]:
            pages = paginator.paginate(PaginationConfig={"PageSize": 2}, **request)
            return [row["NotebookInstanceName"] for page in pages for row in page["NotebookInstances"]]

        assert listed() == names
        assert listed(SortOrder="Descending") == names[::-1]
        assert listed(SortBy="CreationTime", SortOrder="Descending") == names[::-1]
        assert listed(NameContains="et") == ["beta"]
        assert listed(DefaultCodeRepositoryContains="example") == ["beta"]
        assert listed(StatusEquals="InService") == []
        assert listed(CreationTimeAfter=describe(local, "alpha")["CreationTime"]) == ["beta", "gamma"]
        assert "Invalid NextToken" in refused(client.list_notebook_instances, NextToken="nonsense")
        assert local.client("sagemaker", "eu-west-1").list_notebook_instances()["NotebookInstances"] == []
    finally:
        local.account.close()


def test_the_quota_refuses_one_too_many(local: Local) -> None:
    limit = 6
    for number in range(limit):
        create(local, f"n{number}")
    with pytest.raises(ClientError) as caught:
        create(local, "too-many")
    assert caught.value.response["Error"]["Code"] == "ResourceLimitExceeded"
    assert "'ml.t3.medium for notebook instance usage' is 6" in str(caught.value)


def test_a_day_passes_in_a_moment_and_the_instance_runs_on(local: Local) -> None:
    create(local, "long")
    local.advance(hours=1)
    row = describe(local, "long")
    assert row["NotebookInstanceStatus"] == "InService", "an advance waits for what really starts"
    assert 9 <= (row["LastModifiedTime"] - row["CreationTime"]).total_seconds() <= 60


def test_it_is_there_again_after_a_restart(local: Local) -> None:
    create(local, "again")
    until(local, "again", "InService")
    local.restart()
    client = local.client("sagemaker")
    eventually(lambda: local.world.running[local.world.get("notebook-instance", "ap-northeast-2", "again").uid].ready)
    assert client.create_presigned_notebook_instance_url(NotebookInstanceName="again")["AuthorizedUrl"]
