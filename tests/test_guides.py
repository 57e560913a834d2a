"""The guides and records say what is there: operations, times, quotas, images, files and tests that they name."""

import re
import tomllib
from collections import Counter
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from practice import quota_figures, service_modules
from practice.bill.spans import HELD
from practice.control import MAX_ADVANCE
from practice.lifecycles import GONE, LIFECYCLES
from practice.machines import notebooks
from practice.machines.images import RECIPES
from practice.machines.notebook_kernels import KERNELS, REQUIREMENTS
from practice.operations import OPERATIONS
from practice.sagemaker import (
    endpoint_configs,
    fleets,
    hosting,
    runtime,
    training_requests,
    training_runs,
)
from practice.throttles import RATES

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs/guides/practice-account.md").read_text()
TEXTS = sorted([ROOT / "README.md", ROOT / "README.ko.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")])
ROOMS = ("bench", "data", "docs", "examples", "pages", "practice", "services", "tests")

service_modules.load()


def table(first: str) -> list[list[str]]:
    """The rows of the guide's table whose header begins with these cells."""
    _, found, rest = GUIDE.partition(f"| {first} |")
    assert found, f"no table {first}"
    rows = [line.strip("| ").split(" | ") for line in rest.split("\n\n")[0].splitlines()[2:]]
    return [[cell.strip().strip("`") for cell in row] for row in rows]


def seconds(text: str) -> float:
    number, unit = text.split()
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_every_operation_is_listed_once_under_its_service() -> None:
    listed = [
        (section.split("\n", 1)[0].strip(), name)
        for section in GUIDE.split("\n### ")[1:]
        for cells in re.findall(r"^\| ((?:`[A-Z]\w+` ?)+)\|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cells)
    ]
    assert sorted(listed) == sorted(OPERATIONS)


def test_every_timed_transition_is_listed_with_its_time() -> None:
    listed = {
        (kind, start.split(" (")[0], end.split(" (")[0].replace("gone", GONE), seconds(after))
        for kind, start, end, after in table("kind | from | to | after")
    }
    assert listed == {
        (kind, each.source, each.target, each.after_seconds)
        for kind, lifecycle in LIFECYCLES.items()
        for each in lifecycle.transitions
        if each.after_seconds is not None
    }


def test_what_bills_is_listed_for_every_state() -> None:
    listed = [(kind, state, tuple(parts.split(", "))) for kind, state, parts in table("kind | state | bills")]
    assert Counter(listed) == Counter(
        (kind, state, parts) for kind in HELD for state, parts in LIFECYCLES[kind].bills.items()
    )


def test_other_times_are_those_of_the_code() -> None:
    presigned = signature(notebooks.Notebook.presigned_url).parameters["expires_in_seconds"].default
    assert [seconds(time) for _, time in table("what | how long")] == [
        notebooks.LIFECYCLE_LIMIT_SECONDS,
        notebooks.READY_SECONDS,
        presigned,
        training_runs.STOP_GRACE_SECONDS,
        training_requests.DEFAULT_MAX_RUNTIME_SECONDS,
        training_requests.MAX_RUNTIME_SECONDS,
        fleets.STARTUP_SECONDS,
        runtime.MAX_SECONDS,
        hosting.REVIVE_SECONDS,
    ]
    assert f"at most {MAX_ADVANCE.days} days at a time" in GUIDE
    assert f"a body may have {runtime.MAX_BODY_BYTES // 1024**2} MiB" in GUIDE


def test_every_grant_is_listed() -> None:
    listed = {
        (usage, None if name == "all types together" else name): float(count)
        for usage, name, count in table("usage | type | granted")
    }
    assert listed == quota_figures.GRANTS


def test_every_rate_is_listed() -> None:
    rows = table("service | operations | a second | at once | answers")
    listed = [(name, what, float(rate), int(burst), code) for name, what, rate, burst, code in rows]
    assert listed == [
        (rate.service, rate.operations.replace("|", "\\|"), rate.per_second, rate.burst, rate.code) for rate in RATES
    ]


def test_every_image_and_kernel_is_listed() -> None:
    built = {repositories: "built on first use" in how for repositories, how in table("repositories | environment")}
    assert built == {recipe.known_as: recipe.requirements is not None for recipe in RECIPES}
    assert all(f"`{shown}`" in GUIDE for _, (name, shown) in KERNELS.items() if name != REQUIREMENTS)


@pytest.mark.parametrize(
    "members",
    [
        endpoint_configs._UNSERVED,
        endpoint_configs._UNSERVED_OF_VARIANTS,
        training_requests._MISSING,
        training_requests._MISSING_RESOURCES,
    ],
)
def test_what_is_refused_is_said(members: tuple[str, ...]) -> None:
    assert [member for member in members if f"`{member}`" not in GUIDE] == []


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_files_and_tests_that_a_text_names_are_there(text: Path) -> None:
    said = text.read_text()
    links = [text.parent / link for link in re.findall(r"\]\((?!https?:)([^)#]+\.md)", said)]
    named = re.findall(rf"`((?:{'|'.join(ROOMS)})/[\w/.-]*?)(?:::(\w+))?`", said)
    assert [str(path) for path in links if not path.exists()] == []
    assert [path for path, _ in named if not (ROOT / path).exists()] == []
    assert [name for path, name in named if name and f"def {name}(" not in (ROOT / path).read_text()] == []


def test_the_names_on_screen_are_those_of_the_screens() -> None:
    words: set[str] = set()
    for path in (ROOT / "pages/ui/words").glob("*.toml"):
        entries: dict[str, Any] = tomllib.loads(path.read_text())
        words |= {entry["en"] for entry in entries.values()}
    said = re.findall(r"\*\*(.+?)\*\*", (ROOT / "docs/guides/getting-started.md").read_text(), re.DOTALL)
    assert said
    assert [name for name in said if name.replace("\n", " ") not in words] == []
