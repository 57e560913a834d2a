"""What a user uploads to train with: scripts and data, read in memory and refused, with the reason, when unfit.

Nothing is ever written to a disk under a name that a user chose: files leave as a mapping of checked paths to bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services import archives
from services.archives import MIB, Limits, refused, safe_path, unpack

SCRIPTS = (".py", ".sh")
DATA = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".npy", ".npz", ".libsvm", ".svm", ".arrow",
    ".csv.gz", ".json.gz", ".jsonl.gz", ".png", ".jpg", ".jpeg", ".safetensors", ".model",
)  # fmt: skip
SOURCE_LIMITS = Limits(packed_mib=50, unpacked_mib=200, files=2_000)
DATA_LIMITS = Limits(packed_mib=200, unpacked_mib=500, files=10_000)


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
    if name.lower().endswith(archives.SUFFIXES):
        files = _without_lone_folder(unpack(name, content, SOURCE_LIMITS))
    elif name.endswith(SCRIPTS):
        files = {name: content}
    else:
        raise refused(name, f"cannot be a source: send one of {', '.join((*SCRIPTS, *archives.SUFFIXES))}")
    tops = [path for path in files if "/" not in path and path.endswith(SCRIPTS)]
    if not tops:
        raise refused(name, "has no .py or .sh script at its top")
    for path in tops:
        _check_text(path, files[path])
    return Source(files, tuple(sorted(tops, key=lambda path: (path != "train.py", not path.endswith(".py"), path))))


def read_data(name: str, content: bytes) -> dict[str, bytes]:
    """The files of an uploaded data file, or of a .tar.gz or .zip of them: path below the channel → content.

    Raises: InvalidRequest.
    """
    _check_name(name)
    _check_size(name, content, DATA_LIMITS)
    if not name.lower().endswith(archives.SUFFIXES):
        if not name.lower().endswith(DATA):
            raise refused(name, f"is not taken as data: send one of {', '.join((*DATA, *archives.SUFFIXES))}")
        return {name: content}
    return _without_lone_folder(unpack(name, content, DATA_LIMITS))


def _without_lone_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {path.split("/")[0] for path in files}
    if len(tops) > 1 or any("/" not in path for path in files):
        return files
    return {path.partition("/")[2]: data for path, data in files.items()}


def _check_name(name: str) -> None:
    if safe_path("The upload", name) != name or "/" in name:
        raise refused(name[:80], "is not a plain file name")


def _check_size(name: str, content: bytes, limits: Limits) -> None:
    if not content:
        raise refused(name, "is empty")
    if len(content) > limits.packed_mib * MIB:
        raise refused(name, f"is larger than {limits.packed_mib} MiB")


def _check_text(path: str, content: bytes) -> None:
    try:
        text = content.decode()
    except UnicodeDecodeError as exc:
        raise refused(path, "is not text") from exc
    if "\0" in text or not text.strip():
        raise refused(path, "is empty" if not text.strip() else "is not text")
