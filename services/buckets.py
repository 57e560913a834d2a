"""Buckets: whether one is there."""

from services.cloud import Cloud
from services.errors import NotFound, translated


def exists(cloud: Cloud, bucket: str) -> bool:
    """Whether the bucket is there and ours to use. Raises: AccessDenied when it is somebody else's, DeckError."""
    try:
        with translated(bucket):
            cloud.client("s3").head_bucket(Bucket=bucket)
    except NotFound:
        return False
    return True
