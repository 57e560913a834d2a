"""Config files of a training container, as "How SageMaker AI Provides Training Information" describes them."""

from pathlib import Path

from practice.machines.hardware import loopback
from practice.machines.job_specs import JobSpec

ML = "/opt/ml"
GROUP = "homogeneousCluster"


def host_names(spec: JobSpec) -> list[str]:
    """`algo-1`, `algo-2`, ..."""
    return [f"algo-{number}" for number in range(1, spec.host_count + 1)]


def hosts_file(spec: JobSpec) -> str:
    """This machine's, with every host of the job on a loopback address of its own."""
    machine = Path("/etc/hosts").read_text() if Path("/etc/hosts").exists() else "127.0.0.1 localhost\n"
    lines = [f"127.0.0.{number} {name}" for number, name in enumerate(host_names(spec), start=1)]
    return "\n".join([*lines, machine.rstrip("\n"), ""])


def resource_config(spec: JobSpec, name: str) -> dict[str, object]:
    """resourceconfig.json."""
    names = host_names(spec)
    group = {"instance_group_name": GROUP, "instance_type": spec.instance_type, "hosts": names}
    return {
        "current_host": name,
        "current_instance_type": spec.instance_type,
        "current_group_name": GROUP,
        "hosts": names,
        "instance_groups": [group],
        "network_interface_name": loopback(),
    }


def input_data_config(spec: JobSpec) -> dict[str, object]:
    """inputdataconfig.json."""
    usual = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    return {channel.name: {**usual, **channel.config} for channel in spec.channels}
