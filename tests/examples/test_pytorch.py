"""The PyTorch examples really train, in the environment that stands for their image."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from services.examples import get_example
from tests.examples.runs import SECONDS, run, torch_python
from tests.support.ports import free_port

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("torch_port")]

HOSTS = get_example("pytorch_hosts")
LLAMA = get_example("llama_lora")


def test_one_host_learns(tmp_path: Path) -> None:
    done = run(HOSTS, tmp_path, "--days", "8000", python=torch_python(), SM_MASTER_PORT=str(free_port()))
    values = done.values(HOSTS)
    assert [len(found) for found in values.values()] == [10, 10]
    assert values["validation:loss"][-1] < values["validation:loss"][0]
    assert json.loads((done.model / "config.json").read_text())["processes"] == 1
    assert (done.model / "model.pt").exists()


def test_two_processes_under_torchrun_learn_together(tmp_path: Path) -> None:
    torchrun = torch_python().with_name("torchrun")
    listening = ["--standalone", "--nnodes=1", "--nproc_per_node=2"]
    script = [str(HOSTS.folder / "train.py"), "--days", "3000", "--epochs", "6", "--model-dir", str(tmp_path / "model")]
    command = [str(torchrun), *listening, *script]
    done = subprocess.run(
        command, env=os.environ, capture_output=True, text=True, timeout=SECONDS, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "process 0 of 2" in done.stdout
    assert "process 1 of 2" in done.stdout
    assert json.loads((tmp_path / "model" / "config.json").read_text())["processes"] == 2


def test_a_tiny_llama_learns_and_its_adapter_is_saved(tmp_path: Path) -> None:
    done = run(LLAMA, tmp_path, "--steps", "36", python=torch_python())
    values = done.values(LLAMA)
    assert len(values["train:loss"]) == 12
    assert values["train:loss"][-1] < values["train:loss"][0] / 1.5
    assert {"adapter_config.json", "adapter_model.safetensors", "base"} <= {path.name for path in done.model.iterdir()}


def test_a_model_that_is_given_is_tuned_with_the_users_pairs(tmp_path: Path) -> None:
    """The way of Llama 3.1 with a GPU, on a model that fits a test: the files of a tiny one, and pairs of one's own."""
    made = run(LLAMA, tmp_path, "--steps", "1", python=torch_python()).model
    data = tmp_path / "data"
    data.mkdir()
    pairs = [{"prompt": f"What is {number}?", "completion": "a number"} for number in range(12)]
    (data / "pairs.jsonl").write_text("\n".join(json.dumps(pair) for pair in pairs))
    again = run(
        LLAMA, tmp_path, "--steps", "12", "--learning-rate", "0.02", python=torch_python(),
        SM_CHANNEL_MODEL=str(made / "base"), SM_CHANNEL_TRAIN=str(data), SM_MODEL_DIR=str(tmp_path / "tuned"),
    )  # fmt: skip
    losses = again.values(LLAMA)["train:loss"]
    assert losses[-1] < losses[0]
    assert json.loads((again.model / "adapter_config.json").read_text())["base_model_name_or_path"] == str(
        made / "base"
    )


def test_pairs_that_are_none_are_refused_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "pairs.jsonl").write_text('{"prompt": "a", "completion": "b"}\n{"prompt": "a"}\n')
    with pytest.raises(AssertionError, match=r"pairs\.jsonl:2: needs"):
        run(LLAMA, tmp_path, python=torch_python(), SM_CHANNEL_TRAIN=str(tmp_path))
