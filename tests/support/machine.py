"""What browser tests need of this machine: a Chromium and a font with Hangul.

`python -m tests.support.machine` finds both, else installs them, else says in one line what to install and fails.
"""

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
PLAYWRIGHT_BINARIES = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
MAC_KOREAN_FONT = "/System/Library/Fonts/AppleSDGothicNeo.ttc"


def chromium() -> Path | None:
    """The first browser here that starts: $CHROMIUM, one on PATH, an application of macOS, Playwright's own."""
    return next((path for path in _candidates() if _starts(path)), None)


def korean_font() -> bool:
    """True where Hangul shows as Hangul and not as boxes."""
    if Path(MAC_KOREAN_FONT).exists():
        return True
    listing = shutil.which("fc-list")
    return listing is not None and bool(subprocess.run([listing, ":lang=ko"], capture_output=True, check=False).stdout)


def main() -> int:
    browser = ensured(chromium, [[sys.executable, "-m", "playwright", "install", "chromium"], _debian("chromium")])
    if not browser:
        return _lacking("Chromium", "the package chromium, or set CHROMIUM=/path/to/it")
    if not ensured(korean_font, [_debian("fonts-noto-cjk", "fontconfig")]):
        return _lacking("a Korean font", "the package fonts-noto-cjk (and fontconfig)")
    sys.stdout.write(f"Browser tests will use {browser} and a Korean font.\n")
    return 0


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("CHROMIUM"):
        yield Path(chosen)
    for name in NAMES:
        if found := shutil.which(name):
            yield Path(found)
    yield from map(Path, MAC_APPLICATIONS)
    for pattern in PLAYWRIGHT_BINARIES:
        yield from sorted(_playwright_home().glob(pattern), reverse=True)


def _playwright_home() -> Path:
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    caches = "Library/Caches" if platform.system() == "Darwin" else ".cache"
    return Path.home() / caches / "ms-playwright"


def _starts(path: Path) -> bool:
    """A file of the right name may be a wrapper of something that is not installed, or lack its libraries."""
    if not path.is_file():
        return False
    with suppress(OSError, subprocess.TimeoutExpired):
        return subprocess.run([path, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    return False


def ensured(found: Callable[[], Path | bool | None], ways: list[list[str]]) -> Path | bool | None:
    for way in ways:
        if found():
            break
        if way:
            sys.stdout.write(f"Installing: {' '.join(way)}\n")
            sys.stdout.flush()
            subprocess.run(way, check=False)
    return found()


def _debian(*packages: str) -> list[str]:
    """How root installs a package here; empty where apt-get is not the way or we are not root."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return []
    install = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    return ["sh", "-c", f"export DEBIAN_FRONTEND=noninteractive; {install} || {{ apt-get update && {install}; }}"]


def _lacking(what: str, remedy: str) -> int:
    sys.stderr.write(f"The browser tests need {what}, and it could not be installed: install {remedy}.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
