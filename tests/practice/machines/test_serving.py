"""The model server's own parts, without a cell around them."""

import io
import json
import subprocess
import threading
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType

import joblib
import numpy
import pandas
import pytest
from sklearn.linear_model import LinearRegression

from practice.machines.serving import bodies, frameworks
from practice.machines.serving.bodies import CSV, JSON, NPY, decode, encode
from practice.machines.serving.errors import Refused
from practice.machines.serving.handlers import Model, load_script
from practice.machines.serving.server import Server
from practice.machines.variants import Call
from tests.practice.machines.job_helpers import BUILT, is_built
from tests.practice.machines.variant_helpers import serving


def npy(values: object) -> bytes:
    """An array as NPY."""
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.asarray(values))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[[1, 2], [3, 4]]", JSON),
        ('{"instances": [[1, 2], [3, 4]]}', "application/json; charset=utf-8"),
        (b'{"inputs": [[1, 2], [3, 4]]}', JSON),
        (b"1,2\n3,4\n", CSV),
        ("1,2\n3,4", CSV),
        (npy([[1, 2], [3, 4]]), NPY),
    ],
)
def test_bodies_become_arrays(body: bytes | str, kind: str) -> None:
    assert decode(body, kind).tolist() == [[1, 2], [3, 4]]


def test_bodies_that_are_not_what_they_say_are_refused() -> None:
    for body, kind, status in ((b"{", JSON, 400), (b"\x93NUMPY", NPY, 400), ("", NPY, 400), (b"", "image/png", 415)):
        with pytest.raises(Refused) as raised:
            decode(body, kind)
        assert raised.value.status_code == status
    array = numpy.array([object()])
    with pytest.raises(Refused):
        decode(pickled(array), NPY)


def pickled(array: object) -> bytes:
    """An array whose items are pickled: loading it would run code."""
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.asarray([{"a": 1}]), allow_pickle=True)
    return buffer.getvalue()


def test_predictions_become_what_was_accepted() -> None:
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert encode(numpy.array([[1.5, 2]]), JSON) == (b"[[1.5, 2.0]]", JSON)
    assert encode({"p": numpy.float64(0.5), 1: (1, {2})}, "*/*") == (b'{"p": 0.5, "1": [1, [2]]}', JSON)
    assert encode(numpy.array([[1, 2], [3, 4]]), "text/csv") == (b"1,2\n3,4\n", CSV)
    assert encode([1, 2], CSV) == (b"1\n2\n", CSV)
    assert encode(7, CSV) == (b"7\n", CSV)
    assert encode(frame, CSV) == (b"1,x\n2,y\n", CSV)
    assert json.loads(encode(frame, JSON)[0]) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert encode(frame["a"], JSON) == (b"[1, 2]", JSON)
    assert numpy.load(io.BytesIO(encode([1, 2], "image/png, application/x-npy")[0])).tolist() == [1, 2]
    assert encode(b"raw", "image/png") == (b"raw", "image/png")
    assert encode("text", "text/plain") == (b"text", "text/plain")
    with pytest.raises(Refused, match="image/png"):
        encode([1], "image/png")


def test_tensors_are_detached() -> None:
    class Tensor:
        def detach(self) -> "Tensor":
            return self

        def cpu(self) -> "Tensor":
            return self

        def numpy(self) -> object:
            return numpy.array([1.0])

    assert bodies.plain(Tensor()) == [1.0]


def script(**functions: object) -> ModuleType:
    """A user's module."""
    module = ModuleType("inference")
    for name, function in functions.items():
        setattr(module, name, function)
    return module


def answer(
    model: Model, body: bytes, kind: str = JSON, accept: str = "", headers: Mapping[str, str] | None = None
) -> bytes:
    """The body of a reply."""
    return model.answer(body, kind, accept, headers or {}).body


def test_the_users_functions_replace_the_defaults_one_by_one(tmp_path: Path) -> None:
    joblib.dump(LinearRegression().fit([[0], [1]], [0, 2]), tmp_path / "regression.pkl")
    assert json.loads(answer(Model("python", str(tmp_path), None), b"[[3]]")) == pytest.approx([6])
    halved = script(output_fn=lambda prediction, accept: (str(round(prediction[0]) / 2), "text/half"))
    reply = Model("scikit-learn", str(tmp_path), halved).answer(b"[[3]]", JSON, "*/*", {})
    assert (reply.body, reply.content_type) == (b"3.0", "text/half")
    raw = script(
        model_fn=lambda folder: None, input_fn=lambda body, kind: type(body).__name__, predict_fn=lambda d, m: d
    )
    assert answer(Model("python", "", raw), b"x", "text/csv") == b"str"
    assert answer(Model("python", "", raw), b"x", "image/png") == b"bytes"


def test_without_a_model_file_or_function_the_model_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"model\.joblib"):
        Model("scikit-learn", str(tmp_path), None)


def test_a_script_may_import_its_neighbours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.path", [])
    (tmp_path / "neighbour_of_inference.py").write_text("VALUE = 7\n")
    (tmp_path / "my_inference.py").write_text("from neighbour_of_inference import VALUE\n")
    module = load_script(tmp_path, "my_inference.py")
    assert module is not None
    assert module.VALUE == 7
    assert load_script(tmp_path, "gone.py") is None


def test_the_server_speaks_the_containers_protocol() -> None:
    module = script(model_fn=lambda folder: None, predict_fn=lambda data, model: data.sum())
    server = Server(0, Model("python", "", module))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_port)

    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection.request(method, path, body)
        reply = connection.getresponse()
        return reply.status, reply.read()

    try:
        assert ask("GET", "/ping") == (200, b"")
        assert ask("GET", "/else")[0] == 404
        assert ask("POST", "/else", b"")[0] == 404
        assert ask("POST", "/invocations", b"[1, 2]") == (200, b"3")
        status, body = ask("POST", "/invocations", b"[")
        assert status == 400
        assert json.loads(body)["error"].startswith("Refused: The body is not application/json")
    finally:
        connection.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_status_that_is_none_is_500() -> None:
    class Odd(Exception):
        status_code = "teapot"

    def fail(data: object, model: object) -> None:
        raise Odd("x")

    server = Server(0, Model("python", "", script(model_fn=lambda folder: None, predict_fn=fail)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    connection = HTTPConnection("127.0.0.1", server.server_port)
    try:
        connection.request("POST", "/invocations", b"[1]")
        assert connection.getresponse().status == 500
    finally:
        connection.close()
        server.shutdown()
        server.server_close()
        thread.join()


def test_transformers_steps_are_chosen_by_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    assert frameworks.defaults("pytorch") is frameworks.STEPS["pytorch"]
    monkeypatch.setenv("HF_TASK", "text-generation")
    steps = frameworks.defaults("pytorch")
    assert steps.input('{"inputs": "hi", "parameters": {"n": 1}}', JSON) == {"inputs": "hi", "parameters": {"n": 1}}
    assert steps.input('["hi"]', JSON) == {"inputs": ["hi"]}
    assert steps.predict({"inputs": "hi", "parameters": {"n": 2}}, lambda text, n=1: text * n) == "hihi"
    with pytest.raises(Refused, match="text/csv"):
        steps.input("hi", "text/csv")


TORCH = """
import torch
model = torch.nn.Linear(2, 1)
with torch.no_grad():
    model.weight.copy_(torch.tensor([[1.0, 2.0]])); model.bias.zero_()
torch.jit.script(model).save("model.pt")
"""

XGBOOST = """
import numpy, pickle, xgboost
data = numpy.arange(40.0).reshape(20, 2)
booster = xgboost.train({"max_depth": 2, "base_score": 0.0}, xgboost.DMatrix(data, data[:, 0]), 50)
booster.save_model("model.json")
pickle.dump(booster, open("xgboost-model", "wb"))
"""


def made_by(name: str, code: str, folder: Path) -> None:
    """Run code in an environment that has been built."""
    python = next(BUILT.glob(f"{name}-*/bin/python"))
    subprocess.run([python, "-c", code], cwd=folder, check=True)


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("pytorch"), reason="the PyTorch environment is not built on this machine")
def test_torchscript_is_served_by_the_defaults(tmp_path: Path) -> None:
    image = "pytorch-inference:2.13.0-cpu-py311"
    with serving(tmp_path, image=image, model=lambda folder: made_by("pytorch", TORCH, folder)) as (variant, _):
        assert json.loads(variant.invoke(Call(b"[[1, 2]]", JSON)).body) == [[5.0]]
        body = npy(numpy.array([[3, 4]], dtype="float32"))
        assert json.loads(variant.invoke(Call(body, NPY)).body) == [[11.0]]


@pytest.mark.heavy
@pytest.mark.skipif(not is_built("xgboost"), reason="the XGBoost environment is not built on this machine")
@pytest.mark.parametrize("kept", ["model.json", "xgboost-model"])
def test_boosters_are_served_by_the_defaults(tmp_path: Path, kept: str) -> None:
    def place(folder: Path) -> None:
        made_by("xgboost", XGBOOST, folder)
        for path in folder.iterdir():
            if path.name != kept:
                path.unlink()

    with serving(tmp_path, image="sagemaker-xgboost:1.7-1", model=place) as (variant, told):
        for body, kind in ((b"10,11\n", CSV), (b"[[10, 11]]", JSON), (b"0 0:10 1:11\n", "text/libsvm")):
            assert json.loads(variant.invoke(Call(body, kind)).body) == pytest.approx([10], abs=1.0), kind
        assert any(line.startswith("xgboost is 3.") for line in told.lines)
