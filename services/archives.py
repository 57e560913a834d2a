"""Archives, read and made in memory. What could harm the one who unpacks it is refused, with the reason."""

import gzip
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from stat import S_IFMT, S_ISREG

from services.errors import InvalidRequest

MIB = 1 << 20
SUFFIXES = (".tar.gz", ".tgz", ".zip")
JUNK = frozenset({"__MACOSX", "__pycache__", ".DS_Store", ".git", ".ipynb_checkpoints"})
"""Left out wherever it stands."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an upload may hold."""

    packed_mib: int
    unpacked_mib: int
    files: int


LARGEST_RATIO = 200
"""Unpacked to packed. Text compresses ten times, a table of one repeated row a hundred times."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """A `sourcedir.tar.gz`: the same files always give the same bytes.

    Raises: InvalidRequest for a path that would leave the folder it is unpacked in.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(files):
            member = tarfile.TarInfo(safe_path("source", path))
            member.size = len(files[path])
            member.mode = 0o755 if path.endswith(".sh") else 0o644
            archive.addfile(member, io.BytesIO(files[path]))
    return gzip.compress(plain.getvalue(), mtime=0)


def unpack(name: str, content: bytes, limits: Limits) -> dict[str, bytes]:
    """The files of an archive: path → content.

    Raises: InvalidRequest for what is no such archive, holds links, devices, or paths that lead outside, is encrypted,
    empty, or more than the limits allow.
    """
    members = _zipped(name, content, limits) if name.lower().endswith(".zip") else _tarred(name, content, limits)
    files: dict[str, bytes] = {}
    total = 0
    for path, data in members:
        plain = safe_path(name, path)
        if JUNK.intersection(plain.split("/")):
            continue
        if plain in files:
            raise refused(name, f"holds {plain} twice")
        total += len(data)
        if len(files) >= limits.files:
            raise refused(name, f"holds more than {limits.files:,} files")
        _check_expansion(name, total, content, limits)
        files[plain] = data
    if not files:
        raise refused(name, "holds no files")
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    for path in folders.intersection(files):
        raise refused(name, f"holds {path} both as a file and as a folder")
    return files


def _zipped(name: str, content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                mode = member.external_attr >> 16
                if member.is_dir():
                    continue
                if S_IFMT(mode) and not S_ISREG(mode):
                    raise refused(name, f"holds a link or a device: {member.filename!r}")
                if member.flag_bits & 1:
                    raise refused(name, "is encrypted")
                _check_expansion(name, member.file_size, content, limits)
                with archive.open(member) as file:
                    yield member.filename, file.read(limits.unpacked_mib * MIB + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error) as exc:
        raise refused(name, f"is not a zip file that can be read ({exc})") from exc


def _tarred(name: str, content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            plain = packed.read(limits.unpacked_mib * MIB + 1)
        _check_expansion(name, len(plain), content, limits)
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for member in archive:
                if member.isdir():
                    continue
                file = archive.extractfile(member) if member.isreg() and not member.issparse() else None
                if file is None:
                    raise refused(name, f"holds a link or a device: {member.name!r}")
                yield member.name, file.read()
    except (tarfile.TarError, EOFError, OSError, ValueError, zlib.error) as exc:
        raise refused(name, f"is not a gzipped tar file that can be read ({exc})") from exc


def safe_path(archive: str, path: str) -> str:
    """A path below the folder that something is unpacked in, in its plain form.

    Raises: InvalidRequest when it is absolute, climbs out, or holds what not every system takes in a name.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    absolute = path.startswith("/") or (len(path) > 1 and path[1] == ":")
    if not parts or absolute or ".." in parts or "\\" in path:
        raise refused(archive, f"has a path that leads outside: {path!r}")
    if not path.isprintable() or len(path) > 512 or any(len(part.encode()) > 255 for part in parts):
        raise refused(archive, f"has a path that cannot be used: {path[:80]!r}")
    return "/".join(parts)


def _check_expansion(name: str, unpacked: int, content: bytes, limits: Limits) -> None:
    if unpacked > limits.unpacked_mib * MIB:
        raise refused(name, f"unpacks to more than {limits.unpacked_mib} MiB")
    if unpacked > MIB and unpacked > LARGEST_RATIO * len(content):
        raise refused(name, f"unpacks to more than {LARGEST_RATIO} times its size")


def refused(name: str, reason: str) -> InvalidRequest:
    """The error that says what is wrong with an upload."""
    return InvalidRequest(f"{name} {reason}.", resource=name, remedy="Choose another file.")
