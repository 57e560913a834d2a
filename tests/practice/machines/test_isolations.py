"""What the system grants, and what cells do where it grants nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from practice.machines import isolations
from practice.machines.cell_init.specs import Spec, read_spec, written
from practice.machines.cells import CellSpec, start_cell
from practice.machines.isolations import INIT, INIT_ENVIRONMENT, isolation, rewrite, scrubbed


def probed(kind: str) -> subprocess.CompletedProcess[str]:
    """Ask the system itself."""
    command = [*INIT, "--probe", kind]
    return subprocess.run(command, env=INIT_ENVIRONMENT, capture_output=True, text=True, check=False)


def test_what_is_granted_is_what_a_probe_found() -> None:
    kinds = ["root", "user"] if os.geteuid() == 0 else ["user"]
    working = [kind for kind in kinds if sys.platform.startswith("linux") and probed(kind).returncode == 0]
    assert isolation({}).kind == (working[0] if working else None)


def test_a_refused_probe_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = "import os; os.write(2, b'cannot prepare the cell: unshare: Operation not permitted'); os._exit(1)"
    monkeypatch.setattr(isolations, "INIT", [sys.executable, "-c", refusing])
    isolations._probe.cache_clear()
    try:
        refused = isolation({})
    finally:
        isolations._probe.cache_clear()
    assert refused.kind is None
    assert "Operation not permitted" in str(refused.notice) or not sys.platform.startswith("linux")


def test_other_systems_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    isolations._probe.cache_clear()
    try:
        assert isolation({}) == (None, "darwin has no mount namespaces")
    finally:
        isolations._probe.cache_clear()


def test_a_machine_without_the_top_folder_of_a_mount_grants_none() -> None:
    if isolation({}).kind:
        assert isolation({"/no-such-top/x": Path("/tmp")}) == (
            None,
            "this machine has no /no-such-top to mount /no-such-top/x under",
        )


def test_rewriting_touches_whole_paths_only() -> None:
    mounts = {"/opt/ml": Path("/jobs/a"), "/opt/ml/model": Path("/models/b")}
    assert rewrite("cp /opt/ml/model/x '/opt/ml/input' /opt/mlx", mounts) == "cp /models/b/x '/jobs/a/input' /opt/mlx"
    assert rewrite("--dir=/opt/ml:/opt/ml", mounts) == "--dir=/jobs/a:/jobs/a"
    assert rewrite("/opt/ml", {}) == "/opt/ml"


def test_scrubbing_keeps_what_programs_need() -> None:
    kept = scrubbed({"HOME": "/h", "PATH": "/bin", "PYTHONPATH": "x", "no_proxy": "*", "SM_HPS": "{}", "LANG": "C"})
    assert {name for name in kept if not name.startswith("PIP_")} == {"HOME", "PATH", "LANG"}


def test_a_spec_that_is_cut_short_is_none() -> None:
    spec = Spec(command=["a"], folder="/", environment={}, mounts=[("/a", "/b")], hostname=None, isolation=None)
    for text, expected in ((written(spec), ["a"]), (written(spec)[:-1], None), (b"00", None), (b"", None)):
        reading, writing = os.pipe()
        os.write(writing, text)
        os.close(writing)
        told = read_spec(reading)
        os.close(reading)
        assert (told and told["command"]) == expected


def test_a_cell_that_cannot_have_a_process_raises_and_leaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    isolation({})
    monkeypatch.setattr(isolations, "INIT", ["unused"])
    monkeypatch.setattr("practice.machines.cells.INIT", [str(tmp_path / "missing")])
    before = len(list(Path("/dev/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        start_cell(CellSpec("none", ("true",), tmp_path), lambda lines: None, lambda code: None)
    assert len(list(Path("/dev/fd").iterdir())) == before
