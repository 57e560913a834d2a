"""Values against botocore's shapes: requests are checked as AWS checks them, replies are held to the model."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.utils import parse_to_aware_datetime

from practice.errors import ServiceError, validation_error


class ReplyMisfit(TypeError):
    """A reply of ours does not fit the service's model: our defect, answered as an InternalFailure."""


def read(shape: Shape, value: Any, path: str = "") -> Any:
    """JSON → Python, checked.

    Raises ServiceError: SerializationException for a wrong type, ValidationException in AWS's words for a missing
    member, a length, range, pattern or enum.
    """
    match shape:
        case StructureShape():
            return _read_structure(shape, value, path)
        case ListShape():
            items = [
                read(shape.member, item, f"{path}.{n + 1}.member") for n, item in enumerate(_typed(value, list, path))
            ]
            _check_size(shape, len(items), items, path)
            return items
        case MapShape():
            pairs = _typed(value, dict, path)
            _check_size(shape, len(pairs), pairs, path)
            return {read(shape.key, k, path): read(shape.value, v, f"{path}.{k}") for k, v in pairs.items()}
        case _:
            return _read_scalar(shape, value, path)


def _read_structure(shape: StructureShape, value: Any, path: str) -> dict[str, Any]:
    given = _typed(value, dict, path)
    for name in shape.required_members:
        if given.get(name) is None:
            raise constraint(None, _lower(path, name), "Member must not be null")
    return {
        name: read(member, given[name], _lower(path, name))
        for name, member in shape.members.items()
        if given.get(name) is not None
    }


def _read_scalar(shape: Shape, value: Any, path: str) -> Any:
    match shape.type_name:
        case "string" | "character":
            text = _typed(value, str, path)
            _check_size(shape, len(text), text, path)
            _check_words(shape, text, path)
            return text
        case "integer" | "long":
            number = _typed(value, int, path)
            _check_range(shape, number, path)
            return number
        case "float" | "double":
            real = float(_typed(value, (int, float), path))
            _check_range(shape, real, path)
            return real
        case "boolean":
            return _typed(value, bool, path)
        case "timestamp":
            return _moment(value, path)
        case "blob":
            return value if isinstance(value, bytes) else base64.b64decode(_typed(value, str, path))
        case other:
            raise ReplyMisfit(f"{path}: shape type {other} is not handled")


def _typed(value: Any, wanted: type | tuple[type, ...], path: str) -> Any:
    fits = isinstance(value, wanted) and not (isinstance(value, bool) and wanted is not bool)
    if not fits:
        raise ServiceError("SerializationException", f"{path or 'request'}: unexpected type {type(value).__name__}")
    return value


def _moment(value: Any, path: str) -> datetime:
    try:
        return parse_to_aware_datetime(value).astimezone(UTC)
    except (ValueError, TypeError) as exc:
        raise ServiceError("SerializationException", f"{path}: {value!r} is not a timestamp") from exc


def _check_size(shape: Shape, size: int, value: Any, path: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        raise constraint(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and size > high:
        raise constraint(value, path, f"Member must have length less than or equal to {high}")


def _check_range(shape: Shape, number: float, path: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < low:
        raise constraint(number, path, f"Member must have value greater than or equal to {low}")
    if high is not None and number > high:
        raise constraint(number, path, f"Member must have value less than or equal to {high}")


def _check_words(shape: Any, text: str, path: str) -> None:
    if shape.enum and text not in shape.enum:
        raise constraint(text, path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern)(text):
        raise constraint(text, path, f"Member must satisfy regular expression pattern: {pattern}")


@cache
def _matches(pattern: str) -> Callable[[str], bool]:
    """AWS's patterns are Java's; the few that no Python engine can read are let through."""
    try:
        compiled = regex.compile(pattern)
    except regex.error:
        return lambda _: True
    return lambda text: compiled.fullmatch(text) is not None


def constraint(value: Any, path: str, rule: str) -> ServiceError:
    """The refusal of a value that breaks a rule of the model, in AWS's words."""
    shown = "null" if value is None else f"'{value}'"
    return validation_error(
        f"1 validation error detected: Value {shown} at '{path}' failed to satisfy constraint: {rule}"
    )


def _lower(path: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def write(shape: Shape, value: Any, path: str = "") -> Any:
    """Python → JSON, held to the model. Raises ReplyMisfit."""
    if isinstance(shape, StructureShape):
        return write_members(shape, value, path)
    if isinstance(shape, ListShape):
        return [write(shape.member, item, f"{path}[{n}]") for n, item in enumerate(_held(value, (list, tuple), path))]
    if isinstance(shape, MapShape):
        return {str(k): write(shape.value, v, f"{path}.{k}") for k, v in _held(value, dict, path).items()}
    match shape.type_name:
        case "timestamp":
            return _held(value, datetime, path).timestamp()
        case "blob":
            return base64.b64encode(_held(value, bytes, path)).decode()
        case "integer" | "long":
            return _held(value, int, path)
        case "float" | "double":
            return float(_held(value, (int, float), path))
        case "boolean":
            return _held(value, bool, path)
        case _:
            return _write_string(shape, _held(value, str, path), path)


def write_members(
    shape: StructureShape, value: Any, path: str = "", elsewhere: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """A structure's members, but those that travel `elsewhere` (in headers)."""
    given = _held(value, dict, path)
    unknown = given.keys() - shape.members.keys()
    missing = set(shape.required_members) - given.keys() - elsewhere
    if unknown or missing:
        raise ReplyMisfit(f"{path or shape.name}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    return {name: write(shape.members[name], item, f"{path}.{name}") for name, item in given.items()}


def _write_string(shape: Any, text: str, path: str) -> str:
    if shape.enum and text not in shape.enum:
        raise ReplyMisfit(f"{path}: {text!r} is not one of {shape.enum}")
    return text


def _held(value: Any, wanted: type | tuple[type, ...], path: str) -> Any:
    if not isinstance(value, wanted):
        raise ReplyMisfit(f"{path}: {value!r} is not {wanted}")
    return value
