"""The shipped PyTorch examples as training jobs, sent the way the deck sends them."""

import pytest

from services.examples import Example, chosen_hyperparameters, get_example, package_source
from services.images import ImageKind, image_uri
from tests.examples.runs import torch_python
from tests.support.practice_account import REGION, Account
from tests.support.submit_directory import ended, log_of, submit

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("torch_port")]


def trained(account: Account, example: Example, **values: str) -> list[str]:
    """The log of the example's job, which must complete. Raises: AssertionError with that log."""
    torch_python()
    name = example.name.replace("_", "-")
    hyperparameters = chosen_hyperparameters(example, values)
    if example.torchrun:
        hyperparameters["sagemaker_torch_distributed_enabled"] = "true"
    submit(
        account, name, package_source(example.folder), hyperparameters,
        AlgorithmSpecification={
            "TrainingImage": image_uri(ImageKind(example.framework, example.framework_version, "training"), REGION),
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": metric.name, "Regex": metric.regex} for metric in example.metrics],
        },
        ResourceConfig={
            "InstanceType": example.instance_type,
            "InstanceCount": example.instance_count,
            "VolumeSizeInGB": example.volume_gib,
        },
    )  # fmt: skip
    described = ended(account, name, timeout=300)
    log = log_of(account, name)
    assert described["TrainingJobStatus"] == "Completed", (described.get("FailureReason"), log)
    assert {found["MetricName"] for found in described["FinalMetricDataList"]} == {one.name for one in example.metrics}
    return log


def test_pytorch_learns_on_two_hosts(practice: Account) -> None:
    log = trained(practice, get_example("pytorch_hosts"), epochs="6", days="4000")
    assert "process 0 of 2 on algo-1, cpu" in log
    assert "process 1 of 2 on algo-2, cpu" in log
    assert sum(line.startswith("epoch=") for line in log) == 6


def test_a_tiny_llama_learns_with_its_requirements_installed(practice: Account) -> None:
    log = trained(practice, get_example("llama_lora"), steps="12")
    assert any("Requirement already satisfied: peft" in line for line in log)
    assert any(line.startswith("tiny on cpu: 17,920 of") for line in log)
