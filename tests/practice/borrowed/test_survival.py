"""What an account borrows is on disk before a reply leaves, and the same after a kill, down to ids and times."""

import json
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.practice.borrowed import exercise
from tests.support.practice_account import REGION, Account
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

OTHER = "us-east-2"


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], after.get(name)) for name in before if before[name] != after.get(name)}


@pytest.mark.heavy
def test_everything_is_as_it_was_after_a_kill(practice: Account) -> None:
    missing: set[str] = set()

    def look() -> dict[str, Any]:
        regions = {region: exercise.everything(practice, region, missing) for region in (REGION, OTHER)}
        return {f"{region} {name}": found for region, seen in regions.items() for name, found in seen.items()}

    known = [exercise.work(practice, REGION, "one")]
    practice.advance(3 * 86_400)
    known.append(exercise.work(practice, OTHER, "two"))
    before = look()
    practice.kill()
    practice.restart()
    assert differences(before, look()) == {}
    for secret in known:
        kms = practice.client("kms", secret["region"])
        assert kms.decrypt(CiphertextBlob=secret["ciphertext"])["Plaintext"] == b"plain"
        assert kms.verify(**secret["verify"])["SignatureValid"]
    known.append(exercise.work(practice, REGION, "three"))
    before = look()
    practice.kill()
    practice.restart()
    assert differences(before, look()) == {}
    assert "not repeated" not in practice.log()


@pytest.mark.heavy
def test_every_acknowledged_write_is_there_after_a_kill(practice: Account) -> None:
    s3, iam, ec2, watch = (practice.client(name) for name in ("s3", "iam", "ec2", "cloudwatch"))
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="stream", CreateBucketConfiguration=where)
    writers: dict[str, Callable[[int], Any]] = {
        "object": lambda n: s3.put_object(Bucket="stream", Key=f"k{n}", Body=b"x" * (n % 3 * 100_000 + n)),
        "bucket": lambda n: s3.create_bucket(Bucket=f"stream-{n}", CreateBucketConfiguration=where),
        "role": lambda n: iam.create_role(RoleName=f"role-{n}", AssumeRolePolicyDocument=exercise.TRUST),
        "group": lambda n: ec2.create_security_group(GroupName=f"group-{n}", Description="a"),
        "metric": lambda n: watch.put_metric_data(Namespace="S", MetricData=[{"MetricName": f"m{n}", "Value": n}]),
    }
    acknowledged: dict[str, set[int]] = {kind: set() for kind in writers}

    def write(kind: str) -> None:
        for number in range(10_000):
            try:
                writers[kind](number)
            except (BotoCoreError, ClientError):
                return
            acknowledged[kind].add(number)

    with ThreadPoolExecutor(len(writers)) as pool:
        for kind in writers:
            pool.submit(write, kind)
        eventually(lambda: min(len(done) for done in acknowledged.values()) > 3, timeout=60)
        practice.kill()
    practice.restart()
    s3, iam, ec2, watch = (practice.client(name) for name in ("s3", "iam", "ec2", "cloudwatch"))
    objects = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket="stream")["Contents"]}
    assert {f"k{n}": n % 3 * 100_000 + n for n in acknowledged["object"]}.items() <= objects.items()
    for n in acknowledged["object"]:
        assert s3.get_object(Bucket="stream", Key=f"k{n}")["Body"].read() == b"x" * (n % 3 * 100_000 + n)
    assert {f"stream-{n}" for n in acknowledged["bucket"]} <= {b["Name"] for b in s3.list_buckets()["Buckets"]}
    assert {f"role-{n}" for n in acknowledged["role"]} <= {r["RoleName"] for r in iam.list_roles()["Roles"]}
    groups = {group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert {f"group-{n}" for n in acknowledged["group"]} <= groups
    metrics = {m["MetricName"] for page in watch.get_paginator("list_metrics").paginate() for m in page["Metrics"]}
    assert {f"m{n}" for n in acknowledged["metric"]} <= metrics


def test_a_torn_last_record_is_dropped_and_those_before_it_hold(practice: Account) -> None:
    iam = practice.client("iam")
    for name in ("first", "second", "third"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=exercise.TRUST)
    practice.kill()
    log = practice.home / "borrowed" / "journal.sqlite3-wal"
    with log.open("r+b") as torn:
        torn.truncate(log.stat().st_size - 1000)
    practice.restart()
    iam = practice.client("iam")
    assert {role["RoleName"] for role in iam.list_roles()["Roles"]} == {"first", "second"}
    iam.create_role(RoleName="third", AssumeRolePolicyDocument=exercise.TRUST)


def test_what_was_refused_is_not_in_the_journal(practice: Account) -> None:
    s3 = practice.client("s3")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.put_object(Bucket="never-made", Key="k", Body=b"x" * 100_000)
    s3.list_buckets()
    assert _rows(practice) == []


def test_a_first_look_at_a_region_is_the_same_after_a_restart(practice: Account) -> None:
    def defaults() -> Any:
        ec2 = practice.client("ec2", "eu-west-1")
        return [ec2.describe_vpcs()["Vpcs"], ec2.describe_subnets()["Subnets"], ec2.describe_security_groups()]

    before = defaults()[:2]
    practice.kill()
    practice.restart()
    practice.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=exercise.TRUST)
    assert defaults()[:2] == before
    assert [row[0] for row in _rows(practice)] == ["CreateRole"]


def test_a_long_poll_holds_nobody_up_and_ends_when_a_message_comes(practice: Account) -> None:
    sqs = practice.client("sqs")
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    found: list[Any] = []
    waiting = threading.Thread(
        target=lambda: found.extend(sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"])
    )
    waiting.start()
    other = practice.client("sqs")
    other.create_queue(QueueName="another")
    assert waiting.is_alive()
    other.send_message(QueueUrl=queue, MessageBody="hello")
    waiting.join(10)
    assert [message["Body"] for message in found] == ["hello"]


def _rows(account: Account) -> list[tuple[Any, ...]]:
    journal = sqlite3.connect(account.home / "borrowed" / "journal.sqlite3")
    try:
        return journal.execute("SELECT operation, headers FROM calls ORDER BY id").fetchall()
    finally:
        journal.close()


def test_metrics_past_their_retention_and_dead_sessions_are_forgotten(practice: Account) -> None:
    watch, day = practice.client("cloudwatch"), 86_400
    watch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "old", "Value": 1}])
    practice.advance(300 * day)
    watch.put_metric_data(Namespace="n", MetricData=[{"MetricName": "young", "Value": 1}])
    practice.advance(200 * day)
    role = "arn:aws:iam::123456789012:role/r"
    for name in ("dead", "alive"):
        practice.client("sts").assume_role(RoleArn=role, RoleSessionName=name)
    practice.kill()
    journal = sqlite3.connect(practice.home / "borrowed" / "journal.sqlite3", isolation_level=None)
    journal.execute(
        "UPDATE calls SET wall_us = wall_us - 37 * 3600 * 1000000"
        " WHERE id = (SELECT min(id) FROM calls WHERE service = 'sts')"
    )
    journal.close()
    practice.restart()
    assert [metric["MetricName"] for metric in practice.client("cloudwatch").list_metrics()["Metrics"]] == ["young"]
    assert [row[0] for row in _rows(practice)] == ["PutMetricData", "AssumeRole"]


def test_the_journal_holds_no_signature_and_no_session_token(practice: Account) -> None:
    iam = practice.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=exercise.TRUST)
    ((_, headers),) = _rows(practice)
    assert not {"authorization", "x-amz-security-token", "cookie"} & json.loads(headers).keys()
    assert (practice.home / "borrowed" / "journal.sqlite3").stat().st_mode & 0o077 == 0
