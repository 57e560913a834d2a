"""Parts of a training job that need no process: commands, metrics, archives, reasons."""

import io
import tarfile
from pathlib import Path

import pytest

from practice.machines import hardware
from practice.machines.archives import pack, unpack
from practice.machines.environments import Environment
from practice.machines.job_commands import command_of, launcher, user_arguments
from practice.machines.job_failures import algorithm_error
from practice.machines.job_metrics import metric_reader
from practice.machines.job_specs import MetricPattern
from tests.practice.machines.job_helpers import job_spec

HERE = Environment("scikit-learn", Path("/usr/bin/python3"), None, ())


def test_hyperparameters_become_arguments_as_the_toolkit_does_it(tmp_path: Path) -> None:
    spec = job_spec(
        tmp_path,
        hyperparameters={"b": "1", "names": '["x", "y"]', "map": '{"k": 1, "a": "z"}', "sagemaker_region": "r"},
    )
    assert user_arguments(spec) == ["-b", "1", "--map", "a=z,k=1", "--names", "['x', 'y']"]


def test_torchrun_is_used_when_asked_for(tmp_path: Path) -> None:
    for name in ("sagemaker_torch_distributed_enabled", "sagemaker_pytorch_ddp_enabled"):
        one = job_spec(tmp_path, hyperparameters={name: "true"})
        assert launcher(one, "train.py", 0) == ["torchrun", "--nnodes=1", "--nproc_per_node=1"]
        several = job_spec(tmp_path, hyperparameters={name: "true"}, host_count=3)
        assert launcher(several, "train.py", 2)[-3:] == ["--master_addr=algo-1", "--master_port=7777", "--node_rank=2"]
    assert launcher(job_spec(tmp_path), "train.sh", 0) == ["/bin/bash"]


def test_an_entrypoint_comes_before_all_else(tmp_path: Path) -> None:
    spec = job_spec(tmp_path, entrypoint=("a",), arguments=("b",), hyperparameters={"sagemaker_program": "x.py"})
    assert command_of(spec, HERE, 0) == (("a", "b"), Path("/"))


def test_metrics_are_the_first_group_or_the_match() -> None:
    read = metric_reader(
        [MetricPattern("a", r"a=(\S+)"), MetricPattern("n", r"\d+\.\d+"), MetricPattern("o", r"o(x)?")]
    )
    assert read("a=1e-3 and 2.5") == [("a", 0.001), ("n", 2.5)]
    assert read("a=many o") == []
    assert read("a=nan") == []
    with pytest.raises(ValueError, match="regex of metric bad"):
        metric_reader([MetricPattern("bad", "[")])


def test_a_reason_is_what_was_written_else_what_was_said(tmp_path: Path) -> None:
    file = tmp_path / "failure"
    assert algorithm_error(file, ["one", "two"], 2) == "AlgorithmError: one two, exit code: 2"
    file.write_text("  \n")
    assert algorithm_error(file, [], 2) == "AlgorithmError: , exit code: 2"
    file.write_text("out of data\n")
    assert algorithm_error(file, ["x"], 1) == "AlgorithmError: out of data, exit code: 1"
    assert len(algorithm_error(file, ["x" * 5000], 1)) <= 1024


def test_folders_of_several_hosts_are_packed_into_one(tmp_path: Path) -> None:
    for host, files in (("a", {"m": "first", "deep/only-a": "x"}), ("b", {"m": "second", "only-b": "y"})):
        for name, text in files.items():
            path = tmp_path / host / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    assert pack([tmp_path / "a", tmp_path / "b"], tmp_path / "model.tar.gz")
    unpack(tmp_path / "model.tar.gz", tmp_path / "out")
    found = {
        str(path.relative_to(tmp_path / "out")): path.read_text()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert found == {"m": "first", "deep/only-a": "x", "only-b": "y"}
    (tmp_path / "empty" / "inside").mkdir(parents=True)
    assert not pack([tmp_path / "empty"], tmp_path / "none.tar.gz")
    assert not (tmp_path / "none.tar.gz").exists()


def archive_of(folder: Path, name: str) -> Path:
    """An archive of one member with this name."""
    member = tarfile.TarInfo(name)
    member.size = 1
    with tarfile.open(folder / "one.tar.gz", "w:gz") as tar:
        tar.addfile(member, io.BytesIO(b"x"))
    return folder / "one.tar.gz"


def test_archives_that_would_leave_their_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack(archive_of(tmp_path, "../evil"), tmp_path / "out")
    assert not (tmp_path / "evil").exists()
    unpack(archive_of(tmp_path, "/etc/evil"), tmp_path / "out")
    assert (tmp_path / "out" / "etc" / "evil").exists()  # made relative, as tar does


@pytest.mark.parametrize("text", [b"", b"not a tar"])
def test_what_is_no_archive_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "bad.tar.gz").write_bytes(text)
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack(tmp_path / "bad.tar.gz", tmp_path / "out")


def test_gpus_are_counted_as_the_toolkit_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    hardware.gpu_count.cache_clear()
    assert hardware.gpu_count() == 0
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H200'\necho 'GPU 1: NVIDIA H200'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    hardware.gpu_count.cache_clear()
    assert hardware.gpu_count() == 2
    hardware.gpu_count.cache_clear()
