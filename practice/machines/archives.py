"""`model.tar.gz`, `output.tar.gz`, `sourcedir.tar.gz`: packing and unpacking."""

import os
import tarfile
from collections.abc import Iterable
from pathlib import Path


def pack(folders: Iterable[Path], target: Path) -> bool:
    """Write the files of all folders, the first winning where names are the same, as a gzipped tar.

    False, and no archive, when no folder holds any file.
    """
    entries: dict[str, Path] = {}
    for folder in folders:
        for path in walked(folder):
            entries.setdefault(str(path.relative_to(folder)), path)
    if all(path.is_dir() for path in entries.values()):
        return False
    unfinished = target.with_name(target.name + ".unfinished")
    with tarfile.open(unfinished, "w:gz", compresslevel=6) as tar:
        for name, path in sorted(entries.items()):
            tar.add(path, name, recursive=False)
    unfinished.rename(target)
    return True


def walked(folder: Path) -> Iterable[Path]:
    """Every file, link and folder under a folder."""
    for place, names, files in os.walk(folder):
        for name in (*names, *files):
            yield Path(place, name)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a gzipped tar; members that would leave the folder, and devices, are refused.

    Raises: ValueError when it is none, is cut short, or has such members.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(f"{archive.name} cannot be unpacked: {error}") from error
