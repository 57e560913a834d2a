"""Environments: found, built once, layered, and left clean."""

import importlib.metadata
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from practice.machines import environments, installs
from practice.machines.builds import BuildCancelled, BuildFailed, locked, made_once
from practice.machines.environments import main, prepare, python_with_requirements
from practice.machines.images import OWN, Recipe
from practice.machines.layers import LONGEST_SHEBANG, add_layer, shebang, with_python
from tests.practice.machines.wheels import write_wheel
from tests.support.waiting import eventually

NEVER = threading.Event()
SOURCE = "import sys\ndef main():\n    print('says', sys.prefix)\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a source of packages that belong to this test."""
    monkeypatch.setenv("FLIGHTDECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "cache"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A requirements file of one tiny package."""
    write_wheel(tmp_path / "wheels", "tinypkg", "1.5", SOURCE)
    path = tmp_path / "requirements.txt"
    path.write_text("tinypkg==1.5\n")
    return path


def silent(lines: Sequence[str]) -> None:
    """Nobody listens."""


def said_by(python: Path, code: str) -> str:
    """What a Python prints."""
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_scikit_learn_images_run_on_the_practices_own_packages_at_once() -> None:
    environment = prepare("x.dkr.ecr.y/sagemaker-scikit-learn:1.2-1-cpu-py3", Path("/none"), silent, NEVER)
    assert environment.name == "scikit-learn"
    assert environment.programs is None
    assert any(note.startswith("scikit-learn is ") for note in environment.notes)
    assert said_by(environment.python, "import joblib, pip; print(joblib.__name__)") == "joblib"
    assert environment.path == str(environment.python.parent)


def test_where_the_practice_has_no_pip_its_environment_gets_one(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / "bin" / "python"))
    monkeypatch.setattr(importlib.metadata, "distributions", lambda **query: iter(()))
    python = environments.with_pip(silent, NEVER)
    assert said_by(python, "import pip; print(pip.__file__)").startswith(str(own_cache))
    assert (python.parent / "pip3").exists()


def test_a_layer_sees_what_is_below_and_keeps_what_is_installed(tmp_path: Path, listed: Path) -> None:
    python = python_with_requirements(Path(sys.executable), listed, silent, NEVER)
    code = "import tinypkg, joblib, sys; print(tinypkg.__file__, sys.prefix)"
    module, prefix = said_by(python, code).split()
    assert module.startswith(prefix)
    assert prefix.startswith(str(tmp_path / "cache"))
    assert python_with_requirements(Path(sys.executable), listed, silent, NEVER) == python
    missing = subprocess.run([sys.executable, "-c", "import tinypkg"], capture_output=True, check=False)
    assert missing.returncode == 1


def test_a_layer_on_a_layer_runs_the_scripts_of_both(tmp_path: Path, listed: Path) -> None:
    below = python_with_requirements(Path(sys.executable), listed, silent, NEVER)
    python = add_layer(tmp_path / "top", below)
    said = subprocess.run([python.parent / "tinypkg-says"], capture_output=True, text=True, check=True).stdout
    assert said == f"says {tmp_path / 'top'}\n"
    assert said_by(python, "import tinypkg, joblib, sys; print(sys.executable)") == str(python)
    assert (python.parent / "jupyter").exists()


def test_scripts_of_other_kinds_are_left_where_they_are(tmp_path: Path) -> None:
    texts = {"binary": b"\x7fELF", "sh": b"#!/bin/sh\nexit 0\n", "py": b"#!/usr/bin/python3\nx\n", "short": b"#"}
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
    assert [name for name in texts if with_python(tmp_path / name, Path("/p/python"))] == ["py"]
    assert with_python(tmp_path / "py", Path("/p/python")) == b"#!/p/python\nx\n"
    long = Path("/" + "a" * LONGEST_SHEBANG, "python")
    (tmp_path / "uv-made").write_bytes(shebang(long) + b"x\n")
    assert with_python(tmp_path / "uv-made", Path("/p/python")) == b"#!/p/python\nx\n"


def test_a_script_with_a_long_way_to_its_python_still_runs(tmp_path: Path) -> None:
    python = add_layer(tmp_path / ("deep" * 40) / "top", Path(sys.executable))
    said = subprocess.run([python.parent / "pip", "--version"], capture_output=True, text=True, check=False)
    assert said.stdout.startswith("pip ")


def test_a_list_that_cannot_be_installed_fails_with_its_last_lines(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("no-such-package==1\n")
    lines: list[str] = []
    for _ in range(2):
        with pytest.raises(BuildFailed, match="no-such-package"):
            python_with_requirements(Path(sys.executable), path, lines.extend, NEVER)
    assert lines


def test_without_uv_pip_does_it(listed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    lines: list[str] = []
    python = python_with_requirements(Path(sys.executable), listed, lines.extend, NEVER)
    assert said_by(python, "import tinypkg; print('there')") == "there"
    assert any("Successfully installed tinypkg" in line for line in lines)


def test_a_recipe_is_built_once_by_all_who_want_it(
    tmp_path: Path, listed: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "LISTS", tmp_path)
    recipe = Recipe("tiny", "tiny", "tiny", "tinypkg", "requirements")
    monkeypatch.setattr(environments, "RECIPES", (recipe,))
    lines: list[str] = []
    found: list[tuple[Path, dict[str, str]]] = []
    wanting = [
        threading.Thread(target=lambda: found.append(environments.built(recipe, lines.extend, NEVER))) for _ in range(3)
    ]
    for thread in wanting:
        thread.start()
    for thread in wanting:
        thread.join()
    assert {python for python, _ in found} == {found[0][0]}
    assert found[0][1]["tinypkg"] == "1.5"
    assert len([line for line in lines if line.startswith("Building the environment tiny")]) == 1
    assert len([line for line in lines if line.startswith("Another is making tiny-")]) == 2
    assert main(["build"]) == main(["build", "tiny"]) == 0
    assert len(list((own_cache / "environments").glob("tiny-*/ready.json"))) == 1


def test_the_command_line_knows_its_environments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "cobol"]) == main([]) == 2
    assert "usage: " in capsys.readouterr().err


def test_what_was_cut_short_is_made_anew(tmp_path: Path) -> None:
    folder = tmp_path / "thing"
    folder.mkdir()
    (folder / "half").write_text("")

    def make() -> str:
        (folder / "whole").write_text("")
        return "{}"

    made_once(folder, make, silent, NEVER)
    assert sorted(path.name for path in folder.iterdir()) == ["ready.json", "whole"]
    made_once(folder, lambda: pytest.fail("made twice"), silent, NEVER)


def test_waiting_for_another_can_be_given_up(tmp_path: Path) -> None:
    cancelled = threading.Event()
    lines: list[str] = []
    outcome: list[str] = []

    def wait() -> None:
        try:
            with locked(tmp_path / "x.lock", lines.extend, cancelled, "waiting"):
                outcome.append("held")
        except BuildCancelled:
            outcome.append("given up")

    with locked(tmp_path / "x.lock", silent, NEVER, ""):
        thread = threading.Thread(target=wait)
        thread.start()
        eventually(lambda: lines)
        cancelled.set()
        thread.join()
    assert outcome == ["given up"]


def test_a_build_that_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    path = tmp_path / "requirements.txt"
    path.write_text("tinypkg\n")
    with pytest.raises(BuildCancelled):
        python_with_requirements(Path(sys.executable), path, silent, cancelled)


def test_an_own_image_may_bring_requirements(tmp_path: Path, listed: Path) -> None:
    folder = tmp_path / "images" / "team" / "churn"
    folder.mkdir(parents=True)
    (folder / "train").write_text("#!/bin/sh\n")
    plain = prepare("team/churn:1", tmp_path / "images", silent, NEVER)
    assert (plain.name, plain.programs, plain.notes) == (OWN.name, folder, ())
    (folder / "requirements.txt").write_text(listed.read_text())
    assert said_by(prepare("team/churn:1", tmp_path / "images", silent, NEVER).python, "import tinypkg; print(1)")


def test_pips_settings_reach_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://one.example/simple https://two.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    settings = installs.pip_settings(Path(sys.executable))
    told = installs.uv_environment(settings, "https://three.example/simple")
    assert told["UV_INDEX"].split()[-3:] == [f"https://{name}.example/simple" for name in ("one", "two", "three")]
    assert told["UV_FIND_LINKS"] == "/a,/b"


def test_torch_comes_without_cuda_where_nothing_else_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "platform", "linux")
    assert installs.torch_index({}, "torch==2.13.0\n") == installs.CPU_INDEX
    assert installs.torch_index({"find-links": "/wheels"}, "torch==2.13.0\n") is None
    assert installs.torch_index({}, "xgboost==3\n") is None
    monkeypatch.setenv("FLIGHTDECK_TORCH_INDEX", "https://mine.example")
    assert installs.torch_index({"find-links": "/wheels"}, "torch==2.13.0\n") == "https://mine.example"
    monkeypatch.setenv("FLIGHTDECK_TORCH_INDEX", "")
    assert installs.torch_index({}, "torch==2.13.0\n") is None
    monkeypatch.delenv("FLIGHTDECK_TORCH_INDEX")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert installs.torch_index({}, "torch==2.13.0\n") is None


def test_the_pinned_lists_are_pins_and_bring_no_cuda() -> None:
    for path in environments.LISTS.glob("*.txt"):
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        assert all("==" in line for line in lines), path
        assert not [line for line in lines if line.startswith(("nvidia", "cuda", "triton"))]
