"""Running training jobs in tests."""

import importlib.util
import os
import shutil
import site
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from practice.machines.job_specs import Channel, JobCallbacks, JobResult, JobSpec, Phase
from practice.machines.jobs import Job, start_job

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"


@dataclass
class Heard:
    """What a job's callbacks were told."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    phases: list[Phase] = field(default_factory=list)
    metrics: list[tuple[str, float]] = field(default_factory=list)
    results: list[JobResult] = field(default_factory=list)

    def callbacks(self) -> JobCallbacks:
        """To give to `start_job`."""

        def on_lines(host: str, lines: Sequence[str]) -> None:
            self.lines.setdefault(host, []).extend(lines)

        return JobCallbacks(
            on_lines, self.results.append, self.phases.append, lambda name, value: self.metrics.append((name, value))
        )

    def text(self, host: str = "algo-1") -> str:
        """All that one host said."""
        return "\n".join(self.lines.get(host, []))


def job_spec(folder: Path, **more: object) -> JobSpec:
    """A job on a scikit-learn image in this folder."""
    usual: dict[str, object] = {
        "name": "job", "arn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/job", "region": "us-east-1",
        "image": SKLEARN, "instance_type": "ml.m5.large", "folder": folder / "job", "images_folder": folder / "images",
    }  # fmt: skip
    return JobSpec(**{**usual, **more})  # type: ignore[arg-type]


def started(folder: Path, **more: object) -> tuple[Job, Heard]:
    """A job that was started."""
    heard = Heard()
    return start_job(job_spec(folder, **more), heard.callbacks()), heard


def finished(folder: Path, **more: object) -> tuple[JobResult, Heard]:
    """A job that has ended."""
    job, heard = started(folder, **more)
    result = job.wait(120)
    assert result is not None, heard.lines
    assert heard.results == [result]
    return result, heard


def bash(script: str, **more: object) -> dict[str, object]:
    """A container entrypoint that runs this script."""
    return {"entrypoint": ("/bin/bash", "-c"), "arguments": (script,), **more}


def channel(name: str, **files: str) -> Channel:
    """A channel of text files; `a__txt` is `a.txt`."""

    def fill(folder: Path, host_index: int, host_count: int) -> None:
        for file, text in files.items():
            (folder / file.replace("__", ".")).write_text(text.format(host=host_index, hosts=host_count))

    return Channel(name, fill)


def source_of(**files: str) -> dict[str, object]:
    """`fetch_source` for a sourcedir.tar.gz of these files, and the hyperparameters that name it."""

    def fetch(uri: str, target: Path) -> None:
        assert uri == "s3://bucket/sourcedir.tar.gz"
        plain = target.with_name("plain")
        plain.mkdir()
        with tarfile.open(target, "w:gz") as tar:
            for file, text in files.items():
                name = file.replace("__", ".")
                (plain / name).write_text(text)
                tar.add(plain / name, name)

    return {"fetch_source": fetch}


def sdk_module(name: str) -> ModuleType:
    """A module of the SageMaker SDK by its file, without importing the package around it."""
    path = Path(site.getsitepackages()[0], "sagemaker", name)
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def sdk_drivers(entry_script: str, distributed: str = "", requirements: str = "") -> Callable[[Path, int, int], None]:
    """Fills a channel with what ModelTrainer uploads as `sm_drivers` for this source code."""
    templates = sdk_module("train/templates.py")
    packages = Path(site.getsitepackages()[0], "sagemaker")

    def fill(folder: Path, host_index: int, host_count: int) -> None:
        shutil.copytree(packages / "train" / "container_drivers", folder, dirs_exist_ok=True)
        shutil.copy(packages / "core" / "utils" / "install_requirements.py", folder / "scripts")
        (folder / "sourcecode.json").write_text(f'{{"entry_script": "{entry_script}"}}')
        driver = templates.EXECUTE_BASIC_SCRIPT_DRIVER
        if distributed:
            (folder / "distributed.json").write_text('{"process_count_per_node": 1}')
            driver = templates.EXEUCTE_DISTRIBUTED_DRIVER.format(driver_name="Torchrun", driver_script=distributed)
        install = templates.INSTALL_REQUIREMENTS.format(requirements_file=requirements) if requirements else ""
        script = templates.TRAIN_SCRIPT_TEMPLATE.format(
            working_dir="cd /opt/ml/input/data/code \n", install_requirements=install, execute_driver=driver
        )
        (folder / "sm_train.sh").write_text(script)

    return fill


SDK_COMMAND = {
    "entrypoint": ("/bin/bash",),
    "arguments": (
        "-c",
        "chmod +x /opt/ml/input/data/sm_drivers/sm_train.sh && /opt/ml/input/data/sm_drivers/sm_train.sh",
    ),
}

BUILT = Path(os.environ.get("HOME", "/"), ".cache", "flightdeck", "environments")


def is_built(name: str) -> bool:
    """Whether an environment has been built on this machine."""
    return any(BUILT.glob(f"{name}-*/ready.json"))


def own_image(folder: Path, program: str, text: str, mode: int = 0o755) -> str:
    """Register a bring-your-own image."""
    home = folder / "images" / "team" / "churn"
    home.mkdir(parents=True, exist_ok=True)
    (home / program).write_text(text)
    (home / program).chmod(mode)
    return "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/churn:v1"
