"""Notebook instances: a real JupyterLab with real kernels, and real lifecycle scripts."""

import http.cookiejar
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from practice.machines import isolations, notebooks
from practice.machines.isolations import Isolation, isolation
from practice.machines.notebooks import (
    Notebook,
    NotebookCallbacks,
    NotebookSpec,
    folder_of,
    run_lifecycle_script,
    start_notebook,
)
from practice.machines.tickets import is_good, new_ticket
from tests.practice.machines.job_helpers import is_built
from tests.practice.machines.wheels import write_wheel
from tests.support.waiting import eventually

AWS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4321", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
needs_namespaces = pytest.mark.skipif(isolation({}).kind is None, reason="no mount namespaces here")


@dataclass
class Told:
    """What callbacks were told."""

    lines: list[str] = field(default_factory=list)
    ready: list[bool] = field(default_factory=list)
    exits: list[str | None] = field(default_factory=list)

    def on_lines(self, lines: Sequence[str]) -> None:
        """Takes lines."""
        self.lines.extend(lines)

    def callbacks(self) -> NotebookCallbacks:
        """To give to `start_notebook`."""
        return NotebookCallbacks(self.on_lines, lambda: self.ready.append(True), self.exits.append)


def spec(folder: Path, **more: object) -> NotebookSpec:
    """An instance whose volume is this folder."""
    usual: dict[str, object] = {
        "name": "mine", "arn": "arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/mine", "region": "us-east-1",
        "instance_type": "ml.t3.medium", "folder": folder / "volume", "aws": AWS,
    }  # fmt: skip
    return NotebookSpec(**{**usual, **more})  # type: ignore[arg-type]


@contextmanager
def running(folder: Path, **more: object) -> Iterator[tuple[Notebook, Told]]:
    """An instance whose JupyterLab answers; ended afterwards."""
    told = Told()
    notebook = start_notebook(spec(folder, **more), told.callbacks())
    try:
        assert notebook.wait_ready(120), told
        yield notebook, told
    finally:
        notebook.stop(0)
        assert notebook.wait(60)


class Browser:
    """Opens URLs with cookies, as a browser does."""

    def __init__(self) -> None:
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.ProxyHandler({})
        )

    def open(self, url: str, body: object = None, **headers: str) -> tuple[int, str, str]:
        """Status, final URL and text."""
        data = None if body is None else json.dumps(body).encode()
        xsrf = next((cookie.value or "" for cookie in self.cookies if cookie.name == "_xsrf"), "")
        request = urllib.request.Request(url, data, {"X-XSRFToken": xsrf, **headers})
        try:
            with self._opener.open(request, timeout=60) as reply:
                return reply.status, reply.url, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.url, error.read().decode()


def signed_in(notebook: Notebook) -> Browser:
    """A browser that has opened the presigned URL."""
    browser = Browser()
    assert browser.open(notebook.presigned_url())[0] == 200
    return browser


@pytest.mark.heavy
def test_a_presigned_url_opens_jupyterlab_and_nothing_else_does(tmp_path: Path) -> None:
    with running(tmp_path) as (notebook, told):
        assert told.ready == [True]
        stranger = Browser()
        assert "/login" in stranger.open(f"{notebook.url}lab")[1]
        assert stranger.open(f"{notebook.url}api/contents")[0] == 403
        for ticket in ("x", new_ticket("another token", 300), notebook.presigned_url(-1).partition("token=")[2]):
            assert stranger.open(f"{notebook.url}api/contents?token={ticket}")[0] == 403
        assert stranger.open(f"{notebook.url}api/contents", Host="evil.example")[0] == 403

        browser = Browser()
        status, url, text = browser.open(notebook.presigned_url())
        assert (status, "/lab" in url, "JupyterLab" in text) == (200, True, True)
        names = json.loads(browser.open(f"{notebook.url}api/kernelspecs")[2])["kernelspecs"]
        assert {"python3", "conda_pytorch_p310", "requirements"} <= set(names)
        foreign = browser.open(f"{notebook.url}api/contents", {"type": "file"}, Origin="http://evil.example")
        assert foreign[0] in (403, 404)
    assert told.exits == [None]


RUN = """
import json, sys, time
from jupyter_client import BlockingKernelClient
client = BlockingKernelClient(connection_file=sys.argv[1]); client.load_connection_file(); client.start_channels()
end = time.monotonic() + float(sys.argv[3])
while True:
    try:
        client.wait_for_ready(timeout=5); break
    except RuntimeError:  # no heart beats yet: its environment is being made
        if time.monotonic() > end: raise
client.execute_interactive(sys.argv[2], timeout=60, output_hook=lambda m: print(m["content"].get("text", m["content"])))
"""


def executed(notebook: Notebook, kernel: str, code: str, seconds: float = 60) -> str:
    """What code prints in a kernel of the instance."""
    browser = signed_in(notebook)
    status, _, text = browser.open(f"{notebook.url}api/kernels", {"name": kernel})
    assert status == 201, text
    runtime = notebook.spec.folder / "home" / ".jupyter-runtime"
    file = runtime / f"kernel-{json.loads(text)['id']}.json"
    command = [sys.executable, "-W", "ignore", "-c", RUN, str(file), code, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    return done.stdout + done.stderr


FACTS = """
import boto3, json, os, joblib
open("kept.txt", "w").write("kept")
print(boto3.client("s3").meta.endpoint_url, os.getcwd(), os.environ["HOME"])
print(json.load(open("/opt/ml/metadata/resource-metadata.json")))
print(sorted(name for name in os.environ if "TICKETS" in name))
import practice
"""


@pytest.mark.heavy
@needs_namespaces
def test_a_kernel_runs_in_the_home_folder_and_reaches_the_account(tmp_path: Path) -> None:
    with running(tmp_path) as (notebook, _):
        said = executed(notebook, "python3", FACTS)
        assert "http://127.0.0.1:4321 /home/ec2-user/SageMaker /home/ec2-user" in said
        assert "'ResourceName': 'mine'" in said
        assert "\n[]\n" in said
        assert "ModuleNotFoundError" in said
    volume = tmp_path / "volume"
    assert (volume / "SageMaker" / "kept.txt").read_text() == "kept"
    assert sorted(path.name for path in volume.iterdir()) == ["SageMaker", "metadata"]
    with running(tmp_path) as (notebook, _):
        assert json.loads(signed_in(notebook).open(f"{notebook.url}api/contents/kept.txt")[2])["content"] == "kept"


@pytest.mark.heavy
def test_a_kernel_from_the_homes_requirements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLIGHTDECK_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "volume" / "SageMaker"
    home.mkdir(parents=True)
    wheel = write_wheel(tmp_path, "tinypkg", "1.5", "")
    (home / "requirements.txt").write_text(f"{wheel}\n")
    with running(tmp_path) as (notebook, _):
        assert "tiny from" in executed(notebook, "requirements", "import tinypkg, joblib; print('tiny from', tinypkg)")
        (home / "requirements.txt").unlink()
        assert "still" in executed(notebook, "requirements", "print('still')")


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
def test_the_pytorch_kernel_has_torch(tmp_path: Path) -> None:
    with running(tmp_path) as (notebook, _):
        assert "2.13.0" in executed(notebook, "conda_pytorch_p310", "import torch; print(torch.__version__)", 120)


def repository(folder: Path) -> Path:
    """A git repository with one file."""
    folder.mkdir()
    (folder / "lesson.txt").write_text("{}")
    author = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for arguments in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.mark.heavy
def test_repositories_are_cloned_once_and_the_first_is_opened(tmp_path: Path) -> None:
    source = str(repository(tmp_path / "lessons.git"))
    with running(tmp_path, repositories=(source,)) as (notebook, _):
        assert "/lab/tree/lessons?token=" in notebook.presigned_url()
        assert json.loads(signed_in(notebook).open(f"{notebook.url}api/contents/lessons/lesson.txt")[2])["name"]
    (tmp_path / "volume/SageMaker/lessons/mine").write_text("work")
    with running(tmp_path, repositories=(source,)):
        assert (tmp_path / "volume/SageMaker/lessons/mine").read_text() == "work"


def test_a_repository_that_cannot_be_cloned_fails_the_start(tmp_path: Path) -> None:
    told = Told()
    notebook = start_notebook(spec(tmp_path, repositories=(str(tmp_path / "none"),)), told.callbacks())
    assert not notebook.wait_ready(60)
    assert notebook.wait(60)
    assert not notebook.ready
    assert str(told.exits[0]).startswith(f"Cloning {tmp_path / 'none'} failed: ")


def test_a_start_that_is_stopped_is_no_failure(tmp_path: Path) -> None:
    told = Told()
    notebook = start_notebook(spec(tmp_path), told.callbacks())
    notebook.stop(0)
    assert notebook.wait(60)
    assert told.exits == [None]


def test_a_jupyterlab_that_dies_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "boot", lambda *arguments: ["/bin/bash", "-c", "echo no more disk; exit 3"])
    told = Told()
    assert start_notebook(spec(tmp_path), told.callbacks()).wait(60)
    assert told.exits == ["JupyterLab ended with exit code 3: no more disk"]


def test_a_jupyterlab_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "boot", lambda *arguments: ["/bin/sleep", "1000"])
    monkeypatch.setattr(notebooks, "READY_SECONDS", 0.3)
    told = Told()
    assert start_notebook(spec(tmp_path), told.callbacks()).wait(60)
    assert told.exits == ["JupyterLab did not answer within 0.3 seconds."]


def scripted(folder: Path, script: str, limit: float = 60) -> Told:
    """What a lifecycle script said and how it ended."""
    told = Told()
    started = run_lifecycle_script(spec(folder), script, told.on_lines, told.exits.append, limit)
    assert started.wait(120)
    assert len(told.exits) == 1
    return told


LIFECYCLE = """#!/bin/bash
set -e
sudo -u ec2-user -i <<'EOF'
cd /home/ec2-user/SageMaker
echo "in $(pwd)"
source activate python3
python -c "import joblib; print('python works')"
source deactivate
EOF
sudo MINE=1 bash -c 'echo mine $MINE'
systemctl restart jupyter-server
echo done > /home/ec2-user/SageMaker/made
"""


@needs_namespaces
def test_a_lifecycle_script_runs_in_the_instances_world(tmp_path: Path) -> None:
    told = scripted(tmp_path, LIFECYCLE)
    assert told.exits == [None], told.lines
    assert {"in /home/ec2-user/SageMaker", "python works", "mine 1"} <= set(told.lines)
    assert (tmp_path / "volume" / "SageMaker" / "made").read_text() == "done\n"


def test_a_lifecycle_script_without_a_first_line_is_bash(tmp_path: Path) -> None:
    told = scripted(tmp_path, "[[ a == a ]] && echo bash\r\necho $AWS_ENDPOINT_URL\r\n")
    assert told.exits == [None]
    assert told.lines == ["bash", "http://127.0.0.1:4321"]


def test_a_lifecycle_script_that_fails_or_takes_too_long_says_so(tmp_path: Path) -> None:
    assert scripted(tmp_path, "#!/bin/bash\nexit 7\n").exits == ["the script ended with exit code 7"]
    told = scripted(tmp_path, "#!/bin/bash\necho started\nsleep 1000\n", 0.5)
    assert told.exits == ["the script ran for more than 0.5 seconds"]


def test_a_lifecycle_script_can_be_stopped(tmp_path: Path) -> None:
    told = Told()
    started = run_lifecycle_script(spec(tmp_path), "echo up\nsleep 1000\n", told.on_lines, told.exits.append)
    eventually(lambda: "up" in told.lines)
    started.stop()
    assert started.wait(30)
    assert told.exits == ["the script was stopped"]


def test_a_script_and_a_notebook_share_the_instance_until_it_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(tmp_path, "echo for jupyter > /home/ec2-user/left" if isolation({}).kind else "true")
    left = tmp_path / "volume" / "home" / "left"
    monkeypatch.setattr(notebooks, "boot", lambda *arguments: ["/bin/bash", "-c", "cat /home/ec2-user/left; exit 3"])
    told = Told()
    assert start_notebook(spec(tmp_path), told.callbacks()).wait(60)
    assert ("for jupyter" in told.lines) is bool(isolation({}).kind)
    assert not left.exists()


def test_without_mounts_scripts_and_paths_are_rewritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolations, "_probe", lambda: Isolation(None, "no namespaces"))
    told = scripted(tmp_path, "#!/bin/bash\necho made > /home/ec2-user/SageMaker/made; python -c 'import joblib'\n")
    assert told.exits == [None], told.lines
    assert (tmp_path / "volume" / "SageMaker" / "made").exists()


def test_tickets_are_good_for_their_token_and_time() -> None:
    ticket = new_ticket("token", 60)
    assert is_good(ticket, "token")
    assert not is_good(ticket, "another")
    assert not is_good(new_ticket("token", -1), "token")
    later = f"{int(time.time()) + 10_000}-{ticket.partition('-')[2]}"
    for forged in ("", "-", "x-y", later, "é"):
        assert not is_good(forged, "token")


def test_repositories_name_their_folders() -> None:
    assert folder_of("https://github.com/aws/amazon-sagemaker-examples.git") == "amazon-sagemaker-examples"
    assert folder_of("/srv/lessons/") == "lessons"
    assert os.sep not in folder_of("/a/b")
