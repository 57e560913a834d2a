"""What is to be uploaded lies under its content's digest, once."""

import hashlib
from pathlib import Path

from services.stagings import stage
from tests.support.deck_wishes import KIM


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    path, digest = stage(tmp_path, b"print(1)", "source.tar.gz", KIM)
    assert digest == hashlib.sha256(b"print(1)").hexdigest()
    assert path.read_bytes() == b"print(1)"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    kept = path.stat()
    assert stage(tmp_path, b"print(1)", "source.tar.gz", KIM) == (path, digest)
    assert path.stat().st_ino == kept.st_ino
    assert stage(tmp_path, b"print(2)", "source.tar.gz", KIM)[0] != path
    assert [each.name for each in path.parent.iterdir()] == ["source.tar.gz"]
