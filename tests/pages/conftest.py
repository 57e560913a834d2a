"""Pages under AppTest, which would take the top-level `pages/` for Streamlit's own and skip the entry point."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import app_test


class _EntryFirst(PagesManager):
    """AppTest forgets before each run that navigation was asked for: say so first."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        PagesManager.uses_pages_directory = False
        super().__init__(*arguments, **named)


@pytest.fixture(autouse=True)
def _entry_first(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = PagesManager.uses_pages_directory
    monkeypatch.setattr(app_test, "PagesManager", _EntryFirst)
    yield
    PagesManager.uses_pages_directory = before
