"""Whether this machine lets a cell have mounts and processes of its own, and the environment a cell starts from."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds the `practice` package."""

INIT = [sys.executable, "-S", "-m", "practice.machines.cell_init"]
"""How the first process of a cell is started: without site-packages, of which it needs nothing."""
INIT_ENVIRONMENT = {"PYTHONPATH": str(ROOT)}

PRIVATE = re.compile(
    r"AWS_|SAGEMAKER_|SM_|MOTO_|BOTO_|STREAMLIT_|FLIGHTDECK_|JUPYTER|JPY_|PYTHON|VIRTUAL_ENV|CONDA|PYTEST|COV_CORE"
    r"|(http|https|all|no|ftp)_proxy$",
    re.IGNORECASE,
)
"""Variables of the practice process that mean nothing, or the wrong thing, to what runs in a cell."""


REWRITTEN_SUFFIXES = (".py", ".sh", ".json", ".txt", ".yaml", ".yml", ".toml", ".cfg")


class Isolation(NamedTuple):
    """How cells are set apart here."""

    kind: Literal["root", "user"] | None
    notice: str | None
    """Where there is none: what the system said."""


@cache
def _probe() -> Isolation:
    if not sys.platform.startswith("linux"):
        return Isolation(None, f"{sys.platform} has no mount namespaces")
    kinds: tuple[Literal["root", "user"], ...] = ("root", "user") if os.geteuid() == 0 else ("user",)
    said = ""
    for kind in kinds:
        tried = subprocess.run(
            [*INIT, "--probe", kind], env=INIT_ENVIRONMENT, capture_output=True, text=True, check=False
        )
        if tried.returncode == 0:
            return Isolation(kind, None)
        said = tried.stderr.strip().removeprefix("cannot prepare the cell: ")
    return Isolation(None, f"this system does not allow mount namespaces ({said})")


_probing = threading.Lock()


def isolation(mounts: Mapping[str, Path]) -> Isolation:
    """What a cell with these mounts gets here. The machine is asked once per process (about 0.1 s)."""
    with _probing:
        found = _probe()
    if found.kind:
        for target in mounts:
            top = Path("/", *Path(target).parts[1:2])
            if not os.path.lexists(top):
                return Isolation(None, f"this machine has no {top} to mount {target} under")
    return found


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """A copy without what belongs to the practice process. A proxy is kept for pip alone: boto3 must reach loopback."""
    kept = {name: value for name, value in environment.items() if not PRIVATE.match(name)}
    kept |= {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    proxy = environment.get("https_proxy") or environment.get("HTTPS_PROXY")
    if proxy:
        kept.setdefault("PIP_PROXY", proxy)
    return kept


def rewrite(text: str, mounts: Mapping[str, Path]) -> str:
    """The text with every path under a mount's target replaced by where it really lies: for cells without mounts."""
    if not mounts:
        return text
    targets = "|".join(re.escape(target) for target in sorted(mounts, key=len, reverse=True))
    return re.sub(rf"(?<![\w./-])({targets})(?![\w-])", lambda found: str(mounts[found[1]]), text)


def rewrite_files(folders: Iterable[Path], mounts: Mapping[str, Path]) -> None:
    """Let scripts that name a mount's target, or the first host of a job, name what there really is."""
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.suffix in REWRITTEN_SUFFIXES and path.is_file() and not path.is_symlink():
            text = path.read_text(errors="surrogateescape")
            changed = rewrite(text, mounts).replace('MASTER_ADDR = "algo-1"', 'MASTER_ADDR = "127.0.0.1"')
            if changed != text:
                path.write_text(changed, errors="surrogateescape")
