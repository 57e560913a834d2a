"""What a training job leaves in S3: its model, its output and its checkpoints.

docs.aws.amazon.com/sagemaker/latest/dg/model-train-storage.html
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from practice.clients import client
from practice.machines.archives import pack, walked
from practice.machines.job_hosts import Host, checkpoints_of
from practice.machines.job_specs import ChannelError, JobResult, JobSpec
from practice.sagemaker.training_inputs import ONE_AT_A_TIME, download, objects_of, said, split_uri
from practice.world import Resource, World

Stamp = tuple[int, int]
"""A file's modification time in nanoseconds, and its size in bytes."""


class UploadFailed(Exception):
    """The text is fit for a FailureReason."""


def upload_artifacts(world: World, resource: Resource, result: JobResult, scratch: Path, *, model: bool) -> str:
    """Upload output.tar.gz, and with `model` what the job left as its model; returns the model's URI, "" where there is
    none. Raises UploadFailed."""
    config = resource.document["Request"]["OutputDataConfig"]
    place = f"{config['S3OutputPath'].rstrip('/')}/{resource.name}/output"
    try:
        if pack(result.output_folders, scratch / "output.tar.gz"):
            _upload(world, resource.region, scratch / "output.tar.gz", f"{place}/output.tar.gz")
        if not model:
            return ""
        if config.get("CompressionType") == "NONE":
            return _upload_plain(world, resource.region, result.model_folders, f"{place}/model/")
        if pack(result.model_folders, scratch / "model.tar.gz"):
            _upload(world, resource.region, scratch / "model.tar.gz", f"{place}/model.tar.gz")
            return f"{place}/model.tar.gz"
    except (ClientError, BotoCoreError, OSError) as error:
        raise UploadFailed(f"ClientError: Artifact upload failed:{said(error)}") from error
    return ""


class Checkpoints:
    """The checkpoints of one job, kept the same in S3 as in the folder that the script writes them to."""

    def __init__(self, world: World, region: str, config: dict[str, Any] | None) -> None:
        self._world = world
        self._region = region
        self._uri = config and config["S3Uri"].rstrip("/")
        self._sent: dict[Path, Stamp] = {}

    def restore(self, folder: Path) -> None:
        """Download what an earlier job left. Raises ChannelError."""
        try:
            for one in objects_of(self._world, self._region, f"{self._uri}/"):
                download(self._world, self._region, one, folder)
        except (ClientError, BotoCoreError) as error:
            raise ChannelError(f"ClientError: Checkpoint download failed:{said(error)}") from error
        self._sent |= {path: _stamp(path) for path in _files([folder])}

    def sync(self, spec: JobSpec) -> None:
        """Upload what is new or has changed. Raises UploadFailed."""
        if not self._uri:
            return
        hosts = [Host(f"algo-{n + 1}", n, spec.folder / f"algo-{n + 1}", {}) for n in range(spec.host_count)]
        try:
            for folder in (checkpoints_of(spec, host) for host in hosts):
                for path in _files([folder]):
                    stamp = _stamp(path)
                    if self._sent.get(path) != stamp:
                        _upload(self._world, self._region, path, f"{self._uri}/{path.relative_to(folder)}")
                        self._sent[path] = stamp
        except FileNotFoundError:
            return  # replaced while it was read: the next time finds what it became
        except (ClientError, BotoCoreError, OSError) as error:
            raise UploadFailed(f"ClientError: Checkpoint upload failed:{said(error)}") from error


def _upload_plain(world: World, region: str, folders: Iterable[Path], place: str) -> str:
    sent = False
    for folder in folders:
        for path in _files([folder]):
            _upload(world, region, path, f"{place}{path.relative_to(folder)}")
            sent = True
    return place if sent else ""


def _upload(world: World, region: str, file: Path, uri: str) -> None:
    bucket, key = split_uri(uri)
    with file.open("rb") as content:
        client(world, "s3", region).upload_fileobj(content, bucket, key, Config=ONE_AT_A_TIME)


def _files(folders: Iterable[Path]) -> Iterable[Path]:
    return (path for folder in folders for path in walked(folder) if path.is_file())


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_mtime_ns, found.st_size
