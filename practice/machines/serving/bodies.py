"""Request bodies as arrays, predictions as reply bodies: JSON, CSV and NPY, the toolkit's own three."""

import csv
import io
import json
from typing import Any

from practice.machines.serving.errors import Refused

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
TEXTS = (JSON, CSV)
"""Content types that `input_fn` gets as text."""
ANY = "*/*"


def bare(content_type: str) -> str:
    """A content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def decode(body: bytes | str, content_type: str) -> Any:
    """A numpy array. JSON may be wrapped as {"instances": ...} or {"inputs": ...}. Raises: Refused (400, 415)."""
    import numpy

    kind = bare(content_type)
    try:
        if kind == JSON:
            value = json.loads(body)
            if isinstance(value, dict):
                value = next((value[name] for name in ("instances", "inputs", "data") if name in value), value)
            return numpy.array(value)
        if kind == CSV:
            text = body.decode() if isinstance(body, bytes) else body
            return numpy.genfromtxt(io.StringIO(text), delimiter=",", ndmin=2)
        if kind == NPY:
            return numpy.load(io.BytesIO(body if isinstance(body, bytes) else body.encode()), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise Refused(400, f"The body is not {kind}: {error}") from error
    raise Refused(415, f"Content type {content_type} is not supported; {JSON}, {CSV} and {NPY} are.")


def encode(prediction: Any, accept: str) -> tuple[bytes, str]:
    """The reply's body and content type. Bytes and text go as they are. Raises: Refused (406)."""
    if isinstance(prediction, bytes | bytearray):
        return bytes(prediction), accept
    if isinstance(prediction, str):
        return prediction.encode(), accept
    kind = next((kind for kind in map(bare, accept.split(",")) if kind in (JSON, CSV, NPY, ANY)), None)
    if kind in (JSON, ANY):
        return json.dumps(plain(prediction)).encode(), JSON
    if kind == CSV:
        return csv_of(plain(prediction)).encode(), CSV
    if kind == NPY:
        import numpy

        buffer = io.BytesIO()
        numpy.save(buffer, numpy.asarray(plain(prediction)), allow_pickle=False)
        return buffer.getvalue(), NPY
    raise Refused(406, f"Accept {accept} is not supported; {JSON}, {CSV} and {NPY} are.")


def plain(value: Any) -> Any:
    """Arrays, tensors, frames and their scalars as Python's own lists and numbers."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if hasattr(value, "to_dict"):
        return plain(value.to_dict("records")) if hasattr(value, "columns") else plain(value.tolist())
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item) for item in value]
    return value


def csv_of(value: Any) -> str:
    """One line per row; a flat list is one value a line."""
    rows = value if isinstance(value, list) else [value]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow(row if isinstance(row, list) else list(row.values()) if isinstance(row, dict) else [row])
    return text.getvalue()
