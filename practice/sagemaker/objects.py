"""Objects in the account's S3 as hosting needs them: is it there, fetch one, fetch all under a prefix."""

from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from practice import clients
from practice.world import World


def exists(world: World, region: str, uri: str) -> bool:
    """Whether the object that an s3:// URI names is there; a URI that ends in `/` names all under it."""
    bucket, key = split(uri)
    listed = _s3(world, region).list_objects_v2
    try:
        found = listed(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    except ClientError:
        return False
    return bool(found) and (key.endswith("/") or found[0]["Key"] == key)


def fetch(world: World, region: str, uri: str, target: Path) -> None:
    """Download one object. Raises ValueError that says which object could not be had."""
    bucket, key = split(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _s3(world, region).download_file(bucket, key, str(target))
    except (ClientError, BotoCoreError) as exc:
        raise ValueError(f"{uri} cannot be downloaded: {exc}") from exc


def fetch_all(world: World, region: str, uri: str, folder: Path) -> None:
    """Download every object under a prefix to its place relative to it. Raises ValueError when there is none."""
    bucket, prefix = split(uri)
    prefix = prefix if not prefix or prefix.endswith("/") else prefix + "/"
    pages = _s3(world, region).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        keys = [row["Key"] for page in pages for row in page.get("Contents", []) if not row["Key"].endswith("/")]
    except (ClientError, BotoCoreError) as exc:
        raise ValueError(f"{uri} cannot be listed: {exc}") from exc
    if not keys:
        raise ValueError(f"there is nothing under {uri}")
    for key in keys:
        target = (folder / key.removeprefix(prefix)).resolve()
        if not target.is_relative_to(folder.resolve()):
            raise ValueError(f"the key {key} leaves its folder")
        fetch(world, region, f"s3://{bucket}/{key}", target)


def split(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URI. Raises ValueError."""
    if not uri.startswith("s3://"):
        raise ValueError(f"{uri} is not an s3:// URI")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def _s3(world: World, region: str) -> Any:
    return clients.client(world, "s3", region)
