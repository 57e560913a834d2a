"""What a user uploads to train with: scripts and data, read in memory and refused, with the reason, when unfit.

Nothing is ever written to a disk under a name that a user chose: files leave as a mapping of checked paths to bytes.
"""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from stat import S_ISDIR, S_ISREG

from services.errors import InvalidRequest

MIB = 1 << 20
ARCHIVES = (".tar.gz", ".tgz", ".zip")
SCRIPTS = (".py", ".sh")
DATA = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".npy", ".npz", ".libsvm", ".svm", ".arrow",
    ".csv.gz", ".json.gz", ".jsonl.gz", ".png", ".jpg", ".jpeg", ".safetensors", ".model",
)  # fmt: skip
JUNK = frozenset({"__MACOSX", "__pycache__", ".DS_Store", ".git", ".ipynb_checkpoints"})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an upload may hold."""

    packed_mib: int
    unpacked_mib: int
    files: int


SOURCE_LIMITS = Limits(packed_mib=50, unpacked_mib=200, files=2_000)
DATA_LIMITS = Limits(packed_mib=200, unpacked_mib=500, files=10_000)
LARGEST_RATIO = 200
"""Unpacked to packed. Text compresses ten times, a table of one repeated row a hundred times."""


@dataclass(frozen=True, slots=True)
class Source:
    """A user's scripts."""

    files: Mapping[str, bytes]
    """Path from the top of the source → content."""
    scripts: tuple[str, ...]
    """The scripts at the top, any of which may be the entry point; the likeliest first."""


def read_source(name: str, content: bytes) -> Source:
    """The scripts of an uploaded .py, .sh, .tar.gz or .zip. A lone folder around everything is taken off.

    Raises: InvalidRequest.
    """
    _check_name(name)
    _check_size(name, content, SOURCE_LIMITS)
    if name.lower().endswith(ARCHIVES):
        files = _without_lone_folder(_unpacked(name, content, SOURCE_LIMITS))
    elif name.lower().endswith(SCRIPTS):
        files = {name: content}
    else:
        raise _refused(name, f"is of a kind that cannot be a source: send one of {', '.join((*SCRIPTS, *ARCHIVES))}")
    tops = [path for path in files if "/" not in path and path.endswith(SCRIPTS)]
    if not tops:
        raise _refused(name, "has no .py or .sh script at its top")
    for path in tops:
        _check_text(path, files[path])
    return Source(files, tuple(sorted(tops, key=lambda path: (path != "train.py", not path.endswith(".py"), path))))


def read_data(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an uploaded data file, or of a .tar.gz or .zip of them: path below the channel → content.

    Raises: InvalidRequest.
    """
    _check_name(name)
    _check_size(name, content, DATA_LIMITS)
    if not name.lower().endswith(ARCHIVES):
        if not name.lower().endswith(DATA):
            raise _refused(name, f"is of a kind that is not taken as data: send one of {', '.join((*DATA, *ARCHIVES))}")
        return {name: content}
    return _without_lone_folder(_unpacked(name, content, DATA_LIMITS))


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


def safe_path(archive: str, path: str) -> str:
    """A path below the folder that something is unpacked in, in its plain form.

    Raises: InvalidRequest when it is absolute, climbs out, or holds what not every system takes in a name.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    absolute = path.startswith("/") or (len(path) > 1 and path[1] == ":")
    if not parts or absolute or ".." in parts or "\\" in path:
        raise _refused(archive, f"has a path that leads outside: {path!r}")
    if not path.isprintable() or len(path) > 512 or any(len(part.encode()) > 255 for part in parts):
        raise _refused(archive, f"has a path that cannot be used: {path[:80]!r}")
    return "/".join(parts)


def _unpacked(name: str, content: bytes, limits: Limits) -> dict[str, bytes]:
    members = _zipped(name, content, limits) if name.lower().endswith(".zip") else _tarred(name, content, limits)
    files: dict[str, bytes] = {}
    total = 0
    for path, data in members:
        plain = safe_path(name, path)
        if JUNK.intersection(plain.split("/")):
            continue
        if plain in files:
            raise _refused(name, f"holds {plain} twice")
        total += len(data)
        if len(files) >= limits.files:
            raise _refused(name, f"holds more than {limits.files:,} files")
        _check_expansion(name, total, content, limits)
        files[plain] = data
    if not files:
        raise _refused(name, "holds no files")
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    for path in folders.intersection(files):
        raise _refused(name, f"holds {path} both as a file and as a folder")
    return files


def _zipped(name: str, content: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                mode = member.external_attr >> 16
                if member.is_dir():
                    continue
                if mode and not (S_ISREG(mode) or S_ISDIR(mode)) and mode & 0o170000:
                    raise _refused(name, f"holds a link or a device: {member.filename!r}")
                if member.flag_bits & 1:
                    raise _refused(name, "is encrypted")
                _check_expansion(name, member.file_size, content, limits)
                with archive.open(member) as file:
                    yield member.filename, file.read(limits.unpacked_mib * MIB + 1)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as exc:
        raise _refused(name, f"is not a zip file that can be read ({exc})") from exc


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
                    raise _refused(name, f"holds a link or a device: {member.name!r}")
                yield member.name, file.read()
    except (tarfile.TarError, EOFError, OSError, ValueError) as exc:
        raise _refused(name, f"is not a gzipped tar file that can be read ({exc})") from exc


def _without_lone_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.split("/")[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: data for path, data in files.items()}


def _check_name(name: str) -> None:
    if safe_path("The upload", name) != name or "/" in name:
        raise _refused(name[:80], "is not a plain file name")


def _check_size(name: str, content: bytes, limits: Limits) -> None:
    if not content:
        raise _refused(name, "is empty")
    if len(content) > limits.packed_mib * MIB:
        raise _refused(name, f"is larger than {limits.packed_mib} MiB")


def _check_expansion(name: str, unpacked: int, content: bytes, limits: Limits) -> None:
    if unpacked > limits.unpacked_mib * MIB:
        raise _refused(name, f"unpacks to more than {limits.unpacked_mib} MiB")
    if unpacked > MIB and unpacked > LARGEST_RATIO * len(content):
        raise _refused(name, f"unpacks to more than {LARGEST_RATIO} times its size")


def _check_text(path: str, content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as exc:
        raise _refused(path, "is not text") from exc
    if "\0" in text or not text.strip():
        raise _refused(path, "is empty" if not text.strip() else "is not text")


def _refused(name: str, reason: str) -> InvalidRequest:
    return InvalidRequest(f"{name} {reason}.", resource=name, remedy="Choose another file.")
