"""Running endpoint variants in tests."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from practice.machines.variants import Variant, VariantCallbacks, VariantSpec, start_variant
from tests.practice.machines.job_helpers import SKLEARN


@dataclass
class Told:
    """What a variant's callbacks were told."""

    lines: list[str] = field(default_factory=list)
    ready: list[bool] = field(default_factory=list)
    exits: list[str | None] = field(default_factory=list)

    def callbacks(self) -> VariantCallbacks:
        """To give to `start_variant`."""

        def on_lines(lines: Sequence[str]) -> None:
            self.lines.extend(lines)

        return VariantCallbacks(on_lines, lambda: self.ready.append(True), self.exits.append)


def files(**texts: str) -> Callable[[Path], None]:
    """Puts text files under `code/` of a model; `a__py` is `a.py`."""

    def place(folder: Path) -> None:
        (folder / "code").mkdir()
        for name, text in texts.items():
            (folder / "code" / name.replace("__", ".")).write_text(text)

    return place


def started(home: Path, **more: object) -> tuple[Variant, Told]:
    """A variant that was started, on a scikit-learn image."""
    told = Told()
    usual: dict[str, object] = {
        "name": "e/v", "region": "us-east-1", "image": SKLEARN, "folder": home / "variant",
        "images_folder": home / "images",
    }  # fmt: skip
    return start_variant(VariantSpec(**{**usual, **more}), told.callbacks()), told  # type: ignore[arg-type]


@contextmanager
def serving(folder: Path, **more: object) -> Iterator[tuple[Variant, Told]]:
    """A variant that is ready; ended afterwards."""
    variant, told = started(folder, **more)
    try:
        assert variant.wait_ready(120), told
        yield variant, told
    finally:
        variant.stop(0)
        assert variant.wait(30)
