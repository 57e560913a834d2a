"""The world of a notebook instance: its folders, its programs, its variables, as cells that share them."""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from practice.machines.builds import PROXIES, cache_folder
from practice.machines.cells import CellSpec
from practice.machines.isolations import isolation
from practice.machines.layers import add_layer
from practice.machines.notebook_kernels import HOME, SAGEMAKER, write_kernels
from practice.machines.notebook_specs import NotebookSpec

SUDO = """#!/bin/bash
# This instance is one user's already: run the command itself.
while [[ $# -gt 0 ]]; do
    case "$1" in
        -u|-g|-h|-p) shift 2 ;;
        -*) shift ;;
        *=*) export "$1"; shift ;;
        *) break ;;
    esac
done
[[ $# -gt 0 ]] && exec "$@"
exec /bin/bash
"""

SERVICES = """#!/bin/bash
echo "$(basename "$0") $*: the practice account has no such services here; JupyterLab starts after the scripts." >&2
"""

ACTIVATE = "# Every environment of this instance shares one Python for scripts; there is nothing to switch to.\n"

SHIMS = {"sudo": SUDO, "systemctl": SERVICES, "initctl": SERVICES, "activate": ACTIVATE, "deactivate": ACTIVATE}
"""Programs of SageMaker's machine image that lifecycle scripts use and that cannot work in a cell."""


def mounts_of(spec: NotebookSpec) -> dict[str, Path]:
    """What stands where in the instance."""
    folder = spec.folder
    return {HOME: folder / "home", SAGEMAKER: folder / "SageMaker", "/opt/ml/metadata": folder / "metadata"}


def prepare_world(spec: NotebookSpec, below: Path) -> None:
    """Make what is missing of the instance's folders; `below`: the Python of its scripts and of its first kernel."""
    home = spec.folder / "home"
    for folder in (
        spec.folder / "SageMaker",
        home / "SageMaker",
        home / ".layers",
        home / ".shims",
    ):
        folder.mkdir(parents=True, exist_ok=True)
    metadata = spec.folder / "metadata"
    metadata.mkdir(exist_ok=True)
    facts = {"ResourceArn": spec.arn, "ResourceName": spec.name}
    (metadata / "resource-metadata.json").write_text(json.dumps(facts))
    for name, text in SHIMS.items():
        (home / ".shims" / name).write_text(text)
        (home / ".shims" / name).chmod(0o755)
    isolated = isolation(mounts_of(spec)).kind is not None
    layers = Path(HOME, ".layers") if isolated else home / ".layers"
    write_kernels(home / ".jupyter-data", str(layers), SAGEMAKER if isolated else str(spec.folder / "SageMaker"))
    if not (home / ".layers" / "scikit-learn").exists():
        add_layer(home / ".layers" / "scikit-learn", below, seen_at=layers / "scikit-learn")


def clean_world(spec: NotebookSpec) -> None:
    """Forget all but the home folder, as a stopped instance does."""
    shutil.rmtree(spec.folder / "home", ignore_errors=True)


def notebook_cell(
    spec: NotebookSpec, role: str, command: list[str], folder: str, more: Mapping[str, str] | None = None
) -> CellSpec:
    """A cell in the instance's world."""
    proxies = {name: os.environ[name] for name in PROXIES if name in os.environ}
    path = [f"{HOME}/.shims", f"{HOME}/.layers/scikit-learn/bin", os.environ.get("PATH", os.defpath)]
    told = {
        **(proxies if role == "clone" else {}),
        "HOME": HOME,
        "PATH": os.pathsep.join(path),
        "SHELL": "/bin/bash",
        "JUPYTER_CONFIG_DIR": f"{HOME}/.jupyter",
        "JUPYTER_DATA_DIR": f"{HOME}/.jupyter-data",
        "JUPYTER_RUNTIME_DIR": f"{HOME}/.jupyter-runtime",
        "IPYTHONDIR": f"{HOME}/.ipython",
        "FLIGHTDECK_CACHE": str(cache_folder()),
        "GIT_TERMINAL_PROMPT": "0",
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        **spec.aws,
        **(more or {}),
    }
    return CellSpec(f"{spec.name}/{role}", tuple(command), Path(folder), told, mounts_of(spec), hostname="notebook")
