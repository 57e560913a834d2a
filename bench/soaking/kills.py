"""A program that is killed amid its work, and what it had said until then."""

import logging
import subprocess
import sys
from contextlib import suppress

from tests.support.processes import REPOSITORY

SAY_IT_AGAIN = (
    "services.databases",
    "streamlit.runtime.caching.cache_data_api",
    "streamlit.runtime.scriptrunner_utils.script_run_context",
)
"""Loggers: what SQLite each ledger has that is opened, and that pages are drawn outside of a server."""


def said_until_killed(module: str, *arguments: str, after: float) -> list[str]:
    """The lines that `python -m module` printed, killed `after` seconds past the first one unless it ended before.

    Raises: RuntimeError when it ended without a word.
    """
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            program.wait(after)
        program.kill()
        rest = program.stdout.read()
    if not first:
        raise RuntimeError(f"{module} ended with {program.returncode} before it said anything")
    return [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def quiet() -> None:
    """Keep those from speaking that say the same at every step."""
    for name in SAY_IT_AGAIN:
        logging.getLogger(name).disabled = True
