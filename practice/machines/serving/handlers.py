"""From the user's script and the framework's defaults to one function: request in, reply out."""

import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from practice.machines.serving import bodies
from practice.machines.serving.frameworks import defaults


@dataclass(slots=True)
class Context:
    """What handlers that take one more argument get: the request's headers, and a place for the reply's."""

    system_properties: dict[str, Any]
    request_headers: Mapping[str, str]
    reply_headers: dict[str, str] = field(default_factory=dict)

    def get_request_header(self, index: int, name: str) -> str | None:
        """As the model servers have it: the index of a request within a batch, here always of one."""
        return self.request_headers.get(name)

    def get_all_request_header(self, index: int) -> Mapping[str, str]:
        """All of them."""
        return self.request_headers

    def set_response_header(self, index: int, name: str, value: str) -> None:
        """Adds one to the reply."""
        self.reply_headers[name] = value


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    body: bytes
    content_type: str
    headers: Mapping[str, str]


def load_script(code: Path, program: str) -> ModuleType | None:
    """The user's module, its folder first on the import path; None when there is no such file."""
    path = code / program
    if not path.is_file():
        return None
    sys.path.insert(0, str(code))
    found = importlib.util.spec_from_file_location(path.stem, path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[path.stem] = module
    found.loader.exec_module(module)
    return module


def takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be given so many positional arguments."""
    try:
        inspect.signature(function).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def call(function: Callable[..., Any], context: Context, *arguments: Any) -> Any:
    """With the context as a last argument where the function has room for it."""
    return function(*arguments, *([context] if takes(function, len(arguments) + 1) else []))


class Model:
    """A loaded model and its four steps."""

    def __init__(self, framework: str, model_dir: str, script: ModuleType | None) -> None:
        """Loads the model: whatever the script's `model_fn` raises comes out here."""
        usual = defaults(framework)
        self._whole = getattr(script, "transform_fn", None)
        self._input = getattr(script, "input_fn", usual.input)
        self._predict = getattr(script, "predict_fn", usual.predict)
        self._output = getattr(script, "output_fn", usual.output)
        self._properties = {"model_dir": model_dir, "gpu_id": None}
        load = getattr(script, "model_fn", usual.model)
        self._loaded = call(load, Context(self._properties, {}), model_dir)

    def answer(self, body: bytes, content_type: str, accept: str, headers: Mapping[str, str]) -> Reply:
        """One invocation. What the steps raise comes out."""
        context = Context(self._properties, headers)
        wanted = bodies.JSON if accept in ("", bodies.ANY) else accept
        data: bytes | str = body.decode("utf-8") if bodies.bare(content_type) in bodies.TEXTS else body
        if self._whole is not None:
            result = call(self._whole, context, self._loaded, data, content_type, wanted)
        else:
            prepared = call(self._input, context, data, content_type)
            prediction = call(self._predict, context, prepared, self._loaded)
            result = call(self._output, context, prediction, wanted)
        if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], str):
            result, wanted = result
        text, kind = bodies.encode(result, wanted)
        return Reply(text, kind, context.reply_headers)
