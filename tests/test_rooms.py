"""What import contracts cannot see: the entry point, which is no package, and processes started by name."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ENTRY = ROOT / "streamlit_app.py"
AWS = {"boto3", "botocore", "sagemaker", "moto", "practice"}
STARTER = Path("pages/ui/supervisor.py")
LONGEST_ENTRY = 30


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all that a module imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def sources(*rooms: str) -> list[Path]:
    return [path.relative_to(ROOT) for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_the_entry_point_is_short_and_leaves_aws_to_others() -> None:
    assert len(ENTRY.read_text().splitlines()) < LONGEST_ENTRY
    assert not AWS & set(imported(ENTRY))


@pytest.mark.parametrize("room", ["pages", "services", "practice"])
def test_nobody_imports_the_entry_point(room: str) -> None:
    assert not [path for path in sources(room) if "streamlit_app" in set(imported(ROOT / path))]


def test_only_the_supervisor_starts_the_practice_account() -> None:
    starters = [
        path
        for path in sources("pages", "services")
        if any(
            isinstance(node, ast.List | ast.Tuple)
            and {"-m", "practice"} <= {part.value for part in node.elts if isinstance(part, ast.Constant)}
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
        )
    ]
    assert starters == [STARTER]


def test_no_tracked_file_holds_a_key() -> None:
    command = ["git", "grep", "-nIE", "AKIA[A-Z0-9]{16}|aws_secret_access_key *= *[A-Za-z0-9/+]{40}"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout == ""


@pytest.mark.parametrize("listed", ["requirements.txt", "requirements-dev.txt"])
def test_pins_name_packages_alone_and_torch_never_comes_with_the_deck(listed: str) -> None:
    lines = [line for line in (ROOT / listed).read_text().splitlines() if not line.startswith("#")]
    assert not [line for line in lines if "==" not in line or "://" in line or line.startswith("-")]
    assert not {"torch", "tensorflow", "xgboost"} & {line.split("==")[0].lower() for line in lines}


def test_what_the_user_named_is_required() -> None:
    named = {"streamlit", "boto3", "pandas", "plotly", "sagemaker", "pytest"}
    assert named <= {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}
