"""Endpoint variants serve real models, and say what went wrong when they do not."""

import io
import json
import shutil
import site
import tarfile
import threading
from pathlib import Path

import joblib
import numpy
import pytest
from sklearn.linear_model import LinearRegression

from practice.machines import isolations
from practice.machines.isolations import Isolation, isolation
from practice.machines.variants import Call, NoAnswer, unpack_model
from tests.practice.machines.job_helpers import is_built, own_image
from tests.practice.machines.variant_helpers import files, serving, started
from tests.support.waiting import eventually

JSON = "application/json"

ECHO = """
import json, os
def model_fn(model_dir):
    return {"dir": sorted(os.listdir(model_dir)), "home": os.environ["MODEL_PATH"]}
def input_fn(body, content_type):
    if body == "refuse":
        raise KeyError("no such column")
    if body == "die":
        os._exit(3)
    return body, content_type
def predict_fn(data, model):
    return {"got": data, "model": model, "env": os.environ.get("MINE"), "region": os.environ["AWS_REGION"]}
def output_fn(prediction, accept):
    return json.dumps(prediction), "application/x-mine"
"""


def sums(folder: Path) -> None:
    """A model that adds its two features up."""
    joblib.dump(LinearRegression().fit([[1, 2], [3, 5], [0, 1]], [3, 8, 1]), folder / "model.joblib")


def test_a_scikit_learn_model_is_served_by_the_defaults(tmp_path: Path) -> None:
    with serving(tmp_path, model=sums) as (variant, told):
        assert told.ready == [True]
        answer = variant.invoke(Call(b"[[1, 2], [10, 20]]", JSON))
        assert (answer.status, answer.content_type) == (200, JSON)
        assert json.loads(answer.body) == pytest.approx([3, 30])
        assert 0 < answer.model_latency_seconds < 60
        assert json.loads(variant.invoke(Call(b"5,6\n", "text/csv")).body) == pytest.approx([11])
        buffer = io.BytesIO()
        numpy.save(buffer, numpy.array([[1.0, 1.0]]))
        answer = variant.invoke(Call(buffer.getvalue(), "application/x-npy", accept="application/x-npy"))
        assert numpy.load(io.BytesIO(answer.body)) == pytest.approx([2])
        assert variant.invoke(Call(b"5,6", "text/csv", accept="text/csv")).body.startswith(b"1")
    assert told.exits == [None]


def test_what_does_not_fit_keeps_its_status_and_message(tmp_path: Path) -> None:
    with serving(tmp_path, model=sums) as (variant, told):
        answer = variant.invoke(Call(b"<x/>", "text/xml"))
        assert (answer.status, b"text/xml is not supported" in answer.body) == (415, True)
        assert variant.invoke(Call(b"{", JSON)).status == 400
        assert variant.invoke(Call(b"[[1, 2]]", JSON, accept="image/png")).status == 406
        answer = variant.invoke(Call(b"[[1, 2, 3]]", JSON))
        assert answer.status == 500
        assert "expecting 2 features" in json.loads(answer.body)["error"]
        assert any("Traceback" in line for line in told.lines)


def test_the_users_script_decides(tmp_path: Path) -> None:
    with serving(tmp_path, model=files(inference__py=ECHO), environment={"MINE": "yes"}) as (variant, _):
        answer = variant.invoke(Call(b"hi", JSON, custom_attributes="trace=1"))
        assert answer.content_type == "application/x-mine"
        assert json.loads(answer.body) == {
            "got": ["hi", JSON],
            "model": {"dir": ["code"], "home": json.loads(answer.body)["model"]["home"]},
            "env": "yes",
            "region": "us-east-1",
        }
        assert json.loads(answer.body)["model"]["home"].endswith("model")
        answer = variant.invoke(Call(b"refuse", JSON))
        assert (answer.status, json.loads(answer.body)) == (500, {"error": "KeyError: 'no such column'"})


def test_handlers_may_take_a_context_and_answer_with_attributes(tmp_path: Path) -> None:
    script = """
def model_fn(model_dir, context):
    return context.system_properties["model_dir"]
class Busy(Exception):
    status_code = 429
def transform_fn(model, body, content_type, accept, context):
    if body == b"busy":
        raise Busy("later")
    given = context.get_request_header(0, "X-Amzn-SageMaker-Custom-Attributes")
    assert context.get_all_request_header(0)
    context.set_response_header(0, "X-Amzn-SageMaker-Custom-Attributes", "seen " + given)
    context.set_response_header(0, "X-Other", "dropped")
    return body[::-1]
"""
    with serving(tmp_path, model=files(mine__py=script), environment={"SAGEMAKER_PROGRAM": "mine.py"}) as (variant, _):
        answer = variant.invoke(Call(b"abc", "application/octet-stream", custom_attributes="trace=1"))
        assert (answer.body, answer.custom_attributes) == (b"cba", "seen trace=1")
        assert variant.invoke(Call(b"busy", "application/octet-stream")).status == 429


def test_a_source_directory_in_s3_is_fetched_and_its_requirements_are_installed(tmp_path: Path) -> None:
    def fetch(uri: str, target: Path) -> None:
        assert uri == "s3://bucket/sourcedir.tar.gz"
        (tmp_path / "inference.py").write_text("def model_fn(d): return 1\ndef predict_fn(data, model): return model\n")
        (tmp_path / "requirements.txt").write_text("joblib\n")
        with tarfile.open(target, "w:gz") as tar:
            for name in ("inference.py", "requirements.txt"):
                tar.add(tmp_path / name, name)

    environment = {"SAGEMAKER_SUBMIT_DIRECTORY": "s3://bucket/sourcedir.tar.gz", "SAGEMAKER_PROGRAM": "inference.py"}
    with serving(tmp_path, environment=environment, fetch_source=fetch) as (variant, told):
        assert variant.invoke(Call(b"[1]", JSON)).body == b"1"
        assert any("Requirement already satisfied: joblib" in line for line in told.lines)


SERVE = """#!/usr/bin/env python
import os, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(418); self.send_header("Content-Type", "text/plain"); self.end_headers()
        self.wfile.write(body + open("/opt/ml/model/code/x").read().encode() + os.getcwd().encode())
http.server.HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.mark.skipif(isolation({}).kind is None, reason="no mount namespaces here")
def test_an_own_image_runs_its_serve_program(tmp_path: Path) -> None:
    with serving(tmp_path, image=own_image(tmp_path, "serve", SERVE), model=files(x="data ")) as (variant, _):
        answer = variant.invoke(Call(b"hi ", "text/plain"))
        assert (answer.status, answer.body, answer.content_type) == (418, b"hi data /opt/program", "text/plain")


def failure(home: Path, **more: object) -> str:
    """Why a variant never came up."""
    variant, told = started(home, **more)
    assert not variant.wait_ready(60)
    assert variant.wait(30)
    assert not variant.ready
    assert told.ready == []
    assert len(told.exits) == 1
    return str(told.exits[0])


def test_a_variant_that_cannot_come_up_says_why(tmp_path: Path) -> None:
    cases: list[tuple[dict[str, object], str]] = [
        ({"image": "djl-inference:1"}, "has no image djl-inference:1"),
        ({"image": own_image(tmp_path, "train", "#!/bin/sh\n")}, "has no program named serve"),
        ({"environment": {"SAGEMAKER_PROGRAM": "gone.py"}}, "/opt/ml/model/code has no such file"),
        ({}, "ended with exit code 1:"),
        ({"model": files(inference__py="raise RuntimeError('broken script')")}, "RuntimeError: broken script"),
        ({"model": lambda folder: unpack_model(tmp_path / "none", folder)}, "cannot be unpacked"),
    ]
    for number, (more, reason) in enumerate(cases):
        text = failure(tmp_path, folder=tmp_path / str(number), **more)
        assert reason in text, (more, text)


def test_a_server_that_never_passes_its_ping_is_given_up(tmp_path: Path) -> None:
    image = own_image(tmp_path, "serve", "#!/bin/sh\nexec sleep 1000\n")
    assert "ping health check within 0.3 seconds" in failure(tmp_path, image=image, startup_seconds=0.3)


def test_a_server_that_dies_is_noticed(tmp_path: Path) -> None:
    variant, told = started(tmp_path, model=files(inference__py=ECHO))
    assert variant.wait_ready(60), told
    with pytest.raises(NoAnswer) as raised:
        variant.invoke(Call(b"die", JSON))
    assert not raised.value.timed_out
    assert variant.wait(30)
    assert not variant.ready
    assert str(told.exits[0]).startswith("The container's server ended with exit code 3")
    with pytest.raises(NoAnswer):
        variant.invoke(Call(b"hi", JSON))


def test_an_answer_that_takes_too_long_is_none(tmp_path: Path) -> None:
    script = ECHO + "\nimport threading\ndef predict_fn(data, model):\n    threading.Event().wait()\n"
    with serving(tmp_path, model=files(inference__py=script)) as (variant, _):
        with pytest.raises(NoAnswer) as raised:
            variant.invoke(Call(b"hi", JSON), deadline_seconds=0.3)
        assert raised.value.timed_out
        assert variant.ready


def test_stop_before_it_runs_is_no_failure(tmp_path: Path) -> None:
    placing, release = threading.Event(), threading.Event()

    def place(folder: Path) -> None:
        placing.set()
        release.wait(30)

    variant, told = started(tmp_path, model=place)
    assert placing.wait(30)
    variant.stop()
    release.set()
    assert variant.wait(30)
    assert told.exits == [None]


def test_a_bug_of_the_caller_still_ends_the_variant(tmp_path: Path) -> None:
    def place(folder: Path) -> None:
        raise KeyError("bug")

    seen: list[object] = []
    hook, threading.excepthook = threading.excepthook, lambda args: seen.append(args.exc_type)
    try:
        assert "its own log says why" in failure(tmp_path, model=place)
        eventually(lambda: seen)
    finally:
        threading.excepthook = hook


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK asks for one when it is imported."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


def sdk_model(folder: Path) -> None:
    """What ModelBuilder writes for a scikit-learn model: its inference.py, serve.pkl and the hash of it."""
    import cloudpickle
    from sagemaker.core.remote_function.core.serialization import _MetaData
    from sagemaker.serve.builder.schema_builder import SchemaBuilder
    from sagemaker.serve.validations.check_integrity import compute_hash

    code = folder / "code"
    code.mkdir()
    (folder / "shared_libs").mkdir()
    model = LinearRegression().fit([[1, 2], [3, 5], [0, 1]], [3, 8, 1])
    pickled = cloudpickle.dumps((model, SchemaBuilder(numpy.array([[1, 2]]), numpy.array([3.0]))))
    (code / "serve.pkl").write_bytes(pickled)
    (code / "metadata.json").write_bytes(_MetaData(compute_hash(pickled)).to_json())
    servers = Path(site.getsitepackages()[0], "sagemaker", "serve", "model_server")
    shutil.copy(servers / "torchserve" / "inference.py", code)


SDK_ENVIRONMENT = {
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "10",
}


def sdk_answers(folder: Path, **more: object) -> None:
    """A variant of such a model gives the right number for an array sent as the SDK sends it."""
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.array([[10, 20]]))
    before = Path("/lib").stat().st_mtime_ns
    (folder / "model").mkdir()
    sdk_model(folder / "model")

    def place(target: Path) -> None:
        shutil.copytree(folder / "model", target, dirs_exist_ok=True)

    with serving(folder, model=place, environment=SDK_ENVIRONMENT, **more) as (variant, told):
        answer = variant.invoke(Call(buffer.getvalue(), "application/x-npy", accept="application/x-npy"))
        assert answer.status == 200, (answer, told.lines)
        assert numpy.load(io.BytesIO(answer.body)) == pytest.approx([30])
    assert Path("/lib").stat().st_mtime_ns == before


@pytest.mark.heavy
@pytest.mark.usefixtures("region")
def test_what_the_sdks_model_builder_writes_is_served(tmp_path: Path) -> None:
    sdk_answers(tmp_path)


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
@pytest.mark.usefixtures("region")
def test_what_the_sdks_model_builder_writes_is_served_on_pytorch_too(tmp_path: Path) -> None:
    sdk_answers(tmp_path, image="pytorch-inference:2.6.0-cpu-py312")


@pytest.mark.skipif(isolation({}).kind is None, reason="no mount namespaces here")
def test_shared_libraries_go_to_the_cells_own_lib(tmp_path: Path) -> None:
    def place(folder: Path) -> None:
        (folder / "shared_libs").mkdir()
        (folder / "shared_libs" / "libmine.so").write_text("x")
        files(inference__py="import os, shutil\ndef model_fn(folder):\n    shutil.copytree(folder + '/shared_libs',"
              " '/lib', dirs_exist_ok=True)\n    return os.listdir('/lib')\ndef predict_fn(data, model):\n"
              "    return 'libmine.so' in model\n")(folder)  # fmt: skip

    with serving(tmp_path, model=place) as (variant, _):
        assert variant.invoke(Call(b"1", JSON)).body == b"true"
    assert not Path("/lib/libmine.so").exists()


def test_without_mounts_the_script_still_finds_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolations, "_probe", lambda: Isolation(None, "no namespaces"))
    script = "def model_fn(d): return open('/opt/ml/model/code/x').read()\ndef predict_fn(data, model): return model\n"
    with serving(tmp_path, model=files(inference__py=script, x="here")) as (variant, told):
        assert variant.invoke(Call(b"1", JSON)).body == b"here"
        assert "Runs as a plain process: no namespaces." in told.lines
