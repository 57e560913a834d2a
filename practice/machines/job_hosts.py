"""One host of a training job: its `/opt/ml`, its channels and its source."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from practice.machines.archives import unpack
from practice.machines.environments import Environment
from practice.machines.isolations import isolation, rewrite_files
from practice.machines.job_commands import setting
from practice.machines.job_configs import ML, host_names, hosts_file, input_data_config, resource_config
from practice.machines.job_specs import ChannelError, JobSpec

FOLDERS = ("input/config", "input/data", "model", "output/data", "code", "checkpoints", "tmp")


@dataclass(frozen=True, slots=True)
class Host:
    """Where one host's files lie on this machine."""

    name: str
    index: int
    ml: Path
    """Its `/opt/ml`."""
    mounts: Mapping[str, Path]

    @property
    def failure(self) -> Path:
        """What the algorithm writes its reason to."""
        return self.ml / "output" / "failure"


def make_host(spec: JobSpec, environment: Environment, index: int) -> Host:
    """Make a host's folders and config files."""
    name = host_names(spec)[index]
    ml = spec.folder / name
    for folder in FOLDERS:
        (ml / folder).mkdir(parents=True)
    hosts = spec.folder / "hosts"
    hosts.write_text(hosts_file(spec))
    mounts = {ML: ml, "/etc/hosts": hosts}
    if environment.programs is not None:
        mounts["/opt/program"] = environment.programs
    if not spec.checkpoint_path.startswith(f"{ML}/"):
        mounts[spec.checkpoint_path] = ml / "checkpoints"
    elif spec.checkpoint_path != f"{ML}/checkpoints":
        (ml / "checkpoints").rename(ml / spec.checkpoint_path.removeprefix(f"{ML}/"))
    host = Host(name, index, ml, mounts)
    files = {
        "hyperparameters": dict(spec.hyperparameters),
        "inputdataconfig": input_data_config(spec),
        "resourceconfig": resource_config(spec, name),
    }
    for file, content in files.items():
        (ml / "input" / "config" / f"{file}.json").write_text(json.dumps(content, indent=2))
    return host


def checkpoints_of(spec: JobSpec, host: Host) -> Path:
    """The folder that the job sees at its checkpoint path."""
    inside = spec.checkpoint_path.removeprefix(f"{ML}/")
    return host.ml / (inside if inside != spec.checkpoint_path else "checkpoints")


def fill_host(spec: JobSpec, host: Host) -> None:
    """Put the channels, the checkpoints and the source in place. Raises: ChannelError, OSError, ValueError."""
    for channel in spec.channels:
        folder = host.ml / "input" / "data" / channel.name
        folder.mkdir()
        channel.fill(folder, host.index, spec.host_count)
    if spec.checkpoints is not None:
        spec.checkpoints(checkpoints_of(spec, host))
    source = setting(spec, "sagemaker_submit_directory")
    if source and not spec.entrypoint:
        place_source(spec, host, source)
    if isolation(host.mounts).kind is None:
        data = host.ml / "input" / "data"
        rewrite_files((data / "sm_drivers", data / "code", host.ml / "code"), host.mounts)


def place_source(spec: JobSpec, host: Host, source: str) -> None:
    """Unpack `sagemaker_submit_directory`, an s3:// URI or a path inside the container, to `/opt/ml/code`."""
    code = host.ml / "code"
    if source.startswith(f"{ML}/"):
        local = host.ml / source.removeprefix(f"{ML}/")
    elif spec.fetch_source is not None:
        local = host.ml / "tmp" / "sourcedir.tar.gz"
        spec.fetch_source(source, local)
    else:
        raise ChannelError(f"ClientError: the source directory {source} cannot be fetched.")
    if local.is_dir():
        shutil.copytree(local, code, dirs_exist_ok=True)
    else:
        unpack(local, code)
