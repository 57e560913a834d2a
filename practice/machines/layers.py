"""A Python on top of another: sees all its packages, installs into itself. Made in milliseconds, thrown away freely.

Jobs run `pip install` as they like; this keeps what they install out of the environment that others share.
"""

import json
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

ASK = (
    "import json, sys, sysconfig; print(json.dumps({'base': sys._base_executable, 'version': sys.version.split()[0],"
    " 'packages': sysconfig.get_path('purelib'), 'scripts': sysconfig.get_path('scripts')}))"
)

LONGEST_SHEBANG = 120
"""Linux cuts the first line of a script at 127 bytes."""


class Interpreter(NamedTuple):
    """What there is to know of a Python."""

    base: Path
    """The executable under all virtual environments."""
    version: str
    packages: Path
    scripts: Path


@cache
def interpreter(python: Path) -> Interpreter:
    """Ask a Python about itself."""
    done = subprocess.run([python, "-c", ASK], capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    return Interpreter(Path(said["base"]), said["version"], Path(said["packages"]), Path(said["scripts"]))


def add_layer(folder: Path, below: Path, also: Path | None = None, seen_at: Path | None = None) -> Path:
    """Make `folder` a virtual environment on top of the Python `below`, and give its executable.

    `also`: a Python of the same version whose packages stand in for what both lack. `seen_at`: where the folder stands
    for those who run its scripts, if not where it lies.
    """
    under = interpreter(below)
    minor = ".".join(under.version.split(".")[:2])
    scripts, packages = folder / "bin", folder / "lib" / f"python{minor}" / "site-packages"
    scripts.mkdir(parents=True)
    packages.mkdir(parents=True)
    python = scripts / "python"
    for name in (python.name, "python3", f"python{minor}"):
        (scripts / name).symlink_to(under.base)
    settings = {"home": under.base.parent, "include-system-site-packages": "false", "version": under.version}
    (folder / "pyvenv.cfg").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
    seen = [under.packages] + ([interpreter(also).packages] if also else [])
    (packages / "_below.pth").write_text("".join(f"import site; site.addsitedir({str(path)!r})\n" for path in seen))
    for script in filter(Path.is_file, under.scripts.iterdir()):
        target = scripts / script.name
        if not target.exists() and (text := with_python(script, (seen_at or folder) / "bin" / "python")):
            target.write_bytes(text)
            target.chmod(0o755)
    return python


def with_python(script: Path, python: Path) -> bytes | None:
    """A console script's text for another interpreter; None where it is not a Python script."""
    with script.open("rb") as file:
        if file.read(2) != b"#!":
            return None
        file.seek(0)
        text = file.read()
    found = re.match(rb"#![^\n]*python[^\n]*\n|#!/bin/sh\n'''exec' [^\n]*\n' '''\n", text)
    return shebang(python) + text[found.end() :] if found else None


def shebang(python: Path) -> bytes:
    """A first line that starts this Python, however long its path."""
    path = str(python)
    if len(path) <= LONGEST_SHEBANG and " " not in path:
        return f"#!{path}\n".encode()
    return f"#!/bin/sh\n'''exec' \"{path}\" \"$0\" \"$@\"\n' '''\n".encode()
