"""Search expressions: whether a record fits one. Records are replies as AWS shows them, with `Tags`."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from practice.errors import validation_error

Record = Mapping[str, Any]

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanOrEqualTo": lambda a, b: a >= b,
    "LessThan": lambda a, b: a < b,
    "LessThanOrEqualTo": lambda a, b: a <= b,
}


def check_properties(shape: Shape, expression: Mapping[str, Any]) -> None:
    """Raises ServiceError when an expression names a property that resources of the shape do not have."""
    for one in expression.get("Filters", []):
        check_property(shape, one["Name"])
    for nested in expression.get("NestedFilters", []):
        place = nested["NestedPropertyName"]
        for one in nested["Filters"]:
            check_property(shape, f"{place}.{one['Name'].removeprefix(place + '.')}")
    for sub in expression.get("SubExpressions", []):
        check_properties(shape, sub)


def check_property(shape: Shape, name: str) -> None:
    """Raises ServiceError when resources of the shape have no such property."""
    if name.startswith(("Tags.", "Metrics.")):
        return
    at: Shape | None = shape
    for part in name.split("."):
        while isinstance(at, ListShape):
            at = at.member
        at = at.members.get(part) if isinstance(at, StructureShape) else at.value if isinstance(at, MapShape) else None
    if at is None:
        raise validation_error(f"Unknown property name: {name}")


def matches(expression: Mapping[str, Any], record: Record) -> bool:
    """Whether a record fits; an empty expression fits all. Raises ServiceError for one that cannot be evaluated."""
    fits = [
        *(_filter_fits(one, record) for one in expression.get("Filters", [])),
        *(_nested_fits(one, record) for one in expression.get("NestedFilters", [])),
        *(matches(one, record) for one in expression.get("SubExpressions", [])),
    ]
    return any(fits) if fits and expression.get("Operator") == "Or" else all(fits)


def property_values(record: Record, name: str) -> list[Any]:
    """All values of a property: `TrainingJobName`, `ResourceConfig.InstanceType`, `Tags.team`, `Metrics.loss`,
    `InputDataConfig.ChannelName` (one a channel)."""
    first, _, rest = name.partition(".")
    if first == "Tags" and rest:
        return [tag["Value"] for tag in record.get("Tags", []) if tag["Key"] == rest]
    if first == "Metrics":
        return [metric["Value"] for metric in record.get("FinalMetricDataList", []) if metric["MetricName"] == rest]
    if first == "HyperParameters" and rest:
        return [value for key, value in record.get("HyperParameters", {}).items() if key == rest]
    return list(_below(record, name.split(".")))


def compared(value: Any) -> Any:
    """A value as it is compared: numbers as floats, times as aware datetimes, all else as text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return float(value)
    return value if isinstance(value, (str, datetime)) else str(value)


def _below(value: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _below(item, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _below(value[path[0]], path[1:])


def _filter_fits(one: Mapping[str, str], record: Record) -> bool:
    found, wanted = property_values(record, one["Name"]), one.get("Value")
    operator = one.get("Operator", "Equals" if wanted is not None else "Exists")
    match operator:
        case "Exists":
            return bool(found)
        case "NotExists":
            return not found
    if wanted is None:
        raise validation_error(f"The filter of {one['Name']} with {operator} needs a Value.")
    match operator:
        case "Equals":
            return any(_same(value, wanted) for value in found)
        case "NotEquals":
            return not any(_same(value, wanted) for value in found)
        case "In":
            return any(_same(value, choice.strip()) for value in found for choice in wanted.split(","))
        case "Contains":
            return any(wanted in str(compared(value)) for value in found)
        case _:
            return any(_ordered(operator, value, wanted, one["Name"]) for value in found)


def _nested_fits(one: Mapping[str, Any], record: Record) -> bool:
    """Whether a single object of the list fits all filters."""
    place = one["NestedPropertyName"]
    return any(
        all(_filter_fits({**each, "Name": each["Name"].removeprefix(place + ".")}, item) for each in one["Filters"])
        for item in _below_items(record, place.split("."))
    )


def _below_items(record: Record, path: list[str]) -> Iterable[Record]:
    return (item for item in _below(record, path) if isinstance(item, Mapping))


def _same(value: Any, wanted: str) -> bool:
    plain = compared(value)
    if isinstance(plain, str):
        return plain == wanted or (isinstance(value, bool) and plain == wanted.lower())
    return bool(plain == _as(type(plain), wanted))


def _ordered(operator: str, value: Any, wanted: str, name: str) -> bool:
    plain = compared(value)
    if isinstance(plain, str):
        # Hyperparameters are texts that may be numbers.
        number, limit = _as(float, plain), _as(float, wanted)
        if number is None or limit is None:
            raise validation_error(f"Operator {operator} is not supported for the text property {name}.")
        return _ORDERS[operator](number, limit)
    limit = _as(type(plain), wanted)
    if limit is None:
        raise validation_error(f"The value {wanted!r} of the filter of {name} cannot be compared.")
    return _ORDERS[operator](plain, limit)


def _as(kind: type, text: str) -> Any:
    try:
        if kind is float:
            return float(text)
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        return None
