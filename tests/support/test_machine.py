"""Finding what browser tests need, on machines that have it, half have it, or lack it."""

import sys
from pathlib import Path

import pytest

from tests.support import machine


def program(path: Path, status: int) -> Path:
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty PATH, no application and no browser of Playwright's."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(machine, "MAC_APPLICATIONS", ())
    monkeypatch.setattr(machine, "MAC_KOREAN_FONT", str(tmp_path / "font.ttc"))
    return tmp_path


def test_a_bare_machine_has_neither(bare: Path) -> None:
    assert machine.chromium() is None
    assert not machine.korean_font()


def test_a_browser_that_does_not_start_is_passed_over(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", str(program(bare / "chosen", 1)))
    program(bare / "chromium-browser", 1)
    chrome = program(bare / "google-chrome", 0)
    assert machine.chromium() == chrome


def test_the_chosen_browser_comes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "chromium", 0)
    chosen = program(bare / "mine", 0)
    monkeypatch.setenv("CHROMIUM", str(chosen))
    assert machine.chromium() == chosen


def test_the_newest_browser_of_playwright_is_found(bare: Path) -> None:
    for number in (1200, 1300):
        folder = bare / "playwright" / f"chromium-{number}" / "chrome-linux"
        folder.mkdir(parents=True)
        program(folder / "chrome", 0)
    assert machine.chromium() == bare / "playwright" / "chromium-1300" / "chrome-linux" / "chrome"


def test_a_font_listing_that_names_one_is_enough(bare: Path) -> None:
    listing = bare / "fc-list"
    listing.write_text("#!/bin/sh\necho NotoSansCJK\n")
    listing.chmod(0o755)
    assert machine.korean_font()


def test_ways_to_install_are_tried_in_order_until_one_helps(tmp_path: Path) -> None:
    wanted, needless = tmp_path / "wanted", tmp_path / "needless"
    ways = [
        [sys.executable, "-c", "raise SystemExit(1)"],
        [],
        [sys.executable, "-c", f"open({str(wanted)!r}, 'w')"],
        [sys.executable, "-c", f"open({str(needless)!r}, 'w')"],
    ]
    assert machine.ensured(wanted.exists, ways)
    assert not needless.exists()


def test_lacking_a_browser_is_said_in_one_line(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", str(program(bare / "python", 1)))
    assert machine.main() == 1
    assert capsys.readouterr().err == (
        "The browser tests need Chromium, and it could not be installed: "
        "install the package chromium, or set CHROMIUM=/path/to/it.\n"
    )
