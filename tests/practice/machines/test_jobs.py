"""Training jobs run as SageMaker's containers do."""

import json
import os
import re
import threading
from pathlib import Path

import pytest

from practice.machines import isolations
from practice.machines.archives import pack
from practice.machines.isolations import Isolation, isolation
from practice.machines.job_specs import Channel, ChannelError, MetricPattern, Phase
from tests.practice.machines.job_helpers import (
    SDK_COMMAND,
    bash,
    channel,
    finished,
    is_built,
    own_image,
    sdk_drivers,
    source_of,
    started,
)
from tests.practice.machines.wheels import write_wheel
from tests.support.waiting import eventually

needs_namespaces = pytest.mark.skipif(isolation({}).kind is None, reason="no mount namespaces here")

SCRIPT = """
import argparse, json, os, boto3
parser = argparse.ArgumentParser()
parser.add_argument("--max-depth", type=int)
parser.add_argument("-n", type=float)
given = parser.parse_args()
folder = os.environ["SM_CHANNEL_TRAIN"]
print("depth", given.max_depth, given.n, sorted(os.listdir(folder)), os.environ["SM_MODEL_DIR"])
print("accuracy=0.75; loss: 1e-3")
open(os.path.join(os.environ["SM_MODEL_DIR"], "model.txt"), "w").write("weights")
open(os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt"), "w").write("report")
print("endpoint", boto3.client("s3").meta.endpoint_url)
"""


def hyperparameters(**more: str) -> dict[str, str]:
    """What SDKs before version 3 send: every value is JSON."""
    return {
        "sagemaker_program": '"train.py"',
        "sagemaker_submit_directory": '"s3://bucket/sourcedir.tar.gz"',
        "sagemaker_region": '"us-east-1"',
        **more,
    }


def test_a_script_with_its_source_directory_trains(tmp_path: Path) -> None:
    result, heard = finished(
        tmp_path,
        hyperparameters=hyperparameters(**{"max-depth": "3", "n": '"2.5"'}),
        channels=(channel("train", a__csv="1,2"),),
        metrics=(MetricPattern("acc", r"accuracy=([0-9.]+)"), MetricPattern("loss", r"loss: (\S+)")),
        aws={"AWS_ENDPOINT_URL": "http://127.0.0.1:1234", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
        **source_of(train__py=SCRIPT),
    )
    assert (result.failure, result.exit_code, result.stopped) == (None, 0, False), heard.text()
    assert "Invoking script with the following command: python train.py --max-depth 3 -n 2.5" in heard.text()
    model_dir = "/opt/ml/model" if isolation({}).kind else str(result.model_folders[0])
    assert f"depth 3 2.5 ['a.csv'] {model_dir}" in heard.text()
    assert "endpoint http://127.0.0.1:1234" in heard.text()
    assert heard.metrics == [("acc", 0.75), ("loss", 0.001)]
    assert heard.phases == [Phase.DOWNLOADING_IMAGE, Phase.DOWNLOADING, Phase.TRAINING]
    assert result.training_seconds > 0
    assert (result.model_folders[0] / "model.txt").read_text() == "weights"
    assert pack(result.model_folders, tmp_path / "model.tar.gz")
    assert pack(result.output_folders, tmp_path / "output.tar.gz")


def test_config_files_and_variables_are_what_a_container_finds(tmp_path: Path) -> None:
    result, heard = finished(
        tmp_path,
        **bash("cat $SM_INPUT_CONFIG_DIR/*.json; env"),
        hyperparameters={"lr": "0.1", "name": "plain text"},
        channels=(channel("train"), Channel("test", lambda folder, index, count: None, {"ContentType": "text/csv"})),
        environment={"MINE": "1", "SM_LOG_LEVEL": "10"},
    )
    assert result.failure is None
    config = tmp_path / "job" / "algo-1" / "input" / "config"
    assert json.loads((config / "hyperparameters.json").read_text()) == {"lr": "0.1", "name": "plain text"}
    inputs = json.loads((config / "inputdataconfig.json").read_text())
    assert inputs["train"] == {
        "TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None",
    }  # fmt: skip
    assert inputs["test"]["ContentType"] == "text/csv"
    resources = json.loads((config / "resourceconfig.json").read_text())
    assert resources["current_host"] == "algo-1"
    assert resources["hosts"] == ["algo-1"]
    assert resources["current_instance_type"] == "ml.m5.large"
    told = dict(line.split("=", 1) for line in heard.text().splitlines() if "=" in line)
    assert json.loads(told["SM_HPS"]) == {"lr": 0.1, "name": "plain text"}
    assert (told["SM_HP_LR"], told["SM_HP_NAME"]) == ("0.1", "plain text")
    assert json.loads(told["SM_CHANNELS"]) == ["test", "train"]
    assert json.loads(told["SM_TRAINING_ENV"])["job_name"] == told["TRAINING_JOB_NAME"] == "job"
    assert told["SM_NUM_CPUS"] == str(os.cpu_count())
    assert (told["MINE"], told["SM_LOG_LEVEL"], told["AWS_REGION"]) == ("1", "10", "us-east-1")
    assert {"SM_HOSTS", "SM_CURRENT_HOST", "SM_NUM_GPUS", "SM_USER_ARGS", "SM_OUTPUT_DATA_DIR"} <= set(told)


def test_what_the_sdks_trainer_sends_runs_with_its_own_drivers(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "tinypkg", "1.5", "")
    code = channel(
        "code",
        train__py="import os, sys, tinypkg\nprint('trained', sys.argv[1:], os.environ['SM_MODEL_DIR'])\n",
        requirements__txt=f"{wheel}\n",
    )
    drivers = Channel("sm_drivers", sdk_drivers("train.py", requirements="requirements.txt"))
    result, heard = finished(
        tmp_path, channels=(code, drivers), hyperparameters={"epochs": "3", "name": "a b"}, **SDK_COMMAND
    )
    assert result.failure is None, heard.text()
    assert "Successfully installed tinypkg-1.5" in heard.text()
    assert "trained ['--epochs', '3', '--name', 'a b'] /opt/ml/model" in heard.text()


def test_a_failing_script_of_the_sdk_leaves_its_traceback_as_the_reason(tmp_path: Path) -> None:
    code = channel("code", train__py="raise SystemExit('no data today')\n")
    drivers = Channel("sm_drivers", sdk_drivers("train.py"))
    result, heard = finished(tmp_path, channels=(code, drivers), **SDK_COMMAND)
    assert result.exit_code == 1
    assert result.failure is not None
    assert result.failure.startswith("AlgorithmError: Traceback")
    assert result.failure.endswith("exit code: 1")
    assert "no data today" in heard.text()


def test_an_own_image_runs_its_train_program(tmp_path: Path) -> None:
    image = own_image(tmp_path, "train", '#!/bin/bash\npwd; echo got "$@"; cat $SM_CHANNEL_TRAIN/x; python -V\n')
    result, heard = finished(tmp_path, image=image, arguments=("fast",), channels=(channel("train", x="data\n"),))
    assert result.failure is None, heard.text()
    assert {"got fast", "data"} <= set(heard.lines["algo-1"])
    assert ("/opt/program" in heard.lines["algo-1"]) is (isolation({}).kind is not None)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"image": "x.dkr.ecr.us-east-1.amazonaws.com/djl-inference:0.29"}, "has no image .*djl-inference"),
        ({}, "nothing to run"),
        ({"hyperparameters": {"sagemaker_program": "a.py", "sagemaker_mpi_enabled": "true"}}, "MPI is not available"),
        ({"hyperparameters": hyperparameters()}, "cannot be fetched"),
        ({"metrics": (MetricPattern("m", "("),)}, "regex of metric m"),
    ],
)
def test_what_cannot_run_says_why(tmp_path: Path, more: dict[str, object], reason: str) -> None:
    result, _ = finished(tmp_path, **more)
    assert result.exit_code is None
    assert result.failure is not None
    assert pytest.approx(0) == result.training_seconds
    assert re.search(reason, result.failure), result.failure


def test_an_own_image_without_train_says_so(tmp_path: Path) -> None:
    result, _ = finished(tmp_path, image=own_image(tmp_path, "serve", "#!/bin/sh\n"))
    assert "has no program named train" in str(result.failure)


def test_a_channel_that_cannot_be_filled_fails_the_job(tmp_path: Path) -> None:
    def fill(folder: Path, host_index: int, host_count: int) -> None:
        raise ChannelError("ClientError: Data download failed: no objects under s3://bucket/none")

    result, heard = finished(tmp_path, **bash("true"), channels=(Channel("train", fill),))
    assert result.failure == "ClientError: Data download failed: no objects under s3://bucket/none"
    assert heard.phases[-1] is Phase.DOWNLOADING


def test_a_bug_of_the_caller_still_ends_the_job(tmp_path: Path) -> None:
    def fill(folder: Path, host_index: int, host_count: int) -> None:
        raise KeyError("bug")

    seen: list[object] = []
    hook, threading.excepthook = threading.excepthook, lambda args: seen.append(args.exc_type)
    try:
        result, _ = finished(tmp_path, **bash("true"), channels=(Channel("train", fill),))
        eventually(lambda: seen)
    finally:
        threading.excepthook = hook
    assert str(result.failure).startswith("InternalServerError")
    assert seen == [KeyError]


def test_a_failure_file_is_the_reason_cut_to_size(tmp_path: Path) -> None:
    script = "mkdir -p /opt/ml/output; printf 'bad data %02000d' 7 > /opt/ml/output/failure; exit 4"
    result, _ = finished(tmp_path, **bash(script))
    assert result.exit_code == 4
    assert str(result.failure).startswith("AlgorithmError: bad data 000")
    assert str(result.failure).endswith(", exit code: 4")
    assert len(str(result.failure)) == 1024


def test_without_a_failure_file_the_last_lines_are(tmp_path: Path) -> None:
    result, _ = finished(tmp_path, **bash("seq 1000; echo out of cheese >&2; kill -9 $$"))
    assert str(result.failure).endswith("999 1000 out of cheese, exit code: 137")
    assert len(str(result.failure)) < 1024


def test_stop_asks_the_script_to_end_and_is_no_failure(tmp_path: Path) -> None:
    script = "trap 'echo saving > /opt/ml/model/m; exit 0' TERM; echo up; while :; do sleep .05; done"
    job, heard = started(tmp_path, **bash(script))
    eventually(lambda: "up" in heard.text())
    assert job.wait(0) is None
    job.stop(60)
    result = job.wait(30)
    assert result is not None
    assert (result.failure, result.stopped, result.exit_code) == (None, True, 0)
    assert (result.model_folders[0] / "m").exists()


SAVES = """
import signal, sys, time
def save(number, frame):
    time.sleep(0.2)
    open("/opt/ml/model/saved", "w").write("all of it")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("up")
while True:
    signal.pause()
"""


def test_stop_reaches_the_script_behind_the_sdks_drivers(tmp_path: Path) -> None:
    channels = (channel("code", train__py=SAVES), Channel("sm_drivers", sdk_drivers("train.py")))
    job, heard = started(tmp_path, channels=channels, **SDK_COMMAND)
    eventually(lambda: "up" in heard.lines.get("algo-1", []))
    job.stop(60)
    result = job.wait(30)
    assert result is not None
    assert (result.failure, result.stopped) == (None, True)
    assert (result.model_folders[0] / "saved").read_text() == "all of it"


def test_stop_before_training_never_begins(tmp_path: Path) -> None:
    release = threading.Event()
    filling = threading.Event()

    def fill(folder: Path, host_index: int, host_count: int) -> None:
        filling.set()
        release.wait(30)

    job, heard = started(tmp_path, **bash("echo never"), channels=(Channel("train", fill),))
    assert filling.wait(30)
    job.stop()
    release.set()
    result = job.wait(30)
    assert result is not None
    assert (result.failure, result.stopped, result.exit_code) == (None, True, None)
    assert "never" not in heard.text()
    assert not pack(result.model_folders, tmp_path / "model.tar.gz")


@needs_namespaces
def test_hosts_know_each_other_by_name(tmp_path: Path) -> None:
    script = """
        echo I am $SM_CURRENT_HOST $(hostname) of $SM_HOSTS; cat /opt/ml/input/data/train/x
        python - <<'EOF'
import os, socket
names = ["algo-1", "algo-2"]
mine, other = (names if os.environ["SM_CURRENT_HOST"] == "algo-1" else names[::-1])
server = socket.create_server((mine, 7070))
while True:
    try:
        socket.create_connection((other, 7070)).sendall(mine.encode()); break
    except ConnectionRefusedError:
        continue
print("heard from", server.accept()[0].recv(9).decode())
open(f"/opt/ml/model/{mine}", "w").write("x"); open("/opt/ml/model/both", "w").write(mine)
EOF
    """
    result, heard = finished(
        tmp_path, **bash(script), host_count=2, channels=(channel("train", x="shard {host} of {hosts}\n"),)
    )
    assert result.failure is None, heard.lines
    for host, other, index in (("algo-1", "algo-2", 0), ("algo-2", "algo-1", 1)):
        assert f'I am {host} {host} of ["algo-1", "algo-2"]' in heard.text(host)
        assert f"shard {index} of 2" in heard.text(host)
        assert f"heard from {other}" in heard.text(host)
    assert pack(result.model_folders, tmp_path / "model.tar.gz")


def test_one_failing_host_ends_the_others(tmp_path: Path) -> None:
    script = "echo on $SM_CURRENT_HOST; [ $SM_CURRENT_HOST = algo-2 ] && { echo broken; exit 9; }; exec sleep 1000"
    result, _ = finished(tmp_path, **bash(script), host_count=2)
    assert result.exit_code == 9
    assert result.failure == "AlgorithmError: on algo-2 broken, exit code: 9"


def test_jobs_of_several_hosts_take_turns_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, heard = started(tmp_path / "a", **bash("echo up; exec sleep 1000"), host_count=2)
    eventually(lambda: "up" in heard.text("algo-2"))
    second, waiting = started(tmp_path / "b", **bash("echo my turn"), host_count=2)
    eventually(lambda: "take turns" in waiting.text())
    assert "my turn" not in waiting.text()
    first.stop(0)
    assert first.wait(30) is not None
    result = second.wait(30)
    assert result is not None
    assert "my turn" in waiting.text()
    third, waiting = started(tmp_path / "c", **bash("true"), host_count=2)
    assert third.wait(30) is not None


def test_checkpoints_come_back_and_are_handed_on(tmp_path: Path) -> None:
    for number, path in enumerate(("/opt/ml/checkpoints", "/opt/ml/mine", "/tmp/ckpt")):
        home = tmp_path / str(number)
        home.mkdir()
        result, heard = finished(
            home,
            **bash(f"cat {path}/epoch; echo 8 > {path}/epoch"),
            checkpoint_path=path,
            checkpoints=lambda folder: (folder / "epoch").write_text("7\n") and None,
        )
        assert result.failure is None, heard.text()
        assert "7" in heard.lines["algo-1"]
        assert (result.checkpoint_folders[0] / "epoch").read_text() == "8\n"


def test_what_a_job_installs_stays_in_the_job(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "tinypkg", "1.5", "def main():\n    print('tiny')\n")
    result, heard = finished(
        tmp_path,
        hyperparameters=hyperparameters(),
        **source_of(
            train__py="import subprocess, tinypkg\nsubprocess.run(['tinypkg-says'], check=True)\n",
            requirements__txt=f"{wheel}\n",
        ),
    )
    assert result.failure is None, heard.text()
    assert "tiny" in heard.lines["algo-1"]
    assert not any("tinypkg" in str(path) for path in Path(os.__file__).parent.glob("site-packages/*"))


def test_a_source_directory_may_be_a_channel_and_a_shell_script(tmp_path: Path) -> None:
    result, heard = finished(
        tmp_path,
        hyperparameters={"sagemaker_program": "run.sh", "sagemaker_submit_directory": "/opt/ml/input/data/code"},
        channels=(channel("code", run__sh='echo ran "$@"; pwd\n'),),
    )
    assert result.failure is None, heard.text()
    assert "ran" in heard.lines["algo-1"]


def test_twenty_jobs_at_once_all_complete(tmp_path: Path) -> None:
    jobs = []
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        jobs.append(started(tmp_path / str(number), **bash(f"echo {number} > /opt/ml/model/n")))
    results = [job.wait(120) for job, _ in jobs]
    assert [result and result.failure for result in results] == [None] * 20
    assert [(result.model_folders[0] / "n").read_text() for result in results if result] == [
        f"{number}\n" for number in range(20)
    ]
    eventually(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith(("job-", "cell-"))])


DISTRIBUTED = """
import os, torch, torch.distributed as dist
dist.init_process_group("gloo")
total = torch.tensor([dist.get_rank() + 1.0])
dist.all_reduce(total)
print("rank", dist.get_rank(), "of", dist.get_world_size(), "total", total.item())
dist.destroy_process_group()
"""


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
@pytest.mark.parametrize("hosts", [1, 2])
def test_torchrun_of_the_sdk_on_several_hosts(tmp_path: Path, hosts: int) -> None:
    result, heard = finished(
        tmp_path,
        image="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.8.0-cpu-py312-ubuntu22.04-sagemaker",
        channels=(
            channel("code", train__py=DISTRIBUTED),
            Channel("sm_drivers", sdk_drivers("train.py", distributed="torchrun_driver.py")),
        ),
        host_count=hosts,
        **SDK_COMMAND,
    )
    assert result.failure is None, heard.lines
    for rank in range(hosts):
        total = sum(range(hosts + 1))
        assert f"rank {rank} of {hosts} total {total:.1f}" in heard.text(f"algo-{rank + 1}")
    assert any(line.startswith("torch is 2.13.0") for line in heard.lines["algo-1"])


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
def test_torchrun_of_the_toolkit_on_several_hosts(tmp_path: Path) -> None:
    result, heard = finished(
        tmp_path,
        image="x.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.13.0-cpu-py311",
        hyperparameters=hyperparameters(sagemaker_torch_distributed_enabled="true"),
        host_count=2,
        **source_of(train__py=DISTRIBUTED),
    )
    assert result.failure is None, heard.lines
    assert "rank 1 of 2 total 3.0" in heard.text("algo-2")


@pytest.fixture
def no_mounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that grants no namespaces."""
    monkeypatch.setattr(isolations, "_probe", lambda: Isolation(None, "this system does not allow mount namespaces"))


@pytest.mark.usefixtures("no_mounts")
def test_without_mounts_jobs_run_as_plain_processes_and_say_so(tmp_path: Path) -> None:
    text = "import os\nopen('/opt/ml/model/m', 'w').write(os.environ['SM_MODEL_DIR'])\nprint('trained')\n"
    channels = (channel("code", train__py=text), Channel("sm_drivers", sdk_drivers("train.py")))
    result, heard = finished(tmp_path, channels=channels, **SDK_COMMAND)
    assert result.failure is None, heard.text()
    notice = "Runs as a plain process: this system does not allow mount namespaces."
    assert notice in heard.lines["algo-1"]
    assert "trained" in heard.lines["algo-1"]
    assert (result.model_folders[0] / "m").read_text() in ("/opt/ml/model", str(result.model_folders[0]))


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
@pytest.mark.usefixtures("no_mounts")
def test_without_mounts_torchrun_still_meets(tmp_path: Path) -> None:
    channels = (
        channel("code", train__py=DISTRIBUTED),
        Channel("sm_drivers", sdk_drivers("train.py", distributed="torchrun_driver.py")),
    )
    result, heard = finished(tmp_path, image="pytorch-training:2.8.0", host_count=2, channels=channels, **SDK_COMMAND)
    assert result.failure is None, heard.lines
    assert "rank 1 of 2 total 3.0" in heard.text("algo-2")
