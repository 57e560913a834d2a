"""The SageMaker Python SDK v3, unmodified, and plain boto3 against a practice account: the guide's own code, run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.archives import pack
from services.examples import get_example, package_source
from tests.examples.runs import torch_python
from tests.support.practice_account import Account
from tests.support.processes import REPOSITORY
from tests.support.submit_directory import ended, log_of, submit

pytestmark = pytest.mark.heavy

GUIDE = REPOSITORY / "docs" / "guides" / "sdk.md"
SECONDS = 400
GUARDED = """
import runpy, sys
from tests.support.isolation import GUARD
runpy.run_path(sys.argv[1], run_name="__main__")
print("left loopback:", GUARD.attempts())
"""
"""Runs a script that may not leave this machine: a try fails there and then, and is said even if it was swallowed."""


def blocks(section: str) -> str:
    """The Python of one section of the guide."""
    text = GUIDE.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))


def said_by(account: Account, folder: Path, *sections: str) -> str:
    """What the sections' code, run as one script where `examples/` is at hand, says.

    Raises: AssertionError when it fails, or tries to leave this machine.
    """
    (folder / "examples").symlink_to(REPOSITORY / "examples")
    script = folder / "guide.py"
    script.write_text("\n".join(blocks(section) for section in sections))
    environment = {**os.environ, "PRACTICE_HOME": str(account.home), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, str(script)], cwd=folder, env=environment,
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "left loopback: []" in done.stdout
    return done.stdout


def test_the_sdk_trains_deploys_and_invokes_and_so_does_boto3(practice: Account, tmp_path: Path) -> None:
    said = said_by(
        practice, tmp_path, "Point it there", "Train with ModelTrainer", "Deploy with ModelBuilder",
        "The same with boto3", "Stop what you started",
    )  # fmt: skip
    assert "Completed s3://my-practice-bucket/unusual-orders/unusual-orders-" in said
    assert re.search(r"\[\{'score': 0\.9\d*, 'unusual': True\}, \{'score': 0\.[0-4]\d*, 'unusual': False\}\]", said)
    assert re.search(r"Completed \[\{'MetricName': 'validation:auc', 'Value': 0\.9", said)
    assert re.search(r"^0\.9\d*,1$", said, re.MULTILINE)
    sagemaker = practice.client("sagemaker")
    job = sagemaker.list_training_jobs(NameContains="unusual-orders")["TrainingJobSummaries"][0]["TrainingJobName"]
    log = "\n".join(log_of(practice, job))
    assert "Running Basic Script driver" in log
    assert "epoch=8; train:loss=" in log
    assert sagemaker.list_endpoints()["Endpoints"] == [] or all(
        found["EndpointStatus"] == "Deleting" for found in sagemaker.list_endpoints()["Endpoints"]
    )


@pytest.mark.usefixtures("torch_port")
def test_the_sdk_trains_on_two_hosts_under_torchrun(practice: Account, tmp_path: Path) -> None:
    torch_python()
    said = said_by(practice, tmp_path, "Point it there", "Several hosts")
    assert said.splitlines()[-2] == "Completed"
    sagemaker = practice.client("sagemaker")
    job = sagemaker.list_training_jobs(NameContains="volatility")["TrainingJobSummaries"][0]["TrainingJobName"]
    log = "\n".join(log_of(practice, job))
    assert "process 0 of 2 on algo-1" in log
    assert "process 1 of 2 on algo-2" in log
    assert "epoch=4; processes=2;" in log


def test_inside_a_job_the_sdk_needs_no_setting(practice: Account) -> None:
    script = """
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.telemetry.telemetry_logging import TELEMETRY_OPT_OUT_PATH, resolve_value_from_config
session = Session()
print("bucket", session.default_bucket())
print("opted out", resolve_value_from_config(config_path=TELEMETRY_OPT_OUT_PATH, sagemaker_session=session))
"""
    submit(practice, "with-the-sdk-inside", pack({"train.py": script.encode()}), {})
    described = ended(practice, "with-the-sdk-inside")
    said = log_of(practice, "with-the-sdk-inside")
    assert described["TrainingJobStatus"] == "Completed", said
    assert {"bucket sagemaker-ap-northeast-2-123456789012", "opted out True"} <= set(said)


@pytest.mark.parametrize("quoted", [False, True])
def test_a_source_is_taken_from_the_submit_directory(practice: Account, quoted: bool) -> None:
    example = get_example("sklearn_surveillance")
    metrics = [{"Name": metric.name, "Regex": metric.regex} for metric in example.metrics]
    submit(
        practice, "by-submit-directory", package_source(example.folder), {"epochs": "3", "rows": "2000"}, quoted=quoted,
        AlgorithmSpecification={
            "TrainingImage": "366743142698.dkr.ecr.ap-northeast-2.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3",
            "TrainingInputMode": "File",
            "MetricDefinitions": metrics,
        },
    )  # fmt: skip
    described = ended(practice, "by-submit-directory")
    assert described["TrainingJobStatus"] == "Completed", described.get("FailureReason")
    assert {found["MetricName"] for found in described["FinalMetricDataList"]} == {one.name for one in example.metrics}
    assert "generated 2000 orders with seed 7: these are not real trades" in log_of(practice, "by-submit-directory")
