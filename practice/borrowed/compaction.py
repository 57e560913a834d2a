"""What of the journal need not be kept: entries whose absence no one can tell."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

from practice.borrowed.journal import Journal, ObjectCall
from practice.store import to_us

SESSION_LIFE = timedelta(hours=36)
"""The longest that STS lets a session live (GetSessionToken)."""

METRIC_LIFE = timedelta(days=455)
"""How long CloudWatch keeps what it was sent (docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData)."""  # noqa: E501

NEVER_READ_OBJECTS = frozenset(
    ("s3", "iam", "sts", "ec2", "monitoring", "sqs", "sns", "kms", "events", "ecr", "elasticloadbalancing", "ssm",
     "autoscaling", "secretsmanager", "tagging", "resource-groups", "dynamodb")
)  # fmt: skip
"""Signing names of services that read no object of S3 to do what they are asked."""

REMEMBERING = frozenset(
    ("PutBucketVersioning", "PutObjectLockConfiguration", "PutBucketNotificationConfiguration",
     "PutBucketNotification", "PutBucketReplication", "PutBucketInventoryConfiguration")
)  # fmt: skip
"""After one of these a bucket remembers, or tells others, what its objects were."""

TELLING_HEADERS = ("x-amz-tagging", "if-match", "if-none-match", "x-amz-object-lock-mode", "x-amz-grant-read")
"""A PutObject with one of these depends on what was there before, or leaves more behind than an object."""


def compact(journal: Journal, now: datetime, wall: datetime) -> None:
    """Forget expired sessions, metrics past their retention, and objects that were overwritten or deleted."""
    journal.drop_before("sts", "wall_us", to_us(wall - SESSION_LIFE))
    journal.drop_before("monitoring", "clock_us", to_us(now - METRIC_LIFE), "PutMetricData")
    if journal.services() <= NEVER_READ_OBJECTS:
        journal.drop(list(_superseded(journal.object_calls())))


@dataclass(slots=True)
class _Trail:
    """What the journal says of one bucket's keys so far."""

    droppable: dict[str, list[int]] = field(default_factory=dict)
    """Per key, the entries that the next write to it makes superfluous."""
    otherwise_made: set[str] = field(default_factory=set)
    """Keys that may exist through more than PutObject: their deletion must be kept."""
    any_otherwise_made: bool = False


def _superseded(calls: Iterable[ObjectCall]) -> Iterator[int]:
    calls = list(calls)
    remembering = {call.bucket for call in calls if call.operation in REMEMBERING or _locked(call)}
    trails: dict[str, _Trail] = defaultdict(_Trail)
    for call in calls:
        trail = trails[call.bucket]
        if source := call.headers.get("x-amz-copy-source"):
            bucket, _, key = unquote(source).lstrip("/").partition("?versionId=")[0].partition("/")
            trails[bucket].droppable.pop(key, None)
        if call.bucket in remembering:
            continue
        if call.key is None:
            _forget_all(trail, call)
        elif call.operation == "PutObject" and not any(name in call.headers for name in TELLING_HEADERS):
            yield from trail.droppable.pop(call.key, ())
            trail.droppable[call.key] = [call.id]
        elif call.operation == "DeleteObject" and call.key in trail.droppable:
            yield from _deleted(trail, call.key, call.id)
        else:
            trail.droppable.pop(call.key, None)
            trail.otherwise_made.add(call.key)


def _deleted(trail: _Trail, key: str, entry: int) -> Iterator[int]:
    yield from trail.droppable.pop(key)
    if trail.any_otherwise_made or key in trail.otherwise_made:
        trail.droppable[key] = [entry]
    else:
        yield entry


def _forget_all(trail: _Trail, call: ObjectCall) -> None:
    """Requests to a whole bucket that touch its objects (DeleteObjects, a form upload) are not looked into."""
    if call.operation in ("DeleteObjects", "PostObject", "DeleteBucket"):
        trail.droppable.clear()
        trail.any_otherwise_made = True


def _locked(call: ObjectCall) -> bool:
    return call.headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true"
