"""A Chromium to look with."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support import machine
from tests.support.pages import CHROMIUM_FLAGS


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser, closed afterwards.

    Raises:
        RuntimeError: this machine has none.
    """
    path = machine.chromium()
    if path is None:
        raise RuntimeError("no Chromium here; `python -m tests.support.machine` installs one or says what to do")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        try:
            yield browser
        finally:
            browser.close()
