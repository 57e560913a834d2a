"""What S3's operations need: its actions have names of their own, and its resources are buckets and objects.

docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import unquote

from practice.permissions.patterns import Context
from practice.permissions.policies import Wanted

ACTIONS = {
    "ListBuckets": "ListAllMyBuckets",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListParts": "ListMultipartUploadParts",
    "HeadObject": "GetObject",
    "GetObjectAttributes": "GetObject",
    "SelectObjectContent": "GetObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "GetBucketCors": "GetBucketCORS",
    "PutBucketCors": "PutBucketCORS",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "GetBucketLifecycle": "GetLifecycleConfiguration",
    "PutBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "PutBucketAccelerateConfiguration": "PutAccelerateConfiguration",
}
"""Operation → action, where their names differ."""

_KEYS = re.compile(r"<Key>(.*?)</Key>", re.DOTALL)
_COPIES = ("CopyObject", "UploadPartCopy")


def wanted_of(operation: str, request: Mapping[str, Any], context: Context) -> list[Wanted]:
    """What a request to S3 needs. `request`: Bucket, Key, the `query` and `headers` as sent, and the `body`."""
    headers, query = request["headers"], request["query"]
    if request["Bucket"] is None:
        return [Wanted(f"s3:{ACTIONS.get(operation, operation)}", "*" if operation == "ListBuckets" else None, context)]
    action, where = ACTIONS.get(operation, operation), _arn(request["Bucket"], request["Key"])
    if "prefix" in query:
        context = {**context, "s3:prefix": (query["prefix"],)}
    if operation == "DeleteObjects":
        keys = [unescape(key) for key in _KEYS.findall(request["body"].decode("utf-8", "replace"))]
        return [Wanted("s3:DeleteObject", _arn(request["Bucket"], key), context) for key in keys]
    if "versionId" in query and action in ("GetObject", "DeleteObject"):
        action += "Version"
    found = [Wanted(f"s3:{action}", where, context)]
    if "x-amz-tagging" in headers and action == "PutObject":
        found.append(Wanted("s3:PutObjectTagging", where, context))
    if operation in _COPIES:
        source, _, version = unquote(headers.get("x-amz-copy-source", "")).lstrip("/").partition("?versionId=")
        found.append(Wanted(f"s3:GetObject{'Version' if version else ''}", f"arn:aws:s3:::{source}", context))
    return found


def _arn(bucket: str, key: str | None) -> str:
    return f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
