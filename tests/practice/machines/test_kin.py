"""Finding the processes of a cell where no pid namespace holds them."""

import os
import subprocess
import sys

import pytest

from practice.machines.cell_init import kin
from practice.machines.cell_init.kin import Kin
from tests.support.waiting import eventually


def test_descendants_are_children_their_children_and_their_groups() -> None:
    table = {
        1: Kin(0, 1), 10: Kin(1, 10), 11: Kin(10, 11), 12: Kin(11, 11), 13: Kin(1, 11), 20: Kin(1, 20),
    }  # fmt: skip
    assert kin.descendants(table, 10) == {11, 12, 13}
    assert kin.descendants(table, 20) == set()


def test_the_table_of_this_machine_knows_this_process_and_its_child() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert kin.processes()[child.pid].parent == os.getpid()
        assert child.pid in kin.descendants(kin.processes(), os.getpid())
    finally:
        child.communicate()


def test_ps_gives_the_same_table_as_proc() -> None:
    listing = subprocess.run(["ps", "-axo", "pid=,ppid=,pgid="], capture_output=True, text=True, check=True).stdout
    table = kin.parse(listing)
    assert table[os.getpid()] == Kin(os.getppid(), os.getpgrp())


def test_without_proc_ps_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "exists", lambda path: False)
    assert kin.processes()[os.getpid()].group == os.getpgrp()


def test_on_macos_orphans_are_known_by_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = "  12 sleep 5 HOME=/x FLIGHTDECK_CELL=abc\n  13 sleep 5 FLIGHTDECK_CELL=other\n 14 ps\n"
    assert kin.parse_marked(listing, "abc") == {12}
    assert kin.marked("abc") == set()
    monkeypatch.setattr(kin, "is_macos", lambda: True)
    assert kin.marked("no such token") == set()


def test_a_stubborn_child_is_given_up_on_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    monkeypatch.setattr(kin, "descendants", lambda table, root: {child.pid, 2**22 + 1})
    try:
        kin.end_descendants("", within_seconds=0.1)
        eventually(lambda: kin.processes().get(child.pid) is None)
    finally:
        child.communicate()


def test_exit_codes_as_a_shell_says_them() -> None:
    for code in (0, 7, 255):
        assert kin.exit_code(code << 8) == code
    assert kin.exit_code(15) == 143
