"""The modules whose import registers operations and lifecycles."""

from importlib import import_module

MODULES: tuple[str, ...] = ()


def load() -> None:
    """Import them all; a second call changes nothing."""
    for name in MODULES:
        import_module(name)
