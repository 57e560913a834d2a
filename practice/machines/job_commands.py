"""The three ways in which SageMaker starts a training container."""

import json
import shlex
from pathlib import Path

from practice.machines.environments import Environment
from practice.machines.hardware import gpu_count
from practice.machines.job_specs import ChannelError, JobSpec

CODE = "/opt/ml/code"
MASTER_PORT = 7777
"""Fixed in the SDK's drivers and in the training toolkit: torchrun of several hosts meets at algo-1:7777."""


def loaded(text: str) -> object:
    """A hyperparameter's value: JSON where it is JSON (as SDKs write it), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def setting(spec: JobSpec, name: str) -> str | None:
    """A hyperparameter that is meant for the container, e.g. `sagemaker_program`."""
    value = spec.hyperparameters.get(name)
    return None if value is None else str(loaded(value))


def user_hyperparameters(spec: JobSpec) -> dict[str, object]:
    """Those that are meant for the script."""
    return {name: loaded(value) for name, value in spec.hyperparameters.items() if not name.startswith("sagemaker_")}


def user_arguments(spec: JobSpec) -> list[str]:
    """`--name value` for each, in the order of their names; one-letter names get one dash; as the toolkit does."""
    arguments = []
    for name, value in sorted(user_hyperparameters(spec).items()):
        text = ",".join(f"{key}={value[key]}" for key in sorted(value)) if isinstance(value, dict) else str(value)
        arguments += [f"--{name}" if len(name) > 1 else f"-{name}", text]
    return arguments


def command_of(spec: JobSpec, environment: Environment, host_index: int) -> tuple[tuple[str, ...], Path]:
    """The command of one host, and the folder to run it in. Raises: ChannelError when the request names none."""
    if spec.entrypoint:
        return (*spec.entrypoint, *spec.arguments), Path("/")
    if environment.programs is not None:
        if not (environment.programs / "train").is_file():
            raise ChannelError(f"ClientError: the image {spec.image} has no program named train.")
        return ("/opt/program/train", *spec.arguments), Path("/opt/program")
    program = setting(spec, "sagemaker_program")
    if not program:
        raise ChannelError(
            f"ClientError: nothing to run. The image {spec.image} needs a container entrypoint, or the hyperparameters "
            "sagemaker_program and sagemaker_submit_directory."
        )
    if setting(spec, "sagemaker_mpi_enabled") in ("True", "true"):
        raise ChannelError("ClientError: MPI is not available in the practice account; use torch_distributed.")
    return ("/bin/bash", "-c", script_mode(spec, program, host_index)), Path(CODE)


def script_mode(spec: JobSpec, program: str, host_index: int) -> str:
    """What the training toolkit does with a user script, as bash: install its requirements, then become it."""
    command = shlex.join([*launcher(spec, program, host_index), program, *user_arguments(spec)])
    return "\n".join(
        [
            "set -e",
            "if [ -f requirements.txt ]; then python -m pip install -r requirements.txt; fi",
            f"echo Invoking script with the following command: {shlex.quote(command)}",
            f"exec {command}",
        ]
    )


def launcher(spec: JobSpec, program: str, host_index: int) -> list[str]:
    """What runs the script: python, bash, or torchrun when torch_distributed was asked for."""
    if program.endswith(".sh"):
        return ["/bin/bash"]
    enabled = ("sagemaker_torch_distributed_enabled", "sagemaker_pytorch_ddp_enabled")
    if not any(setting(spec, name) in ("True", "true") for name in enabled):
        return ["python"]
    command = ["torchrun", f"--nnodes={spec.host_count}", f"--nproc_per_node={gpu_count() or 1}"]
    if spec.host_count > 1:
        command += ["--master_addr=algo-1", f"--master_port={MASTER_PORT}", f"--node_rank={host_index}"]
    return command
