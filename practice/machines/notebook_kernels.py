"""Kernels of a notebook instance. `main` is a kernel's process: it builds what is missing, then becomes the kernel."""

import json
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from practice.machines.cells import OnLines
from practice.machines.environments import built, python_with_requirements, with_pip
from practice.machines.images import RECIPES
from practice.machines.isolations import ROOT
from practice.machines.layers import add_layer

HOME = "/home/ec2-user"
SAGEMAKER = f"{HOME}/SageMaker"
REQUIREMENTS = "requirements"

KERNELS = {
    "python3": ("scikit-learn", "conda_python3"),
    "conda_pytorch_p310": ("pytorch", "conda_pytorch_p310"),
    "conda_xgboost": ("xgboost", "conda_xgboost"),
    REQUIREMENTS: (REQUIREMENTS, "requirements.txt of this instance"),
}
"""Kernel name → the environment it runs on, and its name on screen."""

BOOT = (
    "import sys; sys.path.insert(0, {root!r}); from practice.machines.{module} import main;"
    " sys.path.remove({root!r}); main(sys.argv[1:])"
)


def boot(module: str, *arguments: str) -> list[str]:
    """Run a module of this package on the practice's Python, leaving nothing of it on the import path."""
    return [sys.executable, "-P", "-c", BOOT.format(root=str(ROOT), module=module), *arguments]


def write_kernels(data: Path, layers: str, home: str) -> None:
    """Kernel specs under a Jupyter data folder; `layers` and `home` as the instance sees them."""
    for name, (environment, shown) in KERNELS.items():
        folder = data / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        spec = {
            "argv": boot("notebook_kernels", environment, layers, home, "{connection_file}"),
            "display_name": shown,
            "language": "python",
            "metadata": {"debugger": True},
        }
        (folder / "kernel.json").write_text(json.dumps(spec, indent=1))


def kernel_python(environment: str, layers: Path, home: Path, on_lines: OnLines) -> Path:
    """The instance's own Python on top of an environment, which is built now if need be.

    Raises: BuildFailed, OSError.
    """
    never = threading.Event()
    listed = home / "requirements.txt"
    recipe = next((recipe for recipe in RECIPES if recipe.name == environment), None)
    if recipe is not None:
        below = built(recipe, on_lines, never)[0]
    elif listed.is_file():
        below = python_with_requirements(with_pip(on_lines, never), listed, on_lines, never)
        environment = below.parents[1].name
    else:
        on_lines([f"{listed} does not exist; the kernel starts without it."])
        below = with_pip(on_lines, never)
    folder = layers / environment
    return folder / "bin" / "python" if (folder / "pyvenv.cfg").exists() else add_layer(folder, below)


def main(arguments: list[str]) -> None:
    """ENVIRONMENT LAYERS HOME CONNECTION_FILE."""
    environment, layers, home, connection = arguments
    python = kernel_python(environment, Path(layers), Path(home), say)
    os.environ["PATH"] = f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.execv(python, [str(python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", connection])  # noqa: S606


def say(lines: Sequence[str]) -> None:
    """To the log of the instance."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()
