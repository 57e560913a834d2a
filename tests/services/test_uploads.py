"""Uploads: what is fit leaves as files, what is not is refused with its reason."""

import gzip
import io
import os
import stat
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services import archives, uploads
from services.archives import MIB, pack, safe_path
from services.errors import InvalidRequest
from services.uploads import read_data, read_source

SCRIPT = b"print('trained')\n"
_watchers: list[list[object]] = []


def _note_writes(event: str, arguments: tuple[object, ...]) -> None:
    changes = event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate")
    if changes or (event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)):
        for watcher in _watchers:
            watcher.append((event, arguments))


sys.addaudithook(_note_writes)


@contextmanager
def written() -> Iterator[list[object]]:
    """What this process writes to a disk meanwhile."""
    watcher: list[object] = []
    _watchers.append(watcher)
    try:
        yield watcher
    finally:
        _watchers.remove(watcher)


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for member, content in members:
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def file(name: str, content: bytes = SCRIPT) -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), content


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member, b""


def zipped(members: dict[str, bytes], mode: int = 0) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = mode << 16
            archive.writestr(member, content)
    return packed.getvalue()


def encrypted() -> bytes:
    """A zip whose one member says that it is encrypted, in its local header and in the directory."""
    content = bytearray(zipped({"train.py": SCRIPT}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def sparse_bomb() -> bytes:
    """A tar of a few hundred bytes that says it is a file of 8 TiB with nothing in it."""
    member = tarfile.TarInfo("train.py")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(1 << 43)}
    content = b"0\n".ljust(512, b"\0")
    member.size = len(content)
    return gzip.compress(member.tobuf(tarfile.PAX_FORMAT) + content + b"\0" * 1024)


def boastful_zip() -> bytes:
    """A zip of a hundred bytes whose directory says that its file has 4 GiB less a byte, the most it can say."""
    content = bytearray(zipped({"train.py": SCRIPT}))
    directory = content.index(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = b"\xff\xff\xff\xfe"[::-1]
    return bytes(content)


def boastful_tar() -> bytes:
    """A tar whose header says that its file has 10 GB, of which nothing follows."""
    member = tarfile.TarInfo("train.py")
    member.size = 10**10
    return gzip.compress(member.tobuf() + b"\0" * 1024)


@pytest.mark.parametrize(
    ("name", "content", "files", "scripts"),
    [
        ("mine.py", SCRIPT, {"mine.py"}, ("mine.py",)),
        ("s.tar.gz", tarred(file("./train.py"), file("lib/a.py")), {"train.py", "lib/a.py"}, ("train.py",)),
        ("s.tgz", tarred(file("top/a.py"), file("top/train.py")), {"a.py", "train.py"}, ("train.py", "a.py")),
        ("s.zip", zipped({"m/go.sh": b"true", "m/b.py": SCRIPT}), {"go.sh", "b.py"}, ("b.py", "go.sh")),
        ("한글.zip", zipped({"학습.py": SCRIPT, "__MACOSX/x": b"x"}), {"학습.py"}, ("학습.py",)),
    ],
)
def test_a_source_is_read(name: str, content: bytes, files: set[str], scripts: tuple[str, ...]) -> None:
    source = read_source(name, content)
    assert set(source.files) == files
    assert source.scripts == scripts


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("train.py", b"", "is empty"),
        ("train.py", b"  \n", "is empty"),
        ("train.py", b"\xff\xfe\x00p", "is not text"),
        ("train.exe", SCRIPT, "cannot be a source"),
        ("../../evil.py", SCRIPT, "leads outside"),
        ("a/b.py", SCRIPT, "not a plain file name"),
        ("a\\b.py", SCRIPT, "leads outside"),
        ("C:evil.py", SCRIPT, "leads outside"),
        ("x\x00.py", SCRIPT, "cannot be used"),
        ("s.tar.gz", b"not an archive", "not a gzipped tar"),
        ("s.tar.gz", gzip.compress(b"x" * 2000, mtime=0), "not a gzipped tar"),
        ("s.tar.gz", tarred(file("train.py"))[:-9], "not a gzipped tar"),
        ("s.zip", b"PK\x03\x04 broken", "not a zip"),
        ("s.zip", encrypted(), "encrypted"),
        ("s.zip", zipped({}), "holds no files"),
        ("s.zip", zipped({"readme.md": b"x"}), "no .py or .sh script"),
        ("s.zip", zipped({"../train.py": SCRIPT}), "leads outside"),
        ("s.zip", zipped({"/etc/train.py": SCRIPT}), "leads outside"),
        ("s.zip", zipped({"train.py": b"/etc/passwd"}, stat.S_IFLNK | 0o777), "a link or a device"),
        ("s.zip", zipped({"a.py": SCRIPT, "./a.py": SCRIPT}), "holds a.py twice"),
        ("s.zip", zipped({"a.py": SCRIPT, "a.py/b.py": SCRIPT}), "both as a file and as a folder"),
        ("s.tar.gz", tarred(file("train.py"), file("../up.py")), "leads outside"),
        ("s.tar.gz", tarred(file("train.py"), special("l", tarfile.SYMTYPE, "/etc/passwd")), "a link or a device"),
        ("s.tar.gz", tarred(file("train.py"), special("l", tarfile.LNKTYPE, "train.py")), "a link or a device"),
        ("s.tar.gz", tarred(file("train.py"), special("p", tarfile.FIFOTYPE)), "a link or a device"),
        ("s.tar.gz", sparse_bomb(), "a link or a device"),
        ("s.zip", boastful_zip(), "unpacks to more than"),
        ("s.tar.gz", boastful_tar(), "not a gzipped tar"),
        ("s.tar.gz", tarred(file("train.py"), file("/etc/cron.d/evil")), "leads outside"),
        ("s.tar.gz", tarred(special("out", tarfile.SYMTYPE, ".."), file("out/evil.py")), "a link or a device"),
        ("s.tar.gz", tarred(file("train.py"), file("a" * 300)), "cannot be used"),
        ("s.zip", zipped({"train.py": b"#" * 20 * MIB}), "times its size"),
        ("s.tar.gz", tarred(file("train.py", b"#" * 20 * MIB)), "times its size"),
        ("s.zip", zipped({f"{n}.py": b"x" for n in range(2_001)}), "more than 2,000 files"),
    ],
)
def test_an_unfit_source_is_refused_with_its_reason(name: str, content: bytes, reason: str) -> None:
    with written() as files, pytest.raises(InvalidRequest, match=reason):
        read_source(name, content)
    assert not files


def test_the_watch_for_writes_sees_one(tmp_path: Path) -> None:
    with written() as files:
        (tmp_path / "evil").write_text("x")
    assert files


@pytest.mark.parametrize("packed", [zipped, lambda files: tarred(*(file(*one) for one in files.items()))])
def test_more_than_the_limit_is_refused_unpacked(
    packed: Callable[[dict[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SOURCE_LIMITS", archives.Limits(packed_mib=50, unpacked_mib=1, files=10))
    content = bytes(range(256)) * 2_500
    name = "s.zip" if packed is zipped else "s.tar.gz"
    with pytest.raises(InvalidRequest, match="unpacks to more than 1 MiB"):
        read_source(name, packed({"a.py": content, "b.py": content}))


def test_more_than_the_limit_is_refused_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "DATA_LIMITS", archives.Limits(packed_mib=1, unpacked_mib=1, files=10))
    with pytest.raises(InvalidRequest, match="larger than 1 MiB"):
        read_data("big.csv", b"1" * (MIB + 1))


def test_data_comes_as_files() -> None:
    assert read_data("trades.csv", b"1,2\n") == {"trades.csv": b"1,2\n"}
    assert read_data("d.zip", zipped({"d/a.csv": b"1", "d/b/c.csv": b"2"})) == {"a.csv": b"1", "b/c.csv": b"2"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("d.exe", b"MZ", "not taken as data"), ("d.csv", b"", "empty"), ("..", b"x", "leads outside")],
)
def test_unfit_data_is_refused(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(InvalidRequest, match=reason):
        read_data(name, content)


def test_what_is_packed_is_read_again() -> None:
    files = {"train.py": SCRIPT, "lib/deep/a.py": b"x = 1", "run.sh": b"true\n"}
    assert read_source("s.tar.gz", pack(files)).files == files


@given(st.text(max_size=40))
def test_a_safe_path_stays_below_and_is_its_own_plain_form(path: str) -> None:
    try:
        plain = safe_path("archive", path)
    except InvalidRequest:
        return
    assert plain == safe_path("archive", plain)
    assert not plain.startswith("/")
    assert ".." not in plain.split("/")
    assert "\\" not in plain
