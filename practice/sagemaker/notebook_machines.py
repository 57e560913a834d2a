"""What really runs for a notebook instance: its lifecycle scripts, then its JupyterLab."""

import base64
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from practice import clients, logs
from practice.machines.notebook_specs import NotebookCallbacks, NotebookSpec
from practice.machines.notebooks import LifecycleScript, Notebook, run_lifecycle_script, start_notebook
from practice.world import Resource, World

LOG_GROUP = "/aws/sagemaker/NotebookInstances"
"""docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html"""
CLOSE_SECONDS = 10.0

Ended = Callable[[str | None], None]
"""None when all went well, else the reason."""


class NotebookMachine:
    """One start of one notebook instance. `ended` is called once with what made it fail; not when it was closed."""

    def __init__(self, world: World, resource: Resource, scripts: Sequence[tuple[str, str]], ended: Ended) -> None:
        self._world = world
        self._resource = resource
        self._ended = ended
        self._closed = False
        self._lock = threading.Lock()
        self._script: LifecycleScript | None = None
        self.notebook: Notebook | None = None
        """Its JupyterLab, once that is started; `ready` says when it answers."""
        self._scripts = list(scripts)
        self._next()

    @property
    def ready(self) -> bool:
        return self.notebook is not None and self.notebook.ready

    def close(self) -> None:
        """End it now; returns when it has ended. The home folder stays."""
        with self._lock:
            self._closed = True
            running = self.notebook or self._script
        if running is not None:
            running.stop()
            running.wait(CLOSE_SECONDS)

    def _next(self) -> None:
        with self._lock:
            if self._closed:
                return
            if self._scripts:
                hook, text = self._scripts.pop(0)
                self._script = run_lifecycle_script(self._spec(), text, self._logger(hook), self._script_ended(hook))
                return
            callbacks = NotebookCallbacks(self._logger("jupyter.log"), self._world.notify, self._notebook_ended)
            self.notebook = start_notebook(self._spec(), callbacks)

    def _script_ended(self, hook: str) -> Ended:
        def ended(failure: str | None) -> None:
            if failure is None:
                self._next()
            elif not self._closed:
                self._ended(
                    f"Lifecycle configuration script {hook} failed: {failure}. See the log stream {self._stream(hook)}."
                )

        return ended

    def _notebook_ended(self, failure: str | None) -> None:
        if failure is not None and not self._closed:
            self._ended(failure)

    def _spec(self) -> NotebookSpec:
        document = self._resource.document
        default = document.get("DefaultCodeRepository")
        repositories = (*([default] if default else []), *document.get("AdditionalCodeRepositories", []))
        return NotebookSpec(
            name=self._resource.name,
            arn=self._resource.arn,
            region=self._resource.region,
            instance_type=document["InstanceType"],
            folder=volume(self._world, self._resource),
            aws=clients.environment(self._world, self._resource.region),
            repositories=repositories,
            root_access=document.get("RootAccess", "Enabled") == "Enabled",
        )

    def _stream(self, name: str) -> str:
        return f"{self._resource.name}/{name}"

    def _logger(self, name: str) -> Callable[[Sequence[str]], None]:
        world, region = self._world, self._resource.region
        return lambda lines: logs.append(world, region, LOG_GROUP, self._stream(name), lines)


def volume(world: World, resource: Resource) -> Path:
    """The folder that is the instance's volume; named by the instance's id, so that a name used again starts empty."""
    return world.home / "notebooks" / resource.uid


def scripts_of(world: World, resource: Resource, *, first_start: bool) -> list[tuple[str, str]]:
    """(hook, text) of the lifecycle scripts that a start runs, in order: OnCreate only at the first one."""
    name = resource.document.get("NotebookInstanceLifecycleConfigName")
    config = world.get("notebook-lifecycle-config", resource.region, name) if name else None
    if config is None:
        return []
    hooks = (("OnCreate", "LifecycleConfigOnCreate"),) if first_start else ()
    return [
        (stream, base64.b64decode(script["Content"]).decode(errors="replace"))
        for hook, stream in (*hooks, ("OnStart", "LifecycleConfigOnStart"))
        for script in config.document.get(hook, [])
    ]
