"""The code that a plan shows is code that runs: what a user copies does what the button does."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services import endpoints, schedules
from services.cloud import Cloud
from services.endpoint_plans import endpoint_arn
from services.plans import Call, as_boto3, as_cli
from services.training_plans import plan_launch
from tests.support.deck_wishes import ACCOUNT_ID, BUCKET, put_echo_model, surroundings, training_wish, unserved_plan
from tests.support.practice_account import REGION, Account

pytestmark = pytest.mark.heavy


def as_a_user_would(practice: Account) -> dict[str, str]:
    """The environment in which a user's own boto3 reaches the account."""
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": practice.url,
        "AWS_ACCESS_KEY_ID": practice.access_key,
        "AWS_SECRET_ACCESS_KEY": practice.secret_key,
    }


def run_python(practice: Account, cloud: Cloud, calls: list[Call]) -> None:
    code = "\n".join(as_boto3(call, cloud.region) for call in calls)
    done = subprocess.run(
        [sys.executable, "-c", code], env=as_a_user_would(practice), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def run_command_lines(practice: Account, cloud: Cloud, calls: list[Call]) -> None:
    """What the AWS CLI does with `--cli-input-json`: the JSON is the request."""
    for call in calls:
        program, service, command, _, region, _, request = shlex.split(as_cli(call, cloud.region))
        assert (program, region) == ("aws", cloud.region)
        client = practice.client(service, region)
        getattr(client, command.replace("-", "_"))(**json.loads(request))


@pytest.mark.parametrize("run", [run_python, run_command_lines])
def test_what_is_shown_makes_what_the_plan_makes(
    shared_practice: Account, shared_cloud: Cloud, run: Callable[[Account, Cloud, list[Call]], None]
) -> None:
    put_echo_model(shared_practice)
    name = run.__name__.replace("_", "-")
    plan = unserved_plan(shared_cloud, name, environment={"GREETING": 'it\'s $HOME "quoted" 서울'})
    run(shared_practice, shared_cloud, [call for call in plan.calls if not call.method.startswith("delete_")])
    guard = schedules.find_guard(shared_cloud, endpoint_arn(REGION, ACCOUNT_ID, name))
    assert guard is not None
    assert guard.stops_at == plan.stops_at
    assert name in {each.name for each in endpoints.list_restorable(shared_cloud, ())}
    made = shared_cloud.client("sagemaker").describe_model(ModelName=name)
    assert made["PrimaryContainer"]["Environment"] == {"GREETING": 'it\'s $HOME "quoted" 서울'}


def test_uploads_run_as_shown(shared_practice: Account, shared_cloud: Cloud, tmp_path: Path) -> None:
    put_echo_model(shared_practice)
    plan = plan_launch(training_wish(tmp_path, "shown", "print('trained')"), surroundings(shared_cloud))
    run_python(shared_practice, shared_cloud, [call for call in plan.calls if call.service == "s3"])
    key = next(call.parameters["Key"] for call in plan.calls if call.method == "upload_file")
    body = shared_practice.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
    assert body == (tmp_path / "shown.tar.gz").read_bytes()
