"""Large bodies: files named by their SHA-256, written once, shared by the journal and by the objects in S3.

So a body is on disk once however often it is named, it is there before the reply leaves, and neither what S3 holds
nor a restart needs it in memory.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

INLINE_BYTES = 64 * 1024
"""Bodies up to this size stay in the journal's row and in memory."""

CHUNK_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Stored:
    """A body on disk: its SHA-256, which is its name, its size in bytes, and its MD5, which S3 shows as ETag."""

    name: str
    size: int
    md5: str


class Bodies:
    """A folder of bodies. Thread-safe: a file appears whole, under its final name, or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, content: Iterable[bytes]) -> Stored:
        """Put the content, given in pieces, on disk; it is synced when this returns."""
        sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
        draft = self._folder / f"draft-{os.urandom(8).hex()}"
        with draft.open("wb") as file:
            for piece in content:
                sha256.update(piece)
                md5.update(piece)
                size += file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self.path(sha256.hexdigest()))
        self._sync_folder()
        return Stored(sha256.hexdigest(), size, md5.hexdigest())

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


@dataclass(frozen=True, slots=True)
class Content:
    """A stretch of a stored body that passes through moto in place of bytes: it has a length and can be sliced, and is
    read only when someone looks inside. Code that wants the bytes themselves fails on it rather than err."""

    path: Path
    start: int
    size: int
    md5: str | None = None
    """Of all of it, when known."""

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return b"".join(self.pieces())

    def __getitem__(self, where: slice) -> "Content":
        start, stop, _ = where.indices(self.size)
        return Content(self.path, self.start + start, max(stop - start, 0))

    def decode(self, encoding: str = "utf-8") -> str:
        return bytes(self).decode(encoding)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, a few MiB at a time."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.size
            while left:
                piece = file.read(min(left, CHUNK_BYTES))
                if not piece:
                    raise EOFError(f"{self.path} is shorter than it was")
                left -= len(piece)
                yield piece
