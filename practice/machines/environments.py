"""Environments: the Python that stands for an image.

    python -m practice.machines.environments build pytorch xgboost     build them now rather than on first use

scikit-learn and plain Python images run on the practice's own packages, at once. Others are built on first use from a
pinned list in `requirements/`, kept in `$FLIGHTDECK_CACHE/environments` (`~/.cache/flightdeck/environments`) under a
name that is a hash of the list and the Python, and shared by all.
"""

import hashlib
import importlib.metadata
import json
import platform
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from practice.machines.builds import READY, cache_folder, made_once, run_build
from practice.machines.cells import OnLines
from practice.machines.images import RECIPES, Image, Recipe, differences, find_image
from practice.machines.installs import create_venv, install, versions_in
from practice.machines.layers import add_layer, interpreter

LISTS = Path(__file__).parent / "requirements"


@dataclass(frozen=True, slots=True)
class Environment:
    """A Python that is ready to run."""

    name: str
    """The recipe's name (`scikit-learn`, `python`, `xgboost`, `pytorch`), or `own`."""
    python: Path
    programs: Path | None
    """Folder of `train` and `serve`, when the image is a bring-your-own one."""
    notes: tuple[str, ...]
    """Lines for the log: how it differs from the image."""

    @property
    def path(self) -> str:
        """What PATH should begin with, for its console scripts."""
        return str(self.python.parent)


def prepare(uri: str, images_folder: Path, on_lines: OnLines, cancelled: threading.Event) -> Environment:
    """The environment that stands for an image, built now if need be (minutes; progress goes to `on_lines`).

    Raises: UnknownImage, BuildFailed, BuildCancelled, OSError.
    """
    image = find_image(uri, images_folder)
    if image.programs is not None:
        return own_environment(image, image.programs, on_lines, cancelled)
    python, versions = built(image.recipe, on_lines, cancelled)
    notes = differences(image, versions, interpreter(python).version)
    return Environment(image.recipe.name, python, None, tuple(notes))


def built(recipe: Recipe, on_lines: OnLines, cancelled: threading.Event) -> tuple[Path, dict[str, str]]:
    """The Python of a recipe, and the versions of what is in it."""
    if recipe.requirements is None:
        return with_pip(on_lines, cancelled), deck_versions()
    listed = LISTS / f"{recipe.requirements}.txt"
    folder = environments_folder() / f"{recipe.name}-{key_of(listed.read_text(), python_key())}"

    def make() -> str:
        on_lines([f"Building the environment {recipe.name}, once on this machine, in {folder}."])
        python = create_venv(folder, recipe.name, on_lines, cancelled)
        install(python, listed, recipe.name, on_lines, cancelled)
        on_lines([f"The environment {recipe.name} is built."])
        return json.dumps(versions_in(python))

    made_once(folder, make, on_lines, cancelled)
    return folder / "bin" / "python", json.loads((folder / READY).read_text())


def own_environment(image: Image, programs: Path, on_lines: OnLines, cancelled: threading.Event) -> Environment:
    """A bring-your-own image: its programs decide; the Python on their PATH is the practice's, with its own list."""
    listed = programs / "requirements.txt"
    python = with_pip(on_lines, cancelled)
    if listed.is_file():
        python = python_with_requirements(python, listed, on_lines, cancelled)
    return Environment(image.recipe.name, python, programs, ())


def python_with_requirements(below: Path, listed: Path, on_lines: OnLines, cancelled: threading.Event) -> Path:
    """A Python with all packages of `below` and those of a requirements file on top; kept by content.

    Raises: BuildFailed, BuildCancelled, OSError.
    """
    folder = environments_folder() / f"layer-{key_of(listed.read_text(), str(below), *sorted_versions(below))}"

    def make() -> str:
        python = add_layer(folder, below)
        install(python, listed, "requirements", on_lines, cancelled)
        return "{}"

    made_once(folder, make, on_lines, cancelled)
    return folder / "bin" / "python"


def with_pip(on_lines: OnLines, cancelled: threading.Event) -> Path:
    """The practice's own Python, or, where it was installed without pip, a layer over it that has one."""
    own = Path(sys.executable)
    if any(distribution.name == "pip" for distribution in importlib.metadata.distributions(name="pip")):
        return own
    folder = environments_folder() / f"pip-{key_of(str(own), python_key())}"

    def make() -> str:
        command = [str(add_layer(folder, own)), "-m", "ensurepip", "--upgrade", "--default-pip"]
        run_build("pip", command, on_lines, cancelled, {})
        return "{}"

    made_once(folder, make, on_lines, cancelled)
    return folder / "bin" / "python"


def environments_folder() -> Path:
    """Where built environments are kept."""
    return cache_folder() / "environments"


def deck_versions() -> dict[str, str]:
    """distribution → version of what this process runs on."""
    return {found.name: found.version for found in importlib.metadata.distributions()}


def sorted_versions(python: Path) -> list[str]:
    """`name==version` of all that a Python sees."""
    return sorted(f"{name}=={version}" for name, version in versions_in(python).items())


def python_key() -> str:
    """What a build depends on beside its list."""
    return f"{platform.python_implementation()} {platform.python_version()} {platform.machine()} {sys.base_prefix}"


def key_of(*texts: str) -> str:
    """A short name for contents."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def main(arguments: list[str]) -> int:
    """The command line: `build NAME ...`; without names, all."""
    names = {recipe.name: recipe for recipe in RECIPES}
    if arguments[:1] != ["build"] or not set(arguments[1:]) <= set(names):
        print(f"usage: python -m practice.machines.environments build [{' '.join(names)}]", file=sys.stderr)
        return 2
    for name in arguments[1:] or names:
        built(names[name], lambda lines: print(*lines, sep="\n", flush=True), threading.Event())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
