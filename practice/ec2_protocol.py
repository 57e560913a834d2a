"""EC2's own protocol, from botocore's model: a form comes in, XML goes out.

docs.aws.amazon.com/ec2/latest/devguide/query-api-structure.html; botocore's `EC2Serializer` is the other end.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from practice.errors import ServiceError

NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/"
Form = Mapping[str, str]


def read_form(shape: StructureShape, form: Form, prefix: str = "") -> dict[str, Any]:
    """The members that a form's flat names spell out, as JSON would bring them. Raises ServiceError."""
    members = {name: _read(member, form, prefix + _name(member, name)) for name, member in shape.members.items()}
    return {name: value for name, value in members.items() if value is not None}


def _read(shape: Shape, form: Form, name: str) -> Any:
    if isinstance(shape, StructureShape):
        return read_form(shape, form, f"{name}.") if any(key.startswith(f"{name}.") for key in form) else None
    if isinstance(shape, ListShape):
        return list(_items(shape.member, form, name)) or None
    return _from_text(shape, form[name], name) if name in form else None


def _items(member: Shape, form: Form, name: str) -> Iterator[Any]:
    """Numbered from 1, in the order of their numbers; gaps are no error."""
    numbers = {key[len(name) + 1 :].partition(".")[0] for key in form if key.startswith(f"{name}.")}
    for number in sorted((each for each in numbers if each.isdigit()), key=int):
        value = _read(member, form, f"{name}.{number}")
        if value is not None:
            yield value


def _from_text(shape: Shape, text: str, name: str) -> Any:
    try:
        match shape.type_name:
            case "integer" | "long":
                return int(text)
            case "float" | "double":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case _:
                return text
    except (ValueError, KeyError) as error:
        message = f"Value ({text}) for parameter {name} is invalid."
        raise ServiceError("InvalidParameterValue", message) from error


def _name(shape: Shape, name: str) -> str:
    """What a member is called in a form: its query name, else its name in XML with a capital."""
    said = shape.serialization
    if "queryName" in said:
        return str(said["queryName"])
    spelled = str(said.get("name", name))
    return spelled[:1].upper() + spelled[1:]


def write(operation: OperationModel, reply: Mapping[str, Any], request_id: str) -> bytes:
    """A checked reply as XML."""
    shape = operation.output_shape
    inside = "".join(_members(shape, reply)) if shape is not None else ""
    root = f"{operation.name}Response"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} xmlns="{NAMESPACE}">'
        f"<requestId>{request_id}</requestId>{inside}</{root}>"
    ).encode()


def _members(shape: StructureShape, value: Mapping[str, Any]) -> Iterator[str]:
    for name, item in value.items():
        member = shape.members[name]
        tag = str(member.serialization.get("name", name))
        yield f"<{tag}>{_inner(member, item)}</{tag}>"


def _inner(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return "".join(_members(shape, value))
    if isinstance(shape, ListShape):
        tag = str(shape.member.serialization.get("name", "item"))
        return "".join(f"<{tag}>{_inner(shape.member, item)}</{tag}>" for item in value)
    return escape(_text(value))


def _text(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        case _:
            return str(value)


def write_error(error: ServiceError, request_id: str) -> bytes:
    """An error as EC2 writes it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Response><Errors><Error>'
        f"<Code>{escape(CODES.get(error.code, error.code))}</Code><Message>{escape(error.message)}</Message>"
        f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    ).encode()


CODES = {
    "AccessDeniedException": "UnauthorizedOperation",
    "ValidationException": "InvalidParameterValue",
    "SerializationException": "InvalidParameterValue",
}
"""Common codes → EC2's words for them: docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html."""
