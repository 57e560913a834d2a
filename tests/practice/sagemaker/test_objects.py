"""What hosting asks of S3."""

from pathlib import Path

import pytest

from practice.sagemaker import objects
from tests.support.local_account import Local

REGION = "ap-northeast-2"


@pytest.fixture
def bucket(local: Local) -> Local:
    s3 = local.client("s3")
    s3.create_bucket(Bucket="box", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in ("model/a.txt", "model/deep/b.txt", "model/deep/", "models/c.txt"):
        s3.put_object(Bucket="box", Key=key, Body=key.encode())
    return local


def test_exists(bucket: Local) -> None:
    wanted = ["s3://box/model/a.txt", "s3://box/model/", "s3://box/model/a", "s3://box/none/", "s3://nobody/x"]
    assert [objects.exists(bucket.world, REGION, uri) for uri in wanted] == [True, True, False, False, False]


def test_fetch_all_takes_the_prefix_and_nothing_that_only_begins_like_it(bucket: Local, tmp_path: Path) -> None:
    objects.fetch_all(bucket.world, REGION, "s3://box/model", tmp_path)
    found = {
        str(path.relative_to(tmp_path)): path.read_text()
        for path in tmp_path.rglob("*.txt")
        if "home" not in path.parts
    }
    assert found == {"a.txt": "model/a.txt", "deep/b.txt": "model/deep/b.txt"}


@pytest.mark.parametrize(
    ("uri", "reason"),
    [("s3://box/none", "nothing under"), ("s3://nobody/x", "cannot be listed"), ("box/model", "is not an s3:// URI")],
)
def test_fetch_all_says_what_is_wrong(bucket: Local, tmp_path: Path, uri: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        objects.fetch_all(bucket.world, REGION, uri, tmp_path / "model")


def test_fetch_says_which_object_is_not_there(bucket: Local, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="s3://box/none cannot be downloaded"):
        objects.fetch(bucket.world, REGION, "s3://box/none", tmp_path / "x")


def test_a_key_that_would_leave_the_folder_is_refused(bucket: Local, tmp_path: Path) -> None:
    bucket.client("s3").put_object(Bucket="box", Key="evil/../../../../tmp/x", Body=b"x")
    with pytest.raises(ValueError, match="leaves its folder"):
        objects.fetch_all(bucket.world, REGION, "s3://box/evil", tmp_path / "model")
