"""Objects in S3: whole, in parts, copied, in stretches; on disk once, and not for longer than needed."""

import io
import os
import random
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.practice_account import REGION, Account

PART = 5 * 1024**2
BUCKETS = ("plain", "kept")


@pytest.fixture
def s3(practice: Account) -> Any:
    client = practice.client("s3")
    client.create_bucket(Bucket="plain", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def bodies(account: Account) -> list[Path]:
    return sorted((account.home / "borrowed" / "bodies").iterdir())


def restarted(account: Account) -> Any:
    account.kill()
    account.restart()
    return account.client("s3")


def test_a_large_object_is_on_disk_once_and_gone_when_deleted(practice: Account, s3: Any) -> None:
    content = os.urandom(300_000)
    s3.put_object(Bucket="plain", Key="one", Body=content)
    s3.copy_object(Bucket="plain", Key="two", CopySource="plain/one")
    assert [path.read_bytes() for path in bodies(practice)] == [content]
    s3 = restarted(practice)
    assert s3.get_object(Bucket="plain", Key="two")["Body"].read() == content
    s3.delete_objects(Bucket="plain", Delete={"Objects": [{"Key": "one"}, {"Key": "two"}]})
    s3.put_object(Bucket="plain", Key="large", Body=os.urandom(2_000_000))
    s3.put_object(Bucket="plain", Key="large", Body=b"small")
    s3 = restarted(practice)
    assert s3.list_objects_v2(Bucket="plain")["KeyCount"] == 1
    assert sum(path.stat().st_size for path in bodies(practice)) <= len(content)


def test_an_upload_in_parts_leaves_the_whole_alone_on_disk(practice: Account, s3: Any) -> None:
    content = os.urandom(2 * PART + 1000)
    upload = {
        "Bucket": "plain",
        "Key": "k",
        "UploadId": s3.create_multipart_upload(Bucket="plain", Key="k")["UploadId"],
    }
    parts = []
    for number in (1, 2, 3):
        piece = content[(number - 1) * PART : number * PART]
        parts.append({"PartNumber": number, "ETag": s3.upload_part(**upload, PartNumber=number, Body=piece)["ETag"]})
    s3 = restarted(practice)
    listed = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["ETag"]) for part in listed] == [(p["PartNumber"], p["ETag"]) for p in parts]
    with pytest.raises(ClientError, match="InvalidPart"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{**parts[0], "ETag": '"no"'}]})
    etag = s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})["ETag"]
    for _ in range(2):
        assert s3.head_object(Bucket="plain", Key="k")["ETag"] == etag
        assert s3.get_object(Bucket="plain", Key="k")["Body"].read() == content
        assert s3.get_object(Bucket="plain", Key="k", Range="bytes=10-19")["Body"].read() == content[10:20]
        s3 = restarted(practice)
    assert [path.stat().st_size for path in bodies(practice)] == [len(content)]


def test_metadata_comes_back_under_the_names_it_was_given(practice: Account, s3: Any) -> None:
    given = {"snake_case": "1", "kebab-case": "2", "both_of-them": "3"}
    s3.put_object(Bucket="plain", Key="k", Body=b"x", Metadata=given)
    head = s3.head_object(Bucket="plain", Key="k")
    assert (head["Metadata"], head["ContentLength"]) == (given, 1)
    assert restarted(practice).head_object(Bucket="plain", Key="k")["Metadata"] == given


def test_parts_too_small_are_refused(s3: Any) -> None:
    upload = {
        "Bucket": "plain",
        "Key": "k",
        "UploadId": s3.create_multipart_upload(Bucket="plain", Key="k")["UploadId"],
    }
    parts = [{"PartNumber": n, "ETag": s3.upload_part(**upload, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    with pytest.raises(ClientError, match="EntityTooSmall"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    with pytest.raises(ClientError, match="MalformedXML"):
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": []})


def test_boto3s_own_transfers_work_and_survive(practice: Account, s3: Any) -> None:
    content = os.urandom(20_000_000)
    s3.upload_fileobj(io.BytesIO(content), "plain", "transferred", ExtraArgs={"ChecksumAlgorithm": "SHA256"})
    s3.copy({"Bucket": "plain", "Key": "transferred"}, "plain", "again")
    s3.delete_object(Bucket="plain", Key="transferred")
    s3 = restarted(practice)
    back = io.BytesIO()
    s3.download_fileobj("plain", "again", back)
    assert back.getvalue() == content


def test_a_copy_keeps_its_checksum_when_its_source_is_gone(practice: Account, s3: Any) -> None:
    s3.put_object(Bucket="plain", Key="source", Body=b"y" * 2_000_000)
    s3.copy_object(Bucket="plain", Key="copy", CopySource="plain/source", ChecksumAlgorithm="SHA256")
    before = s3.head_object(Bucket="plain", Key="copy", ChecksumMode="ENABLED")
    s3.delete_object(Bucket="plain", Key="source")
    restarted(practice)
    s3 = restarted(practice)
    after = s3.head_object(Bucket="plain", Key="copy", ChecksumMode="ENABLED")
    assert [after[k] for k in ("ETag", "ChecksumSHA256")] == [before[k] for k in ("ETag", "ChecksumSHA256")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_compaction_forgets_nobody_can_tell(practice: Account, s3: Any, seed: int) -> None:
    chance = random.Random(seed)
    s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    for _ in range(150):
        bucket, key = chance.choice(("plain", "plain", "plain", "kept")), chance.choice("abc")
        match chance.randrange(12):
            case 0 | 1 | 2:
                s3.delete_object(Bucket=bucket, Key=key)
            case 3:
                _tried(
                    s3.copy_object,
                    Bucket=bucket,
                    Key=chance.choice("abc"),
                    CopySource=f"{chance.choice(BUCKETS)}/{key}",
                )
            case 4:
                _tried(s3.put_object_tagging, Bucket=bucket, Key=key, Tagging={"TagSet": [{"Key": "t", "Value": "1"}]})
            case 5:
                s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
            case 6:
                _tried(s3.put_object, Bucket=bucket, Key=key, Body=b"only once", IfNoneMatch="*")
            case _:
                s3.put_object(Bucket=bucket, Key=key, Body=chance.randbytes(chance.choice((10, 70_000))))
    before, written = _all_of(s3), _entries(practice)
    s3 = restarted(practice)
    assert _all_of(s3) == before
    assert _entries(practice) < written * 0.9
    assert "not repeated" not in practice.log()


def _tried(request: Any, **members: Any) -> None:
    """A request that may be refused, as there may be nothing to do it to."""
    with suppress(request.__self__.exceptions.ClientError):
        request(**members)


def _all_of(s3: Any) -> list[Any]:
    found: list[Any] = []
    for bucket in BUCKETS:
        listed = s3.list_object_versions(Bucket=bucket)
        found.append(listed.get("DeleteMarkers"))
        for version in listed.get("Versions", []):
            where = {"Bucket": bucket, "Key": version["Key"]}
            found += [version, s3.get_object(**where, VersionId=version["VersionId"])["Body"].read()]
            if version["IsLatest"]:
                found.append(s3.get_object_tagging(**where)["TagSet"])
    return found


def _entries(account: Account) -> int:
    journal = sqlite3.connect(account.home / "borrowed" / "journal.sqlite3")
    try:
        return int(journal.execute("SELECT count(*) FROM calls").fetchone()[0])
    finally:
        journal.close()
