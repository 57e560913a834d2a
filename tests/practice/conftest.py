"""What the tests of the practice account share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.local_account import Local


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Local]:
    """An account of the test's own in this process."""
    running = Local(tmp_path / "home")
    yield running
    running.account.close()
