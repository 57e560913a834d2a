"""Decks to measure and to look at: the real server on a fresh home."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.deck import APP, Deck


@contextmanager
def fresh_deck(script: str = APP, prepare: Callable[[Path], None] = lambda _: None) -> Iterator[Deck]:
    """A running deck, ended afterwards with all that it started. `prepare` puts things into its home first."""
    with TemporaryDirectory(prefix="flightdeck-bench-") as folder:
        deck = Deck(Path(folder) / "home", script=script, environment={"FLIGHTDECK_USER": "jihoon.park"})
        prepare(deck.home)
        try:
            deck.start()
            yield deck
        finally:
            deck.end()
