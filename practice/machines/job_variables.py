"""Environment variables of a training container.

Source: github.com/aws/sagemaker-training-toolkit, ENVIRONMENT_VARIABLES.md.
"""

import json
import os
from pathlib import Path

from practice.machines.environments import Environment
from practice.machines.hardware import free_port, gpu_count, loopback
from practice.machines.job_commands import CODE, setting, user_arguments, user_hyperparameters
from practice.machines.job_configs import GROUP, ML, host_names, input_data_config, resource_config
from practice.machines.job_specs import JobSpec


def variables(spec: JobSpec, name: str, environment: Environment, python: Path) -> dict[str, str]:
    """All environment variables of one host, the request's own Environment last."""
    path = os.pathsep.join([str(python.parent), environment.path, os.environ.get("PATH", os.defpath)])
    return {
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": CODE,
        "PET_MASTER_PORT": str(free_port()),  # torchrun's own default, 29500, is one for the whole machine
        "TRAINING_JOB_NAME": spec.name,
        "TRAINING_JOB_ARN": spec.arn,
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        **toolkit_variables(spec, name),
        **spec.aws,
        **spec.environment,
    }


def toolkit_variables(spec: JobSpec, name: str) -> dict[str, str]:
    """`SM_*`. Texts as they are, all else as JSON."""
    facts = toolkit_facts(spec, name)
    inputs = facts["channel_input_dirs"]
    assert isinstance(inputs, dict)
    values: dict[str, object] = {f"SM_{fact.upper()}": value for fact, value in facts.items()}
    values["SM_HPS"] = values.pop("SM_HYPERPARAMETERS")
    values |= {
        "SM_CHANNELS": sorted(inputs),
        "SM_USER_ARGS": user_arguments(spec),
        "SM_USER_ENTRY_POINT": setting(spec, "sagemaker_program") or "",
        "SM_FRAMEWORK_PARAMS": {},
        "SM_TRAINING_ENV": facts,
        "SM_MASTER_ADDR": "algo-1",
        "SM_HOST_COUNT": spec.host_count,
        "SM_CURRENT_HOST_RANK": host_names(spec).index(name),
    }
    values |= {f"SM_CHANNEL_{channel.upper()}": path for channel, path in inputs.items()}
    for key, value in user_hyperparameters(spec).items():
        values[f"SM_HP_{key.upper()}"] = values[f"SM_HP_{key.upper().replace('-', '_')}"] = value
    del values["SM_CHANNEL_INPUT_DIRS"], values["SM_JOB_NAME"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def toolkit_facts(spec: JobSpec, name: str) -> dict[str, object]:
    """SM_TRAINING_ENV; each of its members but two is also a variable of its own."""
    program = setting(spec, "sagemaker_program") or ""
    several = spec.host_count > 1 and not spec.entrypoint
    return {
        "channel_input_dirs": {channel.name: f"{ML}/input/data/{channel.name}" for channel in spec.channels},
        "current_host": name,
        "current_instance_group": GROUP,
        "current_instance_group_hosts": host_names(spec),
        "current_instance_type": spec.instance_type,
        "distribution_hosts": host_names(spec),
        "hosts": host_names(spec),
        "hyperparameters": user_hyperparameters(spec),
        "input_config_dir": f"{ML}/input/config",
        "input_data_config": input_data_config(spec),
        "input_dir": f"{ML}/input",
        "is_hetero": False,
        "job_name": spec.name,
        "log_level": 20,
        "model_dir": f"{ML}/model",
        "module_dir": setting(spec, "sagemaker_submit_directory") or CODE,
        "module_name": program.removesuffix(".py"),
        "network_interface_name": loopback(),
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": gpu_count(),
        "num_neurons": 0,
        "output_data_dir": f"{ML}/output/data/{name}" if several else f"{ML}/output/data",
        "output_dir": f"{ML}/output",
        "output_intermediate_dir": f"{ML}/output/intermediate",
        "resource_config": resource_config(spec, name),
    }
