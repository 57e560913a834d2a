"""What runs inside an instance beside JupyterLab itself: kernels' processes and its sign-in, without a cell around."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.auth.identity import IdentityProvider

from practice.machines import notebook_kernels
from practice.machines.notebook_kernels import KERNELS, boot, kernel_python, write_kernels
from practice.machines.notebook_server import SETTINGS, TicketIdentityProvider
from practice.machines.tickets import new_ticket
from tests.practice.machines.wheels import write_wheel


def test_every_kernel_names_its_environment_and_the_instances_folders(tmp_path: Path) -> None:
    write_kernels(tmp_path, "/layers", "/home")
    for name, (environment, shown) in KERNELS.items():
        spec = json.loads((tmp_path / "kernels" / name / "kernel.json").read_text())
        assert spec["display_name"] == shown
        assert spec["argv"][-4:] == [environment, "/layers", "/home", "{connection_file}"]


def test_booting_leaves_nothing_of_the_practice_on_the_import_path() -> None:
    code = boot("tickets")[-1].replace("; main(sys.argv[1:])", "").replace("import main", "import new_ticket")
    check = (
        f"{code}; print([path for path in sys.path if path in ('', {str(Path.cwd())!r})], __import__('numpy').__name__)"
    )
    said = subprocess.run([sys.executable, "-P", "-c", check], capture_output=True, text=True, check=True).stdout
    assert said == "[] numpy\n"


def test_a_kernels_python_is_the_instances_own_layer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLIGHTDECK_CACHE", str(tmp_path / "cache"))
    lines: list[str] = []
    home, layers = tmp_path / "home", tmp_path / "layers"
    home.mkdir()
    python = kernel_python("scikit-learn", layers, home, lines.extend)
    assert python == layers / "scikit-learn" / "bin" / "python"
    assert kernel_python("scikit-learn", layers, home, lines.extend) == python

    plain = kernel_python("requirements", layers, home, lines.extend)
    assert lines == [f"{home / 'requirements.txt'} does not exist; the kernel starts without it."]
    (home / "requirements.txt").write_text(f"{write_wheel(tmp_path, 'tinypkg', '1.5', '')}\n")
    python = kernel_python("requirements", layers, home, lines.extend)
    assert python != plain
    assert subprocess.run([python, "-c", "import tinypkg, ipykernel"], check=False).returncode == 0


def test_a_kernels_process_becomes_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda program, arguments: became.append(arguments))
    monkeypatch.setenv("PATH", "/bin")
    notebook_kernels.main(["scikit-learn", str(tmp_path), str(tmp_path), "connection.json"])
    python = tmp_path / "scikit-learn" / "bin" / "python"
    assert became == [[str(python), "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "connection.json"]]


def test_what_a_kernel_says_goes_to_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    notebook_kernels.say(["one", "two"])
    assert capsys.readouterr().err == "one\ntwo\n"


def test_a_good_ticket_is_as_good_as_the_token() -> None:
    provider = TicketIdentityProvider(token="the token")

    def token_of(text: str) -> str | None:
        handler = SimpleNamespace(get_argument=lambda name, default: text, request=SimpleNamespace(headers={}))
        return provider.get_token(handler)

    assert token_of(new_ticket("the token", 60)) == "the token"
    assert token_of(new_ticket("the token", -1)) != "the token"
    assert token_of(new_ticket("another", 60)) != "the token"
    assert token_of("the token") == "the token"
    assert token_of("") == ""
    assert issubclass(TicketIdentityProvider, IdentityProvider)
    assert SETTINGS["ServerApp.ip"] == "127.0.0.1"
