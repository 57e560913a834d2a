"""Pages under AppTest, which would take the top-level `pages/` for Streamlit's own and skip the entry point."""

from collections.abc import Iterator

import pytest

from tests.support.screens import entry_first


@pytest.fixture(autouse=True)
def _entry_first() -> Iterator[None]:
    with entry_first():
        yield
