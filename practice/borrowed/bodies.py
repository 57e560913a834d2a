"""Large bodies: files named by their SHA-256, written once, shared by the journal and by the objects in S3.

So a body is on disk once however often it is named, it is there before the reply leaves, and what S3 holds need not
be in memory.
"""

import hashlib
import os
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

INLINE_BYTES = 64 * 1024
"""Bodies up to this size stay in the journal's row and in memory."""


class Bodies:
    """A folder of bodies. Thread-safe: a file appears whole, under its final name, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, content: bytes) -> str:
        """The SHA-256 of the content, which is on disk when this returns."""
        name = hashlib.sha256(content).hexdigest()
        path = self.path(name)
        if not path.exists():
            draft = path.with_suffix(f".{os.urandom(4).hex()}")
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
            self._sync_folder()
        return name

    def path(self, name: str) -> Path:
        return self._folder / name

    def remove_all_but(self, names: Iterable[str]) -> None:
        """Delete every body, and every draft that a crash left, that is not named."""
        wanted = set(names)
        for path in self._folder.iterdir():
            if path.name not in wanted:
                path.unlink()

    def _sync_folder(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Held:
    """What S3 holds one object's value in, where moto would have a temporary file: memory when small, else a body."""

    bodies: ClassVar[Bodies]
    _alive: ClassVar["weakref.WeakSet[Held]"] = weakref.WeakSet()

    def __init__(self, _max_size: int = 0, *, max_size: int = 0) -> None:
        self._alive.add(self)
        self._small = b""
        self._name: str | None = None
        self._at = 0

    @classmethod
    def in_use(cls) -> set[str]:
        """The bodies that must stay on disk for what S3 holds."""
        return {held._name for held in cls._alive if held._name is not None}

    def write(self, content: bytes) -> int:
        small = len(content) <= INLINE_BYTES
        self._small = bytes(content) if small else b""
        self._name = None if small else self.bodies.keep(content)
        return len(content)

    def truncate(self) -> None:
        self._small, self._name = b"", None

    def seek(self, at: int) -> int:
        self._at = at
        return at

    def read(self, size: int = -1) -> bytes:
        if self._name is None:
            content = self._small[self._at :] if size < 0 else self._small[self._at : self._at + size]
        else:
            with self.bodies.path(self._name).open("rb") as file:
                file.seek(self._at)
                content = file.read(size)
        self._at += len(content)
        return content

    def close(self) -> None:
        self.truncate()
