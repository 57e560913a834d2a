"""Installing packages into an environment: with uv where there is one, else with pip; both as the machine is set up."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from practice.machines.builds import BuildFailed, run_build
from practice.machines.cells import OnLines

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyPI's torch for Linux brings 3 GB of CUDA; this index has it without."""

LIST = "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"

FROM_PIP = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
"""pip's settings that uv does not read → the variables by which it takes the same."""


def create_venv(folder: Path, name: str, on_lines: OnLines, cancelled: threading.Event) -> Path:
    """A virtual environment with pip, and its executable. Raises: BuildFailed, BuildCancelled."""
    run_build(name, [sys.executable, "-m", "venv", "--clear", str(folder)], on_lines, cancelled, {})
    return folder / "bin" / "python"


def install(python: Path, listed: Path, name: str, on_lines: OnLines, cancelled: threading.Event) -> None:
    """Install a requirements file. Raises: BuildFailed, BuildCancelled."""
    settings = pip_settings(python)
    extra = torch_index(settings, listed.read_text())
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv:
        try:
            command = [uv, "pip", "install", "--no-progress", "--python", str(python), "-r", str(listed)]
            command += ["--no-index"] if settings.get("no-index") else []
            run_build(name, command, without_lists(on_lines), cancelled, uv_environment(settings, extra))
        except BuildFailed:
            on_lines(["uv could not; trying with pip."])
        else:
            return
    command = [str(python), "-m", "pip", "install", "--progress-bar", "off", "-r", str(listed)]
    if extra:
        command += ["--extra-index-url", extra]
    run_build(name, command, on_lines, cancelled, {"PIP_DISABLE_PIP_VERSION_CHECK": "1"})


def without_lists(on_lines: OnLines) -> OnLines:
    """uv names every package it adds or removes on a line of its own; its totals are enough."""

    def hear(lines: Sequence[str]) -> None:
        if kept := [line for line in lines if not line.startswith((" + ", " - ", " ~ "))]:
            on_lines(kept)

    return hear


def pip_settings(python: Path) -> dict[str, str]:
    """How pip is set up on this machine: setting → value; what its environment says wins over its files."""
    done = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in sorted(done.stdout.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        found[name.rpartition(".")[2]] = " ".join(shlex.split(value))
    return found


def torch_index(settings: dict[str, str], requirements: str) -> str | None:
    """The index to take torch from beside the usual one: `$FLIGHTDECK_TORCH_INDEX` (empty for none), else the CPU one.

    Not where this machine has its own sources of packages, a GPU, or no Linux.
    """
    if "torch==" not in requirements:
        return None
    chosen = os.environ.get("FLIGHTDECK_TORCH_INDEX")
    if chosen is not None:
        return chosen or None
    own_sources = any(settings.get(name) for name in FROM_PIP)
    elsewhere = own_sources or not sys.platform.startswith("linux") or shutil.which("nvidia-smi")
    return None if elsewhere else CPU_INDEX


def uv_environment(settings: dict[str, str], extra: str | None) -> dict[str, str]:
    """The same settings for uv. Indexes are weighed together, as pip does."""
    told = {variable: settings[name] for name, variable in FROM_PIP.items() if settings.get(name)}
    told["UV_FIND_LINKS"] = ",".join(told.get("UV_FIND_LINKS", "").split())
    if extra:
        told["UV_INDEX"] = f"{told.get('UV_INDEX', '')} {extra}".strip()
    return {name: value for name, value in told.items() if value} | {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def versions_in(python: Path) -> dict[str, str]:
    """distribution → version of all that a Python sees."""
    done = subprocess.run([python, "-c", LIST], capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found
