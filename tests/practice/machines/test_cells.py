"""Cells: what a command sees, what is heard of it, and that nothing of it is left."""

import itertools
import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from practice.machines.cells import Cell, CellSpec, start_cell
from practice.machines.isolations import ROOT, isolation
from tests.practice.machines.cell_helpers import Record, alive, shell
from tests.support.waiting import eventually

HERE = isolation({})
needs_namespaces = pytest.mark.skipif(HERE.kind is None, reason=str(HERE.notice))
both_ways = pytest.mark.parametrize("isolate", [pytest.param(True, marks=needs_namespaces), False])
durations = (f"{random.randrange(10**6, 10**8)}.{n}" for n in itertools.count())


@pytest.fixture
def forever() -> str:
    """A duration for `sleep` that no other process sleeps for."""
    return next(durations)


@both_ways
def test_a_cell_gives_lines_and_then_its_exit_code_once(tmp_path: Path, isolate: bool) -> None:
    cell, record = shell("echo one; echo two >&2; echo; printf 'no end'; exit 3", tmp_path, isolate=isolate)
    assert cell.wait(10) == 3
    assert record.lines == ["one", "two", "no end"]
    assert record.exits == [3]
    assert cell.isolated is isolate
    assert (cell.notice is None) is isolate


@both_ways
def test_a_signal_reads_as_a_shell_says_it(tmp_path: Path, isolate: bool) -> None:
    cell, _ = shell("kill -9 $$", tmp_path, isolate=isolate)
    assert cell.wait(10) == 137


@both_ways
def test_a_command_that_cannot_start_says_so(tmp_path: Path, isolate: bool) -> None:
    for command, code in (("/no/such/program", 127), ("/etc/passwd", 126)):
        record = Record()
        spec = CellSpec("bad", (command,), tmp_path, isolate=isolate)
        assert start_cell(spec, record.on_lines, record.on_exit).wait(10) == code
        assert record.lines[0].startswith(f"cannot start {command}: ")


@both_ways
def test_the_environment_is_scrubbed_of_what_is_the_practices_own(
    tmp_path: Path, isolate: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not for them")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    cell, record = shell("env", tmp_path, isolate=isolate, environment={"AWS_REGION": "eu-west-1", "MINE": "yes"})
    assert cell.wait(10) == 0
    seen = dict(line.split("=", 1) for line in record.lines)
    assert seen["MINE"] == "yes"
    assert seen["AWS_REGION"] == "eu-west-1"
    assert seen["PIP_PROXY"] == "http://127.0.0.1:9"
    assert not {"AWS_SECRET_ACCESS_KEY", "https_proxy", "PYTHONPATH", "VIRTUAL_ENV"} & set(seen)


@needs_namespaces
def test_opt_ml_is_really_there_and_the_rest_of_opt_too(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("127.0.0.7 algo-1\n")
    (tmp_path / "ml" / "model").mkdir(parents=True)
    before = sorted(entry.name for entry in Path("/opt").iterdir())
    cell, record = shell(
        "pwd; echo weights > model/w; ls -A /opt | tr '\\n' ' '; echo; cat /etc/hosts; hostname; echo $$",
        Path("/opt/ml"),
        mounts={"/opt/ml": tmp_path / "ml", "/etc/hosts": tmp_path / "hosts"},
        hostname="algo-1",
    )
    assert cell.wait(10) == 0
    assert record.lines[0] == "/opt/ml"
    assert record.lines[1].split() == sorted({*before, "ml"})
    assert record.lines[2:4] == ["127.0.0.7 algo-1", "algo-1"]
    assert int(record.lines[4]) < 10
    assert (tmp_path / "ml/model/w").read_text() == "weights\n"
    assert sorted(entry.name for entry in Path("/opt").iterdir()) == before


@needs_namespaces
def test_a_mount_that_cannot_be_made_fails_the_cell_and_says_so(tmp_path: Path) -> None:
    cell, record = shell("echo never", tmp_path, mounts={"/opt/ml": tmp_path / "missing"})
    assert cell.wait(10) == 126
    assert "cannot prepare the cell: mount" in record.lines[0]


def test_without_mounts_paths_are_rewritten(tmp_path: Path) -> None:
    ml = tmp_path / "ml"
    ml.mkdir()
    cell, record = shell(
        "pwd; echo $DIR; echo /opt/ml/model /opt/mlx /root/opt/ml",
        Path("/opt/ml"),
        environment={"DIR": "/opt/ml/model"},
        mounts={"/opt/ml": ml},
        isolate=False,
    )
    assert cell.wait(10) == 0
    assert record.lines == [str(ml), f"{ml}/model", f"{ml}/model /opt/mlx /root/opt/ml"]


@both_ways
def test_terminate_asks_first_and_kills_after_the_grace(tmp_path: Path, isolate: bool, forever: str) -> None:
    polite, heard = shell("trap 'echo saving; exit 0' TERM; echo up; while :; do sleep .05; done", tmp_path)
    eventually(heard.said("up"))
    polite.terminate(60)
    assert polite.wait(10) == 0
    assert heard.lines[-1] == "saving"

    stubborn, heard = shell(f"trap '' TERM; setsid sleep {forever} & echo up; wait", tmp_path, isolate=isolate)
    eventually(heard.said("up"))
    eventually(lambda: alive(forever))
    stubborn.terminate(60)
    assert stubborn.wait(0.3) is None
    stubborn.terminate(0.1)
    assert stubborn.wait(10) == 137
    assert alive(forever) == []


@both_ways
def test_what_a_shell_started_may_save_its_work_after_the_shell_is_gone(tmp_path: Path, isolate: bool) -> None:
    saving = "trap 'sleep .3; echo saved > work; exit 0' TERM; echo up; while :; do sleep .05; done"
    cell, record = shell(f"bash -c {shlex.quote(saving)}; echo never", tmp_path, isolate=isolate)
    eventually(record.said("up"))
    cell.terminate(60)
    assert cell.wait(30) == 143
    assert (tmp_path / "work").read_text() == "saved\n"
    assert "never" not in record.lines


@both_ways
def test_when_the_command_ends_everything_it_started_ends(tmp_path: Path, isolate: bool, forever: str) -> None:
    cell, _ = shell(f"(setsid sleep {forever} >/dev/null &) ; sleep {forever} & exit 0", tmp_path, isolate=isolate)
    assert cell.wait(10) == 0
    assert alive(forever) == []


def test_a_callback_that_fails_ends_the_cell_and_still_gets_the_exit(tmp_path: Path, forever: str) -> None:
    exits: list[int] = []
    failures: list[str] = []

    def refuse(lines: object) -> None:
        raise ValueError(lines)

    hook, threading.excepthook = threading.excepthook, lambda args: failures.append(str(args.exc_value))
    try:
        spec = CellSpec("test", ("/bin/bash", "-c", f"echo hello; sleep {forever}"), tmp_path)
        cell = start_cell(spec, refuse, exits.append)
        eventually(lambda: failures)
    finally:
        threading.excepthook = hook
    assert cell.wait(10) == 137
    assert exits == [137]
    assert failures == ["['hello']"]


LEASHED = """
import sys
from pathlib import Path
from practice.machines.cells import CellSpec, start_cell
command = ("/bin/bash", "-c", f"(setsid sleep {sys.argv[1]} &); sleep {sys.argv[1]} & wait")
cell = start_cell(CellSpec("leashed", command, Path("/"), isolate=sys.argv[2] == "True"), print, print)
cell.wait()
"""


@both_ways
def test_sigkill_of_the_practice_ends_every_process_of_its_cells(isolate: bool, forever: str) -> None:
    practice = subprocess.Popen([sys.executable, "-c", LEASHED, forever, str(isolate)], cwd=ROOT)
    eventually(lambda: len(alive(forever)) >= 3)  # bash carries the duration in its script, not as a word
    practice.send_signal(signal.SIGKILL)
    practice.wait()
    killed = time.monotonic()
    eventually(lambda: not alive(forever))
    assert time.monotonic() - killed < 2


@needs_namespaces
def test_sigkill_of_a_cells_first_process_ends_the_cell(tmp_path: Path, forever: str) -> None:
    cell, record = shell(f"setsid sleep {forever} & echo up; wait", tmp_path)
    eventually(record.said("up"))
    os.kill(cell.pid, signal.SIGKILL)
    assert cell.wait(10) == 137
    eventually(lambda: not alive(forever))


@both_ways
def test_many_at_once_leave_no_zombie_thread_or_descriptor(tmp_path: Path, isolate: bool) -> None:
    shell("true", tmp_path, isolate=isolate)[0].wait(10)
    me = psutil.Process()
    eventually(lambda: not cell_threads())
    descriptors = me.num_fds()
    started = [shell(f"echo {n}; exit {n}", tmp_path, isolate=isolate) for n in range(24)]
    assert [cell.wait(60) for cell, _ in started] == list(range(24))
    assert [record.lines for _, record in started] == [[str(n)] for n in range(24)]
    eventually(lambda: not cell_threads())
    assert me.num_fds() == descriptors
    assert [child for child in me.children() if child.status() == psutil.STATUS_ZOMBIE] == []


def cell_threads() -> list[threading.Thread]:
    """Threads that cells hold."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("cell-")]


@both_ways
def test_a_long_output_arrives_whole_and_in_order(tmp_path: Path, isolate: bool) -> None:
    cell, record = shell("seq 200000", tmp_path, isolate=isolate)
    assert cell.wait(60) == 0
    assert record.lines == [str(n) for n in range(1, 200001)]


AS_SOMEBODY = """
import sys
from pathlib import Path
from practice.machines.cells import CellSpec, start_cell
from practice.machines.isolations import isolation
print(isolation({}).kind, isolation({}).notice, flush=True)
ml = Path(sys.argv[1])
spec = CellSpec("u", ("/bin/bash", "-c", "pwd; id -u; echo ok > made; ls /opt"), Path("/opt/ml"), {}, {"/opt/ml": ml})
print(start_cell(spec, lambda lines: print(*lines, sep="\\n", flush=True), lambda code: None).wait(20))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="runs as an ordinary user already: the other tests show it")
def test_an_ordinary_user_gets_mounts_too(tmp_path: Path) -> None:
    python = next((path for path in ("/usr/bin/python3", "/usr/local/bin/python3") if usable_by_anyone(path)), None)
    if python is None:
        pytest.skip("no Python 3.11 that an ordinary user may execute")
    for folder in (tmp_path, *tmp_path.parents):  # pytest keeps its own to their owner, and so do its workers
        if folder.stat().st_uid == os.geteuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    ml = tmp_path / "ml"
    ml.mkdir()
    os.chown(ml, 65534, 65534)
    command = [python, "-c", AS_SOMEBODY, str(ml)]
    done = subprocess.run(command, user=65534, group=65534, extra_groups=(), cwd=ROOT, env={}, capture_output=True)
    said = done.stdout.decode().splitlines()
    if said and said[0].startswith("None"):
        pytest.skip(f"ordinary users get no namespaces here: {said[0]}")
    assert said[1:3] == ["/opt/ml", "0"], (said, done.stderr)
    assert "ml" in said[3:-1]
    assert said[-1] == "0"
    assert (ml / "made").stat().st_uid == 65534


def usable_by_anyone(path: str) -> bool:
    """Whether it is a Python 3.11 or later that an ordinary user may run."""
    asked = subprocess.run(
        [path, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"],
        user=65534, group=65534, extra_groups=(), capture_output=True, check=False,
    ) if Path(path).exists() else None  # fmt: skip
    return asked is not None and asked.returncode == 0


def test_a_cell_knows_no_orders_after_its_end(tmp_path: Path) -> None:
    cell: Cell = shell("true", tmp_path)[0]
    assert cell.wait(10) == 0
    cell.terminate()
    cell.kill()
    assert cell.wait(0) == 0
