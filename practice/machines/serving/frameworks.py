"""What each framework's container does where the user's script leaves a step out."""

import io
import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from practice.machines.serving import bodies
from practice.machines.serving.errors import Refused


@dataclass(frozen=True, slots=True)
class Steps:
    """model_fn, input_fn, predict_fn, output_fn."""

    model: Callable[[str], Any]
    input: Callable[[Any, str], Any]
    predict: Callable[[Any, Any], Any]
    output: Callable[[Any, str], tuple[bytes, str]] = bodies.encode


def only_file(folder: str, *patterns: str) -> Path:
    """The model's file: the first pattern that matches. Raises: FileNotFoundError."""
    for pattern in patterns:
        found = sorted(path for path in Path(folder).glob(pattern) if path.is_file())
        if found:
            return found[0]
    message = f"{folder} has no {' or '.join(patterns)}, and there is no model_fn that loads something else"
    raise FileNotFoundError(message)


def load_joblib(folder: str) -> Any:
    """A model that joblib or pickle wrote."""
    import joblib

    return joblib.load(only_file(folder, "model.joblib", "*.joblib", "model.pkl", "*.pkl"))


def call_predict(data: Any, model: Any) -> Any:
    """scikit-learn's."""
    return model.predict(data)


def load_torch(folder: str) -> Any:
    """A TorchScript file, `model.pt` above others."""
    import torch

    path = only_file(folder, "model.pt", "*.pt", "model.pth", "*.pth")
    try:
        return torch.jit.load(str(path), map_location="cpu").eval()
    except RuntimeError as error:
        message = f"{path.name} is not TorchScript; inference.py must have a model_fn that loads it"
        raise ValueError(message) from error


def to_tensor(body: Any, content_type: str) -> Any:
    """Texts become 32-bit floats, NPY keeps its type."""
    import torch

    array = bodies.decode(body, content_type)
    return torch.from_numpy(array) if bodies.bare(content_type) == bodies.NPY else torch.FloatTensor(array)


def call_torch(data: Any, model: Any) -> Any:
    """Without gradients."""
    import torch

    with torch.no_grad():
        return model(data)


def load_booster(folder: str) -> Any:
    """A booster that xgboost saved, or that was pickled as the built-in algorithm does."""
    import xgboost

    path = only_file(folder, "xgboost-model*", "*.json", "*.ubj", "*.bin", "*.pkl", "*.joblib")
    with path.open("rb") as file:
        if file.peek(1)[:1] == pickle.PROTO:
            return pickle.load(file)  # noqa: S301 - the user's own model
    booster = xgboost.Booster()
    booster.load_model(path)
    return booster


def to_matrix(body: Any, content_type: str) -> Any:
    """A DMatrix; libsvm too."""
    import xgboost

    if bodies.bare(content_type) in ("text/libsvm", "text/x-libsvm"):
        from sklearn.datasets import load_svmlight_file

        raw = body.encode() if isinstance(body, str) else body
        return xgboost.DMatrix(load_svmlight_file(io.BytesIO(raw), zero_based=True)[0])
    return xgboost.DMatrix(bodies.decode(body, content_type))


def load_pipeline(folder: str) -> Any:
    """A transformers pipeline for the model container's HF_TASK."""
    from transformers import pipeline

    return pipeline(os.environ["HF_TASK"], model=folder)


def to_pipeline_input(body: Any, content_type: str) -> Any:
    """{"inputs": ..., "parameters": {...}}."""
    import json

    if bodies.bare(content_type) != bodies.JSON:
        raise Refused(415, f"Content type {content_type} is not supported; {bodies.JSON} is.")
    value = json.loads(body)
    return value if isinstance(value, dict) else {"inputs": value}


def call_pipeline(data: Any, model: Any) -> Any:
    """The pipeline's answer."""
    return model(data["inputs"], **data.get("parameters", {}))


SCIKIT_LEARN = Steps(load_joblib, bodies.decode, call_predict)
STEPS = {
    "scikit-learn": SCIKIT_LEARN,
    "python": SCIKIT_LEARN,
    "own": SCIKIT_LEARN,
    "xgboost": Steps(load_booster, to_matrix, call_predict),
    "pytorch": Steps(load_torch, to_tensor, call_torch),
}


def defaults(framework: str) -> Steps:
    """The steps of a framework; those of transformers where the container's HF_TASK names a task."""
    if framework == "pytorch" and os.environ.get("HF_TASK"):
        return Steps(load_pipeline, to_pipeline_input, call_pipeline)
    return STEPS[framework]
