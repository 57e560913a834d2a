"""What really runs for an endpoint: a server process for each production variant.

A variant of several instances runs one process: what more instances add on AWS is capacity, and this machine's is
shared anyway. All its instances bill, and the quota counts them.
"""

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from practice import clients, logs
from practice.machines.variants import (
    Answer,
    Call,
    NoAnswer,
    Variant,
    VariantCallbacks,
    VariantSpec,
    start_variant,
    unpack_model,
)
from practice.sagemaker import objects
from practice.sagemaker.models import model_data
from practice.world import Resource, World

LOG_GROUP = "/aws/sagemaker/Endpoints"
STARTUP_SECONDS = 600.0
CLOSE_SECONDS = 10.0

Changed = Callable[[], None]
"""Called from a server's own thread when it has become ready or has ended."""


class Server:
    """One start of one variant's server."""

    def __init__(self, world: World, endpoint: Resource, variant: Mapping[str, Any], changed: Changed) -> None:
        self.name: str = variant["VariantName"]
        self.failure: str | None = None
        """Why it is gone or never came up."""
        self._changed = changed
        self._stopped = False
        self._world, self._endpoint = world, endpoint
        self._stream = f"{self.name}/i-{secrets.token_hex(9)[:17]}"
        self._folder = folder_of(world, endpoint.uid) / secrets.token_hex(8)
        self.variant: Variant | None = None
        """None for the moment in which it is being started: its threads may call back before it is known here."""
        self.variant = start_variant(self._spec(variant), VariantCallbacks(self._log, changed, self._exited))

    @property
    def ready(self) -> bool:
        return self.variant is not None and self.variant.ready

    def wait_ready(self, seconds: float) -> bool:
        """Whether it is ready, or becomes so in time; at once False for one that has ended."""
        return self.failure is None and self.variant is not None and self.variant.wait_ready(seconds)

    def invoke(self, call: Call, seconds: float) -> Answer:
        """Raises NoAnswer."""
        if self.variant is None:
            raise NoAnswer("The server is being started.", timed_out=False)
        return self.variant.invoke(call, seconds)

    def stop(self) -> None:
        """Returns at once."""
        self._stopped = True
        if self.variant is not None:
            self.variant.stop()

    def close(self) -> None:
        """Returns when it has ended."""
        self.stop()
        if self.variant is not None:
            self.variant.wait(CLOSE_SECONDS)

    def _exited(self, failure: str | None) -> None:
        if not self._stopped:
            self.failure = failure or "the server ended"
            self._log([f"The server of {self.name} ended: {self.failure}"])
            self._changed()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _log(self, lines: Sequence[str]) -> None:
        group = f"{LOG_GROUP}/{self._endpoint.name}"
        logs.append(self._world, self._endpoint.region, group, self._stream, lines)

    def _spec(self, variant: Mapping[str, Any]) -> VariantSpec:
        world, region, container = self._world, self._endpoint.region, variant["Container"]
        data = model_data(container)
        return VariantSpec(
            name=f"{self._endpoint.name}/{self.name}",
            region=region,
            image=container["Image"],
            folder=self._folder,
            images_folder=world.home / "images",
            model=partial(_place_model, world, region, container, data) if data else None,
            environment=container.get("Environment", {}),
            aws=clients.environment(world, region),
            fetch_source=partial(objects.fetch, world, region),
            startup_seconds=variant.get("StartupSeconds", STARTUP_SECONDS),
        )


class Fleet:
    """The servers of one version of an endpoint."""

    def __init__(
        self, world: World, endpoint: Resource, variants: Sequence[Mapping[str, Any]], changed: Changed
    ) -> None:
        self._make = partial(Server, world, endpoint, changed=changed)
        self._variants = {variant["VariantName"]: variant for variant in variants}
        self.servers = {name: self._make(variant=variant) for name, variant in self._variants.items()}

    @property
    def ready(self) -> bool:
        return all(server.ready for server in self.servers.values())

    @property
    def failed(self) -> Server | None:
        """A server that is gone; None when all run or are on their way."""
        return next((server for server in self.servers.values() if server.failure is not None), None)

    def revive(self) -> None:
        """Start again what is gone."""
        for name, server in self.servers.items():
            if server.failure is not None:
                self.servers[name] = self._make(variant=self._variants[name])

    def stop(self) -> None:
        """Returns at once."""
        for server in self.servers.values():
            server.stop()

    def close(self) -> None:
        """Returns when all servers have ended."""
        self.stop()
        for server in self.servers.values():
            server.close()


def folder_of(world: World, uid: str) -> Path:
    """The folder that holds what an endpoint's servers see, a folder each."""
    return world.home / "endpoints" / uid


def _place_model(world: World, region: str, container: Mapping[str, Any], uri: str, folder: Path) -> None:
    """Put the model's files into `folder`. Raises ValueError."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if source.get("CompressionType") == "None" and source.get("S3DataType") == "S3Prefix":
        objects.fetch_all(world, region, uri, folder)
        return
    with TemporaryDirectory(dir=folder.parent) as download:
        archive = Path(download) / "model.tar.gz"
        objects.fetch(world, region, uri, archive)
        unpack_model(archive, folder)
