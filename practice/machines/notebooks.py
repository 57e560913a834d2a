"""A notebook instance's machine: a real JupyterLab on loopback with a home folder that survives stop and start."""

import http.client
import secrets
import threading
import time
from contextlib import suppress

from practice.machines.cells import OnLines
from practice.machines.hardware import free_port
from practice.machines.isolations import isolation, rewrite
from practice.machines.notebook_cells import clean_world, mounts_of
from practice.machines.notebook_kernels import HOME, SAGEMAKER, boot
from practice.machines.notebook_processes import Ended, Machine
from practice.machines.notebook_specs import NotebookCallbacks, NotebookSpec
from practice.machines.tickets import VARIABLE, new_ticket

__all__ = [
    "LIFECYCLE_LIMIT_SECONDS", "LifecycleScript", "Notebook", "NotebookCallbacks", "NotebookSpec",
    "run_lifecycle_script", "start_notebook",
]  # fmt: skip

LIFECYCLE_LIMIT_SECONDS = 300.0
"""SageMaker ends a lifecycle script after 5 minutes; by wall time, the script's own."""

PING_EVERY_SECONDS = 0.1
READY_SECONDS = 120.0
"""How long JupyterLab may take to answer."""


class Notebook(Machine):
    """A JupyterLab that was started; made by `start_notebook`."""

    def __init__(self, spec: NotebookSpec, callbacks: NotebookCallbacks) -> None:
        self._on_ready = callbacks.on_ready
        self._port = free_port()
        self._token = secrets.token_hex(24)
        self._settled = threading.Event()
        self._up = False
        super().__init__(spec, callbacks.on_lines, callbacks.on_exit, "notebook")

    @property
    def ready(self) -> bool:
        """Whether the server answers."""
        return self._up and not self._ended.is_set()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>/`, without any token."""
        return f"http://127.0.0.1:{self._port}/"

    def presigned_url(self, expires_in_seconds: float = 300.0) -> str:
        """A URL that signs its visitor in to this start of this instance, until it expires (wall time)."""
        first = next((f"/tree/{folder_of(source)}" for source in self.spec.repositories), "")
        return f"{self.url}lab{first}?token={new_ticket(self._token, expires_in_seconds)}"

    def wait_ready(self, timeout_seconds: float) -> bool:
        """Wait until it is ready (True), or has ended or the time is up (False)."""
        self._settled.wait(timeout_seconds)
        return self.ready

    def _run(self) -> str | None:
        for source in self.spec.repositories:
            self._clone(source)
        command = boot("notebook_server", str(self._port), SAGEMAKER)
        cell, exited = self._start("jupyter", command, SAGEMAKER, {VARIABLE: self._token})
        if cell.notice:
            self._on_lines([cell.notice])
        deadline = time.monotonic() + READY_SECONDS
        while not exited.wait(PING_EVERY_SECONDS):
            if self._answers():
                self._up = True
                self._on_ready()
                self._settled.set()
                exited.wait()
            elif time.monotonic() > deadline:
                return f"JupyterLab did not answer within {READY_SECONDS:g} seconds."
        return None if self._stopping.is_set() else f"JupyterLab ended with exit code {cell.wait()}: {self._last()}"

    def _clone(self, source: str) -> None:
        name = folder_of(source)
        if (self.spec.folder / "SageMaker" / name).exists():
            return
        trusted = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
        cell, exited = self._start("clone", ["git", "clone", "--", source, f"{SAGEMAKER}/{name}"], "/", trusted)
        exited.wait()
        if cell.wait() != 0 and not self._stopping.is_set():
            raise ValueError(f"Cloning {source} failed: {self._last()}")

    def _last(self) -> str:
        return " ".join(self._tail)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/api")
            return connection.getresponse().status == 200
        connection.close()
        return False

    def _close(self) -> None:
        super()._close()
        clean_world(self.spec)
        self._settled.set()


def folder_of(source: str) -> str:
    """The folder that a repository is cloned into."""
    return source.rstrip("/").rpartition("/")[2].removesuffix(".git")


def start_notebook(spec: NotebookSpec, callbacks: NotebookCallbacks) -> Notebook:
    """Clone missing repositories, write kernels, start JupyterLab. Returns at once; failures end in `on_exit`."""
    return Notebook(spec, callbacks)


class LifecycleScript(Machine):
    """A lifecycle script that was started; made by `run_lifecycle_script`."""

    STOPPED = "the script was stopped"

    def __init__(self, spec: NotebookSpec, script: str, on_lines: OnLines, on_exit: Ended, limit: float) -> None:
        self._script, self._limit_seconds = script, limit
        super().__init__(spec, on_lines, on_exit, "lifecycle")

    def stop(self, grace_seconds: float = 0.0) -> None:
        """End it now; `on_exit` then gets a failure text."""
        super().stop(grace_seconds)

    def _run(self) -> str | None:
        file = self.spec.folder / "home" / ".lifecycle-script"
        mounts = mounts_of(self.spec)
        text = self._script.replace("\r\n", "\n")
        file.write_text(text if isolation(mounts).kind else rewrite(text, mounts))
        file.chmod(0o700)
        inside = f"{HOME}/{file.name}"
        command = [inside] if self._script.startswith("#!") else ["/bin/bash", inside]
        cell, exited = self._start("lifecycle", command, "/")
        if not exited.wait(self._limit_seconds):
            cell.kill()
            cell.wait()
            return f"the script ran for more than {self._limit_seconds:g} seconds"
        code = cell.wait()
        if self._stopping.is_set():
            return self.STOPPED
        return None if code == 0 else f"the script ended with exit code {code}"


def run_lifecycle_script(
    spec: NotebookSpec,
    script: str,
    on_lines: OnLines,
    on_exit: Ended,
    limit_seconds: float = LIFECYCLE_LIMIT_SECONDS,
) -> LifecycleScript:
    """Run the (decoded) text of an OnCreate or OnStart script in the instance's world; returns at once.

    `on_exit` gets None when it ended with 0, else the failure text (exit code, or that it ran past the limit).
    """
    return LifecycleScript(spec, script, on_lines, on_exit, limit_seconds)
