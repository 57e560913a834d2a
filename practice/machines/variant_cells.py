"""The cell of an endpoint variant: its folders, its command, its environment variables."""

import os
import shlex
import sys
from pathlib import Path

from practice.machines.archives import unpack
from practice.machines.cells import CellSpec
from practice.machines.environments import Environment
from practice.machines.isolations import ROOT, isolation, rewrite_files
from practice.machines.layers import add_layer
from practice.machines.variant_specs import VariantSpec

ML = "/opt/ml"
MODEL = f"{ML}/model"

SERVE = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from practice.machines.serving.server import main;"
    f" sys.path.remove({str(ROOT)!r}); main(sys.argv[1:])"
)
"""Starts our server and leaves nothing on the import path that the user's script could meet by accident."""


class NoProgram(Exception):
    """The image or the model has nothing that could serve."""


def place_model(spec: VariantSpec) -> None:
    """Put model and source in place. Raises: OSError, ValueError."""
    model = spec.folder / "model"
    for folder in (model, spec.folder / "code", spec.folder / "tmp"):
        folder.mkdir(parents=True)
    if spec.model is not None:
        spec.model(model)
    libraries = model / "shared_libs"
    if libraries.is_dir() and not any(libraries.iterdir()):
        libraries.rmdir()  # the SDK's inference.py would copy it, empty as it mostly is, over /lib
    source = spec.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if source.startswith("s3://") and spec.fetch_source is not None:
        archive = spec.folder / "tmp" / "sourcedir.tar.gz"
        spec.fetch_source(source, archive)
        unpack(archive, spec.folder / "code")


def code_folder(spec: VariantSpec) -> str:
    """Where the user's script lies, as the container sees it."""
    source = spec.environment.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    if source.startswith("s3://"):
        return f"{ML}/code"
    return source if source.startswith(f"{ML}/") else f"{MODEL}/code"


def variant_cell(spec: VariantSpec, environment: Environment, port: int) -> CellSpec:
    """What to start. Raises: NoProgram, OSError."""
    mounts = {ML: spec.folder}
    if (spec.folder / "model" / "shared_libs").is_dir():
        mounts[f"{Path('/lib').resolve()}/.shared_libs"] = spec.folder / "tmp"  # makes /lib the cell's own to write to
    if environment.programs is not None:
        if not (environment.programs / "serve").is_file():
            raise NoProgram(f"The image {spec.image} has no program named serve.")
        mounts["/opt/program"] = environment.programs
    command, folder = starting(spec, environment, port)
    pickled = (spec.folder / code_folder(spec).removeprefix(f"{ML}/") / "serve.pkl").is_file()
    sdk = Path(sys.executable) if pickled else None
    python = add_layer(spec.folder / "python", environment.python, also=sdk)
    path = os.pathsep.join([str(python.parent), environment.path, os.environ.get("PATH", os.defpath)])
    told = {
        "PATH": path,
        "PYTHONUNBUFFERED": "1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_REGION": spec.region,
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "SM_MODEL_DIR": MODEL,
        "MODEL_PATH": MODEL,
        **spec.aws,
        **spec.environment,
    }
    if isolation(mounts).kind is None:
        rewrite_files((spec.folder / "model" / "code", spec.folder / "code"), mounts)
    return CellSpec(spec.name, command, Path(folder), told, mounts)


def starting(spec: VariantSpec, environment: Environment, port: int) -> tuple[tuple[str, ...], str]:
    """The command and the folder it starts in. Raises: NoProgram."""
    if environment.programs is not None:
        return ("/opt/program/serve",), "/opt/program"
    return ("/bin/bash", "-c", script(spec, environment.name, port)), ML


def script(spec: VariantSpec, framework: str, port: int) -> str:
    """Install the source's requirements, then become the model server. Raises: NoProgram."""
    code = code_folder(spec)
    program = spec.environment.get("SAGEMAKER_PROGRAM") or "inference.py"
    if (
        spec.environment.get("SAGEMAKER_PROGRAM")
        and not (spec.folder / code.removeprefix(f"{ML}/") / program).is_file()
    ):
        raise NoProgram(f"SAGEMAKER_PROGRAM is {program}, but {code} has no such file.")
    server = shlex.join(["python", "-c", SERVE, framework, str(port), MODEL, code, program])
    requirements = shlex.quote(f"{code}/requirements.txt")
    return f"set -e\n[ ! -f {requirements} ] || python -m pip install -r {requirements}\nexec {server}"
