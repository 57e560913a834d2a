"""Serve the model that train.py saved: orders in, a score and a flag for each of them out.

JSON: {"orders": [{"order_value_krw_million": 850, ...}, ...]}, a list of such objects, or a list of lists.
CSV: one order a line, the columns in the order of training, without a header.
"""

import csv
import io
import json
from typing import Any

import joblib
import numpy as np

FLAG_FROM = 0.5


def model_fn(model_dir: str) -> dict[str, Any]:
    """The scaler, the classifier and the names of the features."""
    return joblib.load(f"{model_dir}/model.joblib")


def input_fn(body: bytes | str, content_type: str) -> list[Any]:
    """The orders of a request, each a mapping by feature or a row of numbers. Raises ValueError."""
    text = body.decode() if isinstance(body, bytes) else body
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/json":
        loaded = json.loads(text)
        orders = loaded.get("orders") if isinstance(loaded, dict) else loaded
        if not isinstance(orders, list) or not orders:
            raise ValueError('send {"orders": [...]} with at least one order')
        return orders
    if kind == "text/csv":
        return [row for row in csv.reader(io.StringIO(text)) if row]
    raise ValueError(f"{content_type} is not supported: send application/json or text/csv")


def predict_fn(orders: list[Any], model: dict[str, Any]) -> list[dict[str, Any]]:
    """A score from 0 (ordinary) to 1 (unusual) for each order. Raises ValueError for a missing or extra feature."""
    names = model["features"]
    rows = []
    for number, order in enumerate(orders, 1):
        missing = [name for name in names if name not in order] if isinstance(order, dict) else []
        if missing:
            raise ValueError(f"order {number} has no {', '.join(missing)}")
        row = [order[name] for name in names] if isinstance(order, dict) else order
        if len(row) != len(names):
            raise ValueError(f"order {number} has {len(row)} values; {len(names)} are needed: {', '.join(names)}")
        rows.append([float(value) for value in row])
    scaled = model["scaler"].transform(np.log1p(np.clip(np.array(rows), 0, None)))
    scores = model["model"].predict_proba(scaled)[:, 1]
    return [{"score": round(float(score), 4), "unusual": bool(score >= FLAG_FROM)} for score in scores]


def output_fn(predictions: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """The reply as CSV (score, flag) when asked for, else JSON."""
    if accept and accept.split(";")[0].strip().lower() == "text/csv":
        return "".join(f"{row['score']},{int(row['unusual'])}\n" for row in predictions), "text/csv"
    return json.dumps({"predictions": predictions}), "application/json"
