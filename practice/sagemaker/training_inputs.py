"""A training job's input: what a channel's S3 URI means, and its objects downloaded into a folder.

docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3DataSource.html
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError

from practice.clients import client
from practice.machines.job_specs import Channel, ChannelError
from practice.world import World

ONE_AT_A_TIME = TransferConfig(use_threads=False)
"""Jobs run side by side as it is; a pool of threads for each transfer helps nobody on loopback."""


class S3Object(NamedTuple):
    """An object of a channel, and its path below the channel's folder."""

    bucket: str
    key: str
    path: str


def split_uri(uri: str) -> tuple[str, str]:
    """(bucket, key or prefix) of an s3:// URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def objects_of(world: World, region: str, uri: str) -> Iterator[S3Object]:
    """The objects that an S3 URI names, by key: the object itself and all below it as a folder; where there are none,
    all whose key starts with it. A bucket that does not exist has none."""
    bucket, prefix = split_uri(uri)
    whole = _with_key(world, region, bucket, prefix)
    folder = prefix.rstrip("/") + "/" if prefix else ""
    below = [S3Object(bucket, key, key[len(folder) :]) for key in whole if key.startswith(folder) and key != folder]
    exact = [S3Object(bucket, key, key.rpartition("/")[2]) for key in whole if key == prefix and not key.endswith("/")]
    start = prefix.rpartition("/")[0]
    above = [S3Object(bucket, key, key[len(start) :].lstrip("/")) for key in whole]
    yield from exact + below or (one for one in above if one.path)


def any_object(world: World, region: str, uri: str) -> bool:
    """Whether an S3 URI names any object; one that only marks a folder does not count."""
    bucket, prefix = split_uri(uri)
    try:
        first = client(world, "s3", region).list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=2)
    except (ClientError, BotoCoreError):
        return False  # no such bucket, or no name that a bucket could have
    return any(item["Key"] != prefix.rstrip("/") + "/" for item in first.get("Contents", ()))


def nothing_found(uri: str, region: str, role: str) -> str:
    """SageMaker's words for a channel without data."""
    bucket, _ = split_uri(uri)
    return (
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that the bucket exists in '
        f'the selected region ({region}), that objects exist under that S3 prefix, and that the role "{role}" has '
        f'"s3:ListBucket" permissions on bucket "{bucket}".'
    )


def channel_of(world: World, region: str, config: dict[str, Any], usual_mode: str, role: str) -> Channel:
    """One entry of InputDataConfig as the machines want it. FastFile is treated as File: all is downloaded first."""
    source = config["DataSource"]["S3DataSource"]
    distribution = source.get("S3DataDistributionType", "FullyReplicated")

    def fill(folder: Path, host_index: int, host_count: int) -> None:
        try:
            found = list(_chosen(world, region, source))
            if not found:
                raise ChannelError(f"ClientError: Data download failed:{nothing_found(source['S3Uri'], region, role)}")
            share = found[host_index::host_count] if distribution == "ShardedByS3Key" else found
            for one in share:
                download(world, region, one, folder)
        except (ClientError, BotoCoreError) as error:
            raise ChannelError(f"ClientError: Data download failed:{said(error)}") from error

    told = {
        "TrainingInputMode": config.get("InputMode", usual_mode),
        "S3DistributionType": distribution,
        "RecordWrapperType": config.get("RecordWrapperType", "None"),
        **({"ContentType": config["ContentType"]} if "ContentType" in config else {}),
    }
    return Channel(config["ChannelName"], fill, told)


def download(world: World, region: str, one: S3Object, folder: Path) -> None:
    """Download one object below a folder. Raises: ChannelError for a key that is no path; botocore's errors."""
    for illegal in ("//", "/../", "/./"):
        if illegal in f"/{one.path.removesuffix('/')}/":
            raise ChannelError(
                f"ClientError: Data download failed:Failed to download data. S3 key: s3://{one.bucket}/{one.key} has "
                f"an illegal char sub-sequence '{illegal}' in it"
            )
    target = folder / one.path
    if one.key.endswith("/"):
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    client(world, "s3", region).download_file(one.bucket, one.key, str(target), Config=ONE_AT_A_TIME)


def fetch(world: World, region: str, uri: str, target: Path) -> None:
    """Download the one object that an S3 URI names to a file. Raises ChannelError."""
    bucket, key = split_uri(uri)
    try:
        client(world, "s3", region).download_file(bucket, key, str(target), Config=ONE_AT_A_TIME)
    except (ClientError, BotoCoreError) as error:
        raise ChannelError(f"ClientError: Failed to download {uri}: {said(error)}") from error


def _chosen(world: World, region: str, source: dict[str, Any]) -> Iterator[S3Object]:
    if source["S3DataType"] == "S3Prefix":
        yield from objects_of(world, region, source["S3Uri"])
        return
    bucket, key = split_uri(source["S3Uri"])
    text = client(world, "s3", region).get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        first, *suffixes = json.loads(text)
        place, prefix = split_uri(first["prefix"])
        yield from (S3Object(place, prefix + suffix, suffix.lstrip("/")) for suffix in suffixes)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ChannelError(
            f"ClientError: Data download failed:Manifest {source['S3Uri']} is not valid: {error}"
        ) from error


def _with_key(world: World, region: str, bucket: str, prefix: str) -> list[str]:
    pages = client(world, "s3", region).get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    try:
        return sorted(item["Key"] for page in pages for item in page.get("Contents", ()))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return []
        raise


def said(error: Exception) -> str:
    """What S3 answered, as SageMaker puts it into a FailureReason."""
    if isinstance(error, ClientError):
        told = error.response["Error"]
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        return f"{told.get('Code')} ({status}): {told.get('Message')}"
    return str(error)
