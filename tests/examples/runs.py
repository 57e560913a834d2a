"""Running an example's script as a process, the way a job does."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from practice.machines import environments
from practice.machines.builds import READY
from practice.machines.images import RECIPES
from services.examples import Example

SECONDS = 240


@dataclass(frozen=True, slots=True)
class Run:
    """What a script said, and the folder it put its model in."""

    lines: tuple[str, ...]
    model: Path

    def values(self, example: Example) -> dict[str, list[float]]:
        """Metric → its values in order, found as SageMaker finds them: by the example's own regular expressions."""
        return {
            metric.name: [float(found[1]) for line in self.lines if (found := re.search(metric.regex, line))]
            for metric in example.metrics
        }


def run(example: Example, folder: Path, *arguments: str, python: Path | None = None, **environment: str) -> Run:
    """Run the example's entry point in `folder` with no variable of SageMaker set but those given.

    Raises: AssertionError, with what it said, when it fails.
    """
    command = [str(python or sys.executable), str(example.folder / example.entry_point), *arguments]
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, cwd=folder, env=variables | environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Run(tuple(done.stdout.splitlines()), Path(environment.get("SM_MODEL_DIR", folder / "model")))


def torch_python() -> Path:
    """The Python of the PyTorch environment. Skips the test where that was not built (`make test` builds it)."""
    recipe = next(recipe for recipe in RECIPES if recipe.name == "pytorch")
    listed = environments.LISTS / f"{recipe.requirements}.txt"
    key = environments.key_of(listed.read_text(), environments.python_key())
    folder = environments.environments_folder() / f"{recipe.name}-{key}"
    if not (folder / READY).exists():
        pytest.skip(f"needs the PyTorch environment: {sys.executable} -m practice.machines.environments build pytorch")
    return folder / "bin" / "python"
