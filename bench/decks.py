"""Decks to measure and to look at: the real server on a fresh home."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.deck import APP, Deck


@contextmanager
def fresh_deck(script: str = APP) -> Iterator[Deck]:
    """A running deck, ended afterwards with all that it started."""
    with TemporaryDirectory(prefix="flightdeck-bench-") as folder:
        deck = Deck(Path(folder) / "home", script=script, environment={"FLIGHTDECK_USER": "jihoon.park"})
        try:
            deck.start()
            yield deck
        finally:
            deck.end()
