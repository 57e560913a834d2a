"""The ledger: a writer that is killed loses nothing it was told is kept, how long a row takes, and its syncs."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.harness import Figure
from bench.soaking.kills import quiet, said_until_killed
from services.ledger import Ledger
from services.plans import Act, Plan
from tests.support.practice_account import REGION
from tests.support.processes import REPOSITORY

ACCOUNT = "practice:ledger"
LIFE_SECONDS = 0.15
TRACED_ROWS = 200
P99_MS = 10.0


def figures(rounds: int) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        yield from killed(Path(folder) / "ledger.sqlite3", rounds)
        yield from synced(Path(folder))


def killed(path: Path, rounds: int) -> Iterator[Figure]:
    """Writers on one ledger, killed one after the other; each row is told when it was acknowledged."""
    chance = random.Random(5)
    told: list[tuple[str, float]] = []
    for number in range(rounds):
        after = chance.uniform(0, LIFE_SECONDS)
        for line in said_until_killed("bench.soaking.ledgers", str(path), str(number), after=after):
            intent, took = line.split()
            told.append((intent, float(took)))
    ledger = Ledger(path)
    kept = {row.intent for row in ledger.actions(ACCOUNT, limit=len(told) + rounds)}
    ledger.close()
    lost = sum(intent not in kept for intent, _ in told)
    yield Figure(f"{rounds:,} kills: of {len(told):,} acknowledged rows lost", lost, "rows", at_most=0)
    took_s = sorted(seconds for _, seconds in told)
    floor = _floor(path.parent / "floor", len(took_s))
    row_ms = 1000 * took_s[int(0.99 * len(took_s))]
    yield Figure("a ledger row on disk, 99th percentile", row_ms, "ms", at_most=P99_MS, floor=floor)


def _floor(path: Path, rows: int) -> float:
    """The same percentile of a plain file that is written to and synced as often: what this disk does at its best."""
    took = []
    with path.open("ab") as file:
        for _ in range(rows):
            started = time.perf_counter()
            os.write(file.fileno(), b"row" * 100)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    return 1000 * sorted(took)[int(0.99 * rows)]


def write(path: str, number: str) -> None:
    """Write rows until the end comes, and say each with its seconds; the first, which waits for the file, has none."""
    ledger = Ledger(Path(path))
    for row in range(100_000):
        intent, started = f"{int(number):04}-{row:06}", time.perf_counter()
        ledger.open(_plan(intent), "kim", ACCOUNT)
        print(intent, time.perf_counter() - started if row else 0.0, flush=True)


def _plan(intent: str) -> Plan:
    return Plan(Act.STOP, "notebook", intent, REGION, (), intent=intent)


def synced(folder: Path) -> Iterator[Figure]:
    """Syncs that the system counts over a number of rows. Without strace nothing is measured, and that is said."""
    strace = shutil.which("strace")
    if strace is None:
        print("        (no strace here: syncs are not counted; tests read back that SQLite is set to make them)")
        return
    counts = folder / "syncs"
    program = f"from bench.soaking.ledgers import rows; rows({str(folder / 'traced.sqlite3')!r}, {TRACED_ROWS})"
    trace = [strace, "-f", "-qq", "-e", "trace=fsync,fdatasync", "-e", "signal=none", "-o", str(counts)]
    subprocess.run([*trace, sys.executable, "-c", program], check=True, cwd=REPOSITORY)
    syncs = sum("sync(" in line for line in counts.read_text().splitlines())
    yield Figure("syncs a ledger row", syncs / TRACED_ROWS, "syncs", at_least=1)


def rows(path: str, count: int) -> None:
    """Write that many rows; run under strace."""
    ledger = Ledger(Path(path))
    for row in range(count):
        ledger.open(_plan(str(row)), "kim", ACCOUNT)
    ledger.close()


if __name__ == "__main__":
    quiet()
    write(*sys.argv[1:])
