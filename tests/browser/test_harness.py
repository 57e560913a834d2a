"""The harness on an empty page: it sees a healthy page as healthy, and what is wrong as wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import running
from tests.support import processes
from tests.support.deck import Deck
from tests.support.pages import Watch, settled, violations


@pytest.fixture
def blank(tmp_path: Path) -> Iterator[Deck]:
    yield from running(Deck(tmp_path / "blank", script="bench/floors/blank.py"))


def test_an_empty_page_settles_without_a_complaint(blank: Deck, page: Page) -> None:
    page.goto(blank.url)
    expect(settled(page).get_by_role("heading", name="Empty")).to_be_visible()
    assert violations(page) == []


def test_what_a_page_does_wrong_is_seen(blank: Deck, page: Page, watch: Watch) -> None:
    page.goto(blank.url)
    settled(page)
    page.evaluate("() => { console.warn('careless'); document.body.append(document.createElement('img')) }")
    page.evaluate("() => fetch('http://192.0.2.1/').catch(() => 0)")
    assert [said.split(":")[0] for said in watch.complaints][:2] == ["console warning", "left this machine"]
    watch.expected += ["careless", "192.0.2.1", "ERR_"]
    assert any(said.startswith("image-alt") for said in violations(page))


def test_a_deck_that_ends_leaves_nothing(blank: Deck) -> None:
    family = processes.family_of(blank.pid)
    blank.end()
    assert not processes.alive(family)
    assert not blank.healthy()
