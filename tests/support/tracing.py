"""Threads under coverage: CPython 3.11 refuses a trace function while another thread is installing one.

The audit hook that keeps tests on this machine is Python, so that the interpreter may change threads just then; an
account starts some forty threads at once. What is refused is tried again, and coverage's own C call, which cannot be,
says so in a warning that means one thread was not measured.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

TRIES = 100
REFUSED = "Cannot install a trace function while another trace function is being installed"

_installing = threading.Lock()
_plain: Callable[[Any], None] = sys.settrace


def _settrace(function: Any) -> None:
    for left in reversed(range(TRIES)):
        try:
            with _installing:
                return _plain(function)
        except RuntimeError as refusal:
            if not left or str(refusal) != REFUSED:
                raise
    return None


def pytest_configure(config: Any) -> None:
    """Only under coverage, and only where the interpreter has the flaw."""
    if sys.version_info < (3, 12) and sys.gettrace() is not None:
        sys.settrace = _settrace
        config.addinivalue_line("filterwarnings", f"ignore:(?s).*{REFUSED}:pytest.PytestUnraisableExceptionWarning")
