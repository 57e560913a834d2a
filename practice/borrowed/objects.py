"""S3's objects in files: moto would keep each in memory or in an open temporary file of its own."""

import hashlib
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar

from practice.borrowed import draws
from practice.borrowed.bodies import INLINE_BYTES, Bodies, Content, Stored
from practice.borrowed.loading import Corrections
from practice.borrowed.moments import stand_in

PASSING = frozenset(("GetObject", "CopyObject", "UploadPartCopy"))
"""Operations that hand on an object's value without looking inside, so that it need not be read."""


class _Mode(threading.local):
    passing = False


_mode = _Mode()


@contextmanager
def passing(operation: str) -> Iterator[None]:
    """Within, and when the operation only hands values on, large ones are `Content`."""
    _mode.passing = operation in PASSING
    try:
        yield
    finally:
        _mode.passing = False


class Held:
    """What S3 holds one object's value in, in place of a temporary file: memory when small, else a stored body."""

    bodies: ClassVar[Bodies]
    _alive: ClassVar["weakref.WeakSet[Held]"] = weakref.WeakSet()

    def __init__(self, _max_size: int = 0, *, max_size: int = 0) -> None:
        self._value: bytes | Content = b""
        self._at = 0
        self._alive.add(self)

    @classmethod
    def in_use(cls) -> set[str]:
        """The bodies that must stay on disk for what S3 holds."""
        return {held._value.path.name for held in cls._alive if isinstance(held._value, Content)}

    @property
    def value(self) -> bytes | Content:
        return self._value

    @property
    def md5(self) -> str | None:
        return self._value.md5 if isinstance(self._value, Content) else None

    def write(self, value: bytes | Content) -> int:
        if isinstance(value, Content):
            self._value = value if value.md5 else replace(value, md5=draws.outcome(lambda: _md5(value)))
        elif len(value) > INLINE_BYTES:
            self._value = content_of(self.bodies.keep((value,)))
        else:
            self._value = value
        return len(value)

    def truncate(self) -> None:
        self._value = b""

    def seek(self, at: int) -> int:
        self._at = at
        return at

    def read(self, size: int = -1) -> bytes:
        found = self._value[self._at :] if size < 0 else self._value[self._at : self._at + size]
        self._at += len(found)
        return bytes(found)

    def close(self) -> None:
        self.truncate()


def content_of(stored: Stored) -> Content:
    return Content(Held.bodies.path(stored.name), 0, stored.size, stored.md5)


def _md5(content: Content) -> str:
    """Reckoned once, when a stretch becomes an object: a replay need not find the body it was cut from."""
    md5 = hashlib.md5(usedforsecurity=False)
    for piece in content.pieces():
        md5.update(piece)
    return md5.hexdigest()


def _values(models: Any) -> None:
    """Large values are read late or never, and their ETag is known since they were written."""
    key = models.FakeKey
    etag, value = key.etag.fget, key.value

    def known_etag(self: Any) -> str:
        if self._etag is None:
            self._etag = self._value_buffer.md5
        return str(etag(self))

    def late_value(self: Any) -> bytes | Content:
        found: bytes | Content = self._value_buffer.value
        return found if _mode.passing else bytes(found)

    key.etag = property(known_etag)
    key.value = property(late_value, value.fset)


def _multipart(models: Any) -> None:
    """Parts are joined on disk, once: a replay takes the outcome from the journal. Afterwards they are stretches of the
    whole, so their own bodies can go."""

    def complete(self: Any, body: Any) -> Any:
        chosen = list(body)
        made = draws.outcome(lambda: _joined(models, self, chosen))
        whole, at = content_of(Stored(made["name"], made["size"], made["md5"])), 0
        for number, _ in chosen:
            part = self.parts[number]
            size = part.contentsize
            part.value = replace(whole[at : at + size], md5=part.etag.strip('"'))
            at += size
        return whole, made["etag"], made["checksum"] and tuple(made["checksum"])

    models.FakeMultipart.complete = complete


def _joined(models: Any, upload: Any, chosen: list[tuple[int, str]]) -> dict[str, Any]:
    """What completing the upload yields. Raises what moto raises for parts that do not fit."""
    parts = [upload.parts.get(number) for number, _ in chosen]
    if not parts:
        raise models.MalformedXML
    for part, (_, etag) in zip(parts, chosen, strict=True):
        if part is None or part.etag.strip('"') != etag.strip('"'):
            raise models.InvalidPart
    if any(part.contentsize < models.S3_UPLOAD_PART_MIN_SIZE for part in parts[:-1]):
        raise models.EntityTooSmall
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    stored = Held.bodies.keep(piece for part in parts for piece in _pieces(part))
    checksum = _checksum(models, upload, parts)
    return {"name": stored.name, "size": stored.size, "md5": stored.md5, "etag": etag, "checksum": checksum}


def _checksum(models: Any, upload: Any, parts: list[Any]) -> Any:
    algorithm = upload.metadata.get("x-amz-checksum-algorithm")
    if algorithm is None:
        return None
    builder = models.MultipartChecksumBuilder(algorithm, upload.metadata.get("x-amz-checksum-type"))
    for part in parts:
        builder.addPart(bytes(part._value_buffer.value))
    return builder.build()


def _pieces(part: Any) -> Iterator[bytes]:
    value = part._value_buffer.value
    return value.pieces() if isinstance(value, Content) else iter((value,))


def _s3(models: Any) -> None:
    models.tempfile = stand_in(tempfile, SpooledTemporaryFile=Held)
    _values(models)
    _multipart(models)


def _checksums(responses: Any) -> None:
    """A copy's checksum is reckoned once, as the body it is copied from may be gone when it is replayed."""
    reckon = responses.compute_checksum

    def compute(body: bytes | Content, algorithm: str) -> bytes:
        text: str = draws.outcome(lambda: reckon(bytes(body), algorithm).decode())
        return text.encode()

    responses.compute_checksum = compute


CORRECTIONS: Corrections = {"moto.s3.models": _s3, "moto.s3.responses": _checksums}
